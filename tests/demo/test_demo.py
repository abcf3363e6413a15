"""The demo: its letters, and itself as a process that somebody starts to look around."""

import os
import re
import signal
import subprocess
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from mailroom.config import load_settings
from mailroom.demo.mails import LETTERS, SampleMail, SampleScan, as_eml, samples
from mailroom.demo.scans import A4, scan
from mailroom.demo.town import STAFF, bring, make_town
from mailroom.masking import mask_identifiers
from mailroom.mediatype import EML, media_type_of
from mailroom.model.staff import Role
from tests.cli.run import COMMAND, call
from tests.cli.test_service import wait_until

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MAILS, SCANS = samples().mail, samples().scan
NAMES = [*(mail.name for mail in MAILS), *(paper.name for paper in SCANS)]


def render(paper: SampleScan) -> bytes:
    """The file as the scanner would write it."""
    return scan(paper.name, paper.pages, skew=paper.skew, blank_back=paper.blank_back)


def test_there_are_some_twenty_letters() -> None:
    """A dozen e-mails or more, and eight scans."""
    assert len(MAILS) >= 12
    assert len(SCANS) >= 8
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.name)
def test_a_mail_is_a_mail_and_always_the_same(mail: SampleMail) -> None:
    """Judged by content, as the mailroom does."""
    content = as_eml(mail, NOW)
    assert media_type_of(content) == EML
    assert content == as_eml(mail, NOW)


@pytest.mark.parametrize("paper", SCANS, ids=lambda paper: paper.name)
def test_a_scan_is_what_its_name_says_and_always_the_same(paper: SampleScan) -> None:
    """PDF, TIFF or JPEG of A4 pages."""
    content = render(paper)
    wanted = {".pdf": "application/pdf", ".tiff": "image/tiff", ".jpg": "image/jpeg"}[Path(paper.name).suffix]
    assert media_type_of(content) == wanted
    assert content == render(paper)


def test_a_duplex_scan_has_its_blank_backs(tmp_path: Path) -> None:
    """Front, back, front, back."""
    paper = next(paper for paper in SCANS if paper.blank_back)
    (tmp_path / paper.name).write_bytes(render(paper))
    with Image.open(tmp_path / paper.name) as pages:
        assert getattr(pages, "n_frames", 1) == 2 * len(paper.pages)
        assert pages.size == A4


def test_nobody_real_is_written_to() -> None:
    """Every address lies in a domain that is kept for examples (RFC 2606), every ЕГН has a wrong check digit."""
    text = LETTERS.read_text("utf-8")
    for domain in re.findall(r"[\w.+-]+@([\w.-]+\w)", text):
        assert re.search(r"(^|\.)example\.(com|net|org|bg)$", domain), domain
    for digits in re.findall(r"(?<!\d)\d{10}(?!\d)", text):
        weights = (2, 4, 8, 5, 10, 9, 7, 3, 6)
        check = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11 % 10
        assert digits.startswith("0888000") or check != int(digits[9]), digits
        assert digits.startswith("0") or digits not in mask_identifiers(f"ЕГН {digits}")


def test_every_role_can_look_around() -> None:
    """A log-in for each, and no two alike."""
    assert {staff.role for staff in STAFF} == set(Role)
    assert len({staff.login for staff in STAFF}) == len(STAFF)


def test_the_towns_configuration_is_a_good_one(tmp_path: Path) -> None:
    """It loads, and its folders lie in it."""
    settings = make_town(tmp_path / "town", port=8080, public_port=8081)
    assert settings == load_settings(tmp_path / "town" / "mailroom.toml")
    assert [folder.path.is_dir() for folder in settings.maildirs] == [True]
    assert [folder.path.is_dir() for folder in settings.scan_folders] == [True]
    assert tomllib.loads((tmp_path / "town" / "mailroom.toml").read_text("utf-8"))["charter"] == "primerovo"


def test_mail_and_paper_come_in_turn(tmp_path: Path) -> None:
    """So that the first scan is seen early; and all of them arrive."""
    make_town(tmp_path / "town", port=8080, public_port=8081)
    came = list(bring(tmp_path / "town", NOW))
    assert sorted(came) == sorted(NAMES)
    assert came[1] == SCANS[0].name
    assert len(list((tmp_path / "town" / "inbox" / "new").iterdir())) == len(MAILS)
    assert {path.name for path in (tmp_path / "town" / "scans").iterdir()} == {paper.name for paper in SCANS}


def test_the_demo_runs_until_it_is_interrupted(tmp_path: Path) -> None:
    """It prints address, log-ins and folders; what is dropped into them appears; Ctrl-C ends it cleanly."""
    folder = tmp_path / "town"
    with subprocess.Popen([COMMAND, "demo", "--port", "0", "--folder", folder], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env={**os.environ, "MAILROOM_DATA": str(tmp_path)}) as demo:
        try:
            assert demo.stdout is not None
            said = ""
            while "Ctrl-C" not in said:
                line = demo.stdout.readline()
                assert line, said
                said += line
            assert re.search(r"http://127\.0\.0\.1:\d+/", said)
            assert all(staff.login in said for staff in STAFF)
            assert str(folder / "inbox" / "new") in said and str(folder / "scans") in said
            wait_until(lambda: len(list((folder / "outbox").glob("*.eml"))) >= 2, "the first acknowledgements")
            demo.send_signal(signal.SIGINT)
            rest, _ = demo.communicate(timeout=60)
        finally:
            demo.kill()
    assert demo.returncode == 0, rest
    assert "Traceback" not in rest
    exported = call("export", data=folder).items()
    assert any(item["registration_number"] for item in exported)
    assert call("demo", "--folder", folder).status == 1, "its data are kept, and never written over"
