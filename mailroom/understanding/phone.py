"""The sender's telephone (home of `phonenumbers`), in E.164."""

import re
from collections.abc import Mapping
from typing import Any

import phonenumbers

from mailroom.model.findings import Evidence, Found
from mailroom.understanding.view import View

_SHAPE = re.compile(
    r"(?<![\w/№-])(?<!\d\.)(?:\+|\(?\d)[\d ()/.–\t-]{4,20}\d(?![\w@])|(?<![\w/№-])(?<!\d\.)\d{5,15}(?![\w@])"
)
_LABEL = re.compile(
    r"(?:тел(?:ефон\w*)?|моб(?:илен)?|gsm|джиесем|жсм|phone|tel|telefon\w*|mobile|cell|☎|факс и тел|"
    r"zvannete mi na|viber|вайбър|обад\w+|звънн?\w+|звън\w+|позвън\w+|на номер)"
    r"[\s.:,№()\w]{0,14}$",
    re.IGNORECASE,
)
_FOREIGN = re.compile(
    r"(?:вх|рег|изх|№|егн|еик|лнч|егн/|булстат|iban|№\s|партида|договор|фактура|имот|идентификатор|упи|карта|ip|id)[\s.:№#]{0,4}$",
    re.IGNORECASE,
)
_OCR_DIGITS = str.maketrans("OОоoЗзlIбB", "0000331168")
_FAX = re.compile(r"(?<!тел/)(?<!тел\./)(?<!тел\. /)(?<!тел и )факс\w*[\s.:]{0,3}$|fax[\s.:]{0,3}$", re.IGNORECASE)


def find_phone(view: View, _: Mapping[str, Any]) -> Found[str] | None:
    """The number at which the sender can be reached: the form's, the one in head or tail, any labelled one."""
    value = view.form_value("form_phone")
    number = parse_phone(value, view.pack.contact.area_code) if value else None
    if number:
        return Found(
            value=number, confidence=1.0, evidence=(Evidence(text=value, why="полето за телефон във формуляра"),)
        )
    own = {
        parse_phone(phone, view.pack.contact.area_code) for phone in (*view.pack.contact.phones, view.pack.contact.fax)
    }
    best: tuple[float, int, int, str] | None = None
    for start, end, number, weight in _numbers(view):
        if number not in own and (best is None or weight > best[0]):
            best = (weight, start, end, number)
    if best is None:
        return None
    weight, start, end, number = best
    return Found(
        value=number, confidence=min(1.0, 0.5 + weight / 10), evidence=(view.quote(start, end, "телефон на подателя"),)
    )


def _numbers(view: View) -> list[tuple[int, int, str, float]]:
    """Start, end, E.164 number and weight of every number that may be a telephone."""
    tail = view.lines[view.tail_start].start if view.tail_start < len(view.lines) else len(view.clear)
    head = view.lines[view.body_start].start if view.body_start < len(view.lines) else len(view.clear)
    text = _without_data(view)
    found = []
    for match in _SHAPE.finditer(text):
        start, end = match.span()
        before = text[max(0, start - 30) : start]
        labelled = bool(_LABEL.search(before))
        if (
            _FOREIGN.search(before)
            or _FAX.search(before)
            or re.match(r"\s?(?:лв|евро|eur|€|г\.|бр|м\b|км|кв)", text[end : end + 5])
        ):
            continue
        number = parse_phone(match.group(), view.pack.contact.area_code if labelled else "", labelled=labelled)
        if number is None:
            continue
        weight = (2.0 if labelled else 0.0) + (2.5 if start >= tail else 1.5 if start < head else 0.0)
        found.append(
            (
                start,
                end,
                number,
                weight + (0.5 if number.startswith(("+35987", "+35988", "+35989", "+35998", "+35999")) else 0),
            )
        )
    return found


def _without_data(view: View) -> str:
    """The text with lines of measurements blanked and, after a telephone's label, letters that OCR took for digits."""
    chars = [" " if c != "\n" else c for c in view.clear]
    for line in view.lines:
        chars[line.start : line.end] = line.text
    text = "".join(chars)
    return re.sub(
        r"(?i)((?:тел|моб|gsm|tel)\w*[.:\s]{1,4})([\dOОоoЗзlIбB][\dOОоoЗзlIбB /()-]{6,16})",
        lambda m: (
            m.group(1) + m.group(2).translate(_OCR_DIGITS) if sum(c.isdigit() for c in m.group(2)) >= 5 else m.group()
        ),
        text,
    )


def parse_phone(text: str, area_code: str = "", *, labelled: bool = True) -> str | None:
    """One number in E.164, or null. A number without its area code gets `area_code` (`082`) when it is labelled.

    Numbers without a label must look like a Bulgarian mobile or begin with 0 or +, so that sums and parcels stay out.
    """
    digits = re.sub(r"\D", "", text)
    if not 5 <= len(digits) <= 15 or re.fullmatch(r"\s*\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}\s*", text):
        return None
    if "(0)" in text:
        digits = digits.replace("0", "", 1) if digits.startswith("0") else re.sub(r"^(359)0", r"\1", digits)
    if digits.startswith("00"):
        text = "+" + digits[2:]
    elif (digits.startswith("359") and len(digits) in (11, 12)) or text.strip().startswith("+"):
        text = "+" + digits
    elif digits.startswith("0"):
        text = digits
    elif labelled and re.fullmatch(r"(?:8[789]|9[89])\d{7}", digits):
        text = "0" + digits
    elif labelled and area_code and len(digits) <= 7:
        text = area_code + digits
    else:
        return None
    try:
        number = phonenumbers.parse(text, "BG")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number) or (
        number.country_code == 359 and len(str(number.national_number)) < 7
    ):
        return None
    if not labelled and not text.startswith("+") and not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
