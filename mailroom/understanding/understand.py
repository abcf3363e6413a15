"""Letter -> Findings. The first file to read of this package: it lists the finders in the order in which they look.

A finder is a pure function of the prepared letter (`View`) and of what was found before it; it gives the value of one
field of `Findings`. To add one: write a file, add a line to FINDERS.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from mailroom.model.findings import Findings
from mailroom.model.letter import Letter
from mailroom.model.pack import Pack
from mailroom.understanding.abuse import find_abusive
from mailroom.understanding.address import find_address
from mailroom.understanding.anonymity import find_anonymous
from mailroom.understanding.answer_address import find_email
from mailroom.understanding.channel import find_preferred_channel
from mailroom.understanding.crime import find_crime
from mailroom.understanding.dates import find_date_written, find_older_than_two_years
from mailroom.understanding.decision import find_decision_date, find_repeated
from mailroom.understanding.district import find_district
from mailroom.understanding.identifiers import find_identifiers
from mailroom.understanding.kind import find_matter, find_topics
from mailroom.understanding.knowledge import Knowledge
from mailroom.understanding.learned_kind import find_learned_kind
from mailroom.understanding.names import compatible
from mailroom.understanding.noncorrespondence import find_noncorrespondence
from mailroom.understanding.organisation import find_organisation
from mailroom.understanding.other_body import find_other_body
from mailroom.understanding.phone import find_phone
from mailroom.understanding.protected import find_protected_info
from mailroom.understanding.references import find_follow_up_of
from mailroom.understanding.safety import find_health_safety
from mailroom.understanding.sender import choose_sender, find_on_behalf_of, find_sender_name
from mailroom.understanding.subject import find_subject
from mailroom.understanding.view import View

Finder = Callable[[View, Mapping[str, Any]], Any]


def _or_enclosed(find: Finder) -> Finder:
    """What a short covering text does not say, from the letter that it brings along, if that is the same person's."""

    def look(view: View, so_far: Mapping[str, Any]) -> Any:
        found = find(view, so_far)
        if found is not None or view.enclosed is None:
            return found
        speaker, writer = choose_sender(view), choose_sender(view.enclosed)
        if writer is None or (speaker is not None and not compatible(speaker.name, writer.name)):
            return None
        return find(view.enclosed, so_far)

    return look


FINDERS: tuple[tuple[str, Finder], ...] = (
    ("script", lambda view, _: view.script),
    ("language", lambda view, _: view.language),
    ("noncorrespondence", find_noncorrespondence),
    ("sender_name", _or_enclosed(find_sender_name)),
    ("organisation", find_organisation),
    ("on_behalf_of", find_on_behalf_of),
    ("email", find_email),
    ("phone", _or_enclosed(find_phone)),
    ("address", _or_enclosed(find_address)),
    ("anonymous", find_anonymous),
    ("abusive", find_abusive),
    ("health_safety", find_health_safety),
    ("protected_info", find_protected_info),
    ("kind", find_learned_kind),
    ("matter", find_matter),
    ("topics", find_topics),
    ("preferred_channel", find_preferred_channel),
    ("personal_identifiers", find_identifiers),
    ("subject", find_subject),
    ("date_written", _or_enclosed(find_date_written)),
    ("follow_up_of", find_follow_up_of),
    ("district", find_district),
    ("other_body", find_other_body),
    ("older_than_two_years", find_older_than_two_years),
    ("repeated", find_repeated),
    ("decision_date", find_decision_date),
    ("crime", find_crime),
)
"""Field of Findings → who finds it. A finder may ask what stands above it."""


def understand(letter: Letter, pack: Pack, knowledge: Knowledge, received_on: date | None = None) -> Findings:
    """Everything the finders say of one letter of the municipality `pack`; pure, and never fails on a letter.

    `received_on` is the local day of receipt, by which a letter without a date is dated.
    """
    view = View(letter, pack, knowledge, received_on)
    found: dict[str, Any] = {}
    for field, find in FINDERS:
        found[field] = find(view, found)
    return Findings(**found)
