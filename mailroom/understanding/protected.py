"""Whether somebody else's personal data or classified information are asked for (one's own are a gdpr_request)."""

from collections.abc import Iterator, Mapping
from typing import Any

from mailroom.folding import Word, name_key
from mailroom.model.findings import Evidence, Found
from mailroom.understanding import likely_fact
from mailroom.understanding.composition import Bounds, Place, compose
from mailroom.understanding.view import View

_NAMED = Bounds(within=8, sentences=1, in_order=False)
"""How near a person's name stands to what is asked about him."""
_NAME_WORDS = 3
_NAMED_AFTER = frozenset({
    "ул", "улица", "бул", "булевард", "пл", "площад", "жк", "ж", "кв", "квартал", "св", "оу", "су", "дг", "училище",
    "читалище", "болница", "метростанция", "ul", "bul", "jk", "kv",
})  # fmt: skip
"""What is called after people."""


PROTECTED = likely_fact.Bounds(alarm=-0.9, calm=-1.5)
"""From where on the model is heard. Measured over sets of letters left out whole: benchmarks/README.md."""
_ALIKE = "по думите си прилича на писма, с които се искат чужди данни"


def find_protected_info(view: View, so_far: Mapping[str, Any]) -> Found[bool]:
    """What the vocabulary of asking says, with the second opinion of the model."""
    asked = _find_asking(view, so_far)
    return likely_fact.second_opinion(view, view.knowledge.protected_model, asked, PROTECTED, _ALIKE)


def _find_asking(view: View, so_far: Mapping[str, Any]) -> Found[bool]:
    """True when a request names data of a third person, or classified documents."""
    seen = view.seen("protected")
    own = view.seen("kinds.gdpr_request")
    checked = _sentences_of_checks(view)
    third = [s for s in seen if s.hit.name == "classified" or not (own or s.sentences <= checked)]
    if third:
        evidence = tuple(view.evidence(s, around=5) for s in third[:4])
        return Found(value=True, confidence=min(0.95, 0.7 + 0.08 * len(third)), evidence=evidence)
    named = None if own else _asked_of_a_named_person(view, so_far)
    if named is not None:
        return Found(value=True, confidence=0.75, evidence=(named,))
    if seen and own:
        return Found(value=False, confidence=0.7, evidence=(view.evidence(own[0]),))
    return Found(value=False, confidence=0.93)


def _sentences_of_checks(view: View) -> frozenset[tuple[bool, int]]:
    """The sentences that want something looked into and nothing told: „да се провери кой е подписал“."""
    return view.sentences_of("protected:check") - view.sentences_of("protected:to_me")


def _asked_of_a_named_person(view: View, so_far: Mapping[str, Any]) -> Evidence | None:
    """„… адреса на Петър Динев“: the data and the asking are vocabulary, a name is not."""
    words = view.words.words
    places = {name: [(s.hit.first, s.hit.last) for s in view.seen(f"protected:{name}") if not s.in_subject]
              for name in ("datum", "ask", "own", "public", "harm_me")}  # fmt: skip
    names = list(_other_names(view, so_far))
    never = [*places["own"], *places["public"], *places["harm_me"]]
    for first, last in compose((names, places["datum"], places["ask"]), never, words, _NAMED):
        quote, start, end = view.words.quote(first, last)
        return view.quote(start, end, "иска данни на човек, когото назовава", text=quote)
    return None


def _other_names(view: View, so_far: Mapping[str, Any]) -> Iterator[Place]:
    """Places of names of people that are not the sender's own: „Петър Динев“, „на Петя“; no street and no school."""
    own = {name_key(part) for field in ("sender_name", "on_behalf_of") if (found := so_far.get(field)) is not None
           for part in found.value.split()}  # fmt: skip
    words = view.words.words
    index = 0
    while index < len(words):
        last = _name_end(words, index, view)
        before = words[index - 1].plain if index else ""
        called = words[index].raw[:1].isupper() and name_key(words[index].raw) in view.knowledge.first_names
        named = last > index or (before == "на" and called)
        own_name = own.issuperset((name_key(words[index].raw), name_key(words[last].raw)))
        if named and not own_name and not words[index].quoted and before not in _NAMED_AFTER:
            yield index, last
        index = last + 1


def _name_end(words: tuple[Word, ...], first: int, view: View) -> int:
    """The last word of the name that begins here; `first` itself when none does."""
    if not words[first].raw[:1].isupper() or name_key(words[first].raw) not in view.knowledge.first_names:
        return first
    last = first
    while last + 1 < len(words) and last - first < _NAME_WORDS - 1:
        following = words[last + 1]
        if not following.raw[:1].isupper() or following.sentence != words[first].sentence:
            break
        last += 1
    return last
