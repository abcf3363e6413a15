"""A report as tables of cells that carry both the number and how people read it. Pure."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from pydantic import Field

from mailroom.model.base import Value


class Cell(Value):
    """One figure."""

    number: int | float | None = None
    """Null where there is none to show."""
    shown: str
    """In Bulgarian."""
    of: tuple[int, ...] = Field(default=(), exclude=True)
    """What a share, a median or a mean was made of, so that a version for the public can be made; never shown."""


class Line(Value):
    """One line of a table."""

    key: str
    """For machines: the value by which it is counted."""
    name: str
    cells: tuple[Cell, ...]
    note: str = ""


class Column(Value):
    """What a column holds."""

    key: str
    name: str


class Table(Value):
    """One question and its answer."""

    key: str
    title: str
    head: str
    """What the lines are."""
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    total: Line | None = None
    """Where there is one, the counts of the lines add up to it."""
    note: str = ""
    internal: bool = False
    """Not for the public."""

    @property
    def peak(self) -> float:
        """The highest count of a line; at least 1, so that it can be divided by."""
        return max((cell.number for line in self.lines for cell in line.cells if cell.number and not cell.of),
                   default=1)

    @property
    def all_lines(self) -> tuple[Line, ...]:
        """With the total, where there is one, at the end."""
        return (*self.lines, self.total) if self.total else self.lines


class Report(Value):
    """What the town hall's post amounted to."""

    town: str
    title: str
    since: str
    until: str
    """Both inclusive, ISO 8601."""
    made_on: str
    public: bool = False
    tables: tuple[Table, ...]


def count_of(number: int) -> Cell:
    """A count: `1 204`, with the thin distance that Bulgarian sets between thousands."""
    return Cell(number=number, shown=grouped(number))


def grouped(number: int) -> str:
    """A whole number in groups of three, from five digits on."""
    return f"{number:,}".replace(",", "\u00a0") if number >= 10_000 else str(number)


def share_of(part: int, rest: int) -> Cell:
    """The part as percentage of both; nothing where both are nothing."""
    whole = part + rest
    if not whole:
        return Cell(shown="–", of=(0, 0))
    percent = round(100 * part / whole, 1)
    return Cell(number=percent, shown=percent_words(percent), of=(part, rest))


def percent_words(percent: float) -> str:
    """`97,5 %`."""
    return f"{percent:.1f}".replace(".", ",").removesuffix(",0") + "\u00a0%"


def as_dict(report: Report) -> dict[str, Any]:
    """For machines: keys, numbers and words."""
    return report.model_dump(mode="json")


def as_csv(report: Report) -> Iterator[str]:
    """One figure a line, as a spreadsheet or a portal for open data wants it. A figure that is not shown is empty in
    the column of numbers, and said in words in the next."""
    yield _csv_line(("период_от", "период_до", "справка", "ред", "показател", "стойност", "с думи"))
    for table in report.tables:
        for line in table.all_lines:
            for column, cell in zip(table.columns, line.cells, strict=True):
                number = "" if cell.number is None else str(cell.number)
                yield _csv_line((report.since, report.until, table.title, line.name, column.name, number, cell.shown))


def _csv_line(cells: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
