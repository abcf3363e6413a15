"""Pages to PDF (home of WeasyPrint). Nothing is fetched: fonts are the machine's, pictures are `data:`.

WeasyPrint is loaded with the first page: it takes a second, and most commands print none.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

PDF_VARIANT = "pdf/a-3a"
"""To be kept for twenty years (НОДА чл. 4), and tagged for screen readers: language, structure, fonts inside."""


def page_pdf(page_html: str) -> bytes:
    """One letter as PDF."""
    return pages_pdf([page_html])


def pages_pdf(pages: Sequence[str]) -> bytes:
    """One PDF of many letters, each beginning on a sheet of its own; pages are numbered within each letter.

    Raises ValueError for no letters at all.
    """
    if not pages:
        raise ValueError("no letters to print")
    weasyprint, texts, urls = map(import_module, ("weasyprint", "weasyprint.text.fonts", "weasyprint.urls"))
    fonts, fetcher = texts.FontConfiguration(), urls.URLFetcher(allowed_protocols=("data",))
    letters = [weasyprint.HTML(string=page, url_fetcher=fetcher).render(font_config=fonts) for page in pages]
    sheets = [sheet for letter in letters for sheet in letter.pages]
    pdf: bytes = letters[0].copy(sheets).write_pdf(pdf_variant=PDF_VARIANT, finisher=_one_sided)
    return pdf


def _one_sided(_document: Any, pdf: Any) -> None:
    """Ask the printer for single sides: on the back of one citizen's letter must not stand another's."""
    pdf.catalog["ViewerPreferences"] = "<< /DisplayDocTitle true /Duplex /Simplex /PrintScaling /None >>"
