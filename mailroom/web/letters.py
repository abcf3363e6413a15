"""The outbox for people: what waits for them and why, what is under way, what became of what has left."""

from collections.abc import Sequence
from datetime import timedelta

from starlette.responses import Response

from mailroom import desk, redirect
from mailroom.correspondence.pdf import pages_pdf
from mailroom.errors import BadRequest
from mailroom.model.item import Item
from mailroom.model.outgoing import Outgoing, OutgoingChannel, OutgoingStatus
from mailroom.model.staff import Role
from mailroom.store.store import Register
from mailroom.web.item import item_page
from mailroom.web.rights import is_plain, may_release, may_see
from mailroom.web.succession import around
from mailroom.web.typed import is_key
from mailroom.web.visit import NotHere, Visit, see_other

WAITING = (OutgoingStatus.HELD, OutgoingStatus.DRAFT, OutgoingStatus.FAILED, OutgoingStatus.BOUNCED)
"""What a person must look at, in this order."""
UNDER_WAY = (OutgoingStatus.QUEUED, OutgoingStatus.SENDING)
ACTS = {"release": desk.release, "cancel": desk.cancel, "take-back": desk.take_back, "to-paper": redirect.to_paper,
        "to-mended-address": redirect.to_mended_address}
TOLD = {"release": "Писмото е пуснато.", "cancel": "Писмото е отменено.",
        "take-back": "Писмото е върнато: чака както преди.",
        "to-paper": "Писмото е при писмата за печат.", "to-mended-address": "Писмото тръгва към поправения адрес."}
_LONG_WAIT = timedelta(minutes=10)
_SHOWN = 50
"""Letters that have left, on one page."""


def show_outbox(visit: Visit) -> Response:
    """Every letter that waits for a person, and what is under way."""
    return outbox_page(visit)


def outbox_page(visit: Visit, *, sentence: str = "", status: int = 200) -> Response:
    """The outbox, with a sentence when the last action could not be done."""
    groups = [(state, visible(visit, state)) for state in WAITING]
    under_way = [letter for letter in visible(visit, *UNDER_WAY) if letter.channel is OutgoingChannel.EMAIL]
    if visit.staff.role is Role.CONFIDENTIAL:  # to nobody else the outbox shows words to a whistleblower
        visit.note_letters_seen(letter for _, letters in groups for letter in letters)
    with visit.office.store.reading() as register:
        gone = seen(visit, register, register.outbox.lately_gone(_SHOWN))
    return visit.page("outbox.html", status=status, groups=groups, under_way=under_way, may_release=may_release,
                      gone=gone,
                      late=[letter.id for letter in under_way if visit.now - letter.created_at > _LONG_WAIT],
                      stopped=_just_stopped(visit), sentence=sentence, told=TOLD.get(visit.asked("done"), ""),
                      OutgoingStatus=OutgoingStatus)


def _just_stopped(visit: Visit) -> Outgoing | None:
    """The letter that was stopped a moment ago, while it can be taken back."""
    of = visit.asked("of")
    with visit.office.store.reading() as register:
        letter = register.outbox.find(int(of)) if is_key(of) else None
        return letter if letter and letter.may_wait_again and visit.sees_letter(register, letter) else None


def release(visit: Visit) -> Response:
    """Let a letter go."""
    outgoing = visit.outgoing()
    if not may_release(visit.staff, outgoing):
        raise BadRequest("Новият срок се одобрява от секретаря на общината.")
    return _done(visit, outgoing, "release")


def cancel(visit: Visit) -> Response:
    """Decide that a letter does not leave."""
    return _done(visit, visit.outgoing(), "cancel")


def take_back(visit: Visit) -> Response:
    """Think better of a letter that has not left yet."""
    return _done(visit, visit.outgoing(), "take-back")


def to_paper(visit: Visit) -> Response:
    """Print what did not arrive."""
    return _done(visit, visit.outgoing(), "to-paper")


def to_mended_address(visit: Visit) -> Response:
    """Send what did not arrive to the address as it was mended."""
    return _done(visit, visit.outgoing(), "to-mended-address")


def _done(visit: Visit, outgoing: Outgoing, name: str) -> Response:
    try:
        ACTS[name](visit.office, visit.staff, outgoing.id)
    except BadRequest as error:
        item = _from_page_of(visit, outgoing)
        return (item_page(visit, item, sentence=str(error), status=400) if item is not None
                else outbox_page(visit, sentence=str(error), status=400))
    if _from_page_of(visit, outgoing) is not None:
        return see_other(f"/items/{outgoing.item_id}{around(visit, done=name)}")
    return see_other(f"/outbox?done={name}&of={outgoing.id}")


def _from_page_of(visit: Visit, outgoing: Outgoing) -> Item | None:
    """The item on whose page the button was pressed, as it stands now; null where it was pressed in the outbox."""
    if visit.text("back") != "item" or outgoing.item_id is None:
        return None
    item = visit.office.store.item(outgoing.item_id)
    return item if item is not None and may_see(visit.staff, item, visit.office.pack) else None


def letter_pdf(visit: Visit) -> Response:
    """The letter as it is on paper."""
    outgoing = visit.outgoing()
    if not outgoing.page_html:
        raise NotHere
    return pdf_answer(pages_pdf([outgoing.page_html]), f"letter-{outgoing.id}.pdf")


def visible(visit: Visit, *statuses: OutgoingStatus, channel: OutgoingChannel | None = None) -> list[Outgoing]:
    """The letters in these states that the person may see."""
    with visit.office.store.reading() as register:
        return seen(visit, register, register.outbox.with_status(*statuses, channel=channel))


def seen(visit: Visit, register: Register, letters: Sequence[Outgoing]) -> list[Outgoing]:
    """Those of the letters that the person may see; only about a confidential item the item itself is asked."""
    flags = register.items.confidentiality({letter.item_id for letter in letters if letter.item_id is not None})

    def shown(letter: Outgoing) -> bool:
        sealed, restricted = flags.get(letter.item_id or 0, (True, True))
        return is_plain(visit.staff, sealed=sealed, restricted=restricted) or visit.sees_letter(register, letter)

    return [letter for letter in letters if shown(letter)]


def pdf_answer(content: bytes, name: str) -> Response:
    return Response(content, media_type="application/pdf", headers={
        "content-disposition": f'inline; filename="{name}"',
        # The browser's own viewer styles its frame inline; there is nothing of a citizen's making in here that runs.
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; "
                                   "frame-ancestors 'none'"})
