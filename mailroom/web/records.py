"""The page of the archive: what is over its term, and the acts by which it is destroyed (retention.py)."""

from starlette.responses import Response

from mailroom import retention
from mailroom.errors import BadRequest
from mailroom.model.retention import ActState
from mailroom.model.staff import Role
from mailroom.web.letters import pdf_answer
from mailroom.web.typed import is_key, read_date
from mailroom.web.visit import Visit, see_other

TOLD = {"proposed": "Актът е предложен. Отпечатайте го за подпис; утвърждава го друг служител.",
        "approved": "Актът е въведен и документите са унищожени.", "withdrawn": "Актът е оттеглен."}


def show_records(visit: Visit) -> Response:
    """What is due, and the acts."""
    sealed = visit.staff.role is Role.CONFIDENTIAL
    with visit.office.store.reading() as register:
        names = {person.login: person.name for person in register.people.all()}
    return visit.page(
        "records.html", due=retention.due(visit.office, sealed=sealed),
        acts=retention.acts(visit.office, sealed=sealed), classes=retention.nomenclature(visit.office).classes,
        may_approve=visit.staff.role in retention.MAY_APPROVE, State=ActState, names=names,
        told=TOLD.get(visit.asked("done"), ""))


def propose_act(visit: Visit) -> Response:
    """An act for a class and a year."""
    year = visit.text("year")
    if not is_key(year):
        raise BadRequest("Страницата е непълна: отворете я отново и повторете.")
    retention.propose(visit.office, visit.staff, visit.text("class"), int(year))
    return see_other("/records?done=proposed")


def approve_act(visit: Visit) -> Response:
    """The signed paper, entered by another person."""
    dated = read_date(visit.text("dated"))
    if dated is None:
        raise BadRequest("Напишете датата на акта така: 20.11.2026.")
    retention.approve(visit.office, visit.staff, visit.path_id("act_id"), number=visit.text("number"), dated=dated,
                      approver=visit.text("approver"))
    return see_other("/records?done=approved")


def withdraw_act(visit: Visit) -> Response:
    """Nothing comes of the act."""
    retention.withdraw(visit.office, visit.staff, visit.path_id("act_id"))
    return see_other("/records?done=withdrawn")


def act_pdf(visit: Visit) -> Response:
    """The act to print and sign."""
    act_id = visit.path_id("act_id")
    return pdf_answer(retention.act_pdf(visit.office, visit.staff, act_id), f"act-{act_id}.pdf")
