"""Letters with a made-up sender's address: homes × ways of typing × places in the letter × faults of the scanner.

Everything is drawn from one `Random`, so that a seed names a letter. Places come from the register; streets are common
Bulgarian ones. A fault of the scanner touches only what a reader would still understand.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from random import Random
from typing import TypeVar

from mailroom.understanding.knowledge import Place

STREETS = (
    "ул. Христо Ботев", "ул. Ген. Скобелев", "ул. Д-р Ив. Селимински", "ул. 14-та", "ул. 303-та", "ул. Първа",
    "ул. Двадесет и трета", "бул. Шипченски проход", "ул. Шести септември", "ул. Св. св. Кирил и Методий",
    "ул. Иван Вазов", "бул. Трети март", "ул. Панайот Волов", "ул. Княз Борис I", "бул. Цар Освободител",
    "бул. Черни връх", "ул. Проф. Асен Златаров", "бул. Ал. Стамболийски", "ул. В. Левски", "ул. Гео Милев",
    "ул. П. Р. Славейков", "ул. Н. Й. Вапцаров", "ул. 20-ти април", "ул. 9-ти септември", "ул. Осми март",
    "ул. Александровска", "ул. Янтра", "ул. 11-и август", "ул. Хр. Г. Данов", "ул. Полк. Дрангов",
    "ул. Братя Миладинови", "ул. Димитър Петков", "ул. Кокиче", "ул. Мадрид", "бул. Княгиня Мария Луиза",
    "ул. Отец Паисий", "пл. Възраждане", "ул. Стара планина", "ул. Антим I", "ул. Инж. Георги Белов",
    "бул. Тодор Александров", "ул. Люлин планина", "ул. Зелено дърво", "ул. Бели Лом", "пл. Свобода",
    "ул. Коматевско шосе", "ул. Константин Фотинов", "бул. Цариградско шосе", "ул. Захари Стоянов",
    "ул. Жечка Карамфилова",
    "ул. Бачо Киро", "ул. Плиска", "ул. Хан Кубрат", "ул. Тулча", "ул. Съединение", "ул. Поп Харитон", "ул. Явор",
)
ESTATES = ("ж.к. Дружба 3", "ж.к. Люлин 5", "ж.к. Здравец", "ж.к. Възраждане", "ж.к. Младост 1А", "ж.к. Тракия",
           "ж.к. Чародейка-Север", "ж.к. Зора", "ж.к. Надежда 2", "ж.к. Изток", "ж.к. Родина 1", "ж.к. Свобода")
QUARTERS = ("кв. Орфей", "кв. Долно Езерово", "кв. Бояна", "кв. Средна кула", "кв. Червена звезда", "кв. Меден рудник",
            "кв. Бадема", "кв. Горубляне", "кв. Изгрев")
GROUNDS = ("в.з. Бункера", "с.о. Манастирски дол", "м. Долна махала", "м. Текето", "в.з. Симеоново-Драгалевци")
FIRST = ("Иван", "Мария", "Георги", "Елена", "Димитър", "Надежда", "Стоян", "Веселина", "Петко", "Росица")
MIDDLE = ("Иванов", "Петров", "Тодоров", "Колев", "Маринов", "Стоянов")
LAST = ("Драгнев", "Караиванов", "Минчев", "Узунов", "Бойчев", "Пейчев", "Златев", "Русков")
_FEMALE = ("а", "я")

_OFFICIAL = dict(zip("абвгдезийклмнопрстуфхцъьѝ", "abvgdeziyklmnoprstufhtsayi", strict=False)) | {
    "ц": "ts", "ж": "zh", "ч": "ch", "ш": "sh", "щ": "sht", "ъ": "a", "ь": "y", "ю": "yu", "я": "ya"}  # fmt: skip
_CHATTED = _OFFICIAL | {"ж": "j", "ч": "4", "ш": "6", "щ": "6t", "я": "q", "ц": "c", "ъ": "y", "в": "v", "й": "i"}


_Choice = TypeVar("_Choice", bound=Callable[..., str])


@dataclass(frozen=True, kw_only=True)
class Home:
    """An address, its parts as `Address` should give them."""

    settlement: str | None = None
    kind: str = "гр."
    municipality: str = ""
    district: str = ""
    postcode: str | None = None
    quarter: str | None = None
    street: str | None = None
    number: str | None = None
    block: str | None = None
    entrance: str | None = None
    floor: str | None = None
    apartment: str | None = None

    def expected(self) -> dict[str, str]:
        """Its parts under the names of `Address`."""
        hidden = {"kind", "municipality", "district"}
        return {f.name: v for f in fields(self) if f.name not in hidden and (v := getattr(self, f.name))}


@dataclass(frozen=True, kw_only=True)
class Made:
    """A letter, the address that must be found in it, and how it was made."""

    text: str
    expected: dict[str, str]
    how: str
    scanned: bool


def make_home(chance: Random, places: Sequence[Place]) -> Home:
    """A home that could be."""
    place = chance.choice(places)
    town = place.type == "гр."
    home = Home(settlement=place.name, kind=place.type, municipality=place.municipality, district=place.district,
                postcode=place.postcode if chance.random() < 0.4 else None)  # fmt: skip
    number = _house_number(chance)
    choice = chance.random()
    if not town:
        if choice < 0.1:
            return replace(home, quarter=chance.choice(GROUNDS), number=None)
        return replace(home, street=chance.choice(STREETS), number=number)
    if choice < 0.35:
        return replace(home, quarter=chance.choice(ESTATES), block=_block(chance), **_flat(chance))
    if choice < 0.5:
        return replace(home, quarter=chance.choice(QUARTERS), street=chance.choice(STREETS), number=number)
    if choice < 0.8:
        return replace(home, street=chance.choice(STREETS), number=number,
                       **(_flat(chance) if chance.random() < 0.6 else {}))
    if choice < 0.9:
        return replace(home, street=chance.choice(STREETS), block=_block(chance), **_flat(chance))
    return replace(home, quarter=chance.choice(ESTATES), street=chance.choice(STREETS), number=number,
                   **_flat(chance))


def _house_number(chance: Random) -> str:
    number = str(chance.randint(1, 199))
    return number + chance.choice(("", "", "", "А", "-Б", "-а", "в"))


def _block(chance: Random) -> str:
    return str(chance.randint(1, 599)) + chance.choice(("", "", "", "А", "-2"))


def _flat(chance: Random) -> dict[str, str]:
    flat = {"entrance": chance.choice("АБВГ123"), "floor": str(chance.randint(1, 18)),
            "apartment": str(chance.randint(1, 130))}  # fmt: skip
    for name in ("entrance", "floor", "apartment"):
        if chance.random() < 0.2:
            del flat[name]
    return flat


# ---- ways of typing --------------------------------------------------------------------------------------------------

_WORDS = {"гр.": "град", "с.": "село", "ул.": "улица", "бул.": "булевард", "пл.": "площад", "ж.к.": "жилищен комплекс",
          "кв.": "квартал", "в.з.": "вилна зона", "с.о.": "селищно образувание", "м.": "местност"}  # fmt: skip


def _typed(name: str, *, quoted: bool) -> str:
    """„ул. Рила“, „ул. „Рила““."""
    kind, _, rest = name.partition(" ")
    base, number = (rest, "") if not re.search(r" \d\w?$", rest) else tuple(rest.rsplit(" ", 1))
    return f"{kind} „{base}“{' ' + number if number else ''}" if quoted else name


def careful(home: Home, chance: Random) -> str:
    """As in a form: type words with dots, quotation marks, commas."""
    quoted = chance.random() < 0.5
    sign = chance.choice(("№ ", "№", "", "N ", "No ", "No. "))
    code = home.postcode
    place = f"{home.kind} {home.settlement}"
    if code:
        place = chance.choice(
            (f"{place} {code}", f"{code} {place}", f"{place}, п.к. {code}", f"{code} {home.settlement}")
        )
    parts = [place]
    if home.quarter:
        parts.append(_typed(home.quarter, quoted=quoted))
    if home.street:
        parts.append(_typed(home.street, quoted=quoted) + (f" {sign}{home.number}" if home.number else ""))
    return ", ".join([*parts, *_inner(home)])


def _inner(home: Home, words: tuple[str, str, str, str] = ("бл. ", "вх. ", "ет. ", "ап. ")) -> list[str]:
    values = (home.block, home.entrance, home.floor, home.apartment)
    return [word + value for word, value in zip(words, values, strict=True) if value]


def with_region(home: Home, chance: Random) -> str:
    """With municipality and district."""
    place = f"{home.kind} {home.settlement}"
    return careful(home, chance).replace(place, f"{place}, общ. {home.municipality}, обл. {home.district}")


def tight(home: Home, chance: Random) -> str:
    """Without a blank after dots and commas."""
    text = careful(replace(home, postcode=None), chance)
    return re.sub(r"(?<=[.,]) (?=[^\W\d_]{2}|\d)", "", text)


def unpunctuated(home: Home, chance: Random) -> str:
    """Without a dot or a comma where they are not part of a name."""
    out = [home.kind.rstrip(".") + " " + str(home.settlement)]
    for name in (home.quarter, home.street):
        if name:
            kind, _, rest = name.partition(" ")
            out.append(kind.replace(".", "") + " " + rest)
    if home.number:
        out.append(chance.choice(("№ ", "", "номер ", "№")) + home.number)
    out += _inner(home, ("бл ", "вх ", "ет ", "ап "))
    return " ".join(out)


def glued(home: Home, chance: Random) -> str:
    """„бл12вхБет3ап8“ after a street or a quarter."""
    front = careful(replace(home, postcode=None, block=None, entrance=None, floor=None, apartment=None), chance)
    join = chance.choice(("", "", " "))
    return f"{front}, {join.join(_inner(home, ('бл', 'вх', 'ет', 'ап')))}".rstrip(", ")


def in_words(home: Home, chance: Random) -> str:
    """Type words in full."""
    text = careful(home, chance)
    for short, long in _WORDS.items():
        text = re.sub(rf"(?<![\w.]){re.escape(short)} (?=[„\w])", f"{long} ", text)
    for short, long in (("бл.", "блок"), ("вх.", "вход"), ("ет.", "етаж"), ("ап.", "апартамент")):
        text = text.replace(short, long)
    return re.sub(r"(?:№|No?\.?) ?(?=\d)", "номер ", text)


def capitals(home: Home, chance: Random) -> str:
    """Everything in capitals."""
    return careful(home, chance).upper()


def small(home: Home, chance: Random) -> str:
    """Everything in small letters."""
    return careful(home, chance).lower()


def backwards(home: Home, chance: Random) -> str:
    """The flat first, the town last."""
    parts = _inner(home)[::-1]
    if home.street:
        parts.append(_typed(home.street, quoted=chance.random() < 0.5) + (f" № {home.number}" if home.number else ""))
    if home.quarter:
        parts.append(_typed(home.quarter, quoted=False))
    parts.append(f"{home.kind} {home.settlement}" + (f" {home.postcode}" if home.postcode else ""))
    return ", ".join(parts)


def on_lines(home: Home, chance: Random) -> str:
    """As on an envelope: the street, below it the town."""
    house = []
    if home.quarter:
        house.append(_typed(home.quarter, quoted=chance.random() < 0.5))
    if home.street:
        house.append(_typed(home.street, quoted=chance.random() < 0.5) + (f" {home.number}" if home.number else ""))
    kind = "" if home.postcode and chance.random() < 0.5 else f"{home.kind} "
    lines = [", ".join([*house, *_inner(home)]), f"{home.postcode or ''} {kind}{home.settlement}".strip()]
    return "\n".join(lines if chance.random() < 0.6 else lines[::-1])


def slashed(home: Home, chance: Random) -> str:
    """Parts divided by slashes or dashes, capitals for the type words."""
    words = chance.choice(
        (("Бл. ", "Вх. ", "Ет. ", "Ап. "), ("бл.", "вх.", "ет.", "ап."), ("БЛ ", "ВХ ", "ЕТ ", "АП "))
    )
    front = careful(replace(home, postcode=None, block=None, entrance=None, floor=None, apartment=None), chance)
    return chance.choice((" - ", " / ", "; ", " ")).join([front, *_inner(home, words)])


def latin(home: Home, chance: Random) -> str:
    """By the official transliteration."""
    return _latin(home, chance, _OFFICIAL)


def chatted(home: Home, chance: Random) -> str:
    """In шльокавица."""
    return _latin(home, chance, _CHATTED)


def _latin(home: Home, chance: Random, table: dict[str, str]) -> str:
    text = chance.choice((careful, unpunctuated, tight))(home, chance)
    text = text.replace("„", "").replace("“", "").replace("№", "No" if chance.random() < 0.7 else "N")
    return _transliterated(text, table)


def _transliterated(text: str, table: dict[str, str]) -> str:
    return re.sub(r"[А-Яа-яѝ]", lambda m: _in_latin(m.group(), table), text)


def _in_latin(letter: str, table: dict[str, str]) -> str:
    written = table.get(letter.lower(), letter)
    return written if letter.islower() else written.capitalize()


STYLES: tuple[Callable[[Home, Random], str], ...] = (
    careful, with_region, tight, unpunctuated, glued, in_words, capitals, small, backwards, on_lines, slashed, latin,
    chatted,
)  # fmt: skip

# ---- places in the letter --------------------------------------------------------------------------------------------

BODY = (
    "Моля да ми бъде издадено копие от протокола за проверката, извършена през лятото.",
    "От две седмици никой не е събирал отпадъците и контейнерите преливат.\nМоля да вземете мерки.",
    "Уличното осветление не работи, а се прибираме по тъмно.",
    "На ул. „Вит“ № 7 има паднало дърво, което пречи на колите.",
    "Съседът от ул. „Сакар“ 15, ет. 2 хвърля боклук през балкона.",
    "Дупката е пред бл. 12 в ж.к. „Хъшове“ и расте.",
    "Става дума за наследствен имот в с. Горно Село, ул. „Райна Княгиня“ 3.",
    "Имам въпрос за данъка на апартамента.",
)
_ADDRESSEE = ("До Кмета на Община Русе\nпл. „Свобода“ № 6\n7000 Русе\n\n", "ДО\nОБЩИНА РУСЕ\n\n", "", "")
_LATIN_BODY = ("Molya da mi izdadete kopie ot protokola za proverkata.", "Ot dve sedmici nikoi ne e subiral bokluka.")


def _signed_below(name: str, address: str, chance: Random, body: str) -> str:
    phone = chance.choice(("\nтел. 0888 123 456", "\n0888123456", ""))
    return f"{chance.choice(_ADDRESSEE)}Уважаеми г-н Кмет,\n\n{body}\n\nС уважение,\n{name}\n{address}{phone}\n"


def _signed_one_line(name: str, address: str, chance: Random, body: str) -> str:
    flat = address.replace("\n", ", ")
    return f"Здравейте,\n{body}\nПоздрави\n{name}, {flat}\n"


def _headed(name: str, address: str, chance: Random, body: str) -> str:
    lead = chance.choice((", живущ(а) в ", ", с адрес: ", "\nадрес: ", "\n", ",\nживуща в ", ", с адрес ", ", жив. в ",
                          "\nАдрес за кореспонденция: ", "\nпостоянен адрес: "))  # fmt: skip
    head = f"{chance.choice(_ADDRESSEE)}ЗАЯВЛЕНИЕ\nот {name}{lead}{address}\n\n"
    return f"{head}Уважаеми г-н Кмет,\n{body}\n\n{name.split()[-1]}\n"


def _letterhead(name: str, address: str, chance: Random, body: str) -> str:
    head = f"{name}\n{address}\nтел.: 0888 123 456\n\nДо Община Русе\n\n"
    return f"{head}Уважаеми г-н Кмет,\n{body}\n\nС уважение: {name}\n"


def _in_sentence(name: str, address: str, chance: Random, body: str) -> str:
    flat = address.replace("\n", ", ")
    said = chance.choice((
        f"Казвам се {name} и живея в {flat}. {body}", f"Аз, {name}, с адрес {flat}, Ви моля за следното: {body}",
        f"{body} Адресът ми е {flat}.", f"Пиша Ви от {flat}. {body}", f"{body} Моля отговора на адрес: {flat}.",
        f"Долуподписаната {name}, живуща в {flat}, Ви уведомявам: {body}",
    ))  # fmt: skip
    return f"Здравейте,\n\n{said}\n\nС уважение,\n{name}\n"


def _labelled(name: str, address: str, chance: Random, body: str) -> str:
    flat = address.replace("\n", " ")
    label = chance.choice(("Адрес", "адрес", "АДРЕС", "Настоящ адрес", "Адрес за кореспонденция", "Домашен адрес"))
    return f"Име: {name}\n{label}: {flat}\nТелефон: 0888 123 456\n\n{body}\n"


def _in_latin_letter(name: str, address: str, chance: Random, body: str) -> str:
    flat = address.replace("\n", ", ")
    latin_name = _transliterated(name, _OFFICIAL)
    said = chance.choice((
        f"Zdraveite,\n{chance.choice(_LATIN_BODY)}\n{latin_name}\n{flat}",
        f"Zdraveite,\nkazvam se {latin_name} i jiveq v {flat}. {chance.choice(_LATIN_BODY)}\n{latin_name}",
        f"Dobur den,\n{chance.choice(_LATIN_BODY)}\nPozdravi,\n{latin_name}\nadres: {flat}",
    ))  # fmt: skip
    return said + "\n"


LAYOUTS: tuple[Callable[[str, str, Random, str], str], ...] = (
    _signed_below, _signed_one_line, _headed, _letterhead, _in_sentence, _labelled,
)  # fmt: skip

# ---- faults of the scanner -------------------------------------------------------------------------------------------

_MISREAD = (
    (r"\bул\b", ("уп", "yл", "уд", "vл", "ул")), (r"\bгр\b", ("rp", "гp", "rр", "тр")), (r"\bбл\b", ("6л", "бп", "бл")),
    (r"\bвх\b", ("вx", "ех", "Bx")), (r"\bап\b", ("aп", "an", "ап")), (r"\bет\b", ("eт", "ет", "em")),
    (r"№", ("Ne", "Ме", "N2", "№", "Nе", "No")), (r"„", (",,", "\"", "»", "„")), (r"“", ("\"", "”", "''", "“")),
    (r"(?<=\d)0\b", ("О", "0")), (r"\b1(?=\d\b)", ("l", "І", "1")), (r"(?<=\s)3(?=[\s,])", ("З", "3")),
)  # fmt: skip


def misread(text: str, chance: Random, much: float) -> str:
    """The text as the scanner might read it; each kind of fault at each place with the probability `much`."""
    for pattern, readings in _MISREAD:
        text = re.sub(
            pattern, lambda m, r=readings: chance.choice(r) if chance.random() < much else m.group(), text  # type: ignore[misc]
        )
    return text


def make_letter(
    seed: int, places: Sequence[Place], *, style: str = "", layout: str = "", faults: float | None = None
) -> Made:
    """The letter of this seed, of a style and layout by name or of any, with or without faults of the scanner."""
    chance = Random(seed)
    home = make_home(chance, places)
    typed = _named(STYLES, style) or chance.choice(STYLES)
    laid = _named(LAYOUTS, layout) or chance.choice(LAYOUTS)
    table = _OFFICIAL if typed is latin else _CHATTED if typed is chatted else None
    scanned = chance.random() < 0.4 if faults is None else faults > 0
    much = (0.3 if faults is None else faults) if scanned and table is None else 0.0
    address = typed(home, chance)
    expected = home.expected()
    if home.postcode and home.postcode not in address:
        del expected["postcode"]
    if table is not None:
        expected = {part: _transliterated(value, table) for part, value in expected.items()}
        laid = _in_latin_letter
    text = laid(_person(chance), misread(address, chance, much), chance, chance.choice(BODY))
    return Made(text=text, expected=expected, how=f"{typed.__name__} {laid.__name__} faults={much}", scanned=scanned)


def _named(choices: Sequence[_Choice], name: str) -> _Choice | None:
    return next((choice for choice in choices if choice.__name__ == name), None)


def _person(chance: Random) -> str:
    end = chance.choice(("", "а"))
    first = chance.choice([n for n in FIRST if n.endswith(_FEMALE) == bool(end)])
    middle = f"{chance.choice(MIDDLE)}{end} " if chance.random() < 0.6 else ""
    return f"{first} {middle}{chance.choice(LAST)}{end}"
