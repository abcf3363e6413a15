"""A lesson in words, for the terminal."""

from collections.abc import Iterator

from mailroom.learning.vocabulary import as_toml
from mailroom.model.learned import Lesson, Trial
from mailroom.words import FIELDS, word


def lesson_lines(lesson: Lesson) -> Iterator[str]:
    """Line by line."""
    yield f"Писма, по които е работил служител: {lesson.looked_at}"
    yield from (f"  {FIELDS.get(one.field, one.field)}: {one.times} поправки (вътрешни номера {_numbers(one.items)})"
                for one in lesson.corrected)
    for pair in lesson.confusions:
        misled = f" подведоха: {'; '.join(pair.misled_by)}" if pair.misled_by else ""
        yield f"  {word(pair.found)} → {word(pair.meant)}: {pair.times} ({_numbers(pair.items)}){misled}"
    yield trial_sentence(lesson.trial)
    for name, text in as_toml(lesson.proposals).items():
        yield f"Предложени думи за lexicon/{name} (не действат, докато не ги запишете там):"
        yield text


def _numbers(items: tuple[int, ...]) -> str:
    return ", ".join(map(str, items[:5])) + (" …" if len(items) > 5 else "")


def trial_sentence(trial: Trial | None) -> str:
    """What the model of kinds is worth here, in one sentence."""
    if trial is None:
        return "Още няма достатъчно писма, от които да се учи видът: работи само речникът."
    compared = (f"по {trial.letters} писма речникът сам познава вида на {trial.vocabulary_right}, заедно с наученото – "
                f"на {trial.together_right} (поправя {trial.gained}, разваля {trial.lost})")
    if trial.heard:
        return f"Наученото от поправките помага и се използва: {compared}."
    return f"Наученото от поправките още не помага достатъчно и не се използва: {compared}."
