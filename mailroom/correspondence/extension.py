"""The letter that says why an answer takes longer, what the citizen must do, and when it will come.

One letter keeps all five charters' promises: reason, further action (or that there is none), the new date, who works
on it, an apology.
"""

from datetime import date, datetime

from mailroom.correspondence.envelope import draft_in_envelope, way_to
from mailroom.correspondence.facts import facts
from mailroom.correspondence.templates import Templates
from mailroom.errors import BadRequest
from mailroom.model.entry import Entry, SuperiorDecision
from mailroom.model.item import Item
from mailroom.model.outgoing import Draft, LetterType, OutgoingStatus
from mailroom.model.pack import Pack


def write_extension(
    item: Item,
    entry: Entry,
    pack: Pack,
    templates: Templates,
    *,
    reason: str,
    action: str,
    new_date: date,
    superior: SuperiorDecision | None,
    basis: str = "",
    from_address: str,
    public_url: str,
    now: datetime,
) -> Draft:
    """Write the notice of a later answer; it waits as `draft` until a person approves it.

    reason: why, in a sentence or two; printed as typed.
    action: what the citizen is asked to do; empty for „не е нужно да правите нищо“.
    superior: the decision that extended the statutory term (АПК 121: only the superior body may); null where the
        municipality itself extends, or only the charter's own date moves.
    basis: the article that permits it („АПК чл. 121“), printed with the superior body's decision in full words.
    Raises BadRequest where nothing leads back to the citizen, the reason is missing, or the date is no later one.
    """
    way = way_to(item)
    if way is None:
        raise BadRequest("Няма адрес за писмото: впишете електронна поща или пълен пощенски адрес.")
    if not reason.strip():
        raise BadRequest("Напишете защо отговорът се забавя: гражданинът има право да знае причината.")
    if entry.due.date and new_date <= entry.due.date:
        raise BadRequest(f"Новата дата трябва да е след досегашния срок {entry.due.date:%d.%m.%Y} г.")
    rendered = templates.render(LetterType.EXTENSION, {
        **facts(item, entry, pack, way=way, from_address=from_address, public_url=public_url),
        "written_on": now,
        "reason": _sentence(reason),
        "action": _sentence(action),
        "new_date": new_date,
        "superior": superior,
        "basis": law_in_words(basis),
    })
    return draft_in_envelope(
        LetterType.EXTENSION, item, way, rendered,
        from_address=from_address, auto_submitted=False, status=OutgoingStatus.DRAFT,
    )


_LAWS = {
    "АПК": "Административнопроцесуалния кодекс",
    "ЗДОИ": "Закона за достъп до обществена информация",
    "ОРЗД": "Общия регламент относно защитата на данните",
    "НАО": "Наредбата за административното обслужване",
}


def law_in_words(source: str) -> str:
    """„АПК чл. 118, ал. 2“ as a citizen reads it: „чл. 118, ал. 2 от Административнопроцесуалния кодекс“."""
    law, _, article = source.partition(" ")
    return f"{article} от {_LAWS[law]}" if law in _LAWS and article else source


def _sentence(text: str) -> str:
    """With a full stop at its end and no line breaks; empty stays empty."""
    line = " ".join(text.split())
    return line if not line or line[-1] in ".!?…" else line + "."
