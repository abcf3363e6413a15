"""Who works on an item."""

from datetime import date

import pytest

from mailroom.charter.cases import findings_of
from mailroom.charter.decide import decide
from mailroom.charter.pack import charter_ids, load_pack
from mailroom.config import packaged
from mailroom.errors import BadRequest
from mailroom.model.arrival import Channel
from mailroom.model.case import Case
from mailroom.model.entry import Assignment
from mailroom.model.findings import Found, Kind, Matter
from mailroom.model.letter import Letter
from mailroom.model.pack import Pack
from mailroom.registration.routing import assign, assignment_to, is_accused

RULES = packaged("rules")
TOWN = load_pack(RULES, "primerovo")
AT_WORK, AWAY = date(2026, 11, 20), date(2026, 11, 24)


def assigned(kind: Kind, matter: Matter | None = None, *, topics: tuple[str, ...] = (), district: str | None = None,
             text: str = "", on: date = AT_WORK, pack: Pack = TOWN) -> Assignment:
    """The assignment of a letter with these findings."""
    findings = findings_of(Case.model_validate({"title": "", "kind": kind, "matter": matter,
                                                "received": "2026-11-20T10:00:00"}))
    findings = findings.model_copy(update={
        "topics": tuple(Found[str](value=topic, confidence=1) for topic in topics),
        "district": Found[str](value=district, confidence=1) if district else None})
    letter = Letter(channel=Channel.EMAIL, media_type="message/rfc822", text=text)
    return assign(findings, decide(letter, findings, pack), pack, on)


def test_kind_and_topic_find_department_and_officer() -> None:
    """With the officer's own telephone and mailbox, copied."""
    found = assigned(Kind.SIGNAL, topics=("waste",))
    assert (found.department_id, found.officer, found.extension) == ("environment", "Иван Тодоров", "210")
    assert (found.phone, found.email) == ("02 9999 010", "i.todorov@example.bg")
    assert assigned(Kind.SIGNAL, topics=("roads",)).officer_id == "manolov"


def test_what_fits_nothing_else_goes_to_the_registry() -> None:
    """No letter stays without a department."""
    assert assigned(Kind.PRAISE).department_id == "registry"


@pytest.mark.parametrize(("on", "officer"), [
    (date(2026, 11, 22), "todorov"), (date(2026, 11, 23), "ganeva"), (date(2026, 11, 27), "ganeva"),
    (date(2026, 11, 28), "todorov"),
])
def test_on_days_off_the_deputy_is_named(on: date, officer: str) -> None:
    """First and last day included."""
    assert assigned(Kind.SIGNAL, topics=("waste",), on=on).officer_id == officer


def test_the_deputys_deputy_is_asked_and_a_circle_ends() -> None:
    """Where everybody is away the department alone is named, with its own contact."""
    away = (AWAY, AWAY)
    officers = tuple(o.model_copy(update={"absent": (away,)}) if o.id in ("todorov", "ganeva") else o
                     for o in TOWN.officers)
    found = assigned(Kind.SIGNAL, topics=("waste",), on=AWAY, pack=TOWN.model_copy(update={"officers": officers}))
    assert (found.officer, found.department_id, found.email) == (None, "environment", "ekologia@example.bg")


def test_a_complaint_never_goes_to_whom_it_is_about() -> None:
    """АПК 113; also not where the deputy is meant as well."""
    text = "Секретарят Николай Радев отказа да ме приеме."
    assert assigned(Kind.COMPLAINT, Matter.CONDUCT).officer_id == "radev"
    assert assigned(Kind.COMPLAINT, Matter.CONDUCT, text=text).officer_id == "dimova"
    both = assigned(Kind.COMPLAINT, Matter.CONDUCT, text=text + " Димова се смееше.")
    assert (both.officer, both.department_id) == (None, "secretary")


def test_a_citizen_of_an_officers_name_may_write_to_that_officer() -> None:
    """Only complaints about conduct and reports of corruption are searched for names."""
    assert assigned(Kind.SIGNAL, topics=("waste",), text="С уважение, Иван Тодоров").officer_id == "todorov"


def test_a_whistleblowers_report_goes_to_the_confidential_officer() -> None:
    """Whatever the routes say of its kind and topic."""
    assert assigned(Kind.CORRUPTION_REPORT, Matter.WHISTLEBLOWER, topics=("waste",)).officer_id == "vasileva"
    routes = tuple(route for route in TOWN.routing if not route.matters)
    pack = TOWN.model_copy(update={"routing": routes})
    assert assigned(Kind.CORRUPTION_REPORT, Matter.WHISTLEBLOWER, pack=pack).officer_id == "vasileva"


def test_a_report_about_the_confidential_officer_is_not_theirs() -> None:
    """Then only the department is named."""
    found = assigned(Kind.CORRUPTION_REPORT, Matter.WHISTLEBLOWER, text="Василева взе пари.")
    assert found.officer is None


def test_sofias_districts_get_their_signals() -> None:
    """But not what concerns the central administration."""
    sofia = load_pack(RULES, "sofia")
    assert assigned(Kind.SIGNAL, district="Младост", pack=sofia).department == "Районна администрация „Младост“"
    assert assigned(Kind.SIGNAL, pack=sofia).department_id == "contact_center"
    assert assigned(Kind.FOI_REQUEST, district="Младост", pack=sofia).department_id == "front_office"


@pytest.mark.parametrize("charter_id", charter_ids(RULES))
@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("matter", [None, *Matter])
def test_every_letter_finds_a_department(charter_id: str, kind: Kind, matter: Matter | None) -> None:
    """In every town."""
    assert assigned(kind, matter, pack=load_pack(RULES, charter_id)).department


def test_a_person_may_choose_and_the_deputy_still_stands_in() -> None:
    """An unknown department or officer is refused."""
    assert assignment_to(TOWN, "legal", "dimova", AT_WORK).officer == "Елена Димова"
    assert assignment_to(TOWN, "environment", "todorov", AWAY).officer_id == "ganeva"
    assert assignment_to(TOWN, "legal", None, AT_WORK).officer is None
    with pytest.raises(BadRequest, match="звено"):
        assignment_to(TOWN, "nowhere", None, AT_WORK)
    with pytest.raises(BadRequest, match="служител"):
        assignment_to(TOWN, "legal", "nobody", AT_WORK)


def test_whom_a_letter_is_about_is_known_by_name_too() -> None:
    """Somebody with a log-in but no place in the pack; an account of an office is nobody."""
    findings = findings_of(Case.model_validate({"title": "", "kind": "complaint", "matter": "conduct",
                                                "received": "2026-11-20T10:00:00"}))
    letter = Letter(channel=Channel.EMAIL, media_type="message/rfc822",
                    text="Деловодителката Цветанова от кабинет на кмета ми се развика.")
    verdict = decide(letter, findings, TOWN)
    assert is_accused(verdict, TOWN, officer_id=None, name="Бинка Цветанова")
    assert not is_accused(verdict, TOWN, officer_id="koleva", name="Мария Колева")
    assert not is_accused(verdict, TOWN, officer_id=None, name="Кабинет на кмета")
    named = letter.model_copy(update={"text": "Служителят Тодоров ме обиди."})
    assert is_accused(decide(named, findings, TOWN), TOWN, officer_id="todorov", name="ekolog")
