"""What charter and law make of a letter."""

from datetime import UTC, date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailroom.charter.cases import findings_of, verdict_of
from mailroom.charter.decide import RULES as TABLE
from mailroom.charter.decide import decide
from mailroom.charter.pack import charter_ids, load_cases, load_pack
from mailroom.model.arrival import Channel
from mailroom.model.case import Case
from mailroom.model.findings import Evidence, Findings, Found, Kind, Matter
from mailroom.model.letter import Fault, Letter
from mailroom.model.verdict import Outcome, Verdict
from mailroom.registration.calendar import WorkingCalendar
from mailroom.rehearsal import wrong_case
from tests.charter.material import KNOWLEDGE, RULES

REAL_TOWNS = ("ruse", "septemvri", "haskovo", "kostinbrod", "sofia")
PACKS = {charter_id: load_pack(RULES, charter_id) for charter_id in charter_ids(RULES)}
CASES = [(charter_id, case) for charter_id in PACKS for case in load_cases(RULES, charter_id)]
FACTS = ("anonymous", "abusive", "health_safety", "protected_info")

cases = st.builds(
    Case, title=st.just("произволно писмо"), kind=st.sampled_from(Kind), matter=st.none() | st.sampled_from(Matter),
    anonymous=st.booleans(), abusive=st.booleans(), health_safety=st.booleans(), protected_info=st.booleans(),
    older_than_two_years=st.booleans(), channel=st.sampled_from(Channel),
    received=st.datetimes(timezones=st.just(UTC)))
towns = st.sampled_from(sorted(PACKS))


def letter(text: str = "", **values: object) -> Letter:
    """A letter by mail."""
    return Letter.model_validate({"channel": Channel.EMAIL, "media_type": "message/rfc822", "text": text, **values})


def findings(**values: object) -> Findings:
    """A named, harmless signal, changed as told."""
    plain = findings_of(Case.model_validate({"title": "", "kind": "signal", "received": "2026-11-20T10:00:00"}))
    return plain.model_copy(update=values)


def conduct(**values: object) -> Findings:
    """A complaint about an employee."""
    return findings(kind=Found[Kind](value=Kind.COMPLAINT, confidence=1),
                    matter=Found[Matter](value=Matter.CONDUCT, confidence=1), **values)


def hit(verdict: Verdict, name: str) -> bool:
    """Whether a check held."""
    return next(check.hit for check in verdict.checks if check.name == name)


@pytest.mark.parametrize(("charter_id", "case"), CASES, ids=[f"{c}: {case.title}" for c, case in CASES])
def test_every_packs_own_examples_hold(charter_id: str, case: Case) -> None:
    """Each folder's cases.toml, from the letter to the due dates."""
    pack = PACKS[charter_id]
    assert wrong_case(case, pack, KNOWLEDGE, WorkingCalendar(pack.extra_non_working)) is None


def test_a_wrong_example_is_told() -> None:
    """Otherwise the examples could not fail."""
    case = next(case for charter_id, case in CASES if charter_id == "ruse" and case.anonymous and case.letter)
    changed = case.model_copy(update={"outcome": Outcome.NO_REPLY, "kind": Kind.PRAISE, "flagged": ("crime",),
                                      "department": "reception", "statute_due": None})
    told = wrong_case(changed, PACKS["ruse"], KNOWLEDGE, WorkingCalendar())
    for words in ("outcome = not_considered, expected no_reply", "understood kind = signal, expected praise",
                  "crime is not flagged", "department = center, expected reception", "expected none"):
        assert told is not None and words in told


@pytest.mark.parametrize("town", REAL_TOWNS)
def test_each_towns_cases_show_in_what_it_differs(town: str) -> None:
    """At least fifteen, of which a third are letters that another town must treat otherwise."""
    own = [case for charter_id, case in CASES if charter_id == town]
    differing = [case for case in own if case.letter and any(
        other.letter == case.letter and expected(other) != expected(case)
        for charter_id, other in CASES if charter_id in REAL_TOWNS)]
    assert len(own) >= 15 and 3 * len(differing) >= len(own)


def expected(case: Case) -> tuple[object, ...]:
    """What an example says must come of it."""
    return case.outcome, case.clause, case.charter_due, case.statute_due, case.urgent, case.restricted


@given(case=cases, town=towns)
@settings(deadline=None)
def test_danger_overrides_everything(case: Case, town: str) -> None:
    """It is considered, urgent, and before a person at once."""
    verdict = verdict_of(case.model_copy(update={"health_safety": True}), PACKS[town])
    assert (verdict.outcome, verdict.urgent, verdict.needs_review) == (Outcome.CONSIDER, True, True)


@given(case=cases, town=towns, kind=st.sampled_from([Kind.FOI_REQUEST, Kind.GDPR_REQUEST, Kind.REQUEST]))
@settings(deadline=None)
def test_a_charter_never_takes_a_statutory_right_away(case: Case, town: str, kind: Kind) -> None:
    """Whatever the facts, such a request is considered (АПК чл. 5)."""
    assert verdict_of(case.model_copy(update={"kind": kind}), PACKS[town]).outcome is Outcome.CONSIDER


@given(case=cases, town=towns)
@settings(deadline=None)
def test_an_appeal_is_never_set_aside(case: Case, town: str) -> None:
    """Nor an appeal against an act, whatever its kind was taken for."""
    assert verdict_of(case.model_copy(update={"matter": Matter.APPEAL}), PACKS[town]).outcome is Outcome.CONSIDER


@given(case=cases, town=towns)
@settings(deadline=None)
def test_only_a_person_decides_against_a_citizen(case: Case, town: str) -> None:
    """Anything but consideration, and any flagged fact, waits for a person with a reason in Bulgarian and a clause."""
    verdict = verdict_of(case, PACKS[town])
    flagged = any(getattr(case, fact) for fact in FACTS)
    if verdict.outcome is not Outcome.CONSIDER:
        assert verdict.needs_review and verdict.clause is not None
    if flagged:
        assert verdict.needs_review and verdict.review_reasons
    assert verdict.needs_review == bool(verdict.review_reasons)
    assert all(reason.endswith(".") and reason[0].isupper() for reason in verdict.review_reasons)


@given(case=cases, town=towns)
@settings(deadline=None)
def test_hits_and_misses_are_kept(case: Case, town: str) -> None:
    """Each rule of the table was asked, in order, and the answer stands in the verdict with the pack's version."""
    verdict = verdict_of(case, PACKS[town])
    assert [check.name for check in verdict.checks] == [rule.check.__name__ for rule in TABLE]
    assert {fact: hit(verdict, fact) for fact in FACTS} == {fact: getattr(case, fact) for fact in FACTS}
    assert verdict.pack_version == PACKS[town].version


def test_the_words_that_triggered_the_clause_are_quoted() -> None:
    """„Why was my letter set aside?“ has an answer."""
    words = (Evidence(text="доброжелател", why="Подпис без име."),)
    verdict = decide(letter(), findings(anonymous=Found[bool](value=True, confidence=0.9, evidence=words)),
                     PACKS["haskovo"])
    assert verdict.evidence == words
    assert verdict.clause is not None and verdict.clause.quote.startswith("Анонимни сигнали и оплаквания")
    assert next(check for check in verdict.checks if check.name == "anonymous").clause_id == "haskovo.anonymity"


def test_a_clause_holds_from_its_day_on() -> None:
    """Before that the law alone speaks."""
    pack = PACKS["haskovo"]
    clauses = tuple(clause.model_copy(update={"since": date(2027, 1, 1)}) for clause in pack.clauses)
    pack = pack.model_copy(update={"clauses": clauses})
    anonymous = findings(anonymous=Found[bool](value=True, confidence=1))
    before = decide(letter(), anonymous, pack, received_on=date(2026, 12, 31)).clause
    after = decide(letter(), anonymous, pack, received_on=date(2027, 1, 1)).clause
    assert before is not None and after is not None
    assert (before.id, after.id) == ("apk.111_4", "haskovo.anonymity")


def test_the_reasons_of_a_dangerous_letter_do_not_ask_to_set_it_aside() -> None:
    """They say that danger comes first."""
    yes = Found[bool](value=True, confidence=1)
    verdict = decide(letter(), findings(anonymous=yes, abusive=yes, health_safety=yes), PACKS["haskovo"])
    assert [("има предимство" in reason) for reason in verdict.review_reasons] == [False, True, True]


def test_a_dangerous_letter_quotes_the_exception_only_where_it_would_be_set_aside() -> None:
    """A named citizen's letter needs no exception."""
    named = verdict_of(Case.model_validate({"title": "", "kind": "signal", "health_safety": True,
                                            "received": "2026-11-20T10:00:00"}), PACKS["haskovo"])
    assert named.clause is None


NAMED = [
    ("Служителката Петрова ми се развика.", True),
    ("служителят на гише 4 Димитър Колев отказа да приеме документите", True),
    ("Инспектор Иванов не дойде.", True),
    ("Колежката ви Стойна Маринова разправя на пазара колко дължа.", True),
    ("г-жа Стоянка Манолова ме накара да чакам три часа", True),
    ("Уважаеми господин Кмет, чаках три часа на гише 4.", False),
    ("Служителят от община Хасково беше груб.", False),
    ("Служителката ми каза да дойда утре.", False),
]


@pytest.mark.parametrize(("text", "named"), NAMED)
def test_a_complaint_that_names_an_employee_is_restricted(text: str, named: bool) -> None:
    """By office or title and family name; an address to the mayor or the town's name is no employee."""
    verdict = decide(letter(text), conduct(), PACKS["haskovo"])
    assert verdict.restricted is named
    assert hit(verdict, "named_employee") is named


def test_an_officer_of_the_pack_is_found_by_name_alone() -> None:
    """Without office or title."""
    verdict = decide(letter("Тодоров не си върши работата."), conduct(), PACKS["primerovo"])
    assert verdict.restricted
    assert any(evidence.text == "Иван Тодоров" for check in verdict.checks for evidence in check.evidence)


@pytest.mark.parametrize(("text", "named"), [
    ("Секретарят на общината ме изгони от кабинета си.", "Николай Радев"),
    ("Деловодителката ми се развика.", "Мария Колева"),
    ("Главният инспектор по данъците крещя.", ""),
    ("До секретаря на общината\nСлужителката на гише 4 ми се развика.", ""),
    ("Уважаеми господин Радев,\nслужителката на гише 4 ми се развика.", ""),
    ("Slujitelkata Ganeva mi se razvika.", "Росица Ганева"),
    ("Nikolay Radev ne si varshi rabotata", "Николай Радев"),
    ("Inspektor Petrov mi se razvika.", ""),
    ("Чрез секретаря Николай Радев\nИнспектор Манолов ме обиди.", "Стефан Манолов"),
])
def test_an_officer_is_found_by_a_position_that_nobody_else_holds(text: str, named: str) -> None:
    """Whom the letter is addressed to is not whom it is about."""
    verdict = decide(letter(text), conduct(), PACKS["primerovo"])
    found = {evidence.text for check in verdict.checks if check.name == "named_employee" for evidence in check.evidence}
    officers = {officer.name for officer in PACKS["primerovo"].officers}
    assert found & officers == ({named} if named else set())


def test_the_senders_own_name_is_no_accusation() -> None:
    """A citizen may be called like an officer."""
    sender = Found[str](value="Иван Тодоров", confidence=1)
    text = "Бяха груби с мен.\n\nС уважение,\nИван Тодоров"
    assert not decide(letter(text), conduct(sender_name=sender), PACKS["primerovo"]).restricted


def test_a_signal_about_something_else_is_not_searched_for_names() -> None:
    """„Пред дома на г-жа Петрова има дупка“ complains about nobody."""
    assert not decide(letter("Пред дома на г-жа Петрова има дупка."), findings(), PACKS["ruse"]).restricted


def test_what_could_not_be_read_comes_before_a_person_with_its_own_sentence() -> None:
    """Faults of reading are reasons as they stand."""
    fault = Fault(code="encrypted_pdf", sentence="Файлът е защитен с парола: поискайте го отново.")
    verdict = decide(letter(faults=(fault,), legible=False), findings(), PACKS["ruse"])
    assert fault.sentence in verdict.review_reasons and len(verdict.review_reasons) == 2


def test_another_body_is_a_reason_to_look_with_its_seven_days() -> None:
    """АПК 112."""
    verdict = decide(letter(), findings(other_body=Found[str](value="ВиК", confidence=0.8)), PACKS["ruse"])
    assert verdict.outcome is Outcome.CONSIDER and "до 7 дни" in verdict.review_reasons[0]


def test_a_quoted_earlier_number_is_flagged_for_signals_only() -> None:
    """Repeats are barred for signals (АПК 124(1)), and only where the first was decided: a person knows."""
    follow_up = Found[str](value="94-00-12", confidence=1)
    assert decide(letter(), findings(follow_up_of=follow_up), PACKS["ruse"]).needs_review
    inquiry = Found[Kind](value=Kind.INQUIRY, confidence=1)
    assert not decide(letter(), findings(follow_up_of=follow_up, kind=inquiry), PACKS["ruse"]).needs_review


@pytest.mark.parametrize(("confidence", "looks"), [(0.2, True), (0.5, False)])
def test_only_a_really_doubtful_kind_needs_a_person(confidence: float, looks: bool) -> None:
    """A merely uncertain one does not fill the queue."""
    kind = Found[Kind](value=Kind.SIGNAL, confidence=confidence)
    assert decide(letter(), findings(kind=kind), PACKS["ruse"]).needs_review is looks


def test_a_plain_letter_goes_through_without_a_person() -> None:
    """No reason, no clause, considered."""
    verdict = decide(letter("На ул. Борисова има дупка."), findings(), PACKS["ruse"])
    assert verdict.outcome is Outcome.CONSIDER and verdict.clause is None
    assert not (verdict.needs_review or verdict.urgent or verdict.sealed or verdict.restricted)


def of_kind(kind: Kind, **values: object) -> Findings:
    """A letter of this kind, changed as told."""
    return findings(kind=Found[Kind](value=kind, confidence=1), **values)


def clause_of(verdict: Verdict, name: str) -> str | None:
    """The clause that a check names."""
    return next(check.clause_id for check in verdict.checks if check.name == name)


REVIEW = Found[Matter](value=Matter.REVIEW, confidence=1, evidence=(Evidence(text="преразгледате", why="иска"),))


@pytest.mark.parametrize(("decided", "came", "told"), [
    (date(2026, 11, 5), date(2026, 11, 20), "5 декември 2026 г. и искането е в срок"),
    (date(2026, 10, 31), date(2026, 11, 30), "30 ноември 2026 г. и искането е в срок"),
    (date(2026, 11, 5), date(2026, 12, 7), "проверете дали е в срок"),
    (date(2026, 9, 1), date(2026, 11, 20), "1 октомври 2026 г. и е пропуснат"),
    (None, date(2026, 11, 20), "проверете датата му"),
])
def test_a_request_for_review_is_known_with_sofias_month(decided: date | None, came: date, told: str) -> None:
    """The month runs from the letter of the decision; a person sees whether it has passed, and nobody is refused."""
    known = Found[date](value=decided, confidence=1) if decided else None
    verdict = decide(letter(), of_kind(Kind.COMPLAINT, matter=REVIEW, decision_date=known), PACKS["sofia"], came)
    assert verdict.outcome is Outcome.CONSIDER and verdict.needs_review
    assert verdict.clause is not None and verdict.clause.id == "sofia.review"
    assert verdict.evidence == REVIEW.evidence
    assert told in verdict.review_reasons[0]


@pytest.mark.parametrize(("town", "clause"), [("ruse", "ruse.review"), ("haskovo", "haskovo.review"),
                                              ("septemvri", None), ("kostinbrod", None)])
def test_elsewhere_a_request_for_review_follows_the_law(town: str, clause: str | None) -> None:
    """Русе and Хасково point to the law, Септември and Костинброд are silent; a person decides what it is."""
    verdict = decide(letter(), of_kind(Kind.COMPLAINT, matter=REVIEW), PACKS[town], date(2026, 11, 20))
    assert verdict.needs_review and "нов сигнал по решен въпрос" in verdict.review_reasons[0]
    assert clause_of(verdict, "review") == clause


THEFT = Found[bool](value=True, confidence=0.8, evidence=(Evidence(text="откраднаха", why="пише за кражба"),))


@pytest.mark.parametrize("town", sorted(PACKS))
def test_evidence_of_a_crime_is_flagged_for_the_prosecutor(town: str) -> None:
    """АПК 123(4), at once; whether it is a crime, a person says."""
    verdict = decide(letter(), findings(crime=THEFT), PACKS[town])
    assert verdict.outcome is Outcome.CONSIDER and verdict.needs_review
    assert "прокурора" in verdict.review_reasons[0] and clause_of(verdict, "crime") == "apk.123_4"


def test_a_question_about_theft_is_no_evidence_of_one() -> None:
    """„Как да предпазя мазето си от кражба?“ asks."""
    assert not hit(decide(letter(), of_kind(Kind.INQUIRY, crime=THEFT), PACKS["ruse"]), "crime")


WATER = Found[str](value="ВиК", confidence=0.8, evidence=(Evidence(text="До ВиК", why="адресирано до друг орган"),))


@pytest.mark.parametrize(("kind", "told", "clause"), [
    (Kind.SIGNAL, "до 7 дни", "apk.112"), (Kind.PROPOSAL, "до 7 дни", "apk.112"),
    (Kind.FOI_REQUEST, "до 14 дни", "zdoi.32"), (Kind.REQUEST, "незабавно, най-късно до 7 дни", "apk.31_2"),
])
def test_what_is_for_another_body_is_passed_on_in_time(kind: Kind, told: str, clause: str) -> None:
    """Seven days for signals and proposals, fourteen for requests for information, at once for applications."""
    verdict = decide(letter(), of_kind(kind, other_body=WATER), PACKS["ruse"])
    assert any(told in reason and "уведомете подателя" in reason for reason in verdict.review_reasons)
    assert clause_of(verdict, "other_body") == clause


def test_who_says_that_they_write_again_is_flagged_and_waits_for_nobody() -> None:
    """Without a number there is nothing for a person to look up; with one there is."""
    again = Found[bool](value=True, confidence=0.8, evidence=(Evidence(text="за трети път", why="пише повторно"),))
    verdict = decide(letter(), findings(repeated=again), PACKS["ruse"])
    assert hit(verdict, "repeated") and clause_of(verdict, "repeated") == "apk.124_1" and not verdict.needs_review


def test_an_employee_may_be_named_in_any_complaint_and_in_a_signal_of_a_crime() -> None:
    """Not only where the matter is conduct; an appeal names who signed, and accuses nobody."""
    text = "Инспектор Иванов не дойде, а подписа, че е бил."
    assert decide(letter(text), of_kind(Kind.COMPLAINT), PACKS["ruse"]).restricted
    assert decide(letter(text), findings(crime=THEFT), PACKS["ruse"]).restricted
    assert decide(letter(text), of_kind(Kind.COMPLAINT, matter=REVIEW), PACKS["ruse"]).restricted
    appeal = Found[Matter](value=Matter.APPEAL, confidence=1)
    assert not decide(letter(text), of_kind(Kind.COMPLAINT, matter=appeal), PACKS["ruse"]).restricted
    assert not decide(letter(text), findings(), PACKS["ruse"]).restricted


def test_a_citizens_report_of_corruption_is_restricted_and_not_sealed() -> None:
    """Normal term and acknowledgement, few eyes; a report from work is sealed under the law's own clause."""
    citizen = decide(letter(), of_kind(Kind.CORRUPTION_REPORT), PACKS["ruse"])
    assert (citizen.restricted, citizen.sealed) == (True, False)
    assert any("прокурора" in reason for reason in citizen.review_reasons), "corruption may always be a crime"
    work = Found[Matter](value=Matter.WHISTLEBLOWER, confidence=0.7)
    report = decide(letter(), of_kind(Kind.CORRUPTION_REPORT, matter=work), PACKS["ruse"])
    assert report.sealed and clause_of(report, "whistleblower") == "zzlpspoin.28"
