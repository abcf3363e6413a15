"""Separator sheets to print: laid between the letters of a pile, they tell the program where each one begins."""

from html import escape

from mailroom.correspondence.pdf import page_pdf
from mailroom.reading.codes import CODE_SIDE, code_paths, new_code

_PAGE = """<!DOCTYPE html><html lang="bg"><head><meta charset="utf-8"><title>Разделителни листове</title><style>
@page {{ size: A4; margin: 0 }}
body {{ margin: 0; font: 17pt/1.35 "Liberation Sans", Arial, "DejaVu Sans", sans-serif; color: #000 }}
section {{ position: relative; width: 210mm; height: 297mm; break-after: page }}
section:last-child {{ break-after: auto }}
svg {{ position: absolute; width: 46mm; height: 46mm }}
svg.a {{ left: 14mm; top: 14mm }} svg.b {{ right: 14mm; top: 14mm }}
svg.c {{ left: 14mm; bottom: 14mm }} svg.d {{ right: 14mm; bottom: 14mm }} svg.e {{ left: 82mm; top: 172mm }}
h1, p {{ position: absolute; left: 0; right: 0; margin: 0; text-align: center }}
h1 {{ top: 102mm; font-size: 64pt; line-height: 1 }}
p {{ left: 30mm; right: 30mm; top: 135mm }}
small {{ position: absolute; left: 0; right: 0; bottom: 34mm; text-align: center; font-size: 9pt }}
</style></head><body>{sheets}</body></html>"""
_SENTENCE = "Сложете този лист между две писма и сканирайте всички заедно."


def separators_pdf(count: int) -> bytes:
    """So many sheets as PDF, each with a code of its own in every corner and in the middle."""
    sheets = "".join(_sheet(new_code()) for _ in range(count))
    return page_pdf(_PAGE.format(sheets=sheets))


def _sheet(code: str) -> str:
    drawn = code_paths(code)
    codes = "".join(f'<svg class="{place}" viewBox="0 0 {CODE_SIDE} {CODE_SIDE}" aria-hidden="true">{drawn}</svg>'
                    for place in "abcde")
    return f"<section>{codes}<h1>РАЗДЕЛИТЕЛ</h1><p>{_SENTENCE}</p><small>{escape(code)}</small></section>"
