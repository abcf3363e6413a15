"""Mails that a contact form of a web site writes: named fields, one of which is the citizen's message."""

import re
from dataclasses import dataclass

_NAME = ("име|имена|имена на (?:подателя|заявителя)|вашите имена|from|"
         "име и фамилия|трите имена|вашето име|подател|от|от кого|name|your name|full name|naimenovanie|ime|"
         "собствено име|лично име|първо име|imena|потребител|гражданин|фирма|организация")
_MAIL = ("e-?mail|email|имейл|е-?мейл|ел\\.? ?поща|ел\\.? ?адрес|електронен адрес|електронна поща|e-?поща|"
         "е-?поща|поща|mail|адрес на е-?поща|"
         "your email|имейл адрес|email адрес")
_MESSAGE = ("съобщение|message body|опишете (?:проблема|сигнала|случая)|"
            "вашето съобщение|текст|текст на (?:съобщението|сигнала|запитването)|описание|"
            "описание на (?:сигнала|проблема)|запитване|вашето запитване|коментар|въпрос|съдържание|мнение|message|"
            "your message|comment|comments|tekst|saobshtenie|suobshtenie|syobshtenie|opisanie|zapitvane|text|body|"
            "съобщение/текст|сигнал")
_OTHER = ("телефон|тел\\.?|телефон за (?:връзка|контакт)|phone|telefon|mobile|gsm|gsm номер|мобилен|адрес|"
          "адрес за кореспонденция|address|adres|улица|град|населено място|квартал|район|ж\\.к\\.|категория|тип|вид|"
          "тема|относно|subject|заглавие|дата|час|date|ip|ip адрес|ip address|страница|url|уеб ?сайт|website|"
          "page|user agent|browser|браузър|"
          "местоположение|координати|място|егн|фамилия|презиме|отговор|otgovor|искам отговор|съгласие|файл|файлове|"
          "фамилно име|бащино име|нас\\. ?място|комплекс|предпочитан (?:начин|отговор|контакт|канал).{0,30}|"
          "прикачен файл|прикачени файлове|снимка|номер|сигнал №|идентификатор|id|изпратено на|изпратено от|форма|"
          "начин на отговор|(?:желая|предпочитам|очаквам) отговор(?: по| на| чрез)?|"
          "отговор (?:по|на|чрез)|получател|отдел|до|kategoria|tema|grad|familia|лице за контакт|"
          "живущ в|живущ на|живущ/а в|живея в|живея на|домашен адрес|настоящ адрес|постоянен адрес")
_PLACE = (r"(?:улица|ул\.?|ж\.? ?к\.?|квартал|кв\.?|булевард|бул\.?|№|номер|блок|бл\.?|вход|вх\.?|етаж|ет\.?|"
          r"апартамент|ап\.?|пощенски код|п\.? ?к\.?|град|село|населено място)")
_OTHER += rf"|{_PLACE}(?:(?:[ ]?/[ ]?|, | и ){_PLACE}){{0,3}}"
"""Fields of an address in parts („Улица/ж.к.“, „№/блок“, „Вход“)."""
_FIELD = re.compile(
    rf"^[\s*•\[-]*(?:\d{{1,2}}[.)]\s{{0,5}})?((?:{_NAME})|(?:{_MAIL})|(?:{_MESSAGE})|(?:{_OTHER}))\s{{0,20}}\*?\s{{0,20}}"
    r"(?:[.…_]{2,80}(?:(?=[.…_]{2})|\s{0,5}(?=[:…])))?"
    r"(:|=>|=|[-–]>|→|>{2}|\t|\||\]|\*(?=\s*$)|\.{2,3}|…|_{2,3})\s*(?:\*{1,2}\s+)?(.*)$", re.I)
_EMPTY_FIELD = re.compile(rf"\s*+(?:{_NAME}|{_MAIL}|{_MESSAGE}|{_OTHER})\s*+\*?\s*+", re.I)
"""A label that lost its sign with its empty value."""
_IS_NAME, _IS_MAIL = re.compile(_NAME, re.I), re.compile(_MAIL, re.I)
_IS_MESSAGE = re.compile(_MESSAGE, re.I)
_IS_OTHER = re.compile(_OTHER, re.I)
_FOOTER = re.compile(
    r"^(?:--+\s*$|__+\s*$|==+\s*$|това съобщение е (?:генерирано|изпратено)|this (?:e-?mail|message) was sent|"
    r"моля,? не отговаряйте|ip(?: адрес)? \d{1,3}\.\d{1,3}\.|съобщението е изпратено (?:от|чрез|през))", re.I)
_STARTS_WITHIN = 15
_LONGEST_VALUE = 300


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form that was sent."""

    fields: dict[str, str]
    """Label as written → value; without the message."""
    message: str


def find_form(text: str) -> Form | None:
    """The form in this text, or null.

    A citizen's letter may have „Име:“ and „Адрес:“ in its signature; a form has its labels before a labelled message,
    one of them asking for a name or a mail address.
    """
    lines = text.split("\n")
    labels = [(at, found) for at, line in enumerate(lines) if len(line) < 50_000 and (found := _FIELD.match(line))]
    start = next(((at, found) for at, found in labels if _IS_MESSAGE.fullmatch(found[1])), None)
    if start is None:
        return None
    before = [(at, found) for at, found in labels if at < start[0] and found[2] == start[1][2]]
    if not before or before[0][0] > _STARTS_WITHIN or len({found[1].lower() for _, found in before}) < 2:
        return None
    if not any(_IS_NAME.fullmatch(found[1]) or _IS_MAIL.fullmatch(found[1]) for _, found in before):
        return None
    fields = {found[1]: _value(lines, at, found, before, start[0]) for at, found in before}
    end, after = _end_of_message(lines, start[0] + 1, start[1][2])
    message = "\n".join([start[1][3], *lines[start[0] + 1:end]]).strip()
    return Form(fields={**fields, **after}, message=message)


def _value(lines: list[str], at: int, found: re.Match[str], labels: list[tuple[int, re.Match[str]]], stop: int) -> str:
    """A field's value; one that stands under its label, or runs on, is taken up to the next label or empty line."""
    following = min([other for other, _ in labels if other > at] + [stop])
    value = [found[3].strip()]
    for line in lines[at + 1:following]:
        if not line.strip() or (value[0] and _EMPTY_FIELD.fullmatch(line)):
            break
        if re.match(r"^[A-Za-z-]{2,20}:", line):  # a header smuggled in by a robot is no value
            break
        value.append(line.strip())
    return " ".join(part for part in value if part)[:_LONGEST_VALUE]


def _end_of_message(lines: list[str], start: int, sign: str) -> tuple[int, dict[str, str]]:
    """The line after the message: a footer, or the run of further fields with which the mail ends."""
    end = next((at for at in range(start, len(lines)) if _FOOTER.match(lines[at].strip())), len(lines))
    fields: dict[str, str] = {}
    first = end
    for at in range(end - 1, start - 1, -1):
        found = _FIELD.match(lines[at])
        if found and found[2] == sign and _IS_OTHER.fullmatch(found[1]) and len(found[3]) < _LONGEST_VALUE:
            fields[found[1]] = found[3].strip()
            first = at
        elif lines[at].strip():
            break
    return first, dict(reversed(fields.items()))
