"""Paper that is scanned later finds the item which was entered at the counter, by the label on its first page.

A scan joins when all of this holds; else it is an item of its own, with a sentence that says why:
1. it came as paper: what anybody can send by mail joins nothing;
2. the label is of this register, and its item was entered not too long ago;
3. the item is settled, in force, and has no paper yet: a copy that somebody sends in later is a letter.

The first page with such a label begins a letter, as behind a separator sheet. A label that stands elsewhere means
nothing. What joins is judged again with its words, and what the clerk typed still stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from mailroom.model.arrival import Channel
from mailroom.model.base import MACHINE, ItemId
from mailroom.model.item import Status, Step
from mailroom.model.letter import Letter, Page
from mailroom.model.taken_down import JoinedScan
from mailroom.office import Office
from mailroom.reading.faults import fault, unique
from mailroom.store.store import Register

SCANNED_WITHIN = timedelta(days=60)
"""After so long a label is rather on a copy than on the letter."""
_CLOSED = (Status.MERGED, Status.ANNULLED, Status.NOT_CORRESPONDENCE)
_TYPED_INSTEAD = frozenset({"no_text", "poor_scan", "handwriting"})
"""What need not be said of paper whose words a clerk has entered."""


def awaited_pages(register: Register, letter: Letter, now: datetime) -> dict[int, ItemId]:
    """The pages that bear a label whose item waits for its paper, by their numbers; of two with one label the first."""
    if letter.channel is Channel.EMAIL:
        return {}
    labels = {page.number: page.label for page in _pages(letter) if page.label}
    owners = register.counter.by_labels(set(labels.values()))
    found: dict[ItemId, int] = {}
    for number, label in labels.items():
        owner = owners.get(label)
        if owner is not None and _waits(register, owner, now):
            found.setdefault(owner, number)
    return {number: owner for owner, number in found.items()}


def _pages(letter: Letter) -> Iterable[Page]:
    return (page for part in letter.files or (letter,) for page in part.pages)


def _waits(register: Register, item_id: ItemId, now: datetime) -> bool:
    taken, item = register.counter.of(item_id), register.items.get(item_id)
    return (taken is not None and item is not None and item.entry is not None and item.step is Step.SETTLED
            and not item.scans and item.status not in _CLOSED and now - taken.at <= SCANNED_WITHIN)


def join_labelled(office: Office, register: Register, item_id: ItemId, letters: Sequence[Letter],
                  awaited: Mapping[int, ItemId]) -> list[Letter]:
    """Give each of these letters of the file that came as `item_id` to the item whose label it bears; what is left.

    When nothing is left, the arrival is the first of those items', and `item_id` is no more.
    """
    owners = [awaited.get(_first_page(letter)) for letter in letters]
    joined = [(owner, letter) for owner, letter in zip(owners, letters, strict=True) if owner is not None]
    sha256 = register.arrivals.of(item_id)[0].sha256
    for owner, letter in joined:
        _join(office, register, owner, letter, sha256)
    left = [letter for owner, letter in zip(owners, letters, strict=True) if owner is None]
    if not left:
        register.arrivals.give_to(item_id, joined[0][0])
        register.items.dissolve(item_id)
    return left


def _first_page(letter: Letter) -> int:
    return letter.content_pages[0].number if letter.content_pages else 0


def _join(office: Office, register: Register, item_id: ItemId, scan: Letter, sha256: str) -> None:
    item, taken = register.items.get(item_id), register.counter.of(item_id)
    assert item is not None and item.letter is not None and taken is not None
    paper = counted_from_one(scan)
    register.counter.join(JoinedScan(item_id=item_id, sha256=sha256, pages=tuple(page.number for page in scan.pages),
                                     joined_at=office.now()))
    register.places.keep(item_id, paper)
    register.items.keep_scan(item_id, with_paper(item.letter, paper, spoken=taken.brought.spoken))
    register.history.note("scan_joined", who=MACHINE, at=office.now(), item_id=item_id, sha256=sha256,
                          pages=[page.number for page in scan.pages])


def counted_from_one(scan: Letter) -> Letter:
    """The pages of a letter numbered through the letter instead of through its file."""
    new = {page.number: at for at, page in enumerate(scan.pages, start=1)}
    return scan.model_copy(update={
        "pages": tuple(page.model_copy(update={"number": new[page.number]}) for page in scan.pages),
        "suggested_parts": tuple(tuple(new[number] for number in part) for part in scan.suggested_parts),
        "faults": tuple(one.model_copy(update={"page": new.get(one.page)}) if one.page else one
                        for one in scan.faults)})


def with_paper(entered: Letter, paper: Letter, *, spoken: bool) -> Letter:
    """What was entered together with its paper: of a record that was told, the paper brings only the signature; of a
    letter it brings the words, where they can be read."""
    words = [entered.text] if spoken or not paper.legible else [entered.text, paper.text]
    return entered.model_copy(update={
        "text": "\n\n".join(text for text in words if text.strip()), "pages": paper.pages,
        "suggested_parts": paper.suggested_parts, "ocr_confidence": paper.ocr_confidence,
        "faults": unique([*entered.faults, *(one for one in paper.faults if one.code not in _TYPED_INSTEAD)])})


def with_label_told(register: Register, letter: Letter) -> tuple[Letter, bool]:
    """A letter that bears a label and joined nothing, with the sentence that says why; and whether the label is of a
    sealed item, so that what bears it is sealed too.

    Only the first page counts: an enclosure may be a copy of anything.
    """
    label = letter.content_pages[0].label if letter.content_pages and letter.channel is not Channel.EMAIL else None
    if label is None:
        return letter, False
    owner = register.counter.by_labels([label]).get(label)
    item = register.items.get(owner) if owner is not None else None
    told = fault("label_unknown") if item is None or item.entry is None else fault(
        "label_used", number=item.entry.registration_number)
    return letter.model_copy(update={"faults": unique([*letter.faults, told])}), bool(item and item.sealed)
