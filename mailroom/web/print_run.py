"""The print run: what waits, what lies prepared, what is printed and goes to the post."""

from collections.abc import Sequence
from datetime import timedelta

from starlette.responses import Response

from mailroom import printing
from mailroom.correspondence.facts import town_hall
from mailroom.correspondence.pdf import page_pdf, pages_pdf
from mailroom.dispatch.print_run import LETTER_NAMES, in_posting_order, postcode, posting_list, print_run_pdf
from mailroom.errors import BadRequest
from mailroom.model.base import Value
from mailroom.model.outgoing import Outgoing, OutgoingStatus, PrintRun
from mailroom.web.letters import pdf_answer
from mailroom.web.visit import NotHere, Visit, see_other

_SHOWN_FOR = timedelta(days=14)
"""So long the posting lists of past runs are offered."""
AT_THE_PRINTER = (OutgoingStatus.PRINTED, OutgoingStatus.POSTED)


class Shown(Value):
    """A run as the page shows it: only letters that the person may see, in the order of the posting list."""

    run: PrintRun
    to_print: tuple[Outgoing, ...]
    to_post: tuple[Outgoing, ...]


def show(visit: Visit) -> Response:
    """Every run that is under way, and what will be in the next one."""
    return _print_page(visit)


def _print_page(visit: Visit, *, sentence: str = "", status: int = 200) -> Response:
    with visit.office.store.reading() as register:
        waiting = _seen(visit, register.print_runs.waiting())
        under_way = _seen(visit, register.print_runs.under_way())
        runs = [run for run_id in sorted({letter.print_run_id for letter in under_way if letter.print_run_id})
                if (run := register.print_runs.get(run_id))]
        past = register.print_runs.newest(visit.now - _SHOWN_FOR)
    shown = [_shown(run, under_way) for run in runs]
    return visit.page(
        "print.html", status=status, waiting=waiting, to_print=[one for one in shown if one.to_print],
        to_post=[one for one in shown if one.to_post], postcode=postcode,
        next_run=printing.next_evening_run(visit.office), past=[run for run in past if run not in runs],
        sentence=sentence, told=_told(visit), fresh=visit.asked("run"))


def _told(visit: Visit) -> str:
    count = visit.asked("count")
    return {"prepared": f"Подготвени за печат: {count}.",
            "printed": f"Отбелязани като отпечатани: {count}. Отворете PDF файла и го пратете на принтера.",
            "posted": f"Отбелязани като дадени на пощата: {count}."}.get(visit.asked("done"), "")


def _shown(run: PrintRun, letters: Sequence[Outgoing]) -> Shown:
    own = [letter for letter in letters if letter.print_run_id == run.id]
    return Shown(run=run, to_print=_in_order(own, OutgoingStatus.QUEUED),
                 to_post=_in_order(own, OutgoingStatus.PRINTED))


def _in_order(letters: Sequence[Outgoing], status: OutgoingStatus) -> tuple[Outgoing, ...]:
    return tuple(in_posting_order([letter for letter in letters if letter.status is status]))


def prepare(visit: Visit) -> Response:
    """Lay together what waits now."""
    try:
        laid = printing.prepare(visit.office, visit.staff)
    except BadRequest as error:
        return _print_page(visit, sentence=str(error), status=400)
    return see_other(f"/print?done=prepared&count={laid}")


def preview(visit: Visit) -> Response:
    """The letters that are to be printed, as one PDF; nothing changes."""
    return _as_pdf(visit, _letters(visit, OutgoingStatus.QUEUED))


def letters_pdf(visit: Visit) -> Response:
    """The printed letters of the run as one PDF, for the printer; with `letter` only these of them."""
    letters, wanted = _letters(visit, *AT_THE_PRINTER), set(visit.request.query_params.getlist("letter"))
    return _as_pdf(visit, [letter for letter in letters if not wanted or str(letter.id) in wanted])


def print_letters(visit: Visit) -> Response:
    """The ticked letters go to the printer; the others wait for the next run."""
    there = _letters(visit, OutgoingStatus.QUEUED)
    chosen = _chosen(visit, there)
    try:
        done = printing.printed(visit.office, visit.staff, chosen,
                                [letter.id for letter in there if letter.id not in chosen])
    except BadRequest as error:
        return _print_page(visit, sentence=str(error), status=400)
    return see_other(f"/print?done=printed&count={done}&run={visit.path_id('run_id')}")


def again(visit: Visit) -> Response:
    """The ticked letters once more: to their PDF."""
    chosen = _chosen(visit, _letters(visit, OutgoingStatus.PRINTED))
    printing.again(visit.office, visit.staff, chosen)
    wanted = "&".join(f"letter={outgoing_id}" for outgoing_id in chosen)
    return see_other(f"/print/{visit.path_id('run_id')}/letters.pdf?{wanted}")


def posted(visit: Visit) -> Response:
    """The ticked letters were given to the post."""
    chosen = _chosen(visit, _letters(visit, OutgoingStatus.PRINTED))
    try:
        done = printing.posted(visit.office, visit.staff, chosen)
    except BadRequest as error:
        return _print_page(visit, sentence=str(error), status=400)
    return see_other(f"/print?done=posted&count={done}")


def posting_list_csv(visit: Visit) -> Response:
    """The list for the post office, for a spreadsheet."""
    run, letters = _for_the_post(visit)
    return Response(posting_list(letters).encode(), media_type="text/csv; charset=utf-8", headers={
        "content-disposition": f'attachment; filename="posting-list-{run.id}.csv"'})


def posting_list_pdf(visit: Visit) -> Response:
    """The list for the post office, to be printed and signed by both sides."""
    run, letters = _for_the_post(visit)
    contact = visit.office.pack.contact
    rows = [(letter.number, *_who_and_where(letter), postcode(letter), LETTER_NAMES[letter.type])
            for letter in in_posting_order(letters)]
    sheet = visit.office.templates.sheet("posting_list.html", {
        "municipality": contact, "town_hall": town_hall(contact), "run": run, "rows": rows,
        "written_on": visit.now, "clerk": visit.staff.name})
    return pdf_answer(page_pdf(sheet), f"posting-list-{run.id}.pdf")


def _who_and_where(letter: Outgoing) -> tuple[str, str]:
    who, *where = letter.to.splitlines() or [""]
    return who, ", ".join(where)


def _for_the_post(visit: Visit) -> tuple[PrintRun, list[Outgoing]]:
    """The run and what of it was printed. Raises NotHere."""
    letters = _letters(visit, *AT_THE_PRINTER)
    with visit.office.store.reading() as register:
        run = register.print_runs.get(visit.path_id("run_id"))
    if run is None or not letters:
        raise NotHere
    return run, letters


def _chosen(visit: Visit, there: Sequence[Outgoing]) -> list[int]:
    """The ticked letters, as far as they are there. Raises BadRequest when none is."""
    wanted = set(visit.numbers("letter"))
    chosen = [letter.id for letter in there if letter.id in wanted]
    if not chosen:
        raise BadRequest("Няма какво да се направи: нито едно от избраните писма не е тук. Отворете отново „Печат“.")
    return chosen


def _letters(visit: Visit, *statuses: OutgoingStatus) -> list[Outgoing]:
    """The letters of the run that the path names, in these states, that the person may see. Whoever only looks at them
    has looked at each."""
    with visit.office.store.reading() as register:
        letters = _seen(visit, register.print_runs.letters(visit.path_id("run_id"), *statuses))
    if visit.request.method == "GET":
        visit.note_letters_seen(letters)
    return letters


def _seen(visit: Visit, letters: Sequence[Outgoing]) -> list[Outgoing]:
    with visit.office.store.reading() as register:
        return [letter for letter in letters if visit.sees_letter(register, letter)]


def _as_pdf(visit: Visit, letters: Sequence[Outgoing]) -> Response:
    if not letters:
        raise NotHere
    return pdf_answer(print_run_pdf(letters, pages_pdf), f"letters-{visit.path_id('run_id')}.pdf")
