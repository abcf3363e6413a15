"""How far the machine's reading can be trusted, said honestly.

Function words decide: nearly every line of Bulgarian or English has some, and neither a garbled text layer nor the
noise that OCR makes of handwriting does.
"""

import re

from mailroom.model.letter import Fault, Page, TextSource
from mailroom.reading.faults import fault

_FUNCTION_WORDS = frozenset("""
    на да за и от се в с по че не до са ли ми е съм сме от към при като или но а със във ще си го ги му ѝ им
    ни ви вас ме което който която които това този тази тези има няма беше без след преди под над през още
    само вече моля кв ул бл ет ап гр тел господин госпожо община кмет уважаеми уважаема здравейте ната както
    ако аз той тя ние вие те така там тук
    the of and to in is for that you it with on be this are as have not by we our your from at or an was will please
""".split())  # noqa: SIM905 - a list of words is easier to read and to extend so
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_WORDS = 12
_HANDWRITTEN = 0.2
"""Share of doubtful letters: forms filled in by hand have 0.25 and more, worn print and stamps over it at most 0.18."""


def function_share(text: str) -> float:
    """The share of function words among the words of a text; ordinary prose has 0.2 to 0.4."""
    words = [word.lower() for word in _WORD.findall(text)]
    return sum(word in _FUNCTION_WORDS for word in words) / len(words) if words else 0.0


def is_written_language(text: str) -> bool:
    """Whether a text layer is text that a person could read: enough words, and ordinary ones among them."""
    return len(_WORD.findall(text)) >= _FEWEST_WORDS and function_share(text) >= 0.07


def is_clean_typing(text: str) -> bool:
    """Whether a born-digital page's text came out as letters: no lost glyphs, no accents where Cyrillic should be."""
    signs = [sign for sign in text if not sign.isspace()]
    letters = [sign for sign in signs if sign.isalpha()]
    if len(letters) < 3 or len(letters) < 0.4 * len(signs):
        return False
    strange = sum("\u0080" <= sign <= "\u024f" or "\ue000" <= sign <= "\uf8ff" or sign == "\ufffd" for sign in signs)
    return strange < 0.2 * len(letters)


def mean_confidence(pages: tuple[Page, ...]) -> float | None:
    """Over the pages read by OCR, weighted by how much stands on them; null when none was."""
    read = [(page.confidence, max(1, len(page.text.split()))) for page in pages
            if page.text_source is TextSource.OCR and page.confidence is not None]
    total = sum(weight for _, weight in read)
    return round(sum(confidence * weight for confidence, weight in read) / total, 4) if total else None


def judge_pages(pages: tuple[Page, ...], *, lowest: float) -> Fault | None:
    """Why a person has to type the fields that matter; null when the reading can be used.

    Blank pages are nobody's fault. `lowest` is the mean confidence below which the text is not trusted.
    """
    shown = [page for page in pages if not page.blank]
    if not shown:
        return None
    text = "\n".join(page.text for page in shown)
    words = _WORD.findall(text)
    if sum(len(word) > 1 for word in words) < 3:
        return fault("no_text")
    if any(page.doubtful >= _HANDWRITTEN for page in shown):
        return fault("handwriting")
    confidence = mean_confidence(tuple(shown))
    if confidence is None:
        return None
    doubtful = len(words) >= _FEWEST_WORDS and function_share(text) < 0.06 and confidence < 0.8
    return fault("poor_scan") if confidence < lowest or doubtful else None
