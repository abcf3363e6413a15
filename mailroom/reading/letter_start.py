"""Whether a page looks like the first of another letter: what a clerk goes by who leafs through a pile.

| on the page | says |
| --- | --- |
| „стр. 1 от 3“, or the page before was „3 от 3“ | a letter begins here |
| „стр. 2 от 3“, „- 2 -“ | none does |
| the page before breaks off in a sentence | none does |
| „До Кмета на …“ at the top | a letter begins, where the one before has come to its end |
| a title („ЖАЛБА“) and a salutation or „от …“ at the top | the same |

A letter has come to its end when a greeting, a date or a signature stands near the foot of its text.
"""

import re

_TOP, _FOOT = 14, 8
"""Lines of text at the top and at the foot of a page that are looked at; empty ones do not count."""
_LONGEST_LINE = 200
_NUMBERED = re.compile(
    r"(?:стр(?:аница|\.)?|page|лист)?\s*+(\d{1,2})\s*+(?:от|/|of|из)\s*+(\d{1,2})\s*+(?:стр\.?)?", re.I)
_LONE_NUMBER = re.compile(r"(?:стр(?:аница|\.)?|page)?\s*+(?:[-–—]\s*+)?(\d{1,2})\s*+[-–—.]?", re.I)
_ADDRESSEE = re.compile(
    r"до\s*+(?::\s*+)?(?:г-н|г-жа|господин\w*|госпо\w+|уважаем\w*|общин\w+|столичн\w+|кмет\w*|зам\w*|председател\w*|"
    r"началник\w*|директор\w*|секретар\w*|дирекция\w*|отдел\w*|район\w*|главн\w+|инспекторат\w*|администраци\w+)\b"
    r"|до\s*+:?$", re.I)
_TITLE = re.compile(
    r"(?:жалба|сигнал|заявление|молба|запитване|предложение|възражение|искане|уведомление|оплакване|благодарност|"
    r"становище|покана|писмо|декларация за достъп)\b.{0,60}", re.I)
_SALUTATION = re.compile(r"(?:уважаем\w+|почитаем\w+|здравейте|драг[иа]|dear)\b", re.I)
_FROM = re.compile(r"(?:[Оо]т|ОТ)\s*+(?::\s*+)?[А-Я]|[Пп]одател\s*:|(?:[Дд]олуп|[Пп])одписан")
_ENDING = re.compile(
    r"с (?:уважение|почит|поздрав)|предварително благодар|благодаря|подпис|искрено|\d{1,2}[. ]+(?:\d{1,2}|[а-я]{3,9})"
    r"[. ]+(?:19|20)\d\d|приложени[ея]", re.I)
_NAME = re.compile(r"(?:[А-Я]\. ?){1,2}[А-Я][а-я]+|[А-Я][а-я]+(?: [А-Я][а-я]+){1,2}")
_ENCLOSES = re.compile(r"\bприл(?:агам|ожен)", re.I)
_OPEN = re.compile(r"[а-я,;-]$")


def begins_letter(text: str, before: str) -> bool:
    """Whether this page begins another letter than the one whose page comes before it."""
    top, foot = _lines(text)[:_TOP], _foot(_lines(before))
    number, last = _number(text), _number(before)
    if number is not None:
        return number[0] == 1 and (last is None or last[0] == last[1] or number[1] != last[1] or last[0] == 1)
    if _breaks_off(foot) or _lone_number(text) > 1:
        return False
    if last is not None and last[0] < last[1]:
        return False
    addressed = any(_ADDRESSEE.match(line) for line in top[:6])
    titled = any(_TITLE.fullmatch(line) for line in top) and any(
        _SALUTATION.match(line) or _FROM.match(line) for line in top)
    return (addressed or titled) and any(_ENDING.search(line) or _NAME.fullmatch(line) for line in foot)


def announces_enclosure(text: str) -> bool:
    """Whether a letter says that something comes with it, which may be another letter: „Прилагам молбата си от юли“."""
    return bool(_ENCLOSES.search(text))


def _foot(lines: list[str]) -> list[str]:
    """The last lines, in a short text its lower half: a date at its head ends nothing."""
    return lines[-min(_FOOT, max(3, len(lines) // 2)):]


def _lines(text: str) -> list[str]:
    return [line.strip()[:_LONGEST_LINE] for line in text.splitlines() if line.strip()]


def _number(text: str) -> tuple[int, int] | None:
    """„стр. 2 от 3“ on a line of its own at the page's head or foot, as 2 and 3; null where there is none."""
    lines = _lines(text)
    for line in (*lines[-2:], *lines[:2]):
        found = _NUMBERED.fullmatch(line)
        if found and 1 <= int(found[1]) <= int(found[2]):
            return int(found[1]), int(found[2])
    return None


def _lone_number(text: str) -> int:
    """The page's number standing alone at its head or foot; 0 where there is none."""
    lines = _lines(text)
    found = next((match for line in (*lines[-1:], *lines[:1]) if (match := _LONE_NUMBER.fullmatch(line))), None)
    return int(found[1]) if found else 0


def _breaks_off(foot: list[str]) -> bool:
    """Whether the text before goes on: its last line is long and ends in the middle of a sentence."""
    return bool(foot) and len(foot[-1]) > 40 and bool(_OPEN.search(foot[-1]))
