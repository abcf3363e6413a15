"""Whether nobody identifiable signs or sends the letter."""

import re
from collections.abc import Mapping
from typing import Any

from mailroom.folding import name_key
from mailroom.model.findings import Evidence, Found
from mailroom.understanding.view import View


def find_anonymous(view: View, so_far: Mapping[str, Any]) -> Found[bool]:
    """Anonymous is a letter without a name of a person or organisation; a wish to stay unnamed is shown, not decisive.

    A letter that could not be read is not called anonymous: nobody knows, and a person sees it anyway.
    """
    wishes = [*view.seen("sender.hides"), *view.seen("sender.pseudonym")]
    named = so_far.get("sender_name") or so_far.get("organisation") or so_far.get("on_behalf_of")
    if named is not None:
        return Found(value=False, confidence=named.confidence, evidence=named.evidence)
    if not view.letter.legible or (not view.text.strip() and view.letter.faults):
        return Found(value=False, confidence=0.2)
    if view.letter.ocr_confidence is not None and (
        so_far.get("phone") or so_far.get("address") or _bears_identifier(view)
    ):
        reach = so_far.get("phone") or so_far.get("address")
        shown = reach.evidence if reach else (Evidence(text="ЕГН", why="поле за ЕГН"),)
        return Found(value=False, confidence=0.4, evidence=shown)
    speaking = _speaking_mailbox(view)
    if speaking and not wishes:
        return Found(
            value=False, confidence=0.5, evidence=(Evidence(text=speaking, why="името личи от пощенската кутия"),)
        )
    evidence = tuple(view.evidence(wish) for wish in wishes[:3])
    return Found(value=True, confidence=0.95 if evidence else 0.8,
                 evidence=evidence or (Evidence(text="", why="няма подпис и име на подател"),))  # fmt: skip


def _bears_identifier(view: View) -> bool:
    """A filled-in form names its sender beside „ЕГН“; a hand that OCR could not read is no anonymity."""
    return bool(re.search(r"(?i)\bе[гr][нh]\s*[:№]?\s*\d{6,}", view.clear))


def _speaking_mailbox(view: View) -> str:
    """The mailbox when its local part is a first name and a family name („ivan.petrov@…“)."""
    if view.mailbox is None:
        return ""
    parts = [re.sub(r"\d+$", "", part) for part in re.split(r"[._-]", view.mailbox.address.partition("@")[0])]
    keys = [name_key(part) for part in parts if len(part) > 2]
    knowledge = view.knowledge
    given = any(key in knowledge.first_names for key in keys)
    family = any(
        key not in knowledge.first_names and len(key) > 4 and key.endswith(knowledge.surname_endings) for key in keys
    )
    return view.mailbox.address if given and family else ""
