"""Terms: counted by ГПК чл. 60, two clocks side by side, extended only as far as somebody may."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailroom.charter.cases import findings_of
from mailroom.charter.pack import charter_ids, load_cases, load_pack
from mailroom.config import packaged
from mailroom.errors import BadRequest
from mailroom.model.arrival import Channel
from mailroom.model.base import SOFIA
from mailroom.model.case import Case
from mailroom.model.entry import Due, Extension, SuperiorDecision
from mailroom.model.findings import Findings, Found, Kind, Matter
from mailroom.model.pack import Pack, Term, TermUnit
from mailroom.registration.calendar import WorkingCalendar
from mailroom.registration.cases import wrong_dates
from mailroom.registration.terms import (
    EVERY_READING,
    Reading,
    count,
    due_for,
    due_for_kind,
    extended,
    extension_for,
    extension_grounds,
    recounted,
)

RULES = packaged("rules")
PACKS = {charter_id: load_pack(RULES, charter_id) for charter_id in charter_ids(RULES)}
CASES = [(charter_id, case) for charter_id in PACKS for case in load_cases(RULES, charter_id)]
CALENDAR = WorkingCalendar()
FRIDAY = datetime(2026, 11, 20, 10, tzinfo=SOFIA)
DECISION = SuperiorDecision(body="областният управител", number="17-3", on=date(2027, 1, 11))
DAYS, WORKING, MONTHS = TermUnit.DAYS, TermUnit.WORKING_DAYS, TermUnit.MONTHS

VECTORS = [
    ("2026-11-20", 14, DAYS, "2026-12-04", "2026-12-04"),
    ("2026-11-20", 30, DAYS, "2026-12-20", "2026-12-21"),
    ("2026-11-20", 1, MONTHS, "2026-12-20", "2026-12-21"),
    ("2026-11-20", 7, DAYS, "2026-11-27", "2026-11-27"),
    ("2026-11-20", 2, MONTHS, "2027-01-20", "2027-01-20"),
    ("2026-11-20", 3, MONTHS, "2027-02-20", "2027-02-22"),
    ("2026-11-20", 5, WORKING, "2026-11-27", "2026-11-27"),
    ("2026-12-22", 5, WORKING, "2027-01-04", "2027-01-04"),
    ("2026-12-18", 7, DAYS, "2026-12-25", "2026-12-29"),
    ("2025-12-24", 7, DAYS, "2025-12-31", "2026-01-05"),
    ("2026-01-31", 1, MONTHS, "2026-02-28", "2026-03-02"),
    ("2026-03-03", 2, MONTHS, "2026-05-03", "2026-05-04"),
    ("2026-04-03", 7, DAYS, "2026-04-10", "2026-04-14"),
    ("2027-04-01", 1, MONTHS, "2027-05-01", "2027-05-05"),
    ("2027-04-20", 14, DAYS, "2027-05-04", "2027-05-05"),
    ("2026-08-31", 6, MONTHS, "2027-02-28", "2027-03-01"),
    ("2028-12-20", 7, DAYS, "2028-12-27", "2028-12-28"),
]
days = st.dates(date(2018, 1, 1), date(2029, 12, 31))
terms = st.builds(Term, amount=st.integers(1, 90), unit=st.sampled_from(TermUnit))
instants = st.datetimes(datetime(2018, 1, 1), datetime(2029, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001


def due_of(charter_id: str, kind: Kind, matter: Matter | None = None, at: datetime = FRIDAY,
           may_be: tuple[Reading, ...] = ()) -> Due:
    """Both clocks of a letter that came by mail."""
    return due_for_kind(kind, matter, channel=Channel.EMAIL, received_at=at, registered_at=at, pack=PACKS[charter_id],
                        calendar=CALENDAR, may_be=may_be)


def findings(kind: Kind, confidence: float = 1.0) -> Findings:
    """A named, harmless letter."""
    plain = findings_of(Case(title="", kind=kind, received=FRIDAY))
    return plain.model_copy(update={"kind": Found[Kind](value=kind, confidence=confidence)})


@pytest.mark.parametrize(("start", "amount", "unit", "raw", "due"), VECTORS)
def test_terms_end_where_the_law_says(start: str, amount: int, unit: TermUnit, raw: str, due: str) -> None:
    """Worked examples with Christmas, Easter, days in lieu, days declared by the government and short months."""
    clock = count(date.fromisoformat(start), Term(amount=amount, unit=unit), CALENDAR)
    assert (clock.raw_date, clock.date) == (date.fromisoformat(raw), date.fromisoformat(due))


def test_the_explanation_is_a_sentence_that_can_be_checked() -> None:
    """Start, term, raw end with the reason why it moves, and the end."""
    clock = count(date(2026, 12, 18), Term(amount=7, unit=DAYS), CALENDAR)
    assert clock.explanation == ("18 декември 2026 г. + 7 дни = 25 декември 2026 г. (Рождество Христово) → "
                                 "29 декември 2026 г. (вторник)")


@given(start=days, term=terms)
@settings(deadline=None)
def test_the_last_day_is_always_a_working_day_and_never_early(start: date, term: Term) -> None:
    """Rolling goes forward only, over days off only."""
    clock = count(start, term, CALENDAR)
    assert CALENDAR.is_working(clock.date)
    assert start < clock.raw_date <= clock.date
    skipped = (clock.raw_date + timedelta(days=n) for n in range((clock.date - clock.raw_date).days))
    assert not any(CALENDAR.is_working(day) for day in skipped)


@given(start=days, amount=st.integers(1, 60), unit=st.sampled_from(TermUnit))
@settings(deadline=None)
def test_a_longer_term_never_ends_earlier(start: date, amount: int, unit: TermUnit) -> None:
    """Nor does a later start."""
    first = count(start, Term(amount=amount, unit=unit), CALENDAR).date
    assert first <= count(start, Term(amount=amount + 1, unit=unit), CALENDAR).date
    assert first <= count(start + timedelta(days=1), Term(amount=amount, unit=unit), CALENDAR).date


@given(start=days, amount=st.integers(1, 40))
@settings(deadline=None)
def test_working_days_are_counted_one_by_one(start: date, amount: int) -> None:
    """Between the start, excluded, and the end there are exactly so many."""
    end = count(start, Term(amount=amount, unit=WORKING), CALENDAR).date
    passed = sum(CALENDAR.is_working(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))
    assert passed == amount


@pytest.mark.parametrize(("charter_id", "case"), CASES, ids=[f"{c}: {case.title}" for c, case in CASES])
def test_every_packs_own_examples_have_their_dates(charter_id: str, case: Case) -> None:
    """Each folder's cases.toml."""
    assert wrong_dates(case, PACKS[charter_id], CALENDAR) is None


def test_a_wrong_date_in_an_example_is_told() -> None:
    """Otherwise the examples could not fail."""
    case = CASES[0][1].model_copy(update={"statute_due": date(2026, 1, 5)})
    told = wrong_dates(case, PACKS[CASES[0][0]], CALENDAR)
    assert told is not None and "expected 2026-01-05" in told


STATUTE = [
    (Kind.SIGNAL, None, "2027-01-20", "АПК чл. 121"),
    (Kind.COMPLAINT, Matter.CONDUCT, "2027-01-20", "АПК чл. 121"),
    (Kind.CORRUPTION_REPORT, None, "2027-01-20", "АПК чл. 121"),
    (Kind.COMPLAINT, Matter.APPEAL, "2026-11-27", "АПК чл. 91, ал. 1 и чл. 92, ал. 1"),
    (Kind.PROPOSAL, None, "2027-01-20", "АПК чл. 118, ал. 1"),
    (Kind.REQUEST, None, "2026-12-04", "АПК чл. 57, ал. 1"),
    (Kind.REQUEST, Matter.CERTIFICATE, "2026-11-27", "АПК чл. 57, ал. 2"),
    (Kind.INQUIRY, None, "2026-11-27", "НАО Приложение № 7, т. 12"),
    (Kind.FOI_REQUEST, None, "2026-12-04", "ЗДОИ чл. 28, ал. 1"),
    (Kind.GDPR_REQUEST, None, "2026-12-21", "ОРЗД чл. 12, параграф 3"),
    (Kind.CORRUPTION_REPORT, Matter.WHISTLEBLOWER, "2027-02-22", "ЗЗЛПСПОИН чл. 16, т. 4"),
]


@pytest.mark.parametrize(("kind", "matter", "due", "basis"), STATUTE)
@pytest.mark.parametrize("charter_id", list(PACKS))
def test_the_statutes_term_is_the_same_in_every_town(charter_id: str, kind: Kind, matter: Matter | None, due: str,
                                                      basis: str) -> None:
    """The second clock runs whatever the charter promises."""
    clock = due_of(charter_id, kind, matter).statute
    assert clock is not None and (clock.date.isoformat(), clock.basis) == (due, basis)


@pytest.mark.parametrize("kind", [Kind.PRAISE, Kind.OTHER])
def test_praise_and_the_rest_have_no_term(kind: Kind) -> None:
    """Neither clock runs."""
    assert due_of("sofia", kind).date is None


@given(at=instants, kind=st.sampled_from(Kind), matter=st.none() | st.sampled_from(Matter),
       town=st.sampled_from(sorted(PACKS)))
@settings(deadline=None)
def test_the_date_worked_to_is_the_earlier_clock(at: datetime, kind: Kind, matter: Matter | None, town: str) -> None:
    """And never before the day of receipt in Sofia."""
    due = due_of(town, kind, matter, at)
    clocks = [clock.date for clock in (due.charter, due.statute) if clock]
    assert due.date == min(clocks, default=None)
    assert all(day > at.astimezone(SOFIA).date() and CALENDAR.is_working(day) for day in clocks)


def test_days_are_those_of_sofia() -> None:
    """22:30 UTC in summer is after midnight in Bulgaria."""
    clock = due_of("sofia", Kind.GDPR_REQUEST, None, datetime(2026, 7, 1, 22, 30, tzinfo=UTC)).statute
    assert clock is not None and clock.raw_date == date(2026, 8, 2)


AFTER_HOURS = [
    ("2026-11-20T17:30:59", "2026-12-04"),
    ("2026-11-20T17:31:00", "2026-12-07"),
    ("2026-11-20T06:00:00", "2026-12-04"),
    ("2026-11-21T09:00:00", "2026-12-07"),
    ("2026-12-23T18:00:00", "2027-01-11"),
]


@pytest.mark.parametrize(("received", "due"), AFTER_HOURS)
def test_what_comes_after_hours_counts_from_the_next_working_day(received: str, due: str) -> None:
    """АПК 29(6), that day being day one; fourteen days in София, which closes at 17:30."""
    at = datetime.fromisoformat(received).replace(tzinfo=SOFIA)
    clock = due_of("sofia", Kind.REQUEST, None, at).statute
    assert clock is not None and clock.date == date.fromisoformat(due)


def test_after_hours_is_explained() -> None:
    """The clerk sees why the count begins later."""
    clock = due_of("sofia", Kind.REQUEST, None, datetime(2026, 11, 20, 18, tzinfo=SOFIA)).statute
    assert clock is not None and "първият ден е 23 ноември 2026 г. (АПК чл. 29, ал. 6)" in clock.explanation


def test_a_charters_promise_counts_from_the_day_of_sending() -> None:
    """„7-дневен срок от получаването“ knows no working hours; the earlier date is the safer."""
    clock = due_of("haskovo", Kind.COMPLAINT, None, datetime(2026, 11, 20, 22, tzinfo=SOFIA)).charter
    assert clock is not None and clock.date == date(2026, 11, 27)


def test_registration_may_be_later_than_receipt() -> None:
    """София promises thirty days from registration; the statute runs from receipt."""
    due = due_for_kind(Kind.SIGNAL, None, channel=Channel.PAPER, received_at=FRIDAY,
                       registered_at=FRIDAY + timedelta(days=3), pack=PACKS["sofia"], calendar=CALENDAR)
    assert due.charter is not None and due.statute is not None
    assert (due.charter.raw_date, due.statute.raw_date) == (date(2026, 12, 23), date(2027, 1, 20))


def test_a_promise_holds_from_its_day_on() -> None:
    """A charter of 2027 promises nothing for a letter of 2026."""
    pack = PACKS["haskovo"]
    clauses = tuple(clause.model_copy(update={"since": date(2026, 11, 21)}) for clause in pack.clauses)
    due = due_for_kind(Kind.COMPLAINT, None, channel=Channel.EMAIL, received_at=FRIDAY, registered_at=FRIDAY,
                       pack=pack.model_copy(update={"clauses": clauses}), calendar=CALENDAR)
    assert due.charter is None and due_of("haskovo", Kind.COMPLAINT).charter is not None


def test_a_doubtful_letter_gets_the_shortest_term_that_may_apply() -> None:
    """An unreadable page may be an inquiry, an appeal or a complaint to Хасково: all end on 27 November."""
    def on_paper(found: Findings, *, legible: bool = True) -> date | None:
        return due_for(found, channel=Channel.PAPER, received_at=FRIDAY, registered_at=FRIDAY, pack=PACKS["haskovo"],
                       calendar=CALENDAR, legible=legible).date

    assert on_paper(findings(Kind.SIGNAL)) == date(2027, 1, 20)
    assert on_paper(findings(Kind.PRAISE, 0.1)) == date(2026, 11, 27)
    assert on_paper(findings(Kind.SIGNAL), legible=False) == date(2026, 11, 27)


@given(kind=st.sampled_from(Kind), matter=st.none() | st.sampled_from(Matter), town=st.sampled_from(sorted(PACKS)))
@settings(deadline=None)
def test_doubt_never_lengthens_a_term(kind: Kind, matter: Matter | None, town: str) -> None:
    """More readings can only bring the date nearer."""
    plain, doubtful = due_of(town, kind, matter).date, due_of(town, kind, matter, may_be=EVERY_READING).date
    assert doubtful is not None and (plain is None or doubtful <= plain)


def extension(charter_id: str, kind: Kind, matter: Matter | None = None, until: date | None = None) -> Extension:
    """The extension of a letter of 20 November 2026."""
    return extension_for(due_of(charter_id, kind, matter), kind, matter, pack=PACKS[charter_id], calendar=CALENDAR,
                         until=until)


def test_within_the_statutory_term_a_notice_under_the_charter_is_enough() -> None:
    """София's thirty days become the two months of the law; the clause and its words are there for the letter."""
    found = extension("sofia", Kind.SIGNAL)
    assert found.allowed and not found.by_superior_body
    assert (found.until, found.due.date) == (date(2027, 1, 20), date(2027, 1, 20))
    assert found.quote.startswith("Ако не можем да отговорим напълно на жалбата ви до 30 дни")


def test_a_signals_statutory_term_is_extended_only_by_the_superior_body() -> None:
    """АПК 121: one month at most, from the end of the first."""
    found = extension("ruse", Kind.SIGNAL)
    assert found.allowed and found.by_superior_body
    assert (found.until, found.basis) == (date(2027, 2, 22), "АПК чл. 121")
    assert "само от по-горестоящия орган" in found.explanation


def test_a_proposal_may_take_six_months_in_all() -> None:
    """АПК 118(2), read the shorter way."""
    assert extension("ruse", Kind.PROPOSAL).until == date(2027, 5, 20)


EXTENDABLE = [
    (Kind.FOI_REQUEST, None, date(2026, 12, 14), "ЗДОИ чл. 30, ал. 1"),
    (Kind.FOI_REQUEST, date(2026, 12, 18), date(2026, 12, 18), "ЗДОИ чл. 31, ал. 1"),
    (Kind.GDPR_REQUEST, None, date(2027, 2, 22), "ОРЗД чл. 12, параграф 3"),
    (Kind.REQUEST, None, date(2026, 12, 18), "АПК чл. 57, ал. 7 и 8"),
]


@pytest.mark.parametrize(("kind", "until", "end", "basis"), EXTENDABLE)
def test_other_terms_have_their_own_extensions(kind: Kind, until: date | None, end: date, basis: str) -> None:
    """By notice with reasons; counted from the unrolled end (20 December for the month of the GDPR)."""
    found = extension("ruse", kind, until=until)
    assert (found.allowed, found.by_superior_body, found.until, found.basis) == (True, False, end, basis)


REFUSED = [
    (Kind.INQUIRY, None, date(2026, 12, 18), "не допуска удължаване"),
    (Kind.COMPLAINT, Matter.APPEAL, date(2026, 12, 18), "не допуска удължаване"),
    (Kind.SIGNAL, None, date(2027, 6, 1), "най-късно до 22 февруари 2027 г."),
    (Kind.SIGNAL, None, date(2026, 12, 1), "трябва да е след"),
    (Kind.PRAISE, None, date(2026, 12, 1), "няма срок"),
]


@pytest.mark.parametrize(("kind", "matter", "until", "told"), REFUSED)
def test_what_cannot_be_extended_is_refused_with_what_to_do(kind: Kind, matter: Matter | None, until: date,
                                                           told: str) -> None:
    """The clocks stay as they were."""
    found = extension("ruse", kind, matter, until=until)
    assert not found.allowed and told in found.explanation
    assert found.due == due_of("ruse", kind, matter)


def test_asking_for_an_extension_raises_where_it_may_not_be_given() -> None:
    """A signal beyond two months: first the superior body's decision, then the extension."""
    due, signal = due_of("ruse", Kind.SIGNAL), findings(Kind.SIGNAL)
    with pytest.raises(BadRequest, match="по-горестоящия орган"):
        extended(due, signal, pack=PACKS["ruse"], calendar=CALENDAR, until=date(2027, 2, 10))
    found = extended(due, signal, pack=PACKS["ruse"], calendar=CALENDAR, until=date(2027, 2, 10), superior=DECISION)
    assert found.due.date == date(2027, 2, 10)
    with pytest.raises(BadRequest, match="не допуска"):
        extended(due_of("ruse", Kind.INQUIRY), findings(Kind.INQUIRY), pack=PACKS["ruse"], calendar=CALENDAR,
                 until=date(2027, 2, 10))


def granted(charter_id: str, kind: Kind, until: date | None, superior: SuperiorDecision | None = None) -> Due:
    """The terms after an extension that was allowed."""
    found = extension_for(due_of(charter_id, kind), kind, None, pack=PACKS[charter_id], calendar=CALENDAR, until=until,
                          superior=superior)
    assert found.allowed
    return found.due


ONCE = [(Kind.SIGNAL, date(2027, 2, 10), DECISION, "АПК чл. 121"),
        (Kind.PROPOSAL, date(2027, 3, 1), DECISION, "АПК чл. 118"),
        (Kind.FOI_REQUEST, date(2026, 12, 14), None, "ЗДОИ чл. 30"),
        (Kind.GDPR_REQUEST, date(2027, 1, 20), None, "ОРЗД"),
        (Kind.REQUEST, date(2026, 12, 18), None, "АПК чл. 57")]


@pytest.mark.parametrize(("kind", "until", "superior", "basis"), ONCE)
def test_the_law_extends_a_term_once(kind: Kind, until: date, superior: SuperiorDecision | None, basis: str) -> None:
    """Not even the rest of the first extension is left for a second one."""
    due = granted("ruse", kind, until, superior)
    for later in (None, until + timedelta(days=1)):
        found = extension_for(due, kind, None, pack=PACKS["ruse"], calendar=CALENDAR, until=later, superior=superior)
        assert not found.allowed and found.due == due
        assert "вече е удължен веднъж" in found.explanation and basis in found.explanation
    assert extension_grounds(due, kind, None, pack=PACKS["ruse"], calendar=CALENDAR) == ()


def test_a_notice_under_the_charter_uses_up_nothing_of_the_law() -> None:
    """After София's thirty days became two months, the superior body may still add its one month."""
    due = granted("sofia", Kind.SIGNAL, None)
    found = extension_for(due, Kind.SIGNAL, None, pack=PACKS["sofia"], calendar=CALENDAR)
    assert found.allowed and found.by_superior_body and found.until == date(2027, 2, 22)


TOO_LATE = [
    (Kind.GDPR_REQUEST, None, date(2026, 12, 21), True), (Kind.GDPR_REQUEST, None, date(2026, 12, 22), False),
    (Kind.SIGNAL, DECISION.model_copy(update={"on": date(2027, 1, 20)}), date(2027, 1, 25), True),
    (Kind.SIGNAL, DECISION.model_copy(update={"on": date(2027, 1, 21)}), date(2027, 1, 25), False),
    (Kind.SIGNAL, DECISION.model_copy(update={"on": date(2027, 1, 15)}), date(2027, 1, 14), False),
]


@pytest.mark.parametrize(("kind", "superior", "on", "allowed"), TOO_LATE)
def test_only_a_term_that_still_runs_is_extended(kind: Kind, superior: SuperiorDecision | None, on: date,
                                                 allowed: bool) -> None:
    """By its last day at the latest: the municipality's notice, or the superior body's decision, which has a date."""
    found = extension_for(due_of("ruse", kind), kind, None, pack=PACKS["ruse"], calendar=CALENDAR, superior=superior,
                          until=date(2027, 2, 10), on=on)
    assert found.allowed is allowed


def test_a_new_date_that_is_past_is_none() -> None:
    """A charter's date was missed; the notice names a day to come."""
    due = due_of("haskovo", Kind.COMPLAINT)
    late = extension_for(due, Kind.COMPLAINT, None, pack=PACKS["haskovo"], calendar=CALENDAR, until=date(2026, 12, 1),
                         on=date(2026, 12, 2))
    assert not late.allowed and "след 2 декември 2026 г." in late.explanation


def test_the_laws_reasons_are_listed_each_with_how_far_it_carries() -> None:
    """For information: ten days for its quantity, fourteen for a third person's consent; either may be chosen."""
    due = due_of("ruse", Kind.FOI_REQUEST)
    grounds = extension_grounds(due, Kind.FOI_REQUEST, None, pack=PACKS["ruse"], calendar=CALENDAR)
    assert [(one.clause_id, one.latest) for one in grounds] == [("zdoi.30", date(2026, 12, 14)),
                                                                ("zdoi.31", date(2026, 12, 18))]
    chosen = extension_for(due, Kind.FOI_REQUEST, None, pack=PACKS["ruse"], calendar=CALENDAR, ground="zdoi.31")
    assert (chosen.until, chosen.basis) == (date(2026, 12, 18), "ЗДОИ чл. 31, ал. 1")
    beyond = extension_for(due, Kind.FOI_REQUEST, None, pack=PACKS["ruse"], calendar=CALENDAR, ground="zdoi.30",
                           until=date(2026, 12, 18))
    assert not beyond.allowed and "най-късно до 14 декември 2026 г." in beyond.explanation


@pytest.mark.parametrize("charter_id", list(PACKS))
def test_every_extension_of_the_law_has_its_reason_in_words(charter_id: str) -> None:
    """A clerk chooses it with one key."""
    for kind in Kind:
        grounds = extension_grounds(due_of(charter_id, kind), kind, None, pack=PACKS[charter_id], calendar=CALENDAR)
        assert all(one.words.endswith(".") for one in grounds)


def test_a_new_count_keeps_the_extensions() -> None:
    """A new day off moves the end of an extension too, and a term that nobody extended is simply counted anew."""
    due = granted("ruse", Kind.SIGNAL, date(2027, 2, 10), DECISION)
    with_day_off = WorkingCalendar([date(2027, 2, 10), date(2027, 1, 20)])
    fresh = due_for_kind(Kind.SIGNAL, None, channel=Channel.EMAIL, received_at=FRIDAY, registered_at=FRIDAY,
                         pack=PACKS["ruse"], calendar=with_day_off)
    again = recounted(due, fresh, with_day_off)
    assert again.date == date(2027, 2, 11) and again.statute is not None
    assert again.statute.extended_to == date(2027, 2, 10)
    assert recounted(due_of("ruse", Kind.SIGNAL), fresh, with_day_off).date == date(2027, 1, 21)


def test_a_whistleblower_gets_a_receipt_within_seven_days() -> None:
    """And feedback within three months: two dates, the nearer one is a duty on the way."""
    due = due_of("ruse", Kind.CORRUPTION_REPORT, Matter.WHISTLEBLOWER)
    assert [(duty.name, duty.clock.date, duty.clock.basis) for duty in due.duties] == [
        ("confirm_receipt", date(2026, 11, 27), "ЗЗЛПСПОИН чл. 16, т. 1")]
    assert due.date == date(2027, 2, 22)


@pytest.mark.parametrize("kind", [Kind.SIGNAL, Kind.PROPOSAL, Kind.COMPLAINT])
def test_what_is_meant_for_another_body_is_passed_on_within_seven_days(kind: Kind) -> None:
    """АПК 112; a letter for us has no such duty."""
    found = due_for_kind(kind, None, channel=Channel.EMAIL, received_at=FRIDAY, registered_at=FRIDAY,
                         pack=PACKS["ruse"], calendar=CALENDAR, for_another_body=True)
    assert [duty.clock.date for duty in found.duties] == [date(2026, 11, 27)]
    assert due_of("ruse", kind).duties == ()


@given(kind=st.sampled_from(Kind), matter=st.none() | st.sampled_from(Matter), town=st.sampled_from(sorted(PACKS)),
       until=st.none() | st.dates(date(2026, 11, 20), date(2027, 12, 31)), superior=st.sampled_from([None, DECISION]))
@settings(deadline=None)
def test_an_extension_ends_on_a_working_day_within_what_the_law_allows(
        kind: Kind, matter: Matter | None, town: str, until: date | None, superior: SuperiorDecision | None) -> None:
    """And the date then worked to is the new one."""
    pack: Pack = PACKS[town]
    due = due_of(town, kind, matter)
    found = extension_for(due, kind, matter, pack=pack, calendar=CALENDAR, until=until, superior=superior)
    if not found.allowed:
        assert found.due == due
        return
    assert due.date is not None and found.until > due.date and found.due.date == found.until
    assert CALENDAR.is_working(found.until)
    assert due.statute is not None and found.until <= max(found.latest or due.statute.date, due.statute.date)
