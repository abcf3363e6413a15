"""What bad arguments and bad configuration get: one line that says what, where and what to do."""

import os
import subprocess
from pathlib import Path

import pytest

from mailroom.cli import entry
from tests.cli.conftest import TownHall
from tests.cli.run import COMMAND, Ran, call

GOOD = 'charter = "primerovo"\n'


@pytest.mark.parametrize(("arguments", "words"), [
    (["frobnicate"], ["frobnicate"]),
    (["exprot"], ["exprot", "export"]),
    (["run", "--frobnicate"], ["--frobnicate"]),
    (["intake"], ["PATH"]),
    (["intake", "/does/not/exist"], ["/does/not/exist"]),
    (["intake", "/etc/hostname", "--channel", "pigeon"], ["pigeon", "email"]),
    (["intake", "/etc/hostname", "--received-at", "yesterday"], ["yesterday", "2026-11-20"]),
    (["export", "--since", "20.11.2026"], ["20.11.2026", "2026-11-20"]),
    (["export", "--format", "xml"], ["xml", "csv"]),
    (["deadline", "--kind", "rant", "--received", "2026-11-20"], ["rant", "signal"]),
    (["deadline", "--charter", "atlantis", "--kind", "signal", "--received", "2026-11-20"], ["atlantis", "primerovo"]),
    (["init", "--charter", "atlantis", "new"], ["atlantis", "ruse"]),
    (["letter", "preview", "poem"], ["poem", "acknowledgement"]),
    (["digest", "--print", "--send"], ["--print"]),
    (["verify"], ["mailroom.toml", "mailroom init"]),
    (["restore", "/does/not/exist.tar"], ["/does/not/exist.tar"]),
])
def test_bad_arguments_are_one_line_and_status_2(arguments: list[str], words: list[str], tmp_path: Path) -> None:
    """Each line names what was wrong, and what would be right."""
    ran = call(*arguments, cwd=tmp_path)
    assert ran.status == 2
    _is_one_line(ran, words)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("configuration", "words"), [
    ("charter = primerovo", ["mailroom.toml", "TOML"]),
    ('charter = "atlantis"', ["atlantis", "primerovo"]),
    ('chartre = "primerovo"', ["mailroom.toml"]),
    (GOOD + "[web]\nport = 99999999", ["web.port"]),
    (GOOD + '[smtp]\nhost = "mail.example.bg"\nsecurity = "none"', ["smtp", "starttls"]),
    (GOOD + '[[mailboxes]]\nname = "a@example.bg"\nhost = "mail.example.bg"\nuser = "a"\npassword_secret = "imap"',
     ["imap", "MAILROOM_SECRET_IMAP"]),
    (GOOD + 'templates_dir = "own"', ["acknowledgement"]),
    (GOOD + 'database_url = "oracle://nowhere"', ["database_url", "sqlite"]),
])
def test_a_wrong_configuration_stops_everything_before_it_starts(
    configuration: str, words: list[str], tmp_path: Path,
) -> None:
    """One line with file, place and remedy, status 2."""
    (tmp_path / "mailroom.toml").write_text(configuration, "utf-8")
    (tmp_path / "own" / "acknowledgement").mkdir(parents=True)
    (tmp_path / "own" / "acknowledgement" / "body.txt").write_text("{% if %}", "utf-8")
    ran = call("run", data=tmp_path)
    assert ran.status == 2
    _is_one_line(ran, words)


def test_another_towns_charter_is_refused(town_hall: TownHall) -> None:
    """One municipality has one data directory."""
    refused = call("intake", town_hall.letters, "--charter", "ruse", data=town_hall.data)
    assert refused.status == 2
    assert "primerovo" in refused.err and "ruse" in refused.err
    assert refused.err.count("\n") == 1


def test_a_second_init_changes_nothing(town_hall: TownHall) -> None:
    """A register is never written over."""
    before = (town_hall.data / "mailroom.toml").read_bytes()
    assert call("init", "--charter", "ruse", town_hall.data).status == 2
    assert (town_hall.data / "mailroom.toml").read_bytes() == before


def test_what_nobody_has_foreseen_is_one_line_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without traceback and without the exception's words, which may be a citizen's."""
    try:
        raise RuntimeError("Тайнова")
    except RuntimeError as error:
        entry.last_words(RuntimeError, error, None)
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "RuntimeError" in told and "Тайнова" not in told


def test_a_reader_that_goes_away_is_no_error(town_hall: TownHall) -> None:
    """`mailroom export | head -1` prints no complaint."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([COMMAND, "export"], env=os.environ | {"MAILROOM_DATA": str(town_hall.data)}, stdout=writing,
                          stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def _is_one_line(ran: Ran, words: list[str]) -> None:
    assert ran.out == ""
    assert ran.err.count("\n") == 1, ran.err
    assert ran.err.startswith("mailroom: ")
    for word in words:
        assert word in ran.err
