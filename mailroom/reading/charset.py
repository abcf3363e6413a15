"""Octets to text where the declared charset may be missing, wrong or impossible.

Order of belief, for octets that are not plain ASCII:
1. strict UTF-8: Bulgarian in another charset is next to never valid UTF-8;
2. the candidates of Bulgarian mail (declared, windows-1251, KOI8-R, ISO-8859-5, x-mac-cyrillic, and Latin charsets when
   declared), judged by how much their letters look like written language; the declared one and, where that makes no
   written language of them, the one that chardet names have a small lead;
3. UTF-8 with the broken octets replaced, when most of it is valid.

What some program on the way had already read in a wrong charset and written out again („Ð¡Ð¸Ð³Ð½Ð°Ð»“, „РЎРёРіРЅР°Р»“,
„Ñèãíàë“) is turned back where that makes it clearly more like written language.
"""

import codecs
import html
import math
import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache

import chardet

_FREQUENCY = {  # per cent of the letters of ordinary Bulgarian prose; Russian-only letters kept low but possible
    "а": 12.0, "и": 9.2, "о": 8.9, "е": 8.6, "т": 7.5, "н": 7.2, "р": 5.2, "с": 4.9, "в": 4.4, "л": 3.6, "д": 3.5,
    "к": 3.3, "п": 3.0, "м": 2.5, "з": 2.1, "я": 2.0, "ъ": 1.9, "г": 1.7, "у": 1.5, "б": 1.5, "ч": 1.4, "ж": 0.8,
    "ц": 0.8, "щ": 0.6, "й": 0.7, "х": 0.7, "ш": 0.5, "ф": 0.3, "ю": 0.2, "ь": 0.15, "ы": 0.2, "э": 0.08, "ё": 0.02,
}
_LETTER = {letter: math.log(share / 100) for letter, share in _FREQUENCY.items()}
_CASE_FLIP = math.log(0.0004)
_STRANGE = math.log(0.00003)
_TYPOGRAPHY = math.log(0.01)
_LATIN_ACCENT = math.log(0.01)
_LEAD = 0.7
"""What the declared charset and the witness have ahead, in nats a character."""
_LEAD_IN_ALL = 12.0
"""And not more than this together, in nats: a long text speaks for itself."""
_EAST_ASIAN = ("gb", "big5", "euc", "shift_jis", "cp932", "cp936", "cp949", "cp950", "iso2022", "hz", "johab")
_CYRILLIC = ("windows-1251", "koi8-r", "iso-8859-5", "mac-cyrillic", "cp866")
_USUAL_SIGNS = frozenset("„“”‘’«»–—…№€§°•\u00a0®©±·´\u00ad−")
_ALIASES = {"x-mac-cyrillic": "mac-cyrillic", "x-cp1251": "windows-1251", "cp-1251": "windows-1251",
            "win-1251": "windows-1251", "unicode-1-1-utf-7": "utf-7", "utf8mb4": "utf-8", "cyrillic": "windows-1251"}
_LOOK_AT = 20_000
_ASCII = bytes(range(128))
_MISREAD = (("windows-1252", "utf-8"), ("windows-1251", "utf-8"), ("windows-1252", "windows-1251"),
            ("windows-1251", "koi8-r"), ("koi8-r", "windows-1251"))
"""In which charset it was read, and in which it was written."""
_INVERTED = re.compile(r"\b[а-я][А-Я]{2}")
"""What KOI8 and windows-1251 make of each other's words; a Caps Lock makes it too, which then turns into nothing."""
_TIMES = 2
"""So often may one and the same have happened to a text."""
_SOUND = -4.0
"""Likeness of a text that nothing can be wrong with."""
_REPAIRED = 1.5
"""By so much, in nats a character, must a repaired text be more like written language."""
_TWICE = 3
"""So few foreign characters tell nothing."""
_UTF7 = re.compile(rb"\+B[A-F][A-Za-z0-9+/]{2,200}")
"""Cyrillic in UTF-7 (RFC 2152)."""


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """Text, and whether belief in the declared charset had to be given up or octets were lost."""

    text: str
    charset: str
    misdeclared: bool = False
    lossy: bool = False


def decode(octets: bytes, declared: str | None) -> Decoded:
    """The text of these octets. Never raises; what no charset explains becomes U+FFFD."""
    found = _decode(octets, declared)
    text = without_mojibake(found.text)
    return found if text == found.text else replace(found, text=text, misdeclared=True)


def _decode(octets: bytes, declared: str | None) -> Decoded:
    name = _known(declared)
    wide = _utf16(octets, name)
    if wide is not None:
        return wide
    name = None if name and name.startswith("utf-16") else name
    if octets.isascii():
        utf7 = octets.count(b"+B") >= _TWICE and len(_UTF7.findall(octets)) >= _TWICE
        stateful = name if name and _is_stateful(name) else "utf-7" if utf7 else None
        text = _strictly(octets, stateful) if stateful else None
        return Decoded(text=octets.decode("ascii") if text is None else text, charset=name or "us-ascii")
    text = _strictly(octets, "utf-8")
    if text is not None and not (name in _CYRILLIC and _prefers(octets, name, text)):
        return Decoded(text=text.removeprefix("\ufeff"), charset="utf-8",
                       misdeclared=name not in (None, "utf-8", "ascii"))
    return _most_likely(octets, name)


def _utf16(octets: bytes, declared: str | None) -> Decoded | None:
    """UTF-16 by its mark, as declared, or by its looks; null where it reads like nothing that people here write."""
    name = declared if declared and declared.startswith("utf-16") else None
    if octets.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        names = ["utf-16"]
    else:
        order = _order_of_utf16(octets)
        names = [order] if order else [name] if name else []
    for tried in names:
        text = _strictly(octets[:len(octets) // 2 * 2], tried)
        if text is not None and _is_usual(text):
            return Decoded(text=text.removeprefix("\ufeff"), charset="utf-16", misdeclared=declared not in (None, name))
    return None


def _order_of_utf16(octets: bytes) -> str | None:
    """Which octet of each pair is the high one, when nine in ten of them are those of Latin and Cyrillic letters."""
    sample = octets[:_LOOK_AT // 2 * 2]
    for name, high in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0:len(sample) - 1:2])):
        if len(high) >= _TWICE and (high.count(0x00) + high.count(0x04)) * 10 >= 9 * len(high):
            return name
    return None


def _is_usual(text: str) -> bool:
    """Whether four in five characters are Latin, Cyrillic or punctuation."""
    sample = text[:_LOOK_AT]
    usual = sum(sign < "\u0530" or "\u2000" <= sign < "\u2200" or sign == "\ufeff" for sign in sample)
    return usual * 5 >= 4 * len(sample)


@lru_cache(maxsize=200)
def _known(declared: str | None) -> str | None:
    """The codec's own name, or null when the declared charset does not exist or is no text encoding."""
    cleaned = (declared or "").strip().strip("\"'").lower()
    if not cleaned:
        return None
    try:
        info = codecs.lookup(_ALIASES.get(cleaned, cleaned))
    except (LookupError, ValueError):
        return None
    if info.name in ("base64", "hex", "uu", "zlib", "bz2", "quopri", "rot13", "punycode", "idna", "undefined",
                     "unicode_escape", "raw_unicode_escape", "unicode-escape", "raw-unicode-escape", "mbcs", "oem"):
        return None
    return {"cp1251": "windows-1251", "iso8859-5": "iso-8859-5"}.get(info.name, info.name)


def _is_stateful(name: str) -> bool:
    """Encodings in which ASCII octets spell other letters."""
    return name.startswith(("iso2022", "utf-7", "hz"))


def _strictly(octets: bytes, name: str) -> str | None:
    try:
        return octets.decode(name)
    except (UnicodeError, LookupError):
        return None


def _prefers(octets: bytes, name: str, utf8: str) -> bool:
    """Whether a declared one-octet charset explains a short text clearly better than an accidental UTF-8 reading."""
    text = _strictly(octets, name)
    return text is not None and likeness(text) > likeness(utf8) + _LEAD


def _most_likely(octets: bytes, declared: str | None) -> Decoded:
    return _line_by_line(octets, declared) or _in_one_charset(octets, declared)


def _in_one_charset(octets: bytes, declared: str | None) -> Decoded:
    sample = octets[:_LOOK_AT]
    witness = None if _explains(declared, sample) else _witness(sample)
    foreign = _east_asian(sample, declared)
    best: tuple[float, str, str] | None = None
    lead = min(_LEAD, _LEAD_IN_ALL / max(1, _foreign_octets(sample)))
    for name in dict.fromkeys((declared, *_CYRILLIC, witness)):
        text = None if name in (None, "ascii", "utf-8") else _reading(sample, str(name))
        if text is None:
            continue
        score = likeness(text) + lead * (name == declared) + lead * (name == witness) / 2
        if best is None or score > best[0]:
            best = (score, str(name), text)
    if foreign and (best is None or best[0] < _SOUND):
        return Decoded(text=octets.decode(foreign, "replace"), charset=foreign)
    repaired = sample.decode("utf-8", "replace")
    if best is None or (_mostly_utf8(sample) and likeness(repaired) + _LEAD > best[0]):
        return Decoded(text=octets.decode("utf-8", "replace"), charset="utf-8", lossy=True,
                       misdeclared=declared not in (None, "utf-8"))
    text = octets.decode(best[1], "replace")
    return Decoded(text=text, charset=best[1], misdeclared=declared is not None and best[1] != declared,
                   lossy="\ufffd" in text)


def _explains(declared: str | None, sample: bytes) -> bool:
    """Whether the declared charset makes written language of it: then no witness is asked, who takes longer than all
    the rest of reading a mail."""
    text = _reading(sample, declared) if declared in _CYRILLIC else None
    return text is not None and likeness(text) > _SOUND


def _witness(sample: bytes) -> str | None:
    """The charset that chardet names."""
    found = chardet.detect(sample).get("encoding")
    return _known(str(found)) if found else None


def _line_by_line(octets: bytes, declared: str | None) -> Decoded | None:
    """UTF-8 into which some program has put lines in another charset, a footer or a quotation; null where it is not."""
    lines = octets.split(b"\n")
    rest = b"\n".join(line for line in lines if _strictly(line, "utf-8") is None)
    valid = b"\n".join(line for line in lines if not line.isascii() and _strictly(line, "utf-8") is not None)
    if not rest or not valid or len(valid) < len(rest) // 2 or _mostly_utf8(rest):
        return None
    if likeness(valid.decode("utf-8")[:_LOOK_AT]) < _SOUND:
        return None
    other = _in_one_charset(rest, None if declared == "utf-8" else declared)
    if likeness(other.text[:_LOOK_AT]) < _SOUND:  # no words, but what base64 makes of a line that was added to it
        return Decoded(text=octets.decode("utf-8", "replace"), charset="utf-8", lossy=True,
                       misdeclared=declared not in (None, "utf-8"))
    text = "\n".join(line.decode("utf-8") if _strictly(line, "utf-8") is not None
                     else line.decode(other.charset, "replace") for line in lines)
    return Decoded(text=text, charset="utf-8", misdeclared=True, lossy=other.lossy)


def _east_asian(sample: bytes, declared: str | None) -> str | None:
    """The declared charset where it is one of China, Japan or Korea and explains all these octets."""
    if declared is None or not declared.startswith(_EAST_ASIAN):
        return None
    text = _strictly(sample[:-1], declared) or _strictly(sample, declared)  # the sample may end inside a character
    return declared if text is not None else None


def _reading(sample: bytes, name: str) -> str | None:
    """The sample in this charset, if at most a few octets in a hundred are impossible in it."""
    text = sample.decode(name, "replace")
    return text if text.count("\ufffd") <= len(sample) // 50 else None


def _foreign_octets(sample: bytes) -> int:
    """How many octets are not ASCII."""
    return len(sample.translate(None, _ASCII))


def _mostly_utf8(sample: bytes) -> bool:
    """Whether at least nine in ten of the non-ASCII octets stand in valid UTF-8 sequences."""
    high = _foreign_octets(sample)
    return len(sample.decode("utf-8", "ignore").encode()) - (len(sample) - high) >= 0.9 * high


def without_mojibake(text: str) -> str:
    """The text with what was read in a wrong charset and written out again turned back; unchanged if it is none."""
    sample = text[:_LOOK_AT]
    if sample.isascii() or sum(sign > "\x7f" for sign in sample) < _TWICE:
        return text
    now, inverted = likeness(sample), len(_INVERTED.findall(sample)) >= _TWICE
    if now > _SOUND and not inverted:
        return text
    best, likely = text, now + (_REPAIRED / 2 if inverted else _REPAIRED)
    for wrong, right in _MISREAD:
        turned = sample
        for times in range(1, _TIMES + 1):
            turned = _turned_back(turned, wrong, right)
            if likeness(turned) > likely:
                best, likely = text, likeness(turned)
                for _ in range(times):
                    best = _turned_back(best, wrong, right)
    return best


def _turned_back(text: str, wrong: str, right: str) -> str:
    """Every stretch of other than ASCII characters, written in the charset `wrong` and read in `right`."""
    octet_of = _octets_of(wrong)

    def turn(match: re.Match[str]) -> str:
        octets = [octet_of.get(sign) for sign in match.group()]
        known = bytes(octet for octet in octets if octet is not None)
        return known.decode(right, "replace") if len(known) == len(octets) else match.group()

    return re.sub(r"[^\x00-\x7f\ufffd]+", turn, text)


@lru_cache(maxsize=4)
def _octets_of(charset: str) -> dict[str, int]:
    """The octet of each character of a one-octet charset; the controls of ISO 8859 stand for what it leaves open."""
    pairs = {chr(octet): octet for octet in range(128, 160)}
    return pairs | {bytes([octet]).decode(charset, "ignore") or chr(octet): octet for octet in range(128, 256)}


def likeness(text: str) -> float:
    """How much the non-ASCII characters look like written Bulgarian: their mean log-probability; higher is better.

    A capital after a small letter and a sign inside a word are what a wrong charset makes; both count heavily.
    """
    pairs = Counter(zip(" " + text, text, strict=False))  # the same few hundred stand in every text
    counted = [(times, _weight(sign, before)) for (before, sign), times in pairs.items() if sign > "\x7f"]
    count = sum(times for times, _ in counted)
    return sum(times * weight for times, weight in counted) / count if count else 0.0


@lru_cache(maxsize=10_000)
def _weight(sign: str, before: str) -> float:
    small = sign.lower()
    if small in _LETTER:
        flipped = sign != small and before.islower()
        mixed = before.isalpha() and before.lower() not in _LETTER
        return _LETTER[small] + (_CASE_FLIP if flipped else 0.0) + (_CASE_FLIP if mixed else 0.0)
    if sign in _USUAL_SIGNS:
        return _TYPOGRAPHY if not before.isalpha() or sign in "“”’»–—…\u00a0" else _CASE_FLIP
    if "\u00c0" <= sign <= "\u024f":
        return _LATIN_ACCENT if before.isascii() else _STRANGE
    return _STRANGE


_WORD = re.compile(r"=\?([^?\s]{0,60})\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]{0,80}){0,3}?)(?:\?=|\?$|$)")
"""An encoded word; one that was cut off at the end of the field, or that holds a question mark, too."""
_REFERENCES = re.compile(r"(?:&#(?:\d{2,6}|x[0-9a-fA-F]{2,5});\W{0,3}){3}")


def decode_header(raw: str) -> str:
    """A header field's body as text: raw 8-bit octets repaired, encoded words of RFC 2047 decoded, folding undone.

    `raw` is what Python's parser keeps: ASCII with other octets as surrogates. Neighbouring words of one charset are
    joined before decoding, since many programs cut them in the middle of a character.
    """
    octets = raw.encode("utf-8", "surrogateescape")
    text = decode(octets, None).text if not octets.isascii() else octets.decode("ascii")
    text = _decode_words(text)
    if _WORD.fullmatch(text.strip()):  # encoded twice
        text = _decode_words(text)
    return clean_line(html.unescape(text) if _REFERENCES.search(text) else text)


def _decode_words(text: str) -> str:
    if "=?" not in text:
        return text
    parts: list[str] = []
    run, run_charset, end = b"", "", 0

    def flush() -> None:
        nonlocal run
        if run:
            parts.append(decode(run, run_charset).text)
        run = b""

    for match in _WORD.finditer(text):
        between, charset = text[end:match.start()], match[1].partition("*")[0].lower()
        adjacent = bool(run) and not between.strip()
        if not (adjacent and charset == run_charset):
            flush()
        if not adjacent:
            parts.append(between)
        run, run_charset, end = run + _word_octets(match[2], match[3]), charset, match.end()
    flush()
    parts.append(text[end:])
    return "".join(parts)


def _word_octets(encoding: str, body: str) -> bytes:
    """The octets of one encoded word; wrong padding and foreign characters are passed over."""
    if encoding in "bB":
        letters = re.sub(r"[^A-Za-z0-9+/]", "", body)
        letters = letters[:-1] if len(letters) % 4 == 1 else letters
        return codecs.decode((letters + "=" * (-len(letters) % 4)).encode("ascii"), "base64")
    plain = body.replace("_", " ").encode("utf-8", "surrogateescape")
    return re.sub(rb"=([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), plain)


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean_line(text: str) -> str:
    """One line: no controls, no line ends (a header smuggled into a header stays harmless text), single spaces."""
    return " ".join(_CONTROL.sub("", text).split())


def clean_text(text: str) -> str:
    """Text with line feeds only, without control characters, no-break spaces and blanks at line ends."""
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n"))
    text = text.replace("\u00a0", " ").replace("\u200b", "").replace("\ufeff", "").replace("\u00ad", "")
    lines = [line.rstrip() for line in text.split("\n")]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).strip("\n")
