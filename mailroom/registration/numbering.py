"""What a registration number looks like. Which number is next is the register's affair (store/entries.py)."""

import re
from datetime import date

from mailroom.model.findings import Kind
from mailroom.model.pack import Numbering

WHOLE_REGISTER = "all"
"""Name of the one series of a register whose numbers show no index."""


def series_of(numbering: Numbering, kind: Kind) -> str:
    """The series in which a kind is counted: numbers of one series and year have no gap.

    Where the index stands in the number (`94-И-45`, `ДИ-И-45`), each index is a series of its own, as the paper
    registers were; two items of different index may then share a sequence without sharing a number. Otherwise there is
    one series for the whole register. The sender's initial never makes a series.
    """
    return _index(numbering, kind) if "{index" in numbering.case else WHOLE_REGISTER


def render_number(numbering: Numbering, *, kind: Kind, sender_initial: str | None, sequence: int,
                  on: date) -> tuple[str, str]:
    """Case number and registration number: `("94-00-17", "94-00-17/20.11.2026")`.

    `sender_initial` is printed where it is a Cyrillic letter, else the pack's `no_initial`.
    """
    initial = (sender_initial or "").strip().upper()
    case = numbering.case.format(
        index=_index(numbering, kind), seq=sequence, date=on, year=on.year,
        initial=initial if re.fullmatch("[А-Я]", initial) else numbering.no_initial)
    return case, numbering.registration.format(case=case, date=on, year=on.year)


def _index(numbering: Numbering, kind: Kind) -> str:
    """The registry index of this kind."""
    return numbering.index_by_kind.get(kind, numbering.default_index)
