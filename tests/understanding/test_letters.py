"""What must be understood of each letter in letters/, and what must be true of the findings of every letter."""

import tomllib
from email.utils import parseaddr
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field

from mailroom.folding import name_key
from mailroom.model.arrival import Channel
from mailroom.model.base import Value
from mailroom.model.findings import Address, Findings, Found
from mailroom.model.letter import Letter, Mailbox, MailHead
from mailroom.model.pack import Pack
from mailroom.understanding.knowledge import Knowledge
from mailroom.understanding.understand import understand


class Case(Value):
    """One letter of letters/."""

    name: str
    text: str
    sender: str = ""
    subject: str = ""
    town: str = "ruse"
    headers: dict[str, str] = Field(default_factory=dict)
    quoted: str = ""
    form: dict[str, str] = Field(default_factory=dict)
    expected: dict[str, Any] = Field(default_factory=dict)
    absent: tuple[str, ...] = ()


CASES = [
    Case(**entry)
    for file in sorted((Path(__file__).parent / "letters").glob("*.toml"))
    for entries in tomllib.loads(file.read_text("utf-8")).values()
    for entry in entries
]


def letter_of(case: Case) -> Letter:
    """The letter as reading would hand it over."""
    if not case.sender:
        return Letter(channel=Channel.PAPER, media_type="application/pdf", text=case.text, quoted=case.quoted,
                      form_fields=case.form)  # fmt: skip
    headers = {name.lower(): value for name, value in case.headers.items()}
    head = MailHead(
        from_=(_mailbox(case.sender),),
        reply_to=(_mailbox(headers["reply-to"]),) if "reply-to" in headers else (),
        to=(Mailbox(address="center@ruse.example"),),
        fields=(("subject", case.subject), ("from", case.sender), *headers.items()),
        return_path=headers["return-path"].strip("<>") if "return-path" in headers else None,
    )
    return Letter(channel=Channel.EMAIL, media_type="message/rfc822", subject=case.subject, text=case.text,
                  quoted=case.quoted, head=head, form_fields=case.form)  # fmt: skip


def _mailbox(text: str) -> Mailbox:
    name, address = parseaddr(text)
    return Mailbox(name=name, address=address)


def found_value(findings: Findings, field: str) -> Any:
    """The value of a field in the form in which letters/ writes it."""
    found = getattr(findings, field)
    value = found.value if isinstance(found, Found) else found
    if isinstance(value, Address):
        return value.model_dump(exclude_none=True)
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if hasattr(value, "isoformat") else value


def is_right(field: str, wanted: Any, got: Any) -> bool:
    """Equal; names and addresses in whatever alphabet, a registration number with or without its date."""
    if isinstance(wanted, list):
        return got in wanted
    if got is None:
        return False
    if field == "address":
        return wanted.keys() == got.keys() and all(name_key(wanted[part]) == name_key(got[part]) for part in wanted)
    if field == "follow_up_of":
        return str(got).split("/")[0] == str(wanted)
    if field in ("sender_name", "on_behalf_of", "organisation"):
        return name_key(wanted) == name_key(got)
    return bool(wanted == got)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_letter_is_understood(case: Case, knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """Every field that the case names has the value that it names."""
    findings = understand(letter_of(case), packs[case.town], knowledge)
    wrong = {
        field: (wanted, found_value(findings, field))
        for field, wanted in case.expected.items()
        if not is_right(field, wanted, found_value(findings, field))
    }
    surplus = {field: found_value(findings, field) for field in case.absent if found_value(findings, field) is not None}
    assert (wrong, surplus) == ({}, {})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_evidence_quotes_the_letter(case: Case, knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """Where evidence gives offsets, the letter has exactly the quoted words there, and every evidence says why."""
    letter = letter_of(case)
    findings = understand(letter, packs[case.town], knowledge)
    shown = [evidence for found in _all_found(findings) for evidence in found.evidence]
    assert all(evidence.why for evidence in shown)
    for evidence in shown:
        if evidence.start is not None:
            assert " ".join(letter.text[evidence.start : evidence.end].split()) == evidence.text


def _all_found(findings: Findings) -> list[Found[Any]]:
    values = [getattr(findings, name) for name in Findings.model_fields]
    flat = [item for value in values for item in (value if isinstance(value, tuple) else (value,))]
    return [item for item in flat if isinstance(item, Found)]


def test_understanding_is_repeatable(knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """The same letter gives the same findings, whatever was read before."""
    letters = [letter_of(case) for case in CASES[:20]]
    once = [understand(letter, packs["ruse"], knowledge) for letter in letters]
    again = [understand(letter, packs["ruse"], knowledge) for letter in reversed(letters)]
    assert once == again[::-1]
