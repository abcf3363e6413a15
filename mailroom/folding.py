"""Words of a letter in forms in which they can be compared, with the way back to what the citizen wrote.

Two forms of every word:

- *plain*: lower case, without accents, with look-alike letters of the other alphabet put right („кpaй“ typed half in
  Latin is „край“). Latin words stay Latin.
- *skeleton*: one spelling for Cyrillic, for the official transliteration (Закон за транслитерацията, чл. 4–6) and for
  шльокавица („6ahta“, „shahta“ and „шахта“ are one word). It loses differences on purpose and serves comparison only.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_CYRILLIC = re.compile(r"[Ѐ-ӿ]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_WORD = re.compile(r"[^\W_]+(?:-\n[^\W_]+)?(?:[\u0300\u0301][^\W_]*)?")
_SENTENCE_END = re.compile(
    r"[!?…]+|\.(?=\s+[„\"«(]?[A-ZА-Я])|\.?\n[ \t]*\n(?=\s{0,40}[^a-zа-я\s])|\n(?=\s{0,40}(?:[-–•*]|\d{1,2}[.)])\s)"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:ул|бул|гр|кв|бл|вх|ет|ап|тел|чл|ал|бр|стр|общ|обл|пл|св|ген|полк|кап|акад|проф|инж|арх|адв|д-р|доц|т|ж\.?к|"
    r"п\.?к|г-н|г-жа|вкл|напр|моб|изх|рег|вх|no|ul|bul|gr|kv|bl|vh|et|ap|mr|mrs|dr|[^\W\d_]))$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[„«“][^„“”«»]{1,600}[“”»\"]|(?<![\w\"])\"[^\"\n]{1,600}\"(?!\w)")

_LATIN_LOOKS_CYRILLIC = str.maketrans("aceopxykmtbhABCEHKMOPTXY", "асеорхукмтвнАВСЕНКМОРТХУ")
_LATIN_LOOKALIKES = frozenset("aceopxyABCEHKMOPTXY")
_CYRILLIC_LOOKS_LATIN = str.maketrans("асеорхуіАВСЕНКМОРТХУ", "aceopxyiABCEHKMOPTXY")
_CYRILLIC_LOOKALIKES = frozenset("асеорхуіАВСЕНКМОРТХУ")

_CYRILLIC_SKELETON = {
    **dict(zip("абвгдезийклмнопрстуфхцъьыэё", "abvgdeziiklmnoprstufhcaiiee", strict=True)),
    "ж": "j", "ч": "4", "ш": "6", "щ": "6t", "ю": "iu", "я": "ia",
}  # fmt: skip
_LATIN_STEPS = (
    ("sht", "6t"), ("tch", "4"), ("sh", "6"), ("ch", "4"), ("zh", "ж"), ("tz", "c"), ("ts", "c"), ("kh", "h"),
    ("ya", "ia"), ("ja", "ia"), ("yu", "iu"), ("ju", "iu"), ("q", "ia"), ("w", "v"), ("x", "h"),
)  # fmt: skip
_VOWELS = "aeiou"
_LIKE_CYRILLIC = str.maketrans("ABEKMHOPCTX", "АВЕКМНОРСТХ")
"""Latin capitals that a person may type for those of a registration number."""
_WORDS_REMEMBERED = 20_000
"""Words of which the forms are kept: those of several hundred letters."""


def script_of(word: str) -> str:
    """`Cyrl`, `Latn`, `both` or `none`, by the letters of the word."""
    cyrillic, latin = bool(_CYRILLIC.search(word)), bool(_LATIN.search(word))
    if cyrillic and latin:
        return "both"
    return "Cyrl" if cyrillic else "Latn" if latin else "none"


def repair_lookalikes(word: str, *, mainly_cyrillic: bool = True) -> str:
    """The word in one alphabet, where letters of the other stand in for letters of the same shape; same length.

    A word with letters of both alphabets goes to the one that it can wholly be written in. A word wholly of Latin
    letters that all have a Cyrillic twin („MOPE“) is Cyrillic only in a text that is mainly Cyrillic.
    """
    script = script_of(word)
    if script == "both":
        latin = [c for c in word if _LATIN.match(c)]
        cyrillic = [c for c in word if _CYRILLIC.match(c)]
        if all(c in _CYRILLIC_LOOKALIKES for c in cyrillic) and len(latin) > len(cyrillic):
            return word.translate(_CYRILLIC_LOOKS_LATIN)
        return word.translate(_LATIN_LOOKS_CYRILLIC)
    if script == "Latn" and mainly_cyrillic and all(c in _LATIN_LOOKALIKES for c in word if c.isalpha()):
        return word.translate(_LATIN_LOOKS_CYRILLIC)
    return word


@lru_cache(maxsize=_WORDS_REMEMBERED)
def plain(word: str, *, mainly_cyrillic: bool = True) -> str:
    """The plain form of one word."""
    word = word.replace("-\n", "").replace("ѝ", "й").replace("Ѝ", "Й").replace("ı", "i")
    word = repair_lookalikes(word.replace("\u0300", "").replace("\u0301", ""), mainly_cyrillic=mainly_cyrillic)
    return word.lower().replace("i̇", "i")


@lru_cache(maxsize=_WORDS_REMEMBERED)
def skeleton(word: str, *, u_is_hard_sign: bool = False) -> str:
    """The skeleton of one word in plain form.

    `u_is_hard_sign` reads the Latin u and y as ъ („kushta“, „kyshta“), which some people write and others do not.
    """
    if _CYRILLIC.search(word):
        text = "".join(_CYRILLIC_SKELETON.get(letter, letter) for letter in word)
    else:
        text = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
        for written, meant in _LATIN_STEPS:
            text = text.replace(written, meant)
        text = _read_y(text).replace("ж", "j")  # until here „zha“ must not become „ja“, which is я
        if u_is_hard_sign:
            text = text[:1] + text[1:].replace("u", "a")
    return text.replace("ii", "i").replace("ia", "a").replace("iu", "u")


def _read_y(text: str) -> str:
    """Latin y is й beside a vowel and at the end of a word, ъ between consonants."""
    out = []
    for i, letter in enumerate(text):
        if letter == "y":
            beside_vowel = text[i - 1 : i] in tuple(_VOWELS) or text[i + 1 : i + 2] in tuple(_VOWELS)
            letter = "i" if beside_vowel or i == len(text) - 1 else "a"
        out.append(letter)
    return "".join(out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a text."""

    start: int
    end: int
    """Offsets into the text, in characters."""
    raw: str
    plain: str
    sentence: int
    """0-based number of the sentence in which it stands."""
    quoted: bool
    """Whether it stands between quotation marks."""
    script: str
    """As `script_of` gives it for the plain form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text taken apart into words."""

    text: str
    words: tuple[Word, ...]

    def __len__(self) -> int:
        return len(self.words)

    def quote(self, first: int, last: int, around: int = 0) -> tuple[str, int, int]:
        """The original text from word `first` to word `last` (inclusive), `around` words more on both sides of the
        same sentence, with its offsets."""
        sentence = self.words[first].sentence
        for _ in range(around):
            if first and self.words[first - 1].sentence == sentence:
                first -= 1
            if last + 1 < len(self.words) and self.words[last + 1].sentence == sentence:
                last += 1
        start, end = self.words[first].start, self.words[last].end
        return " ".join(self.text[start:end].split()), start, end


def mainly_cyrillic(text: str) -> bool:
    """Whether at least a third of the letters of this text are Cyrillic."""
    cyrillic, latin = len(_CYRILLIC.findall(text)), len(_LATIN.findall(text))
    return cyrillic * 2 >= latin


def take_apart(text: str) -> Words:
    """The words of a text with sentence numbers and quotation marks noted."""
    cyrillic = mainly_cyrillic(text)
    ends = _sentence_ends(text)
    quotes = [match.span() for match in _QUOTED.finditer(text)]
    words: list[Word] = []
    sentence = quote = 0
    for match in _WORD.finditer(text):
        start, end = match.span()
        while sentence < len(ends) and ends[sentence] <= start:
            sentence += 1
        while quote < len(quotes) and quotes[quote][1] <= start:
            quote += 1
        quoted = quote < len(quotes) and quotes[quote][0] < start
        folded, script = _folded(match.group(), cyrillic)
        words.append(Word(start=start, end=end, raw=match.group(), plain=folded, sentence=sentence, quoted=quoted,
                          script=script))  # fmt: skip
    return Words(text=text, words=tuple(words))


@lru_cache(maxsize=_WORDS_REMEMBERED)
def _folded(word: str, mainly_cyrillic: bool) -> tuple[str, str]:
    """Plain form and script; the same small words stand in every letter."""
    folded = plain(word, mainly_cyrillic=mainly_cyrillic)
    return folded, script_of(folded)


def _sentence_ends(text: str) -> list[int]:
    return [
        match.end()
        for match in _SENTENCE_END.finditer(text)
        if not (match.group().startswith(".") and _ABBREVIATION.search(text[max(0, match.start() - 8) : match.start()]))
    ]


def same_name(one: str, other: str) -> bool:
    """Whether two names or place names are one, whatever alphabet, case and punctuation they are written in."""
    return name_key(one) == name_key(other)


@lru_cache(maxsize=10_000)
def name_key(text: str) -> str:
    """The skeleton of a whole name, for dictionaries of names."""
    return "".join(skeleton(plain(match.group())) for match in _WORD.finditer(text))


def number_key(number: str) -> str:
    """A registration number as it is compared: without № and blanks, in capital letters, Latin look-alikes as Cyrillic.
    """
    return "".join(number.upper().replace("№", "").split()).translate(_LIKE_CYRILLIC)


def spaced_out(text: str) -> Iterable[tuple[int, int, str]]:
    """Words written with a space, dot or dash between all letters („С И Г Н А Л“, „к.у.р“): start, end, the word."""
    for match in re.finditer(r"(?<![^\W_])[^\W\d_](?:[ .·_*-]{1,2}[^\W\d_]){2,60}(?![^\W_])", text):
        yield match.start(), match.end(), re.sub(r"[ .·_*-]", "", match.group())
