"""What is a trouble of the mailroom itself, and that it is told once by the second channel, and once when over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailroom.condition import look_at, usual_silence, working_minutes
from mailroom.config import SmtpSettings, TroubleSettings
from mailroom.intake.door import take_in
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.condition import Condition, SourceCondition
from mailroom.model.proof import LastVerification
from mailroom.office import Office
from mailroom.registration.calendar import WorkingCalendar
from mailroom.store.store import Store
from mailroom.troubles import Watchman, troubles_of
from tests.servers.smtp import SmtpServer
from tests.servers.web import WebServer
from tests.watching.conftest import Clock

SOURCE = "delovodstvo@example.bg"
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)
WELL = Condition(at=NOW, kept_since=LONG_AGO, disk_free=1 << 40, backup_at=NOW - timedelta(hours=8), total_items=5,
                 verified=LastVerification(on=NOW.date(), faults=0),
                 sources=(SourceCondition(name=SOURCE, seen_at=NOW - timedelta(minutes=1), last_arrival=NOW),))


def source(**state: object) -> dict[str, object]:
    """The mailbox in another state."""
    return {"sources": (WELL.sources[0].model_copy(update=state),)}


@pytest.mark.parametrize(("state", "key"), [
    ({}, None),
    (source(trouble="няма връзка", since=NOW - timedelta(minutes=9)), None),
    (source(trouble="няма връзка", since=NOW - timedelta(minutes=11)), f"away/{SOURCE}"),
    (source(seen_at=NOW - timedelta(minutes=11)), f"away/{SOURCE}"),
    (source(seen_at=None), f"away/{SOURCE}"),
    (source(silent_minutes=601, usual_silence=600), f"silent/{SOURCE}"),
    (source(silent_minutes=600, usual_silence=600), None),
    (source(silent_minutes=6000), None),
    ({"oldest_due_mail": NOW - timedelta(minutes=61)}, "outbox"),
    ({"oldest_due_mail": NOW - timedelta(minutes=59)}, None),
    ({"oldest_unfinished": NOW - timedelta(minutes=61), "unfinished": 3}, "stuck"),
    ({"originals": "is not there"}, "originals"),
    ({"disk_free": 1 << 30}, "disk"),
    ({"disk_days_left": 13}, "disk"),
    ({"disk_days_left": 14}, None),
    ({"backup_at": NOW - timedelta(hours=37)}, "backup"),
    ({"backup_at": None}, "backup"),
    ({"backup_at": None, "kept_since": NOW - timedelta(hours=8)}, None),
    ({"verified": LastVerification(on=NOW.date(), faults=2)}, "proof"),
    ({"verified": LastVerification(on=NOW.date() - timedelta(days=3), faults=0)}, "verify"),
    ({"verified": None}, "verify"),
])
def test_what_a_trouble_is(state: dict[str, object], key: str | None) -> None:
    """Each by its own setting; what has its time yet is none."""
    found = troubles_of(WELL.model_copy(update=state), TroubleSettings(), LONG_AGO)
    assert [trouble.key for trouble in found] == ([key] if key else [])


def test_nothing_is_overdue_that_had_no_time_since_the_start() -> None:
    """After a night without power the first minute is no alarm."""
    state = WELL.model_copy(update={**source(seen_at=LONG_AGO), "oldest_due_mail": LONG_AGO,
                                    "oldest_unfinished": LONG_AGO})
    assert troubles_of(state, TroubleSettings(), NOW - timedelta(minutes=1)) == ()


@pytest.mark.parametrize(("start", "end", "minutes"), [
    ("2026-11-18T10:00", "2026-11-18T12:30", 150),
    ("2026-11-18T17:00", "2026-11-19T09:00", 120),
    ("2026-11-20T17:00", "2026-11-23T09:00", 120),
    ("2026-12-23T17:00", "2026-12-29T09:00", 120),
    ("2026-11-21T09:00", "2026-11-22T17:00", 0),
])
def test_only_working_hours_count_as_silence(start: str, end: str, minutes: int) -> None:
    """Nights, weekends and Christmas are no silence."""
    local = WorkingCalendar()
    zone = "+02:00"
    assert working_minutes(datetime.fromisoformat(start + zone), datetime.fromisoformat(end + zone), local) == minutes


def test_how_long_a_source_may_be_silent_is_learned_from_its_own_habits() -> None:
    """Half as much again as the longest silence; never under half a day, and nothing from a few letters."""
    hourly = [NOW - timedelta(hours=hours) for hours in range(100)]
    daily = [NOW - timedelta(days=days) for days in range(28)]
    calendar = WorkingCalendar()
    assert usual_silence(hourly, calendar) == 240
    assert usual_silence(daily, calendar) == 900
    assert usual_silence(daily[:10], calendar) is None


def test_the_disk_is_foretold_from_its_own_growth(office: Office, clock: Clock) -> None:
    """From the notes of the last weeks."""
    used = look_at(office)
    with office.store.transaction() as register:
        before = clock.at - timedelta(days=10)
        register.daybook.done("disk", before.date(), before, result=str(used.disk_total - used.disk_free - (10 << 30)))
    days = look_at(office).disk_days_left
    assert days is not None and abs(days - used.disk_free // (1 << 30)) <= used.disk_free // (1 << 30) // 5 + 1


def watched(office: Office, **ways: object) -> Watchman:
    """A watchman with these ways."""
    troubles = office.settings.troubles.model_copy(update=ways)
    settings = office.settings.model_copy(update={"troubles": troubles})
    return Watchman(replace(office, settings=settings))


def report(office: Office, trouble: str) -> None:
    """The mailbox says how it does."""
    with office.store.transaction() as register:
        register.daybook.report(SOURCE, office.now(), trouble)


def test_a_trouble_is_told_once_and_once_when_it_is_over(office: Office, clock: Clock) -> None:
    """By another mail server and by an HTTP POST, while the town's own mail is away."""
    with SmtpServer() as server, WebServer() as gateway:
        smtp = SmtpSettings.model_validate({"host": server.host, "port": server.port, "security": "none"})
        watchman = watched(office, recipients=("admin@example.com",), smtp=smtp, webhook=f"{gateway.url}/town")
        report(office, "Файлът „ivan-petrov.pdf“ не може да бъде прочетен")
        clock.at += timedelta(minutes=11)
        for _ in range(3):
            watchman.go_round()
            clock.at += timedelta(minutes=6)
        mail, = server.wait_for(1)
        assert mail.recipients == ("admin@example.com",)
        assert "затруднение" in mail.message["Subject"] and SOURCE in mail.message.get_content()
        assert "ivan-petrov" not in mail.message.get_content(), "names of files do not leave the house"
        assert mail.message["Auto-Submitted"] == "auto-generated"
        posted, = gateway.received
        assert (posted.method, posted.path) == ("POST", "/town") and SOURCE in posted.body
        report(office, "")
        for _ in range(3):
            watchman.go_round()
        assert len(server.wait_for(2)) == 2 and len(gateway.received) == 2
        assert "Свърши" in gateway.received[1].body
        with office.store.reading() as register:
            assert register.troubles.open() == ()


def test_two_processes_tell_a_trouble_once(office: Office, clock: Clock) -> None:
    """Whoever takes it first tells it."""
    with WebServer() as gateway:
        first, second = (watched(office, webhook=gateway.url) for _ in range(2))
        report(office, "няма връзка")
        clock.at += timedelta(minutes=11)
        first.go_round()
        second.go_round()
        assert len(gateway.received) == 1


def test_what_no_way_took_is_told_later(office: Office, clock: Clock) -> None:
    """A gateway that refuses or sends elsewhere has not taken it; a command that fails neither."""
    with WebServer() as gateway:
        watchman = watched(office, webhook=gateway.url, command=("/bin/false",))
        report(office, "няма връзка")
        clock.at += timedelta(minutes=11)
        for status in (503, 302, 200):
            gateway.status = status
            watchman.go_round()
            clock.at += timedelta(minutes=6)
        gateway.status = 200
        watchman.go_round()
        assert len(gateway.received) == 3


def test_a_command_gets_the_text_and_a_token_goes_along(
    office: Office, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For an SMS modem, and for a gateway that knows us by a secret."""
    monkeypatch.setenv("MAILROOM_SECRET_GATEWAY", "тайна-7".encode("ascii", "ignore").decode())
    kept = office.settings.data_dir / "told"
    with WebServer() as gateway:
        watchman = watched(office, webhook=gateway.url, webhook_token_secret="gateway",
                           command=("/bin/sh", "-c", f"cat > {kept}"))
        report(office, "няма връзка")
        clock.at += timedelta(minutes=11)
        watchman.go_round()
        assert gateway.received[0].headers["Authorization"] == "Bearer -7"
    assert SOURCE in kept.read_text("utf-8")


def test_a_register_that_is_away_is_told_too(office: Office, clock: Clock) -> None:
    """Though it cannot be written down: once, and once when it is back. The heartbeat falls silent meanwhile."""
    with WebServer() as gateway:
        report(office, "")
        watchman = watched(office, webhook=gateway.url, heartbeat=f"{gateway.url}/beat")
        watchman.go_round()
        assert [one.path for one in gateway.received] == ["/beat"]
        nowhere = Store("sqlite:////proc/nowhere/register.db", office.settings.originals_dir)
        away = replace(office, store=nowhere)
        watchman._office = away
        watchman.go_round()
        watchman.go_round()
        assert len(gateway.received) == 2 and "Базата данни" in gateway.received[1].body
        watchman._office = replace(away, store=office.store)
        watchman.go_round()
        assert "Свърши" in gateway.received[2].body and gateway.received[3].path == "/beat"
        nowhere.close()


def test_the_figures_of_a_source(office: Office, clock: Clock) -> None:
    """When it was heard, when its last letter came, how many are at work."""
    clock.at += timedelta(hours=3)
    came = clock.at - timedelta(hours=2)
    take_in(office.store, Incoming(source=SOURCE, key="1", file="1.eml", content=b"From: a@example.com\r\n\r\nhello",
                                   received_at=came, channel=Channel.EMAIL), came)
    report(office, "")
    condition = look_at(office)
    one, = condition.sources
    assert (one.name, one.seen_at, one.last_arrival) == (SOURCE, clock.at, came)
    assert (one.waiting, one.silent_minutes) == (1, 120)
    assert (condition.unfinished, condition.stuck, condition.oldest_unfinished) == (1, 0, came)
    assert condition.items == {"arrived": 1}
