"""A letter with a virus is registered and answered like any other, and nobody is handed its file. A real clamd."""

import os
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailroom import looking_later, surroundings
from mailroom.antivirus import Antivirus
from mailroom.condition import look_at
from mailroom.config import AntivirusSettings
from mailroom.engine.attempt import attempt_item
from mailroom.model.item import Item, Status
from mailroom.office import Office
from mailroom.reading.faults import has_virus
from mailroom.troubles import troubles_of
from tests.journeys.conftest import Desk
from tests.servers.clamd import EICAR, Clamd


@pytest.fixture(scope="module")
def clamd() -> Iterator[Clamd]:
    with Clamd() as made:
        yield made


def with_file(content: bytes) -> EmailMessage:
    """A citizen's complaint with a file."""
    message = EmailMessage()
    message["From"] = "Пенка Петрова <petrova@citizen.example>"
    message["To"] = "center@primerovo.example.bg"
    message["Subject"] = "Жалба за осветлението"
    message["Message-ID"] = f"<{len(content)}@citizen.example>"
    message.set_content("Уважаеми, лампата пред дома ми на ул. Борисова 5 не свети от седмица. Моля да се поправи.")
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename="снимка.bin")
    return message


def guarded(office: Office, clamd: Clamd, *, needed: bool = False) -> Office:
    settings = AntivirusSettings(socket=clamd.socket, needed=needed, seconds=20)
    return replace(office, antivirus=Antivirus(settings))


def test_the_letter_is_registered_and_answered_and_its_file_is_kept_and_locked(office: Office, clamd: Clamd) -> None:
    desk = Desk(guarded(office, clamd))
    item = desk.come_in(with_file(EICAR))
    assert item.status is Status.IN_REVIEW and item.entry and item.letter and "лампата" in item.letter.text
    assert has_virus(item.letter) and "Eicar-Test" in item.letter.faults[0].sentence
    assert item.verdict and any("Eicar-Test" in reason for reason in item.verdict.review_reasons)
    assert item.letters and item.letters[0].to == "petrova@citizen.example"
    assert office.store.originals.is_whole(item.arrivals[0].sha256)


def test_a_letter_without_one_is_not_touched(office: Office, clamd: Clamd) -> None:
    item = Desk(guarded(office, clamd)).come_in(with_file(b"harmless" * 50_000))
    assert item.letter and not has_virus(item.letter)


@pytest.mark.parametrize("socket", ["", "/nowhere/clamd.ctl", "127.0.0.1:9"])
def test_without_an_antivirus_letters_go_their_way(office: Office, socket: str) -> None:
    away = replace(office, antivirus=Antivirus(AntivirusSettings(socket=socket, needed=True)))
    item = Desk(away).come_in(with_file(EICAR))
    assert item.entry and item.letter and not has_virus(item.letter)


@pytest.fixture
def unguarded(office: Office) -> Office:
    """While clamd is away."""
    return replace(office, antivirus=Antivirus(AntivirusSettings(socket="/nowhere/clamd.ctl", needed=True)))


def waits(office: Office) -> int:
    with office.store.reading() as register:
        return register.unscanned.count()


def told(office: Office, item: Item) -> list[str]:
    with office.store.reading() as register:
        return [line.what for line in register.history.of(item.id)]


def test_what_came_while_it_was_away_is_looked_at_when_it_is_back_and_a_find_locks_the_file(
        unguarded: Office, clamd: Clamd) -> None:
    desk = Desk(unguarded)
    bad, good = (desk.come_in(with_file(content)) for content in (EICAR, b"harmless" * 500))
    assert waits(unguarded) == 2 and looking_later.look_later(unguarded) == 0 and waits(unguarded) == 2
    office = guarded(unguarded, clamd)
    assert looking_later.look_later(office) == 1 and looking_later.look_later(office) == 0 and waits(office) == 0
    attempt_item(office, bad.id)
    after = Desk(office).item(bad.id)
    assert has_virus(after.letter) and after.status is Status.IN_REVIEW and after.entry == bad.entry
    assert len(after.letters) == len(bad.letters), "nobody is answered twice"
    assert "virus_found" in told(office, bad) and "looked_at_later" in told(office, good)
    assert [trouble.key for trouble in troubles_of(look_at(office), office.settings.troubles, office.now())
            if trouble.key == "virus"] == ["virus"]


def test_a_file_that_it_does_not_take_is_asked_about_once_and_an_erased_one_never(
        unguarded: Office, clamd: Clamd) -> None:
    item = Desk(unguarded).come_in(with_file(b"x"))
    original = unguarded.store.originals.path(item.arrivals[0].sha256)
    original.chmod(0o600)
    os.truncate(original, 140 << 20)
    with unguarded.store.transaction() as register:
        register.unscanned.add("0" * 64, unguarded.now())
    assert looking_later.look_later(guarded(unguarded, clamd)) == 0
    assert waits(unguarded) == 0 and "not_looked_at" in told(unguarded, item)


def test_check_says_whether_somebody_looks(office: Office, clamd: Clamd) -> None:
    def told(**values: object) -> tuple[bool, str]:
        settings = office.settings.model_copy(update={"antivirus": AntivirusSettings.model_validate(values)})
        found = surroundings.antivirus(settings)
        return found.ok, found.remedy

    assert told(socket=clamd.socket) == (True, clamd.socket)
    assert told(socket="/nowhere/clamd.ctl")[0] and "nobody looks" in told(socket="/nowhere/clamd.ctl")[1]
    assert not told(socket="/nowhere/clamd.ctl", needed=True)[0]


def test_a_file_that_is_too_long_for_clamd_does_not_stop_its_letter(clamd: Clamd, tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"")
    with (tmp_path / "long").open("r+b") as file:
        file.truncate(140 << 20)
    assert Antivirus(AntivirusSettings(socket=clamd.socket)).virus_in(tmp_path / "long") is None
