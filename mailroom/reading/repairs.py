"""The pages' text made into the letter's: what OCR cannot know is put right where the evidence stands beside it.

A page keeps its text as it was read; the letter's text is corrected. Nothing is guessed: a sign is replaced only by one
that looks like it, and only where the words around leave no other reading.

1. Words of two alphabets are folded to the one that most of their letters have.
2. № is restored before numbers; the Bulgarian model does not know the sign.
3. „ул.“, „гр.“, „тел.“ read as Latin letters come back before a name, a number or a quotation mark, and 3 before a
   month and at the end of a name („Дружба 3“).
4. Words that were read with some doubt and are no words, where one letter drawn alike makes them one (spelling.py).
5. „ДО“ on a line of its own in front of capitals, „ѝ“ as a word, „за“ that begins with a digit.
"""

import re
from collections.abc import Collection, Iterable

from mailroom.dictionary import is_word
from mailroom.model.letter import Page, TextSource
from mailroom.reading.spelling import spelled


def text_of(pages: Iterable[Page]) -> str:
    """The letter's text: of all its pages with text, those that were read by OCR corrected."""
    texts = (corrected(page.text, page.doubted) if page.text_source is TextSource.OCR else page.text for page in pages)
    return "\n\n".join(text for text in texts if text.strip())


def corrected(text: str, doubted: Collection[str] = ()) -> str:
    """OCR text with what is beyond doubt put right; a page in Latin letters is left as it is. `doubted` are words of
    the text that the dictionary is asked for."""
    cyrillic = _is_cyrillic(text)
    text = spelled(text, doubted) if cyrillic else text
    text = "\n".join(repair_line(line, cyrillic=cyrillic) for line in text.split("\n"))
    return _CAPITALS_FOLLOW.sub("ДО", text) if cyrillic else text


DATE = re.compile(r"[0-3]?\d[./][01]?\d[./](?:19|20)\d\d")
"""Nothing else looks so, however little Tesseract believes it."""
_CAPITALS_FOLLOW = re.compile(r"^(?:до|Do|DO|Д0)$(?=\n{1,2}[А-Я][А-Я])", re.M)
_LATIN_TWINS = str.maketrans("AaBEeKkMHOoPpCcTXxyY", "АаВЕеКкМНОоРрСсТХхуУ")
_CYRILLIC_TWINS = str.maketrans("АаВЕеКкМНОоРрСсТХхуУ", "AaBEeKkMHOoPpCcTXxyY")
_LATIN_LOOKALIKES = frozenset("AaBEeKkMHOoPpCcTXxyY")
_CYRILLIC_LOOKALIKES = frozenset("АаВЕеКкМНОоРрСсТХхуУ")
_LATIN_NUMBER = re.compile(r"(?<![\w№])(?:N[eеoо°º®M2]?|№[eеoо])\.?(?= ?[\dА-Я]|° ?[\dA-ZА-Я])°?")
_CYRILLIC_NUMBER = re.compile(r"(?:(?<=[“”»\"] )|(?<=рег\. )|(?<=вх\. )|(?<=изх\. )|(?<=Рег\. )|(?<=Вх\. )|(?<=Изх\. ))"
                              r"[А-ЯA-Z][oоеe](?= ?\d)|(?:(?<=рег\. )|(?<=изх\. ))Ж(?= [\dА-Я])")
_SHORT = ("бл|вх|ет|ап|кв|ж|жк|м|на|от|до|по|за|се|да|не|то|ще|но|ли|че|ул|гр|тц|обл?|а|в|е|и|о|с|у|я|й|ѝ|ии|"
          "[IVXІХ]{1,2}")
"""Short words, abbreviations and Roman numbers that may follow a street's name."""
_STREET_NUMBER = re.compile(
    r"(?P<street>(?<!\w)(?:ул|бул|пл)\. ?"
    r"(?:[„\"“”][^„“”\"\n]{2,40}[“”\"]|[„\"“]?(?:[А-Яа-я-]{2,5}[. ] ?)?[А-Я][а-я]{2,}(?: [А-Яа-я]{3,}){0,2}),? )"
    rf"(?!(?i:{_SHORT})[. ])[^\W\d_]{{1,2}}[°º®.29]?(?= \d{{1,3}}[А-Яа-я]?(?:[ ,;.\n]|$))")
"""Between a street and its house stands nothing else so short („ул. „Младост“ ю 7“)."""
_MONTHS = "януари|февруари|март|април|май|юни|юли|август|септември|октомври|ноември|декември"
_SHORT_WORDS = tuple((re.compile(pattern), word) for pattern, word in (
    (r"(?<!\w)[yу][nлJ]\.(?= ?[„\"“А-Я])", "ул."), (r"(?<!\w)6[yу][nл]\.(?= ?[„\"“А-Я])", "бул."),
    (r"(?<![\w-])(?:[уУцЦ][аА4]|[цЦ][иИлЛ])\.(?= ?[„\"“А-Я])", "ул."),
    (r"(?<=, )[yуцg][A-Za-zА-Яа-я1]\.?(?= ?[„\"“][А-Я][^„“”\"\n]{2,30}[“”\"] ?№ ?\d)", "ул."),
    (r"(?<=ул\. )[/|](?=[А-Я][а-я])", "„"), (r"(?<=[ ,])[еe][тr]?\. ?(?=\d{1,2},? ?ап\.)", "ет. "),
    (r"(?<![\w.])([БГДЖЗЛМНПРТФХЦЧШЩЮ]) (?=[а-я]{5,}(?![\w]))", r"\1"),
    (r"(?<!\w)[rг][pр]\.(?= ?[А-Я])", "гр."), (r"(?<=\d\d\d\d )r\.?(?!\w)", "г."),
    (r"(?<!\w)6[nл]\.(?= ?\d)", "бл."), (r"(?<!\w)an\.(?= ?\d)", "ап."), (r"(?<!\w)[tт]e[nл]\.(?= ?[\d+(])", "тел."),
    (rf"(?<![\w.])[Зз](?= (?:{_MONTHS}))", "3"), (r"(?<=[а-я] )З(?=[“”\"»])", "3"),
    (r"(?<=\d[./ ])Х(?=[./ ] ?(?:19|20)\d\d)", "X"),
    (r"(?<=\d[./ ])ХI(?=[./ ] ?(?:19|20)\d\d)", "XI"), (r"(?<=\d[./ ])ХII(?=[./ ] ?(?:19|20)\d\d)", "XII"),
    (r"(?<![\w-])й(?![\w-])", "ѝ"), (r"(?<![\w.,])3[aа](?= [а-я])", "за")))


_MISREAD_SURNAME = re.compile(
    r"(?<![\w-])(?P<stem>[А-Я][а-я]{2,})(?P<ending>[ое]б|бв)(?P<last>а?)(?![\w-])")
"""Family names end in „-ов“ and „-ев“, hardly any in „-об“."""


def looks_alike(one: str, other: str) -> bool:
    """Whether two words are drawn alike, in whichever alphabet („Pyce“, „Русе“)."""
    return one.translate(_LATIN_TWINS) == other.translate(_LATIN_TWINS)


def repair_line(line: str, *, cyrillic: bool = True) -> str:
    """A line of OCR text with № restored and words of two alphabets folded to the one that most of their letters have.

    `cyrillic` says whether the page is; on a page in Latin letters nothing is taken for a Cyrillic letter or №.
    """
    words = [_fold(word, cyrillic=cyrillic) for word in line.split(" ")]
    line = " ".join(words)
    if not cyrillic:
        return line
    line = _LATIN_NUMBER.sub("№", line)  # no Bulgarian word begins with a Latin N
    line = _CYRILLIC_NUMBER.sub("№", line)  # after a street's name in quotation marks, or after рег., before digits
    for pattern, word in _SHORT_WORDS:
        line = pattern.sub(word, line)
    line = _STREET_NUMBER.sub(r"\g<street>№", line)
    return _MISREAD_SURNAME.sub(_surname_meant, line)


def _surname_meant(match: re.Match[str]) -> str:
    """„Друмеба“ → „Друмева“, „Стойкбва“ → „Стойкова“; a word of the dictionary stays."""
    if is_word(match.group().lower()):
        return match.group()
    vowel = "е" if match.group("ending")[0] == "е" else "о"
    return f"{match.group('stem')}{vowel}в{match.group('last')}"


def _is_cyrillic(text: str) -> bool:
    letters = [sign for sign in text if sign.isalpha()]
    return sum("А" <= sign <= "я" for sign in letters) > 0.6 * len(letters)


def _fold(word: str, *, cyrillic: bool) -> str:
    if "@" in word or re.search(r"\.(?:bg|com|org|net|eu)\b", word):
        return word.translate(_CYRILLIC_TWINS) if re.search(r"[A-Za-z]", word) else word
    latin = [sign for sign in word if "A" <= sign <= "z" and sign.isalpha()]
    own = [sign for sign in word if "А" <= sign <= "я"]
    if not latin or not own:
        short = cyrillic and latin and all(sign in _LATIN_LOOKALIKES for sign in latin)
        return word.translate(_LATIN_TWINS) if short and not re.search(r"\d", word) else word
    if len(own) >= len(latin) and all(sign in _LATIN_LOOKALIKES for sign in latin):
        return word.translate(_LATIN_TWINS)
    if len(latin) > len(own) and all(sign in _CYRILLIC_LOOKALIKES for sign in own):
        return word.translate(_CYRILLIC_TWINS)
    return word


