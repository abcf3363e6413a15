"""`deadline`, `digest`, `letter preview`, `check`, `separators`, `users`."""

import json
import shutil
from pathlib import Path

import pikepdf
import pytest

from tests.cli.conftest import TownHall
from tests.cli.run import call


def test_deadline_needs_no_data_directory(tmp_path: Path) -> None:
    """Both clocks, how they were counted, on what basis: from the rules that come with the program."""
    asked = call("deadline", "--charter", "primerovo", "--kind", "signal", "--received", "2026-11-20T10:00",
                     "--extend", "--json", cwd=tmp_path)
    assert asked.status == 0, asked.err
    told = asked.json()
    assert told["received_at"] == "2026-11-20T10:00:00+02:00"
    # 20 November + 30 days is a Sunday; АПК 121: two months.
    assert told["due"]["charter"]["date"] == "2026-12-21"
    assert told["due"]["statute"]["date"] == "2027-01-20"
    assert told["due"]["date"] == "2026-12-21"
    assert told["due"]["statute"]["basis"] == "АПК чл. 121"
    assert told["extension"]["due"]["date"] > told["due"]["date"]


def test_a_deadline_tells_what_is_to_be_done_earlier(tmp_path: Path) -> None:
    """A whistleblower gets a receipt within seven days, long before the answer."""
    asked = call("deadline", "--charter", "ruse", "--kind", "corruption_report", "--matter", "whistleblower",
                 "--received", "2026-11-20T10:00", "--json", cwd=tmp_path)
    assert [(duty["name"], duty["date"]) for duty in asked.json()["duties"]] == [("confirm_receipt", "2026-11-27")]


def test_deadline_without_a_charter_says_what_to_do(tmp_path: Path) -> None:
    """There is nothing to guess from."""
    asked = call("deadline", "--kind", "signal", "--received", "2026-11-20", cwd=tmp_path)
    assert asked.status == 2
    assert "--charter" in asked.err


def test_the_digest_is_printed_and_can_be_queued_once(town_hall: TownHall, tmp_path: Path) -> None:
    """Queued without anybody to read it, it says where to name them."""
    printed = call("digest", "--print", "--date", "2026-11-20", data=town_hall.data)
    assert printed.status == 0
    assert "Община Примерово" in printed.out
    assert "Тайнова" not in printed.out
    nobody = call("digest", "--send", data=town_hall.data)
    assert nobody.status == 2
    assert "recipients" in nobody.err
    data = shutil.copytree(town_hall.data, tmp_path / "data")
    (data / "mailroom.toml").write_text('charter = "primerovo"\n[digest]\nrecipients = ["kmet@example.bg"]\n', "utf-8")
    answers = [call("digest", "--send", "--date", "2026-11-20", "--json", data=data).json()["queued"] for _ in "12"]
    assert answers == [True, False]


def test_the_report_is_a_table_a_page_and_json_and_the_publics_hides_small_counts(
    town_hall: TownHall, tmp_path: Path
) -> None:
    """By the file's ending; for a spreadsheet it begins with a byte order mark, in a pipe it does not."""
    printed = call("report", "--year", "2026", data=town_hall.data)
    assert printed.status == 0 and printed.out.startswith("период_от,")
    files = {ending: tmp_path / f"report.{ending}" for ending in ("csv", "html", "json")}
    for path in files.values():
        assert call("report", "--year", "2026", "--public", "--out", path, data=town_hall.data).status == 0
    assert files["csv"].read_bytes().startswith(b"\xef\xbb\xbf")
    page = files["html"].read_text("utf-8")
    assert page.lstrip().startswith("<!doctype html>") and "по-малко от 3" in page
    assert json.loads(files["json"].read_text("utf-8"))["public"] is True
    assert call("report", "--month", "13", data=town_hall.data).status == 2


@pytest.mark.parametrize("template", ["acknowledgement", "extension", "digest"])
def test_every_letter_can_be_looked_at_before_any_is_sent(town_hall: TownHall, tmp_path: Path, template: str) -> None:
    """As text, and as the page that would be printed; the register does not change."""
    page = tmp_path / "page.pdf"
    shown = call("letter", "preview", template, "--pdf", page, "--json", data=town_hall.data)
    assert shown.status == 0, shown.err
    letter = shown.json()
    assert letter["subject"] and len(letter["text"]) > 200
    assert page.read_bytes().startswith(b"%PDF-")


def test_a_letter_about_a_real_item(town_hall: TownHall) -> None:
    """With its own number and its own sender."""
    item = next(item for item in call("export", data=town_hall.data).items()
                if item["source"]["file"] == "signal-containers.eml")
    shown = call("letter", "preview", "acknowledgement", "--number", item["case_number"], data=town_hall.data)
    assert item["registration_number"] in shown.out
    assert "Райкова" in shown.out


OF_THE_MACHINE = {"cores", "memory", "clock", "disk of the data directory"}
"""What is fine or not by the machine on which the tests run."""


def test_check_says_fine_or_what_to_do(town_hall: TownHall, tmp_path: Path) -> None:
    """A line for each thing; one that is wrong makes status 1 and names the remedy; the others are still looked at."""
    fine = call("check", "--json", data=town_hall.data)
    found = [finding for finding in fine.json() if finding["what"] not in OF_THE_MACHINE]
    assert all(finding["ok"] for finding in found), fine.out
    whats = {finding["what"] for finding in found}
    assert {"configuration", "charter primerovo", "letter templates", "OCR languages", "register"} <= whats
    data = shutil.copytree(town_hall.data, tmp_path / "data")
    (data / "mailroom.toml").write_text("""charter = "primerovo"
[ocr]
languages = "bul+tlh"
[smtp]
host = "127.0.0.1"
port = 1
security = "none"
[[mailboxes]]
name = "center@example.bg"
host = "127.0.0.1"
port = 1
security = "none"
[[scan_folders]]
name = "scanner"
path = "nowhere"
""", "utf-8")
    wrong = call("check", data=data)
    assert wrong.status == 1
    lines = wrong.out.splitlines()
    assert any(line.startswith("WRONG OCR") and "tesseract-ocr-tlh" in line for line in lines)
    assert any(line.startswith("WRONG source center@example.bg") for line in lines)
    assert any(line.startswith("WRONG source scanner") for line in lines)
    assert any(line.startswith("WRONG outgoing mail") for line in lines)
    assert any(line.startswith("ok    register") for line in lines)


def test_staff_come_and_go(town_hall: TownHall, tmp_path: Path) -> None:
    """Added, given a new password, disabled; a password comes from a file or standard input, or is made and shown."""
    data = shutil.copytree(town_hall.data, tmp_path / "data")
    secret = tmp_path / "secret"
    secret.write_text("six plain words of Bulgarian origin\nsecond line\n", "utf-8")
    added = call("users", "add", "m.koleva", "--name", "Мария Колева", "--role", "clerk", "--officer", "koleva",
                     "--password-file", secret, data=data)
    assert added.status == 0, added.err
    assert "plain words" not in added.out
    made = call("users", "passwd", "m.koleva", "--json", data=data).json()
    assert len(made["password"]) >= 12
    given = call("users", "passwd", "m.koleva", "--password-file", "-", data=data, stdin="another long password\n")
    assert given.status == 0, given.err
    assert call("users", "disable", "m.koleva", data=data).status == 0
    listed = {one["login"]: one for one in call("users", "list", "--json", data=data).json()}
    assert listed["m.koleva"]["active"] is False
    assert listed["m.koleva"]["officer_id"] == "koleva"


def test_separator_sheets_are_written_as_pdf_without_a_data_directory(tmp_path: Path) -> None:
    """A page for each, and a line that says what to do with them."""
    written = call("separators", "--count", "3", tmp_path / "sheets.pdf")
    assert written.status == 0 and "3 separator sheets" in written.out
    with pikepdf.open(tmp_path / "sheets.pdf") as pdf:
        assert len(pdf.pages) == 3


@pytest.mark.parametrize(("arguments", "status"), [(["--count", "0", "sheets.pdf"], 2), (["nowhere/sheets.pdf"], 1)])
def test_separator_sheets_that_cannot_be_written_are_one_line(tmp_path: Path, arguments: list[str],
                                                              status: int) -> None:
    refused = call("separators", *arguments, cwd=tmp_path)
    assert (refused.status, refused.out, refused.err.count("\n")) == (status, "", 1)
