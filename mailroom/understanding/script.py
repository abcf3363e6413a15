"""In which script and language a letter is written (шльокавица is Bulgarian in Latin script)."""

import re
from collections import Counter

from mailroom.folding import Words
from mailroom.model.findings import Evidence, Found, Script
from mailroom.understanding.knowledge import Knowledge

_MIXED_SHARE = 0.2
"""Both scripts carry words of the text when the smaller one has this share of them…"""
_MIXED_WORDS = 5
"""… and at least this many words."""
_NOT_PROSE = re.compile(
    # Looked for where a word begins only, so that one endless word does not cost its square.
    r"(?<!\S)(?=\S{0,200}?(?:@\S|https?://|www\.\S|\.(?:pdf|jpe?g|docx?|png|xlsx?)\b))\S+",
    re.IGNORECASE,
)
_FIELD_NAME = re.compile(
    r"(?m)^[ \t]{0,8}(?:[A-Za-z][A-Za-z-]{0,20}[ \t]?){1,3}(?:/[ \t]?[^\W\d_]{2,20}[ \t]?)?[:|\t]"
)
"""What a web form writes before each answer („your-message:“)."""
_FIELDS = 3
"""So many lines that begin with a field's name are a form."""
_SENT_BY_FORM = re.compile(
    r"(?im)^[^\n]{0,40}\b(?:e-?mail|message)\b[^\n]{0,30}\bsent\b[^\n]{0,60}\bform\b[^\n]{0,120}$"
)
"""The line that a web form writes under the answers."""
_FOREIGN = 2
"""So many times more words of another script's language than of Bulgarian: less is what machines add to a letter."""
_RUSSIAN_LETTERS = re.compile(r"[ыэё]", re.IGNORECASE)
_UKRAINIAN_LETTERS = re.compile(r"[іїєґ]", re.IGNORECASE)
_TURKISH_LETTERS = re.compile(r"[ığşİĞŞ]")


def find_script(words: Words, name: str = "") -> Found[Script]:
    """The script that carries the text; `mixed` when both do. `name` (the From name) decides where there is no text."""
    prose = _NOT_PROSE.sub(_blank, _without_form(words.text))
    if not re.search(r"[^\W\d_]", prose):
        prose = name
    counts = {"Cyrl": 0, "Latn": 0}
    first: dict[str, str] = {}
    left = prose if len(prose) == len(words.text) else words.text
    for word in words.words:
        if len(word.plain) < 2 or word.script not in counts or left[word.start] == " ":
            continue
        counts[word.script] += 1
        first.setdefault(word.script, word.raw)
    total = sum(counts.values())
    if not total:
        latin = bool(re.search(r"[A-Za-z]", prose)) and not re.search(r"[Ѐ-ӿ]", prose)
        return Found(value=Script.LATIN if latin else Script.CYRILLIC, confidence=0.3)
    fewer = min(counts.values())
    if fewer >= _MIXED_WORDS and fewer / total >= _MIXED_SHARE:
        why = f"думи на кирилица: {counts['Cyrl']}, на латиница: {counts['Latn']}"
        shown = tuple(Evidence(text=text, why=why) for text in first.values())
        return Found(value=Script.MIXED, confidence=min(1.0, 0.6 + fewer / total), evidence=shown)
    value = Script.CYRILLIC if counts["Cyrl"] >= counts["Latn"] else Script.LATIN
    return Found(value=value, confidence=max(counts.values()) / total,
                 evidence=(Evidence(text=first[value.value], why="азбуката на повечето думи"),))  # fmt: skip


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _without_form(text: str) -> str:
    """The text with what a web form wrote itself blanked, same length."""
    text = _SENT_BY_FORM.sub(_blank, text)
    return _FIELD_NAME.sub(_blank, text) if len(_FIELD_NAME.findall(text)) >= _FIELDS else text


def find_language(words: Words, knowledge: Knowledge) -> Found[str]:
    """The language by its commonest small words, ISO 639-1; Bulgarian when nothing speaks for another."""
    left = _without_form(words.text)
    forms = [word.plain for word in words.words if left[word.start] != " "]
    times = Counter(forms)
    scores: dict[str, int] = {}
    for name, function_words in knowledge.lexicon.lists.items():
        file, _, language = name.partition(".")
        if file == "languages":
            scores[language] = sum(times[form] for form in set(function_words) & times.keys())
    for language in set(scores) - {"bg", "bg_latin", "ru", "uk"}:
        scores[language] = 0 if scores[language] < _FOREIGN * scores["bg"] else scores[language]
    scores["bg"] += scores.pop("bg_latin")
    text = words.text
    scores["ru"] = scores.get("ru", 0) if _RUSSIAN_LETTERS.search(text) else 0
    scores["uk"] = scores.get("uk", 0) if _UKRAINIAN_LETTERS.search(text) else 0
    scores["ru"] += 2 * len(_RUSSIAN_LETTERS.findall(text))
    scores["uk"] += 2 * len(_UKRAINIAN_LETTERS.findall(text))
    scores["tr"] = scores.get("tr", 0) + 2 * len(_TURKISH_LETTERS.findall(text))
    best = max(scores, key=lambda language: (scores[language], language == "bg"))
    total = sum(scores.values())
    if not total:
        return Found(value="bg", confidence=0.3)
    shown = next((word.raw for word in words.words if word.plain in _words_of(knowledge, best)), "")
    evidence = (Evidence(text=shown, why="служебна дума на този език"),) if shown else ()
    return Found(value=best, confidence=min(1.0, scores[best] / total), evidence=evidence)


def _words_of(knowledge: Knowledge, language: str) -> frozenset[str]:
    lists = knowledge.lexicon.lists
    return frozenset((*lists.get(f"languages.{language}", ()), *lists.get(f"languages.{language}_latin", ())))


def is_shlyokavitsa(script: Script, language: str) -> bool:
    """Whether Bulgarian words have to be looked for in Latin letters."""
    return language == "bg" and script is not Script.CYRILLIC
