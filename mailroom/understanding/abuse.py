"""Whether a letter is abusive: obscene, or insulting people without argument.

1. An obscene word outside quotation marks makes a letter abusive. It is found as a whole word (root and allowed
   ending), also written in шльокавица, with look-alike letters, digits, stars, dots or spaces between the letters.
2. Insults count when they are the writer's own (not quoted, not „нарече ме …“): a hard one speaks for itself, milder
   words only when they are most of what the letter says.
Sharp criticism, a quoted insult, place and family names with rude stems, rubbish and animals are none of this.
The flag only brings the letter before a person (АПК чл. 5).
"""

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from mailroom.model.findings import Evidence, Found
from mailroom.understanding.folding import Words
from mailroom.understanding.obscenity import is_obscene, masked_obscenities
from mailroom.understanding.view import View

_WORDS_FOR_ARGUMENT = 35
"""A letter with at least so many words beyond the insults says something."""


def find_abusive(view: View, _: Mapping[str, Any]) -> Found[bool]:
    """Whether a person has to look because of the language."""
    obscene = [
        *_obscene_words(view, view.words, in_subject=False),
        *_obscene_words(view, view.subject_words, in_subject=True),
    ]
    obscene += [view.evidence(s) for s in view.seen("abuse.obscene")]
    if obscene:
        return Found(value=True, confidence=0.95, evidence=tuple(obscene[:5]))
    insults, mild = view.seen("abuse.insult"), view.seen("abuse.mild")
    hard = {s.hit.first for s in insults}
    score = len(hard) + 0.4 * len({s.hit.first for s in mild} - hard)
    count = len(view.words)
    argued = count - 3 * len(hard) >= _WORDS_FOR_ARGUMENT and bool(view.seen("topics"))
    abusive = (bool(hard) and (score >= 1.8 or not argued)) or (
        not hard and not argued and score >= 1.2 and score / max(count, 1) > 0.04
    )
    if hard and not abusive:
        abusive = any(_at_reader(view, first) for first in hard)
    shown = tuple(view.evidence(s) for s in (*insults, *mild))[:5]
    confidence = min(1.0, 0.6 + 0.1 * score) if abusive else (0.6 if score else 0.98)
    return Found(value=abusive, confidence=confidence, evidence=shown if abusive else ())


def _at_reader(view: View, first: int) -> bool:
    """Whether „вие“, „сте“, „такива“ or an exclamation mark turns the insult to the reader."""
    near = view.words.words[max(0, first - 3) : first + 4]
    sentence = view.words.words[first].sentence
    return any(
        word.plain in ("вие", "сте", "такива", "такъв", "бе", "vie", "ste", "takiva", "вас", "ви")
        for word in near
        if word.sentence == sentence
    )


def _obscene_words(view: View, words: Words, *, in_subject: bool) -> list[Evidence]:
    """Evidence for every obscene word outside quotation marks."""
    forms = view.knowledge.obscene
    found = []
    for word in words.words:
        if word.quoted:
            continue
        if is_obscene(word.plain, forms, latin_bulgarian=view.bare and word.script == "Latn"):
            found.append(_evidence(view, words.text, word.start, word.end, in_subject=in_subject))
    for start, end in masked_obscenities(words.text, forms, latin_bulgarian=view.bare):
        if not _inside_quotes(words, start):
            found.append(_evidence(view, words.text, start, end, in_subject=in_subject))
    return found


def _evidence(view: View, text: str, start: int, end: int, *, in_subject: bool) -> Evidence:
    if in_subject:
        return Evidence(text=text[start:end], why="нецензурна дума (в темата)")
    return view.quote(start, end, "нецензурна дума")


def _inside_quotes(words: Words, start: int) -> bool:
    index = bisect_right(words.words, start, key=lambda word: word.start) - 1
    return any(word.quoted for word in words.words[max(0, index - 1) : index + 1] if word.start <= start < word.end + 1)
