"""Whether people's health or safety is in danger now: recall before precision, a false alarm costs a minute."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from mailroom.folding import Word
from mailroom.model.findings import Found, Kind
from mailroom.understanding.composition import is_denied
from mailroom.understanding.dates import days_named
from mailroom.understanding.kind import shares_of_kinds
from mailroom.understanding.likely_fact import Bounds, second_opinion
from mailroom.understanding.view import Sighting, View

_CERTAIN = 0.95
_ENOUGH = 1.0
"""Weight of signs that make a danger: one plain one, or several slight ones."""
_SETTLED_WORDS = 12
_CONTRAST = frozenset({"но", "обаче", "ама", "пак", "отново", "само", "уж"})
"""„Благодаря за реакцията, но шахтата пак зее“: what comes after is there."""
_TOLD = 12
"""A text of so many words tells of the danger itself if there is one."""
_WEAK = 1.5
"""Weight up to which a danger is doubted in a letter that reports nothing."""
_AHEAD = 1.6
"""How far another purpose must be ahead of reporting."""
_WHERE = frozenset({"до", "пред", "зад", "край", "покрай", "срещу", "при", "около", "между", "към", "преди", "след"})
_PLACES_TOO = frozenset({"low_structure", "wire|panel"})
"""Groups of words that are as often the place of something as the thing itself („пейката до училището“)."""
_PAIR = 6
"""Words back from the second of two places between which something is („между яслата и трафопоста“)."""
_SUBJECT = 6
"""Words back from „не отваря“ in which the one who does not open is named."""
_PASSING = frozenset({"fire", "water", "harm"})
"""Dangers that end by themselves; a roof that has fallen in lies there still."""
_OVER = timedelta(days=60)
"""What burned or was flooded so long before the letter does not burn today."""
_LASTING = ("now", "stands", "again", "danger", "fear", "near_miss", "people", "hurt")
"""Groups of words of which one in the sentence says that it is not over, or that somebody came to harm."""
_HAPPENING = ("now", "near_miss", "harmed")
"""Groups of words by which a sentence of a request for documents tells what happens now."""
_GOES_ON = ("now", "near_miss", "harmed", "danger", "fear")
"""Groups of words by which a sentence of a claim tells of more than a damage done."""
_REPORTING = ("signal", "complaint", "corruption_report")
_OTHER_PURPOSES = ("request", "inquiry", "proposal", "foi_request", "gdpr_request", "other")


DANGER = Bounds(alarm=-0.1, calm=-1.25)
"""Recall first: the model need not be sure to raise an alarm, and must be rather sure to call one off. Measured over
sets of letters left out whole: benchmarks/README.md."""
_ALIKE = "по думите си прилича на писма за опасност"


def find_health_safety(view: View, _: Mapping[str, Any]) -> Found[bool]:
    """What the signs of danger say, with the second opinion of the model; what a report of wrongdoing says of a danger
    is not called off, since the model has learned from few of them."""
    found = _find_signs(view)
    if found.value and _is_a_report(view):
        return found
    return second_opinion(view, view.knowledge.danger_model, found, DANGER, _ALIKE)


def _is_a_report(view: View) -> bool:
    shares = shares_of_kinds(view)
    return max(shares, key=shares.__getitem__, default=None) is Kind.CORRUPTION_REPORT


def _find_signs(view: View) -> Found[bool]:
    """True when the signs of danger in text or subject, each counted once, weigh enough.

    A sign is not counted when it is denied just before, when its sentence speaks of what is long past, proposed,
    asked about in general, played or meant otherwise, or when the letter tells later that it has been put right; nor
    is the silence of a card, a machine or an office, or a fire that the letter dates months ago.
    What only the subject says, and a longer text does not, is figurative („Бомба!“); a weak sign in a letter that is
    plainly a request, question, proposal or offer and reports nothing is a word that means something else there.
    """
    settled = frozenset(view.knowledge.lexicon.list("danger.settled"))
    mended = max((s.hit.last for s in view.seen("danger+.mended") if not s.in_subject), default=-1)
    unreal, over = _unreal_sentences(view), _sentences_long_over(view)
    seen = [
        s for s in (*view.seen("danger"), *view.seen("danger+"))
        if s.hit.weight > 0 and not is_denied(s.words.words, s.hit.first) and not _is_settled(s, settled)
        and (s.in_subject or s.hit.first > mended) and not s.sentences <= unreal
        and not (s.hit.name in _PASSING and s.sentences <= over)
        and not _is_a_place(s) and not _is_silence_of_a_thing(view, s)
    ]  # fmt: skip
    signs: dict[tuple[str, str], Sighting] = {}
    for sighting in sorted(seen, key=lambda s: (-s.hit.weight, s.in_subject)):
        signs.setdefault((sighting.hit.name, sighting.hit.cue.row.why), sighting)
    weight = sum(sighting.hit.weight for sighting in signs.values())
    if weight < _ENOUGH - 0.01:
        return Found(value=False, confidence=0.9 if not signs else 0.7)
    if weight <= _WEAK and (_only_in_subject(view, signs.values()) or _reports_nothing(view)):
        return Found(value=False, confidence=0.6)
    evidence = tuple(view.evidence(s, around=5) for s in list(signs.values())[:4])
    return Found(value=True, confidence=min(_CERTAIN, 0.5 + 0.15 * weight), evidence=evidence)


def _is_a_place(sighting: Sighting) -> bool:
    """Whether a building is only said to stand near: „пейките до читалището са изпочупени“."""
    first_part = sighting.hit.cue.row.all[:1]
    if not first_part or not _PLACES_TOO.issuperset(first_part):
        return False
    words, ends = sighting.words.words, (sighting.hit.first, sighting.hit.last)
    before = {words[index - 1].plain for index in ends if index}
    between = any(
        words[index - 1].plain == "и" and any(word.plain == "между" for word in words[max(0, index - _PAIR) : index])
        for index in ends if index
    )  # fmt: skip
    return between or not _WHERE.isdisjoint(before)


def _is_silence_of_a_thing(view: View, sighting: Sighting) -> bool:
    """Whether nobody is in distress because what does not open or answer is a card, a machine or an office.

    The subject is the nearest noun of either kind before the verb: „от фирмата не вдигат“, „картата не отваря“, but
    „телефонът на баба не отговаря“. Another sign of distress in the same stretch keeps it.
    """
    if sighting.hit.name != "distress":
        return False
    first, last = sighting.hit.first, sighting.hit.last
    silences = _starts(view, "silent", sighting, first, last)
    others = _starts(view, "distress", sighting, first, last) - silences
    if not silences or others:
        return False
    words, things, people = sighting.words.words, *(_starts(view, group, sighting) for group in ("lifeless", "people"))
    return all(_nearest_before(words, verb, things) > _nearest_before(words, verb, people) for verb in silences)


def _starts(view: View, group: str, near: Sighting, first: int = 0, last: int | None = None) -> set[int]:
    """First words of what is seen of a group in the same text, from `first` to `last`."""
    seen = (s.hit for s in view.seen(f"danger:{group}") if s.in_subject == near.in_subject)
    return {hit.first for hit in seen if first <= hit.first and (last is None or hit.first <= last)}


def _nearest_before(words: tuple[Word, ...], verb: int, places: set[int]) -> int:
    """The last of the places a few words before the verb, in its sentence; -1 when there is none."""
    near = (place for place in places if verb - _SUBJECT <= place < verb)
    return max((place for place in near if words[place].sentence == words[verb].sentence), default=-1)


def _sentences_long_over(view: View) -> frozenset[tuple[bool, int]]:
    """The sentences that date what they tell long before the letter and say nothing of it lasting."""
    words = view.words.words
    old = {word.sentence for start, end, age in days_named(view) if age >= _OVER
           for word in words if start <= word.start < end}  # fmt: skip
    lasting = view.sentences_of(*(f"danger:{group}" for group in _LASTING))
    return frozenset((False, sentence) for sentence in old) - lasting


def _only_in_subject(view: View, signs: Iterable[Sighting]) -> bool:
    return len(view.words) >= _TOLD and all(sign.in_subject for sign in signs)


def _reports_nothing(view: View) -> bool:
    """Whether the words of another purpose outweigh those of a report; a title counts once like any word."""
    def weight(kinds: Iterable[str]) -> float:
        seen = (s for kind in kinds for s in (*view.seen(f"kinds.{kind}"), *view.seen(f"kinds+.{kind}")))
        return sum({(s.hit.name, s.hit.cue.row.why): s.hit.weight for s in seen}.values())

    return max(weight([kind]) for kind in _OTHER_PURPOSES) >= weight(_REPORTING) + _AHEAD


def _unreal_sentences(view: View) -> frozenset[tuple[bool, int]]:
    """The sentences in which a danger is told of, asked about or imagined, and is not there.

    A letter under the law on access to information lists what documents are about; of its sentences those count that
    say that something is happening, and those that ask for nothing.
    """
    unreal = view.sentences_of("danger+.unreal") | _sentences_of_claims(view)
    if not view.seen("danger:records_law"):
        return unreal
    listed = view.sentences_of("danger:asks_for", "danger:record", "danger:records_law")
    return unreal | listed - view.sentences_of(*(f"danger:{group}" for group in _HAPPENING))


def _sentences_of_claims(view: View) -> frozenset[tuple[bool, int]]:
    """In a letter that wants money or help for a damage, the sentences that tell how it came about."""
    if not view.seen("danger:claim"):
        return frozenset()
    return view.sentences_of("danger:past_harm") - view.sentences_of(*(f"danger:{group}" for group in _GOES_ON))


def _is_settled(sighting: Sighting, settled: frozenset[str]) -> bool:
    """Whether the sentence thanks for something that has been put right."""
    words, first = sighting.words.words, sighting.hit.first
    before = [word.plain for word in words[max(0, first - _SETTLED_WORDS) : first]
              if word.sentence == words[first].sentence]  # fmt: skip
    at = max((index for index, word in enumerate(before) if word in settled), default=None)
    return at is not None and _CONTRAST.isdisjoint(before[at:])
