"""The outbox for people: what waits for them and why, the paper letters on their way to the post."""

from datetime import timedelta

from starlette.responses import Response

from mailroom import desk
from mailroom.correspondence.pdf import pages_pdf
from mailroom.dispatch.print_run import posting_list, print_run_pdf
from mailroom.errors import BadRequest
from mailroom.model.outgoing import Outgoing, OutgoingChannel, OutgoingStatus
from mailroom.web.rights import may_release
from mailroom.web.visit import NotHere, Visit, see_other

WAITING = (OutgoingStatus.HELD, OutgoingStatus.DRAFT, OutgoingStatus.FAILED, OutgoingStatus.BOUNCED)
"""What a person must look at, in this order."""
UNDER_WAY = (OutgoingStatus.QUEUED, OutgoingStatus.SENDING)
TOLD = {"release": "Писмото е пуснато.", "cancel": "Писмото е отменено.",
        "printed": "Писмата са отбелязани като отпечатани: отворете PDF файла и го пратете на принтера.",
        "posted": "Писмата са отбелязани като дадени на пощата."}
_LONG_WAIT = timedelta(minutes=10)


def show_outbox(visit: Visit) -> Response:
    """Every letter that waits for a person, and what is under way."""
    return outbox_page(visit)


def outbox_page(visit: Visit, *, sentence: str = "", status: int = 200) -> Response:
    """The outbox, with a sentence when the last action could not be done."""
    groups = [(state, _visible(visit, state)) for state in WAITING]
    under_way = [letter for letter in _visible(visit, *UNDER_WAY) if letter.channel is OutgoingChannel.EMAIL]
    return visit.page("outbox.html", status=status, groups=groups, under_way=under_way, may_release=may_release,
                      late=[letter.id for letter in under_way if visit.now - letter.created_at > _LONG_WAIT],
                      sentence=sentence, told=TOLD.get(visit.asked("done"), ""), OutgoingStatus=OutgoingStatus)


def release(visit: Visit) -> Response:
    """Let a letter go."""
    outgoing = visit.outgoing()
    if not may_release(visit.staff, outgoing):
        raise BadRequest("Новият срок се одобрява от секретаря на общината.")
    return _done(visit, outgoing, "release")


def cancel(visit: Visit) -> Response:
    """Decide that a letter does not leave."""
    return _done(visit, visit.outgoing(), "cancel")


def _done(visit: Visit, outgoing: Outgoing, name: str) -> Response:
    act = {"release": desk.release, "cancel": desk.cancel}[name]
    try:
        act(visit.office, visit.staff, outgoing.id)
    except BadRequest as error:
        return outbox_page(visit, sentence=str(error), status=400)
    if visit.text("back") == "item" and outgoing.item_id is not None:
        return see_other(f"/items/{outgoing.item_id}?done={name}")
    return see_other(f"/outbox?done={name}")


def letter_pdf(visit: Visit) -> Response:
    """The letter as it is on paper."""
    outgoing = visit.outgoing()
    if not outgoing.page_html:
        raise NotHere
    return _pdf(pages_pdf([outgoing.page_html]), f"letter-{outgoing.id}.pdf")


# ---- the print run --------------------------------------------------------------------------------------------------


def show_print_run(visit: Visit) -> Response:
    """What waits for the printer, and what waits for the post."""
    return visit.page("print.html", waiting=_on_paper(visit, OutgoingStatus.QUEUED),
                      printed=_on_paper(visit, OutgoingStatus.PRINTED), told=TOLD.get(visit.asked("done"), ""))


def print_preview(visit: Visit) -> Response:
    """The waiting letters as one PDF; nothing changes."""
    return _run_pdf(visit, OutgoingStatus.QUEUED)


def printed_again(visit: Visit) -> Response:
    """The printed letters as one PDF, for the printer."""
    return _run_pdf(visit, OutgoingStatus.PRINTED)


def print_all(visit: Visit) -> Response:
    """The letters shown are printed now and then wait for the post."""
    desk.printed(visit.office, visit.staff, _chosen(visit, OutgoingStatus.QUEUED))
    return see_other("/print?done=printed")


def posted(visit: Visit) -> Response:
    """The ticked letters were given to the post."""
    desk.posted(visit.office, visit.staff, _chosen(visit, OutgoingStatus.PRINTED))
    return see_other("/print?done=posted")


def post_list(visit: Visit) -> Response:
    """The list for the post office, for a spreadsheet."""
    text = posting_list(_on_paper(visit, OutgoingStatus.PRINTED))
    return Response(text.encode(), media_type="text/csv; charset=utf-8", headers={
        "content-disposition": f'attachment; filename="posting-list-{visit.today:%Y-%m-%d}.csv"'})


def _chosen(visit: Visit, status: OutgoingStatus) -> list[int]:
    """The ticked letters, as far as they are there and in this state."""
    wanted = set(visit.numbers("letter"))
    chosen = [letter.id for letter in _on_paper(visit, status) if letter.id in wanted]
    if not chosen:
        raise BadRequest("Не е избрано нито едно писмо: отбележете поне едно и повторете.")
    return chosen


def _run_pdf(visit: Visit, status: OutgoingStatus) -> Response:
    letters = _on_paper(visit, status)
    if not letters:
        raise NotHere
    return _pdf(print_run_pdf(letters, pages_pdf), f"letters-{visit.today:%Y-%m-%d}.pdf")


def _on_paper(visit: Visit, status: OutgoingStatus) -> list[Outgoing]:
    return _visible(visit, status, channel=OutgoingChannel.PRINT)


def _visible(visit: Visit, *statuses: OutgoingStatus, channel: OutgoingChannel | None = None) -> list[Outgoing]:
    """The letters in these states that the person may see."""
    with visit.office.store.reading() as register:
        letters = register.outbox.with_status(*statuses, channel=channel)
        return [letter for letter in letters if visit.sees_letter(register, letter)]


def _pdf(content: bytes, name: str) -> Response:
    return Response(content, media_type="application/pdf", headers={
        "content-disposition": f'inline; filename="{name}"',
        # The browser's own viewer styles its frame inline; there is nothing of a citizen's making in here that runs.
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; "
                                   "frame-ancestors 'none'"})
