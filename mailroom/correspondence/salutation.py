"""How a letter addresses its reader: by name and sex only where the name leaves no doubt."""

import re

NEUTRAL = "Уважаема госпожо, уважаеми господине"
ORGANISATION = "Уважаеми госпожи и господа"

_TITLE = re.compile(r"^(?:инж|арх|адв|д-р|доц|проф|г-жа|г-ца|г-н|госпожа|господин)\b\.?\s*", re.IGNORECASE)
_HE = re.compile(r"^(?:г-н|господин)\b", re.IGNORECASE)
_SHE = re.compile(r"^(?:г-жа|г-ца|госпожа)\b", re.IGNORECASE)
# Two letters before the ending keep first names out: Ева and Лев are no family names. Endings that men and women
# share, and those of names that are not Slavic, say nothing: such a reader is addressed in the neutral way.
_NAME_WORD = re.compile(r"^[А-Я][а-я]+(?:-[А-Я][а-я]+)?$")
_FEMININE = re.compile(r"[а-я]{2}(?:ова|ева|ска|цка)$", re.IGNORECASE)
_MASCULINE = re.compile(r"[а-я]{2}(?:ов|ев|ски|цки)$", re.IGNORECASE)


def salutation(name: str | None, organisation: str | None = None) -> str:
    """The opening words without comma: „Уважаема госпожо Петрова“, or a neutral form where sex or name is unsure."""
    if not name:
        return ORGANISATION if organisation else NEUTRAL
    he, she = bool(_HE.match(name)), bool(_SHE.match(name))
    family = _family_name(_TITLE.sub("", name))
    if family and _FEMININE.search(family) and not he:
        return f"Уважаема госпожо {family}"
    if family and _MASCULINE.search(family) and not she:
        return f"Уважаеми господин {family}"
    if he:
        return "Уважаеми господине"
    return "Уважаема госпожо" if she else NEUTRAL


def _family_name(name: str) -> str | None:
    """The family name of „Мария Петрова“, „Петрова, Мария“ or „МАРИЯ ПЕТРОВА“; null for a single word."""
    if "," in name:
        name = " ".join(reversed([part.strip() for part in name.split(",", 1)]))
    words = [word.strip(".").title() if word.isupper() else word.strip(".") for word in name.split()]
    words = [word for word in words if _NAME_WORD.match(word)]
    telling = [word for word in words if _FEMININE.search(word) or _MASCULINE.search(word)]
    return telling[-1] if len(words) > 1 and telling else None
