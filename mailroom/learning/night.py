"""What is done with the examples every night: a report of where the finders are wrong, and the model made anew.

Only letters that are still in the register teach, so what is erased is forgotten by the next morning. Nothing leaves
the machine, and nothing that is proposed here is switched on by itself.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from sys import intern

from mailroom.learning.train import LEAST_LETTERS, Labelled, train, try_out
from mailroom.learning.vocabulary import GROUPS, Read, propose
from mailroom.model.base import ItemId
from mailroom.model.findings import Findings, Kind
from mailroom.model.item import Item
from mailroom.model.learned import Confusion, Corrected, Example, Lesson
from mailroom.office import LESSON, Office
from mailroom.understanding.learned_kind import is_protected
from mailroom.understanding.stems import plain_words, stems_of
from mailroom.understanding.understand import understand
from mailroom.understanding.view import View

MOST_LETTERS = 1500
"""The latest letters that people worked on: of a large town, some weeks."""
_ITEMS_SHOWN = 20
_MISLED_SHOWN = 3
_FACTS = ("health_safety", "abusive", "protected_info")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """What is kept in mind of one letter that people have worked on: little, since there are many."""

    labelled: Labelled
    read: Read
    spoke_for: Mapping[Kind, tuple[str, ...]]
    """Kind → what the cues that speak for it say of themselves."""


def learn(office: Office) -> Lesson:
    """Look at what people have corrected, keep what it teaches, and let the office use it at once."""
    with office.store.reading() as register:
        examples = register.examples.all()
        ids = register.examples.looked_at(MOST_LETTERS)
    of_item: dict[ItemId, list[Example]] = defaultdict(list)
    for example in examples:
        of_item[example.item_id].append(example)
    letters = {item_id: looked for item_id in ids
               if (looked := _look(office, office.store.item(item_id), of_item[item_id])) is not None}
    lesson = _lesson(office, examples, letters, len(ids))
    with office.store.transaction() as register:
        register.examples.keep_lesson(LESSON, lesson.model_dump_json(), lesson.at)
    office.learned.take(lesson)
    return lesson


def last_lesson(office: Office) -> Lesson | None:
    """What the last night brought; null before the first."""
    with office.store.reading() as register:
        document = register.examples.lesson(LESSON)
    return Lesson.model_validate_json(document) if document else None


def _lesson(office: Office, examples: Sequence[Example], letters: Mapping[ItemId, _Looked], looked_at: int) -> Lesson:
    labelled = [looked.labelled for looked in letters.values()]
    trial = try_out(labelled) if len(labelled) >= LEAST_LETTERS else None
    return Lesson(
        at=office.now(), looked_at=looked_at, corrected=tuple(_corrected(examples)),
        confusions=tuple(_confusions(examples, letters)),
        proposals=propose([looked.read for looked in letters.values()], office.knowledge.lexicon),
        trial=trial, model=train(labelled) if trial and trial.heard else None)


def _look(office: Office, item: Item | None, examples: Sequence[Example]) -> _Looked | None:
    """Null for what is no legible letter, or has been sealed meanwhile. The model of the last night has no say."""
    if item is None or item.sealed or item.letter is None or not item.letter.legible or not item.correspondence:
        return None
    assert item.findings is not None
    knowledge = replace(office.knowledge, learned=None)
    view = View(item.letter, office.pack, knowledge)
    alone = understand(item.letter, office.pack, knowledge)
    return _Looked(labelled=_labelled(item, view, alone), read=_read(item, view, examples),
                   spoke_for={kind: _spoke_for(view, kind) for kind in Kind})


def _writer(findings: Findings, item_id: ItemId) -> str:
    """Who writes, by address or name; of a letter without either nobody else."""
    best = findings.email or findings.sender_name
    return best.value.lower() if best else f"#{item_id}"


def _labelled(item: Item, view: View, alone: Findings) -> Labelled:
    assert item.findings is not None
    fixed = any(getattr(alone, name).value for name in _FACTS) or is_protected(view, alone.kind.value)
    found = alone.kind.model_copy(update={"evidence": ()})
    return Labelled(stems=stems_of(view), found=found, meant=item.findings.kind.value, fixed=fixed,
                    writer=_writer(item.findings, item.id))


def _read(item: Item, view: View, examples: Sequence[Example]) -> Read:
    findings = item.findings
    assert findings is not None
    values = [("kind", findings.kind.value.value), *((name, getattr(findings, name).value) for name in _FACTS)]
    return Read(item_id=item.id, writer=_writer(findings, item.id), words=frozenset(map(intern, plain_words(view))),
                groups=frozenset(_groups(values)),
                missed=frozenset(_groups((one.field, one.meant) for one in examples)))


def _groups(values: Iterable[tuple[str, object]]) -> Iterator[str]:
    return (GROUPS[field, value] for field, value in values if (field, value) in GROUPS)


def _corrected(examples: Sequence[Example]) -> Iterator[Corrected]:
    """Every field that was ever corrected, the most corrected first."""
    items = defaultdict(list)
    for example in examples:
        items[example.field].append(example.item_id)
    for field, ids in sorted(items.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        yield Corrected(field=field, times=len(ids), items=tuple(reversed(ids[-_ITEMS_SHOWN:])))


def _confusions(examples: Sequence[Example], letters: Mapping[ItemId, _Looked]) -> Iterator[Confusion]:
    """Which kinds are taken for which, the commonest first, with the cues that spoke for the wrong one."""
    pairs = defaultdict(list)
    for example in examples:
        if example.field == "kind" and {example.found, example.meant} <= set(Kind):
            pairs[Kind(example.found), Kind(example.meant)].append(example.item_id)
    for (found, meant), ids in sorted(pairs.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        whys = Counter(why for item_id in ids if item_id in letters for why in letters[item_id].spoke_for[found])
        yield Confusion(found=found, meant=meant, times=len(ids), items=tuple(reversed(ids[-_ITEMS_SHOWN:])),
                        misled_by=tuple(why for why, _ in whys.most_common(_MISLED_SHOWN)))


def _spoke_for(view: View, kind: Kind) -> tuple[str, ...]:
    return tuple(sorted({sighting.hit.cue.row.why for sighting in view.seen(f"kinds.{kind.value}")}))
