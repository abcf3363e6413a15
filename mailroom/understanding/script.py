"""In which script and language a letter is written (шльокавица is Bulgarian in Latin script)."""

import re

from mailroom.model.findings import Evidence, Found, Script
from mailroom.understanding.folding import Words
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
_RUSSIAN_LETTERS = re.compile(r"[ыэё]", re.IGNORECASE)
_UKRAINIAN_LETTERS = re.compile(r"[іїєґ]", re.IGNORECASE)
_TURKISH_LETTERS = re.compile(r"[ığşİĞŞ]")


def find_script(words: Words, name: str = "") -> Found[Script]:
    """The script that carries the text; `mixed` when both do. `name` (the From name) decides where there is no text."""
    prose = _NOT_PROSE.sub(lambda match: " " * len(match.group()), words.text)
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


def find_language(words: Words, knowledge: Knowledge) -> Found[str]:
    """The language by its commonest small words, ISO 639-1; Bulgarian when nothing speaks for another."""
    forms = [word.plain for word in words.words]
    scores: dict[str, int] = {}
    for name, function_words in knowledge.lexicon.lists.items():
        file, _, language = name.partition(".")
        if file == "languages":
            known = frozenset(function_words)
            scores[language] = sum(form in known for form in forms)
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
