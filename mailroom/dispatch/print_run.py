"""Letters on paper: one PDF for the printer, one list for the post office."""

import csv
import io
from collections.abc import Callable, Sequence

from mailroom.model.outgoing import LetterType, Outgoing, OutgoingChannel

COLUMNS = ("№ по ред", "Регистрационен номер", "Получател", "Адрес", "Пощенски код", "Вид писмо", "Номер на пратка")
LETTER_NAMES = {
    LetterType.ACKNOWLEDGEMENT: "потвърждение", LetterType.EXTENSION: "нов срок",
    LetterType.MISSING_DETAILS: "искане за данни", LetterType.FORWARDING: "препращане",
    LetterType.NOT_CONSIDERED: "решение", LetterType.INFORMATION_REFUSED: "отговор",
    # The list passes through many hands: a whistleblower's receipt is a confirmation like any other.
    LetterType.WHISTLEBLOWER_RECEIPT: "потвърждение", LetterType.SATISFACTION: "въпрос", LetterType.DIGEST: "справка",
    LetterType.REMINDER: "справка", LetterType.ALERT: "справка",
}


def print_run_pdf(outgoing: Sequence[Outgoing], pages_pdf: Callable[[Sequence[str]], bytes]) -> bytes:
    """One PDF of all these letters, in the order of the posting list.

    pages_pdf: turns pages into one PDF; it is `correspondence.pdf.pages_pdf`, handed in because stages do not import
        each other.
    """
    return pages_pdf([letter.page_html for letter in in_posting_order(outgoing)])


def posting_list(outgoing: Sequence[Outgoing]) -> str:
    """The list that goes to the post office with the letters, as CSV that a spreadsheet opens by double click.

    The last column is empty: the clerk writes the number of a registered item into it. Addresses without a postcode
    stand at the end, where it can be looked up for all of them at once.
    """
    table = io.StringIO(newline="")
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row, letter in enumerate(in_posting_order(outgoing), start=1):
        who, *where = letter.to.splitlines() or [""]
        cells = (str(row), letter.number, who, ", ".join(where), postcode(letter), LETTER_NAMES[letter.type], "")
        writer.writerow([_harmless(cell) for cell in cells])
    return "\N{BYTE ORDER MARK}" + table.getvalue()


def in_posting_order(outgoing: Sequence[Outgoing]) -> list[Outgoing]:
    """The paper letters by postcode and place, as the post office sorts them; then in the order of writing."""
    on_paper = (letter for letter in outgoing if letter.channel is OutgoingChannel.PRINT)
    return sorted(on_paper, key=lambda letter: (postcode(letter) or "x", _place(letter), letter.id))


def postcode(letter: Outgoing) -> str:
    """The four digits before the place in the last line of the address; empty where there are none."""
    first, _, _ = _place(letter).partition(" ")
    return first if len(first) == 4 and first.isascii() and first.isdigit() else ""


def _place(letter: Outgoing) -> str:
    return (letter.to.splitlines() or [""])[-1]


def _harmless(cell: str) -> str:
    """A citizen's name must not become a formula in the clerk's spreadsheet."""
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t")) else cell
