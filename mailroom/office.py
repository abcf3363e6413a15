"""The office: every collaborator, built once from the settings and handed down."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from mailroom.antivirus import Antivirus
from mailroom.charter.pack import load_pack
from mailroom.config import Settings
from mailroom.correspondence.templates import Templates
from mailroom.dispatch.transport import Transport, transport_for
from mailroom.model.base import day_of
from mailroom.model.learned import KindModel, Lesson
from mailroom.model.pack import Pack
from mailroom.reading.reader import Reader
from mailroom.registration.calendar import WorkingCalendar
from mailroom.store.store import Store
from mailroom.thinking import Thinking
from mailroom.understanding.knowledge import Knowledge, load_knowledge
from mailroom.vault import LOCKED, Vault

LESSON = "kinds"
"""The name under which the register keeps what was learned."""
LOOK_AGAIN_AFTER = timedelta(minutes=10)
LETTERS_OFF = "Изпращането на писма е изключено в настройките."


def utc_now() -> datetime:
    """The server's clock, in UTC."""
    return datetime.now(UTC)


class Learned:
    """What the last night has taught, beside what the files say; read again now and then, since another process may
    have learned it. Shared by the threads: each sees a whole value, the older or the newer."""

    def __init__(self) -> None:
        self._looked_at: datetime | None = None
        self._learned_at: datetime | None = None
        self._model: KindModel | None = None
        self._known: tuple[Knowledge, KindModel | None, Knowledge] | None = None

    def take(self, lesson: Lesson) -> None:
        """This was learned just now, in this process."""
        self._model, self._learned_at, self._looked_at = lesson.model, lesson.at, lesson.at

    def knowledge(self, read: Knowledge, store: Store, now: datetime) -> Knowledge:
        """The knowledge of the files with the model."""
        if self._looked_at is None or abs(now - self._looked_at) > LOOK_AGAIN_AFTER:
            self._looked_at = now
            self._look(store)
        known, model = self._known, self._model
        if known is None or known[0] is not read or known[1] is not model:
            known = self._known = (read, model, replace(read, learned=model))
        return known[2]

    def _look(self, store: Store) -> None:
        with store.reading() as register:
            learned_at = register.examples.lesson_at(LESSON)
            document = register.examples.lesson(LESSON) if learned_at != self._learned_at else None
        if document:
            self._model, self._learned_at = Lesson.model_validate_json(document).model, learned_at


@dataclass(frozen=True, kw_only=True)
class Office:
    """What the journey works with. One per process; safe to share between threads."""

    settings: Settings
    pack: Pack
    learned: "Learned"
    calendar: WorkingCalendar
    templates: Templates
    store: Store
    reader: Reader
    thinking: Thinking
    vault: Vault
    antivirus: Antivirus
    transport: Transport | None
    """Null when no letters can leave: nothing is configured, or letters are switched off."""
    letters_off_reason: str = ""
    """In Bulgarian; not empty: every letter is written and kept as `held`."""
    now: Callable[[], datetime] = utc_now
    dry_run: bool = False
    """Beside the real mailboxes, with a register of its own and nothing done to anybody (dry_run.py)."""

    @property
    def knowledge(self) -> Knowledge:
        """What the finders know, with what was learned of the staff's corrections."""
        return self.learned.knowledge(self._read_knowledge, self.store, self.now())

    @cached_property
    def _read_knowledge(self) -> Knowledge:
        """As it stands in the files; a second's work, which who understands no letter is spared."""
        return load_knowledge(self.settings.rules, self.settings.local_lexicon)

    def prepare(self) -> None:
        """Read what understanding letters needs, for who is about to: so a fault in it is told before anything has
        begun. Raises Misconfigured."""
        _ = self._read_knowledge

    @property
    def counted_by(self) -> str:
        """By which calendar and rules terms are counted now."""
        return f"{self.calendar.mark}/{self.pack.version}"

    @cached_property
    def own_addresses(self) -> frozenset[str]:
        """Every address of the municipality, in lower case; never answered by a machine."""
        known = {self.from_address, *self.pack.contact.emails, *self.settings.outgoing.own_addresses}
        known.update(mailbox.name for mailbox in self.settings.mailboxes)
        known.update(maildir.name for maildir in self.settings.maildirs)
        return frozenset(address.lower() for address in known if "@" in address)

    @cached_property
    def from_address(self) -> str:
        """The address from which letters go out."""
        return sending_address(self.settings, self.pack)

    @property
    def from_name(self) -> str:
        """The name that stands before it."""
        return self.settings.outgoing.from_name or self.pack.contact.name

    def today(self) -> date:
        """The day it is here, by which terms are counted."""
        return day_of(self.now())

    def close(self) -> None:
        """End the processes beside this one and the database connections."""
        self.reader.close()
        self.thinking.close()
        self.store.close()


def sending_address(settings: Settings, pack: Pack) -> str:
    """The address as configured, else the first of the rule pack, else the first mailbox."""
    named = [mailbox.name for mailbox in settings.mailboxes if "@" in mailbox.name]
    choice = [settings.outgoing.from_address, *pack.contact.emails, *named]
    return next((address for address in choice if address), f"mailroom@{pack.id}.invalid")


def open_office(settings: Settings, *, letters: bool = True, now: Callable[[], datetime] = utc_now) -> Office:
    """Build everything, after checking it: rule pack, templates, database; the vocabulary is read when it is needed.

    Raises Misconfigured before anything is touched.
    """
    pack = load_pack(settings.rules, settings.charter)
    templates = Templates(settings.templates, settings.templates_dir)
    off = "" if letters and settings.outgoing.enabled else LETTERS_OFF
    store = Store(settings.url, settings.originals_dir)
    store.migrate()
    store.recognise_originals()
    vault = Vault(settings.data_dir)
    _lock_second_factors(store, vault)
    return Office(
        settings=settings, pack=pack, learned=Learned(), templates=templates, store=store,
        now=now, vault=vault, antivirus=Antivirus(settings.antivirus),
        calendar=WorkingCalendar((*pack.extra_non_working, *settings.extra_non_working)),
        reader=Reader(settings.ocr, settings.trusted_certificates), thinking=Thinking(settings, pack),
        letters_off_reason=off,
        transport=None if off else transport_for(settings),
    )


def _lock_second_factors(store: Store, vault: Vault) -> None:
    """Secrets from before they were locked."""
    with store.reading() as register:
        readable = [login for login, secret in register.second_factors.secrets().items()
                    if not secret.startswith(LOCKED)]
    for login in readable:
        with store.transaction() as register:
            secret = register.second_factors.secrets().get(login, LOCKED)
            if not secret.startswith(LOCKED):
                register.second_factors.replace_secret(login, vault.lock(secret))
