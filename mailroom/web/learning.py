"""The page of what the staff's corrections have taught: where the program is wrong, and words to propose."""

from starlette.responses import Response

from mailroom.learning.night import last_lesson
from mailroom.learning.telling import trial_sentence
from mailroom.learning.vocabulary import as_toml
from mailroom.model.base import ItemId
from mailroom.model.item import Item
from mailroom.model.learned import Lesson
from mailroom.web.rights import may_see
from mailroom.web.visit import Visit

LINKS = 8
"""Letters shown beside a line."""


def show_lesson(visit: Visit) -> Response:
    """What the last night has brought; of each line the letters that this person may see."""
    lesson = last_lesson(visit.office)
    links: dict[ItemId, str] = {}
    with visit.office.store.reading() as register:
        for item_id in sorted(_shown(lesson)) if lesson else ():
            item = register.items.get(item_id)
            if item is not None and may_see(visit.staff, item, visit.office.pack):
                links[item_id] = _number(item)
    return visit.page("learning.html", lesson=lesson, links=links, most=LINKS,
                      trial=trial_sentence(lesson.trial) if lesson else "",
                      files=as_toml(lesson.proposals) if lesson else {})


def _shown(lesson: Lesson) -> set[ItemId]:
    named = [line.items for line in lesson.corrected]
    named += [line.items for line in lesson.confusions]
    named += [line.items for line in lesson.proposals]
    return {item_id for items in named for item_id in items[:LINKS]}


def _number(item: Item) -> str:
    return item.entry.registration_number if item.entry else f"вътрешен № {item.id}"
