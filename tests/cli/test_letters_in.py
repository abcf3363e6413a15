"""`mailroom intake`, `export` and `explain`."""

import csv
import io
import json
import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from mailroom.model.item import Status
from mailroom.model.verdict import Outcome
from mailroom.words import CHECKS, HISTORY
from tests.cli.conftest import MAILS, SCAN, TownHall
from tests.cli.run import call

SHAPE = json.loads("""
{"registration_number": 0, "case_number": 0, "registered_at": 0, "received_at": 0, "channel": 0, "charter": 0,
 "source": {"name": 0, "file": 0, "sha256": 0, "part": 0, "pages": 0},
 "arrivals": [{"name": 0, "file": 0, "sha256": 0, "received_at": 0}],
 "status": 0, "correspondence": 0, "noncorrespondence_type": 0, "sealed": 0, "kind": 0, "kind_confidence": 0,
 "matter": 0,
 "facts": {"anonymous": {"value": 0, "evidence": [{"text": 0, "why": 0}]}, "abusive": {"value": 0, "evidence": []},
           "health_safety": {"value": 0, "evidence": []}, "protected_info": {"value": 0, "evidence": []}},
 "decision": {"outcome": 0, "urgent": 0, "state": 0, "by": 0, "at": 0, "needs_review": 0, "review_reasons": 0,
              "clause": {"id": 0, "quote": 0, "source": 0}},
 "sender": {"name": 0, "organisation": 0, "email": 0, "phone": 0,
            "address": {"postcode": 0, "settlement": 0, "quarter": 0, "street": 0, "number": 0, "block": 0,
                        "entrance": 0, "floor": 0, "apartment": 0}},
 "on_behalf_of": 0, "preferred_channel": 0, "script": 0, "language": 0, "date_written": 0, "follow_up_of": 0,
 "subject": 0, "text": 0,
 "pages": 0, "ocr_confidence": 0, "attachments": 0, "assigned_to": {"department": 0, "officer": 0},
 "due": {"date": 0, "charter": {"date": 0, "clause": 0, "explanation": 0},
         "statute": {"date": 0, "basis": 0, "explanation": 0}},
 "letters": [{"type": 0, "number": 0, "status": 0, "channel": 0, "to": 0, "sent_at": 0}]}
""")
"""The keys of an exported item; other people's scripts rely on them."""


@pytest.fixture(scope="module")
def items(town_hall: TownHall) -> dict[str, dict[str, Any]]:
    """What `export` says of the morning's post, by file."""
    exported = call("export", "--include-sealed", data=town_hall.data)
    assert exported.status == 0, exported.err
    return {item["source"]["file"]: item for item in exported.items()}


def has_shape(value: Any, shape: Any) -> bool:
    """Whether exactly these keys are there, at every level that is not null or empty."""
    if isinstance(shape, dict) and value is not None:
        return value.keys() == shape.keys() and all(has_shape(value[key], shape[key]) for key in shape)
    if isinstance(shape, list) and shape:
        return all(has_shape(one, shape[0]) for one in value)
    return True


def test_a_line_for_every_file(town_hall: TownHall) -> None:
    """Each file ends with its number or the reason why it has none; and nothing else is printed."""
    assert town_hall.intake.status == 0, town_hall.intake.err
    lines = town_hall.intake.out.splitlines()
    assert len(lines) == len(list(town_hall.letters.iterdir()))
    assert any(line.startswith("signal-containers.eml → 94-") for line in lines)
    assert "newsletter-seminar.eml → set aside: newsletter" in lines
    assert town_hall.intake.err == ""


def test_nothing_that_came_in_is_absent(town_hall: TownHall, items: dict[str, dict[str, Any]]) -> None:
    """The empty file too: a person has to see it."""
    assert items.keys() == {file.name for file in town_hall.letters.iterdir()}
    empty = items["empty.eml"]
    assert empty["noncorrespondence_type"] == "blank" or empty["status"] == "in_review"


@pytest.mark.parametrize("file", [*(f"{name}.eml" for name in MAILS), SCAN])
def test_an_exported_item_has_the_published_shape(items: dict[str, dict[str, Any]], file: str) -> None:
    """No key is missing, none is new."""
    assert has_shape(items[file], SHAPE)


def test_received_at_is_the_towns_time(items: dict[str, dict[str, Any]]) -> None:
    """Moments carry the offset of Europe/Sofia."""
    assert items["signal-containers.eml"]["received_at"] == "2026-11-18T09:30:00+02:00"


def test_paper_has_pages_and_confidence_and_mail_has_neither(items: dict[str, dict[str, Any]]) -> None:
    """Pages with content are counted for paper only."""
    assert items[SCAN]["channel"] == "paper"
    assert items[SCAN]["pages"] == 1
    assert items[SCAN]["ocr_confidence"] > 0.8
    assert "пенсионерския клуб" in items[SCAN]["text"]
    assert items["signal-containers.eml"]["pages"] is None
    assert items["signal-containers.eml"]["ocr_confidence"] is None


def test_what_is_no_correspondence_has_no_number_and_no_letter(items: dict[str, dict[str, Any]]) -> None:
    """And no decision, because there is none to take."""
    item = items["newsletter-seminar.eml"]
    assert item["correspondence"] is False
    assert item["status"] == "not_correspondence"
    absent = ("registration_number", "registered_at", "kind", "decision", "due", "assigned_to")
    assert [item[key] for key in absent] == [None] * len(absent)
    assert item["letters"] == []


def test_personal_identifiers_are_masked_everywhere(town_hall: TownHall) -> None:
    """The ten digits of the letter leave in no format."""
    for form in ("jsonl", "csv"):
        exported = call("export", "--format", form, "--include-sealed", data=town_hall.data)
        assert "Мартин Асенов Желев" in exported.out
        assert "8001010000" not in exported.out


def test_a_whistleblowers_report_is_a_stub(town_hall: TownHall, items: dict[str, dict[str, Any]]) -> None:
    """Number and dates, nothing of whom or what; whole only when asked for, and then it is in the history."""
    number = items["whistleblower.eml"]["registration_number"]
    assert items["whistleblower.eml"]["sealed"] is True
    exported = call("export", data=town_hall.data)
    stub = next(item for item in exported.items() if item["registration_number"] == number)
    assert stub["received_at"] and stub["status"] == "in_review"
    for word in ("Тайнова", "elena@example.com", "гориво", "whistleblower"):
        assert word not in json.dumps(stub, ensure_ascii=False)
    with sqlite3.connect(town_hall.data / "register.db") as register:
        noted = register.execute("SELECT count(*) FROM history WHERE what = 'exported_sealed'").fetchone()
    assert noted[0] >= 1
    explained = call("explain", number, data=town_hall.data)
    assert explained.status == 0
    assert "Тайнова" not in explained.out and "гориво" not in explained.out


def test_csv_is_one_line_an_item(town_hall: TownHall, items: dict[str, dict[str, Any]]) -> None:
    """With a header, and readable by any spreadsheet program."""
    exported = call("export", "--format", "csv", data=town_hall.data)
    rows = list(csv.DictReader(io.StringIO(exported.out, newline="")))
    assert len(rows) == len(items)
    row = next(row for row in rows if row["source.file"] == "signal-containers.eml")
    assert row["sender.name"] == "Ивелина Райкова"
    assert row["kind"] == items["signal-containers.eml"]["kind"]
    assert row["due.date"] == items["signal-containers.eml"]["due"]["date"]


@pytest.mark.parametrize(("arguments", "some"), [
    (["--since", "2026-11-18", "--until", "2026-11-18"], True),
    (["--since", "2026-11-19"], False),
    (["--until", "2026-11-17"], False),
])
def test_days_are_those_of_receipt_and_inclusive(town_hall: TownHall, arguments: list[str], some: bool) -> None:
    """All letters came on the 18th."""
    assert bool(call("export", *arguments, data=town_hall.data).out) is some


def test_the_same_command_again_changes_nothing(town_hall: TownHall, tmp_path: Path,
                                                items: dict[str, dict[str, Any]]) -> None:
    """A second run tells the same numbers; the same letter under another name is a further arrival of its item."""
    data = shutil.copytree(town_hall.data, tmp_path / "data")
    copy = tmp_path / "again.eml"
    shutil.copy(town_hall.letters / "signal-containers.eml", copy)
    again = call("intake", town_hall.letters, copy, data=data)
    assert again.out.splitlines()[:-1] == town_hall.intake.out.splitlines()
    number = items["signal-containers.eml"]["registration_number"]
    assert again.out.splitlines()[-1].startswith(f"again.eml → {number}")
    exported = {item["source"]["file"]: item for item in call("export", data=data).items()}
    assert [arrival["file"] for arrival in exported["signal-containers.eml"]["arrivals"]] == \
        ["signal-containers.eml", "again.eml"]
    assert call("verify", data=data).status == 0


def test_no_letters_means_written_and_held(town_hall: TownHall, tmp_path: Path) -> None:
    """The acknowledgement is there to be read, and waits."""
    data = tmp_path / "data"
    assert call("init", "--charter", "primerovo", data).status == 0
    filed = call("intake", town_hall.letters / "signal-containers.eml", "--no-letters", "--channel", "email",
                     "--charter", "primerovo", "--json", data=data)
    assert filed.json()[0]["done"] is True
    item = call("export", data=data).items()[0]
    assert [(letter["type"], letter["status"]) for letter in item["letters"]] == [("acknowledgement", "held")]


def test_explain_tells_the_whole_story(town_hall: TownHall, items: dict[str, dict[str, Any]]) -> None:
    """Facts with their words, the clause, both terms, the letters, the history."""
    item = items["anonymous-building.eml"]
    explained = call("explain", item["registration_number"], data=town_hall.data)
    assert explained.status == 0
    for words in (item["decision"]["clause"]["quote"], item["due"]["charter"]["explanation"],
                  item["facts"]["anonymous"]["evidence"][0]["text"], "Регистрирано", item["source"]["sha256"]):
        assert words in explained.out
    assert not set(re.findall(r"(?<![\w.-])[a-z_]+(?![\w.-])", explained.out)) & {*HISTORY, *CHECKS, *Status, *Outcome}
    as_json = call("explain", item["case_number"], "--json", data=town_hall.data).json()
    assert as_json["registration_number"] == item["registration_number"]
    assert as_json["checks"] and as_json["history"]


def test_a_number_that_is_not_there_is_one_line(town_hall: TownHall) -> None:
    """Status 1, because the arguments were right."""
    explained = call("explain", "94-00-999", data=town_hall.data)
    assert (explained.status, explained.out) == (1, "")
    assert explained.err.count("\n") == 1 and "94-00-999" in explained.err
