"""A scan batch to its letters: split at separator sheets and awaited labels, and nowhere else.

1. Separator sheets divide the pages, and so does a label of the counter whose paper is waited for; a group of pages
   with content is a letter.
2. A sheet at either end, two sheets together, a sheet alone make no letter; the file stays at least one item.
3. A blank page belongs to the letter before it, where it is kept and not shown; behind a sheet it is the sheet's back.
4. Pages that look like a further letter, without a sheet before them, are a suggestion to a person: never a split.
5. Each file that a scanner has mailed is divided by itself, as if a sheet lay between it and the next; one that holds
   nothing but sheets makes no letter.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from mailroom.errors import BadRequest
from mailroom.model.letter import Letter, Page
from mailroom.reading.faults import fault, unique
from mailroom.reading.legibility import judge_pages, mean_confidence
from mailroom.reading.letter_start import announces_enclosure, begins_letter
from mailroom.reading.repairs import text_of

_OF_THE_WHOLE = frozenset({"no_text", "poor_scan", "handwriting", "several_letters"})
"""Faults that are judged anew for each letter of a batch."""
_FEWEST_WORDS = 30


def letters_in(letter: Letter, *, lowest: float, starts: Collection[int] = ()) -> tuple[Letter, ...]:
    """The letters of one file, in its order; the letter itself where neither separator sheets nor files divide it.

    `lowest` is the mean confidence below which a text is not trusted (ReadingOptions.legible_confidence). `starts` are
    the pages that bear a label of the counter whose paper is waited for: each begins a letter as surely as a sheet.
    """
    if letter.files:
        return tuple(part for file in _files_with_letters(letter)
                     for part in letters_in(file, lowest=lowest, starts=starts))
    if not letter.pages:
        return (letter,)
    groups = list(_between_separators(letter.pages, starts))
    divided = any(page.separator or page.number in starts for page in letter.pages)
    if not divided or not groups:
        return (with_suggestion(letter),)
    return tuple(_between_sheets(letter_of(letter, group, lowest=lowest)) for group in groups)


def _files_with_letters(letter: Letter) -> tuple[Letter, ...]:
    """The files that are more than separator sheets, each with the faults that are of the whole mail."""
    told = {found for file in letter.files for found in file.faults}
    common = [found for found in letter.faults if found not in told]
    files = [file for file in letter.files if file.faults or not _is_sheets(file)] or letter.files[:1]
    return tuple(file.model_copy(update={"faults": unique([*common, *file.faults])}) for file in files)


def _is_sheets(letter: Letter) -> bool:
    return not letter.content_pages and any(page.separator for page in letter.pages)


def _between_sheets(letter: Letter) -> Letter:
    """Who lays sheets has divided the pile; a letter that comes with another one which it encloses is no oversight."""
    return letter if announces_enclosure(letter.text) else with_suggestion(letter)


def _between_separators(pages: Iterable[Page], starts: Collection[int]) -> Iterator[tuple[Page, ...]]:
    """The runs of pages between separator sheets that have content, without the blank pages before it."""
    group: list[Page] = []
    for page in pages:
        if page.separator or page.number in starts:
            if group:
                yield tuple(group)
            group = [] if page.separator else [page]
        elif group or not page.blank:
            group.append(page)
    if group:
        yield tuple(group)


def letters_of(letter: Letter, parts: Sequence[Sequence[int]], *, lowest: float) -> tuple[Letter, ...]:
    """The letters that a person makes of the pages of one: `parts` name every page with content, each once.

    A blank page goes with the one before it. Raises BadRequest with what is wrong about the pages.
    """
    wanted = [number for part in parts for number in part]
    there = [page.number for page in letter.content_pages]
    missing, unknown = sorted(set(there) - set(wanted)), sorted(set(wanted) - set(there))
    if unknown:
        raise BadRequest(f"В писмото няма страница {unknown[0]}: страниците му са {_in_words(there)}.")
    if missing:
        raise BadRequest(f"Страница {missing[0]} не е в нито едно от писмата: всяка страница трябва да остане някъде.")
    if len(wanted) > len(set(wanted)) or not all(parts):
        raise BadRequest("Всяка страница може да бъде само в едно писмо, и всяко писмо има поне една.")
    if len(parts) == 1:
        return (whole(letter),)
    part_of = {number: at for at, part in enumerate(parts) for number in part}
    groups: list[list[Page]] = [[] for _ in parts]
    at = part_of[there[0]]
    for page in letter.pages:
        at = part_of.get(page.number, at)
        groups[at].append(page)
    return tuple(letter_of(letter, group, lowest=lowest) for group in groups)


def together(letters: Sequence[Letter], *, lowest: float) -> Letter:
    """The one letter that these letters of one file are after all, with the suggestion to divide it: this takes back
    what `letters_of` has made."""
    first, *others = letters
    if others:
        pages = sorted((page for letter in letters for page in letter.pages), key=lambda page: page.number)
        faults = unique([one for letter in letters for one in letter.faults])
        first = letter_of(first.model_copy(update={"faults": faults}), pages, lowest=lowest)
    return with_suggestion(first)


def _in_words(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def letter_of(letter: Letter, pages: Sequence[Page], *, lowest: float) -> Letter:
    """The letter that these pages of a file make: their text, their faults, their legibility."""
    numbers = {page.number for page in pages}
    doubt = judge_pages(tuple(pages), lowest=lowest)
    faults = [found for found in letter.faults
              if found.code not in _OF_THE_WHOLE and (found.page is None or found.page in numbers)]
    faults += [doubt] if doubt else []
    text = text_of(pages)
    return letter.model_copy(update={
        "pages": tuple(pages), "text": text, "faults": unique(faults), "suggested_parts": (),
        "legible": doubt is None and (bool(text.strip()) or not faults),
        "ocr_confidence": mean_confidence(tuple(pages)),
    })


def with_suggestion(letter: Letter) -> Letter:
    """The letter with the parts in which a person may want to split it, and the sentence that asks for that."""
    parts = suggested_parts(letter.pages)
    if len(parts) < 2:
        return letter
    return letter.model_copy(update={"suggested_parts": parts,
                                     "faults": unique([*letter.faults, fault("several_letters")])})


def whole(letter: Letter) -> Letter:
    """The letter after a person has said that it is one."""
    return letter.model_copy(update={
        "suggested_parts": (), "faults": tuple(found for found in letter.faults if found.code != "several_letters")})


def suggested_parts(pages: Iterable[Page]) -> tuple[tuple[int, ...], ...]:
    """The pages of each letter that these pages look like; one part where nothing speaks for more."""
    parts: list[list[Page]] = []
    for page in pages:
        if page.blank:
            continue
        if not parts or (_is_a_letter(parts[-1]) and begins_letter(page.text, parts[-1][-1].text)):
            parts.append([])
        parts[-1].append(page)
    return tuple(tuple(page.number for page in part) for part in parts)


def _is_a_letter(pages: Iterable[Page]) -> bool:
    """Whether these pages say enough for a letter; an envelope that was scanned before its letter does not."""
    return sum(len(page.text.split()) for page in pages) >= _FEWEST_WORDS
