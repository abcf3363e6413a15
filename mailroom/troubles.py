"""Troubles of the mailroom itself: what is one, and that it is told once when it begins and once when it is over.

What is a trouble, and by which setting of [troubles]:

| key | when |
| --- | --- |
| register | the database does not answer |
| away/SOURCE | a mailbox or folder does not answer, or was not looked at, for `unreachable_minutes` |
| silent/SOURCE | no letter came for longer than is usual, in working hours |
| originals | the folder of originals is not there, not ours, or does not answer |
| virus | the antivirus, back again, has found something today in what came while it was away |
| outbox | a mail that is to leave waits for `outbox_minutes` |
| stuck | a letter waits for its number for `stuck_minutes` |
| disk | little room, now or within `disk_days` at the pace of the last weeks |
| backup, verify | none for too long |
| proof | the last proof has found faults |

What is told leaves the house, so it names sources and figures, and never a file or a letter.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import structlog

from mailroom.condition import look_at, note_disk
from mailroom.config import TroubleSettings
from mailroom.dispatch.second_channel import SecondChannel
from mailroom.errors import MailroomError, TryAgain
from mailroom.model.base import SOFIA, day_of
from mailroom.model.condition import Condition, OpenTrouble, SourceCondition, Trouble
from mailroom.office import Office

log = structlog.get_logger()

ROUND_SECONDS = 60.0
_TELL_AGAIN_AFTER = timedelta(minutes=5)
"""Where no way took it, or who was telling it has died."""
_MEGABYTE = 1 << 20
ORIGINALS_AWAY = (
    "Папката с оригиналите на писмата не е на мястото си: споделеният диск не е свързан или не отговаря. Нови писма не "
    "се приемат и чакат при пощенския сървър и в папките за сканиране; нищо не се губи. Свържете диска („mailroom "
    "check“ казва кой) и всичко продължава само.")


def troubles_of(condition: Condition, limits: TroubleSettings, started_at: datetime) -> tuple[Trouble, ...]:
    """What is wrong. `started_at`: since when the service runs; nothing is overdue that it had no time for."""
    found = [trouble for source in condition.sources for trouble in _of_source(source, condition, limits, started_at)]
    if condition.late_viruses:
        found.append(Trouble(key="virus", sentence=(
            f"Антивирусната програма намери днес зловреден код в писма, постъпили, докато тя не работеше: "
            f"{condition.late_viruses}. Файловете им са заключени, а писмата са в „За решение“. Вижте кой ги е отварял "
            "и проверете компютъра му.")))
    if condition.originals:
        found.append(Trouble(key="originals", sentence=ORIGINALS_AWAY))
    found += [*_waiting(condition, limits, started_at), *_disk(condition, limits), *_proofs(condition, limits)]
    return tuple(found)


def _of_source(source: SourceCondition, condition: Condition, limits: TroubleSettings,
               started_at: datetime) -> Iterator[Trouble]:
    patience = timedelta(minutes=limits.unreachable_minutes)
    seen = max(source.seen_at or started_at, started_at)
    away = condition.at - source.since > patience if source.since else condition.at - seen > patience
    if away:
        yield Trouble(key=f"away/{source.name}", sentence=(
            f"„{source.name}“ не отговаря от {_moment(source.since or seen)}. Писмата чакат там и няма да се загубят. "
            "Причината е на страницата „Състояние“ и в „mailroom check“."))
    elif source.usual_silence and source.silent_minutes > source.usual_silence:
        yield Trouble(key=f"silent/{source.name}", sentence=(
            f"От „{source.name}“ няма писмо от {_moment(source.last_arrival)}: {source.silent_minutes // 60} работни "
            f"часа, а обичайно са най-много {source.usual_silence // 60}. Изпратете пробно писмо и вижте дали "
            "пощенският сървър доставя."))


def _waiting(condition: Condition, limits: TroubleSettings, started_at: datetime) -> Iterator[Trouble]:
    def too_long(since: datetime | None, minutes: float) -> bool:
        return since is not None and condition.at - max(since, started_at) > timedelta(minutes=minutes)

    if too_long(condition.oldest_due_mail, limits.outbox_minutes):
        yield Trouble(key="outbox", sentence=(
            f"Изходящите писма не тръгват; най-старото чака от {_moment(condition.oldest_due_mail)}. Проверете "
            "пощенския сървър за изходяща поща: „mailroom check“."))
    if too_long(condition.oldest_unfinished, limits.stuck_minutes):
        yield Trouble(key="stuck", sentence=(
            f"Входящо писмо чака номер от {_moment(condition.oldest_unfinished)}; необработени са "
            f"{condition.unfinished}. Вижте „Затруднения“ на страницата „Състояние“."))


def _disk(condition: Condition, limits: TroubleSettings) -> Iterator[Trouble]:
    free, days = condition.disk_free // _MEGABYTE, condition.disk_days_left
    if free < limits.disk_megabytes:
        yield Trouble(key="disk", sentence=f"На диска с данните остават {free} МБ: освободете място.")
    elif days is not None and days < limits.disk_days:
        yield Trouble(key="disk", sentence=(
            f"Дискът с данните ще се напълни след около {days} дни (свободни са {free} МБ): увеличете го."))


def _proofs(condition: Condition, limits: TroubleSettings) -> Iterator[Trouble]:
    """What was never done is counted from the first day: a new mailroom has until its first night."""
    first = condition.kept_since or condition.at
    if limits.backup_hours and condition.at - (condition.backup_at or first) > timedelta(hours=limits.backup_hours):
        when = f"Последният архив е от {_moment(condition.backup_at)}." if condition.backup_at else \
            "Още няма нито един архив."
        yield Trouble(key="backup", sentence=f"{when} Вижте „systemctl status mailroom-backup“.")
    verified = condition.verified
    if verified and verified.faults:
        yield Trouble(key="proof", sentence=(
            f"Проверката на регистъра от {verified.on:%d.%m.%Y} намери несъответствия: {verified.faults}. Пуснете "
            "„mailroom verify“ и вижте кои са."))
    proved = verified.on if verified else day_of(first)
    if limits.verify_days and day_of(condition.at) - proved > timedelta(days=limits.verify_days):
        when = f"не е проверяван от {proved:%d.%m.%Y}" if verified else "още не е проверяван"
        yield Trouble(key="verify", sentence=f"Регистърът {when}. Вижте „systemctl status mailroom-verify“.")


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(SOFIA):%d.%m.%Y, %H:%M}" if at else "началото"


class Watchman:
    """Goes round every minute, remembers what is wrong in the register, and tells it by the second channel."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._settings = office.settings.troubles
        self._channel = channel_of(office)
        self._started_at = office.now()
        self._register_away: OpenTrouble | None = None
        """The one trouble that cannot be remembered in the register."""

    def run(self, stop: threading.Event) -> None:
        """Until told to stop."""
        while not stop.wait(ROUND_SECONDS):
            self.go_round()

    def go_round(self) -> None:
        """One round. A register that cannot be read, or cannot be written as on a full disk, is a trouble of its own.
        """
        try:
            found = self._with_register()
        except TryAgain as error:
            log.warning("register_away", trouble=str(error))
            self._without_register()
            return
        if self._register_away is not None:
            self._register_is_back(self._register_away)
        if not found:
            self._beat()

    def _with_register(self) -> Sequence[Trouble]:
        note_disk(self._office)
        now = self._office.now()
        found = troubles_of(look_at(self._office), self._settings, self._started_at)
        with self._office.store.transaction() as register:
            register.troubles.note(found, now)
            to_tell = register.troubles.take_to_tell(now, _TELL_AGAIN_AFTER) if self._channel.ways else ()
        if to_tell and self._tell(to_tell):
            with self._office.store.transaction() as register:
                register.troubles.told(to_tell, now)
        return found

    def _without_register(self) -> None:
        now = self._office.now()
        away = self._register_away or OpenTrouble(key="register", since=now, sentence=(
            "Базата данни на регистъра не отговаря или не приема нищо. Нищо не се губи, но нищо и не се завежда. Вижте "
            "дали сървърът ѝ работи и има ли място на диска: „mailroom check“."))
        if away.told_at is None and self._channel.ways and self._tell([away]):
            away = away.model_copy(update={"told_at": now})
        self._register_away = away

    def _register_is_back(self, away: OpenTrouble) -> None:
        over = away.model_copy(update={"over_at": self._office.now()})
        if away.told_at is None or self._tell([over]):
            self._register_away = None

    def _tell(self, troubles: Iterable[OpenTrouble]) -> bool:
        """Whether one way took it."""
        told = list(troubles)
        outcomes = self._channel.tell(subject_of(told, self._office.pack.contact.name),
                                      text_of(told, self._office.settings.web.staff_url))
        for way, reason in outcomes.items():
            if reason:
                log.error("trouble_not_told", way=way, reason=reason)
        for trouble in told:
            log.warning("trouble_over" if trouble.over_at else "trouble", key=trouble.key)
        return not all(outcomes.values())

    def _beat(self) -> None:
        try:
            self._channel.beat()
        except MailroomError as error:
            log.warning("heartbeat_not_heard", reason=str(error))


def channel_of(office: Office) -> SecondChannel:
    """The second channel as configured."""
    return SecondChannel(office.settings.troubles, letters_smtp=office.settings.smtp, from_address=office.from_address)


def subject_of(troubles: Iterable[OpenTrouble], town: str) -> str:
    """One line for a telephone."""
    lasting = sum(trouble.over_at is None for trouble in troubles)
    return f"Деловодство, {town}: {'затруднение' if lasting else 'затруднението свърши'}"


def text_of(troubles: Iterable[OpenTrouble], page: str) -> str:
    """What has begun, then what is over."""
    ordered = sorted(troubles, key=lambda trouble: trouble.over_at is not None)
    lines = [f"Свърши (от {_moment(one.since)} до {_moment(one.over_at)}): {one.sentence}" if one.over_at else
             one.sentence for one in ordered]
    return "\n\n".join((*lines, *([f"{page}/health"] if page else [])))
