"""The report as the town may publish it: nobody can be recognised by it. Pure.

1. Tables for the house alone are left out.
2. A count of one or two is „по-малко от 3“.
3. Where such a count could be found by subtracting the others from their sum, the smallest of the others is not shown
   either; where there is none, noughts are „по-малко от 3“ too; where there are no noughts, only the sum is told.
4. A share of which either part is so small is told by its bound: „поне 95 %“; beside a count that is not shown it is
   not shown either. A median of fewer than three is not shown.

Each table counts by one thing alone, so no two of them together single anybody out.
"""

from math import ceil, floor

from mailroom.reporting.table import Cell, Line, Report, Table, percent_words

FEW = 3
"""The smallest count that is shown."""
FEWER = f"по-малко от {FEW}"
NOT_SHOWN = "не се показва"
NOTE = (f"Когато броят е 1 или 2, пишем „{FEWER}“, за да не може никой да бъде разпознат. „{NOT_SHOWN.capitalize()}“ "
        "стои там, където такова число би могло да се пресметне от останалите.")


def published(report: Report) -> Report:
    """The same report without anything that could tell of one person."""
    tables = tuple(_published(table) for table in report.tables if not table.internal)
    return report.model_copy(update={"public": True, "tables": tables})


def _published(table: Table) -> Table:
    columns = [_column([line.cells[place] for line in table.lines], table.total is not None)
               for place in range(len(table.columns))]
    safe = [column for column in columns if column is not None]
    lines = tuple(line.model_copy(update={"cells": _without_ways_back(line, cells)}) for line, cells
                  in zip(table.lines, zip(*safe, strict=True), strict=True)) if len(safe) == len(columns) else ()
    total = _total(table.total) if table.total else None
    return table.model_copy(update={"lines": lines, "total": total})


def _without_ways_back(line: Line, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """A share would tell the count beside it that is not shown."""
    if all(cell.shown != NOT_SHOWN for cell in cells):
        return cells
    return tuple(Cell(shown=NOT_SHOWN) if len(before.of) == 2 else cell
                 for before, cell in zip(line.cells, cells, strict=True))


def _total(line: Line) -> Line:
    return line.model_copy(update={"cells": tuple(map(_alone, line.cells))})


def _column(cells: list[Cell], has_total: bool) -> list[Cell] | None:
    """The cells of one column, with what protects the small ones; null where nothing does."""
    shown = [_alone(cell) for cell in cells]
    small = [cell.number or 0 for cell in cells if not cell.of and _is_small(cell)]
    # Ones and twos whose number and sum are known can be told apart only when both occur among several.
    if not has_total or not small or (len(small) > 1 and len(small) < sum(small) < 2 * len(small)):
        return shown
    others = [place for place, cell in enumerate(cells) if not cell.of and (cell.number or 0) >= FEW]
    if others:
        place = min(others, key=lambda other: cells[other].number or 0)
        shown[place] = Cell(shown=NOT_SHOWN)
        return shown
    if all(cell.number != 0 for cell in cells):
        return None
    return [Cell(shown=FEWER) if cell.number == 0 and not cell.of else cell for cell in shown]


def _is_small(cell: Cell) -> bool:
    return cell.number is not None and 0 < cell.number < FEW


def _alone(cell: Cell) -> Cell:
    """One cell, whatever stands around it."""
    if len(cell.of) == 2:
        return _share(*cell.of)
    if cell.of:
        return cell if cell.of[0] >= FEW else Cell(shown="–" if not cell.of[0] else NOT_SHOWN)
    return Cell(shown=FEWER) if _is_small(cell) else cell


def _share(part: int, rest: int) -> Cell:
    if part + rest < FEW:
        return Cell(shown=NOT_SHOWN if part + rest else "–")
    if 0 < rest < FEW:
        return Cell(shown=f"поне {percent_words(floor(100 * part / (part + FEW - 1)))}")
    if 0 < part < FEW:
        return Cell(shown=f"най-много {percent_words(ceil(100 * (FEW - 1) / (FEW - 1 + rest)))}")
    percent = round(100 * part / (part + rest), 1)
    return Cell(number=percent, shown=percent_words(percent))
