"""In what the five charters differ, rule by rule: what each promises, where each is silent, whom each names."""

from datetime import date

import pytest

from mailroom.charter.cases import verdict_of
from mailroom.charter.pack import load_pack
from mailroom.config import packaged
from mailroom.model.case import Case
from mailroom.model.findings import Kind, Matter
from mailroom.model.pack import Clause, ClauseSubject, CountedFrom, Demand, Pack
from mailroom.registration.calendar import WorkingCalendar
from mailroom.registration.cases import due_of

RULES = packaged("rules")
TOWNS = ("ruse", "septemvri", "haskovo", "kostinbrod", "sofia")
PACKS: dict[str, Pack] = {town: load_pack(RULES, town) for town in TOWNS}
CALENDAR = WorkingCalendar()
FRIDAY = "2026-11-20T10:00:00"

WORDS = [
    # reply term
    ("ruse.reply_term", "в рамките на нормативно установените срокове", ()),
    ("septemvri.reply_term", "ще отговорим писмено в едномесечен срок", ("inspection", "written_reply")),
    ("haskovo.reply_term", "подадена в писмена форма жалба от Вас по повод лошо администриране в 7-дневен срок от "
                           "получаването /освен в случаите, когато е необходимо извършването на проверка/",
     ("written_reply",)),
    ("sofia.reply_term", "до 30 дни след дадата на регистрирането им в деловодната система", ()),
    ("sofia.reply_term_letters", "пълен отговор в законоустановения срок от датата, на регистрационния индекс", ()),
    # extension notice
    ("septemvri.extension", "за причините или необходимите допълнителни действия и окончателния срок за отговор",
     ("reason", "action", "new_date")),
    ("haskovo.extension", "да Ви уведомят за причините, довели до това, и за крайния срок", ("reason", "new_date")),
    ("sofia.extension", "ако е необходимо да предприемете допълнителни действия и ще ви уведомим кога да очаквате "
                        "пълен отговор", ("reason", "action", "new_date")),
    ("sofia.extension_letters", "дали следва да направите нещо", ("reason", "action", "new_date")),
    # anonymity and its exception
    ("septemvri.anonymity", "Анонимни сигнали и оплаквания не се разглеждат, освен в случаите, когато проблем", ()),
    ("haskovo.anonymity", "Анонимни сигнали и оплаквания не се разглеждат, освен в случаите, когато поставеният", ()),
    ("septemvri.danger", "проблем застрашава здравето и сигурността на гражданите", ()),
    ("haskovo.danger", "поставеният проблем застрашава здравето и сигурността на гражданите", ()),
    # abuse
    ("septemvri.abuse", "на въпроси, жалби и оплаквания, които съдържат нецензурни изрази, немотивирани изказвания, "
                        "уронващи престижа на институцията", ()),
    ("haskovo.abuse", "на въпроси, сигнали, жалби и оплаквания, които съдържат нецензурни изрази, немотивирани обидни "
                      "изказвания", ()),
    # personal data and classified information
    ("ruse.confidentiality", "защитават достъпа до лични им данни", ("data_protection",)),
    ("septemvri.protected_info", "на въпроси, свързани с личните данни и класифицираната информация", ()),
    ("haskovo.protected_info", "на въпроси, свързани със защита на личните данни и класифицираната информация", ()),
    ("kostinbrod.personal_data", "спазваме стриктно Закона за защита на личните данни", ("data_protection",)),
    ("kostinbrod.openness", "при спазване на Закона за достъп до обществена информация", ("access",)),
    ("sofia.confidentiality", "да пазим от нерегламентиран достъп вашите лични данни", ("data_protection",)),
    # what a letter must contain
    ("septemvri.letter_content", "ясна, лесно разбираема, пълна и точна информация", ("plain_words",)),
    ("kostinbrod.letter_content", "ясна, лесно разбираема, пълна и точна информация", ("plain_words",)),
    ("sofia.letter_content", "името на общински служител за установяване на контакт; - директни и вътрешни телефонни "
                             "номера; - електронна поща", ("plain_words", "action", "officer", "phones", "email")),
    ("sofia.appeal_advice", "дали имате право да обжалвате", ("appeal_advice",)),
    # preferred channel
    ("haskovo.contact_details", "да посочвате точния си адрес и телефон за връзка", ()),
    ("sofia.preferred_channel", "по начин, който ви е удобен, стига да ни го посочите", ("chosen_channel",)),
    # review and appeal
    ("ruse.review", "по законоустановения ред", ()),
    ("haskovo.review", "в рамките на предвидените нормативни разпоредби", ()),
    ("haskovo.complaint_channel", "устно или писмено жалба, сигнал или предложение до Кмета", ()),
    ("sofia.review", "до един месец от датата на писмото", ()),
    # confidentiality
    ("ruse.openness", "пълна откритост на действията си", ()),
    ("septemvri.confidentiality", "конфиденциалност относно Вашите запитвания и жалби", ("confidentiality",)),
    ("haskovo.confidentiality", "правилата на конфиденциалност", ("confidentiality",)),
    ("kostinbrod.confidentiality", "конфиденциалност относно запитвания и жалби", ("confidentiality",)),
    # apology
    ("septemvri.apology", "да Ви се извиним при допуснатата неточност или загуба на време, възникнали от наша страна",
     ("apology",)),
    # surveys and reporting
    ("ruse.survey", "следим удовлетвореността Ви", ("survey",)),
    ("septemvri.reporting", "довеждаме до Вашето знание резултатите от анализа на нашата работа", ("report",)),
    ("haskovo.survey", "предложения, коментари, похвали и оплаквания", ("survey",)),
    ("kostinbrod.survey", "оценили високо всяко изказано от Вас мнение, критика или препоръка", ()),
    ("sofia.survey", "питаме всички потребители", ("survey",)),
    ("sofia.lessons", "да извлечем поука", ()),
    # corruption channels
    ("ruse.corruption_box", "Антикорупционна кутия /сигнали за проява на корупция/", ()),
    ("septemvri.corruption_aim", "намаляване възможностите за корупция", ()),
    ("haskovo.corruption_phone", "038 603481", ()),
    ("kostinbrod.corruption_aim", "Да намалим възможностите за корупция", ()),
    ("sofia.corruption_section", "Антикорупция", ()),
    ("septemvri.channel", "кутията за мнения, жалби и оплаквания, намираща се на партера", ()),
    ("sofia.box", "специална кутия в столичния общински фронт-офис (без регистриране)", ()),
]

S = ClauseSubject
SILENT = [
    *(("ruse", s) for s in (S.EXTENSION, S.ANONYMITY, S.ABUSE, S.DANGER_EXCEPTION, S.PROTECTED_INFO, S.LETTER_CONTENT,
                            S.PREFERRED_CHANNEL, S.APOLOGY, S.REPORTING)),
    *(("septemvri", s) for s in (S.PREFERRED_CHANNEL, S.REVIEW)),
    *(("haskovo", s) for s in (S.LETTER_CONTENT, S.APOLOGY, S.REPORTING)),
    *(("kostinbrod", s) for s in (S.REPLY_TERM, S.EXTENSION, S.ANONYMITY, S.ABUSE, S.DANGER_EXCEPTION, S.PROTECTED_INFO,
                                  S.PREFERRED_CHANNEL, S.REVIEW, S.APOLOGY, S.REPORTING)),
    *(("sofia", s) for s in (S.ANONYMITY, S.ABUSE, S.DANGER_EXCEPTION, S.PROTECTED_INFO, S.APOLOGY, S.REPORTING)),
]


def clause(clause_id: str) -> Clause:
    """A charter's clause by its id."""
    return next(c for c in PACKS[clause_id.split(".")[0]].clauses if c.id == clause_id)


def case(kind: str, **values: object) -> Case:
    """A letter with these facts."""
    return Case.model_validate({"title": "", "kind": kind, "received": FRIDAY, **values})


@pytest.mark.parametrize(("clause_id", "words", "demands"), WORDS, ids=[row[0] for row in WORDS])
def test_each_clause_quotes_its_sentence_and_demands_what_it_says(clause_id: str, words: str,
                                                                   demands: tuple[str, ...]) -> None:
    """The words decide, and stand in the published text letter by letter."""
    found = clause(clause_id)
    text = " ".join((RULES / "charters" / clause_id.split(".")[0] / "text.txt").read_text("utf-8").split())
    assert words in " ".join(found.quote.split()) and " ".join(found.quote.split()) in text
    assert found.demands == tuple(map(Demand, demands))


def test_no_clause_is_left_out_of_the_table() -> None:
    """But those that say what the law says too: who is accused does not decide, and how to tell of staff."""
    apart = {"ruse.conflict", "ruse.conduct", "haskovo.conflict", "septemvri.survey"}
    assert {c.id for pack in PACKS.values() for c in pack.clauses} - apart == {row[0] for row in WORDS}


@pytest.mark.parametrize(("town", "subject"), SILENT, ids=[f"{town}-{subject}" for town, subject in SILENT])
def test_where_a_charter_is_silent_its_pack_is(town: str, subject: ClauseSubject) -> None:
    """The law alone speaks there."""
    assert [c.id for c in PACKS[town].clauses if c.subject is subject] == []


TERMS = [
    # town, kind, matter, charter's date, law's date
    ("ruse", "complaint", "conduct", None, "2027-01-20"),
    ("ruse", "signal", None, None, "2027-01-20"),
    ("septemvri", "complaint", "conduct", "2026-12-21", "2027-01-20"),
    ("septemvri", "signal", None, None, "2027-01-20"),
    ("septemvri", "proposal", None, None, "2027-01-20"),
    ("haskovo", "complaint", "conduct", "2026-11-27", "2027-01-20"),
    ("haskovo", "signal", None, None, "2027-01-20"),
    ("haskovo", "corruption_report", None, None, "2027-01-20"),
    ("kostinbrod", "complaint", "conduct", None, "2027-01-20"),
    ("sofia", "complaint", "conduct", "2026-12-21", "2027-01-20"),
    ("sofia", "signal", None, "2026-12-21", "2027-01-20"),
    ("sofia", "proposal", None, None, "2027-01-20"),
    *((town, "complaint", "appeal", None, "2026-11-27") for town in TOWNS),
    *((town, "request", "certificate", None, "2026-11-27") for town in TOWNS),
    *((town, "request", None, None, "2026-12-04") for town in TOWNS),
    *((town, "inquiry", None, None, "2026-11-27") for town in TOWNS),
    *((town, "foi_request", None, None, "2026-12-04") for town in TOWNS),
    *((town, "gdpr_request", None, None, "2026-12-21") for town in TOWNS),
    *((town, "corruption_report", "whistleblower", None, "2027-02-22") for town in TOWNS),
    *((town, "praise", None, None, None) for town in TOWNS),
]


@pytest.mark.parametrize(("town", "kind", "matter", "charter", "statute"), TERMS)
def test_each_promise_holds_for_the_kinds_that_it_names(town: str, kind: str, matter: str | None, charter: str | None,
                                                        statute: str | None) -> None:
    """Септември's month is for complaints, Хасково's week for written ones, София's thirty days for signals too."""
    due = due_of(case(kind, matter=matter), PACKS[town], CALENDAR)
    found = [clock.date.isoformat() if clock else None for clock in (due.charter, due.statute)]
    assert found == [charter, statute]


def test_haskovos_seven_days_are_for_written_complaints_that_need_no_inspection() -> None:
    """By telephone, or with an inspection, the law's two months hold."""
    pack = PACKS["haskovo"]
    assert due_of(case("complaint", channel="counter"), pack, CALENDAR).charter is not None
    for values in ({"channel": "phone"}, {"inspection_needed": True}):
        due = due_of(case("complaint", **values), pack, CALENDAR)
        assert due.charter is None and due.statute is not None and due.statute.date == date(2027, 1, 20)


def test_sofias_thirty_days_run_from_registration_and_its_month_from_the_decision() -> None:
    """And its letters' full answer comes in the law's term, unless a further inspection is needed."""
    reply, review = clause("sofia.reply_term").term, clause("sofia.review").term
    assert reply is not None and review is not None
    assert (reply.counted_from, review.counted_from) == (CountedFrom.REGISTRATION, CountedFrom.DECISION)
    letters = clause("sofia.reply_term_letters")
    assert letters.term is None and letters.without_inspection_only


@pytest.mark.parametrize(("town", "kind", "notice"), [
    ("ruse", Kind.COMPLAINT, None), ("septemvri", Kind.COMPLAINT, "septemvri.extension"),
    ("septemvri", Kind.SIGNAL, None),
    ("haskovo", Kind.COMPLAINT, None), ("haskovo", Kind.REQUEST, "haskovo.extension"),
    ("kostinbrod", Kind.COMPLAINT, None), ("sofia", Kind.SIGNAL, "sofia.extension"),
    ("sofia", Kind.PROPOSAL, "sofia.extension_letters"),
])
def test_who_has_promised_a_notice_of_delay_and_for_what(town: str, kind: Kind, notice: str | None) -> None:
    """Септември for complaints, Хасково for services, София for everything; elsewhere the law's own."""
    found = PACKS[town].charter_clauses(ClauseSubject.EXTENSION, kind, None)
    assert (found[0].id if found else None) == notice


SET_ASIDE = [
    # facts, then for each town in the order of TOWNS the clause that permits it; "" where the letter is considered
    ("signal", "anonymous", ("apk.111_4", "septemvri.anonymity", "haskovo.anonymity", "apk.111_4", "apk.111_4")),
    ("complaint", "anonymous", ("apk.111_4", "septemvri.anonymity", "haskovo.anonymity", "apk.111_4", "apk.111_4")),
    ("proposal", "anonymous", ("apk.111_4",) * 5),
    ("inquiry", "anonymous", ("",) * 5),
    ("praise", "anonymous", ("",) * 5),
    ("signal", "abusive", ("", "", "haskovo.abuse", "", "")),
    ("complaint", "abusive", ("", "septemvri.abuse", "haskovo.abuse", "", "")),
    ("inquiry", "abusive", ("", "septemvri.abuse", "haskovo.abuse", "", "")),
    ("proposal", "abusive", ("",) * 5),
    ("inquiry", "protected_info", ("zdoi.37", "septemvri.protected_info", "haskovo.protected_info", "zdoi.37",
                                   "zdoi.37")),
    *((kind, fact, ("",) * 5) for kind in ("foi_request", "gdpr_request", "request")
      for fact in ("anonymous", "abusive", "protected_info")),
]


@pytest.mark.parametrize(("kind", "fact", "clauses"), SET_ASIDE, ids=[f"{kind}-{fact}" for kind, fact, _ in SET_ASIDE])
@pytest.mark.parametrize("town", TOWNS)
def test_each_town_may_set_aside_what_its_own_words_name(town: str, kind: str, fact: str,
                                                         clauses: tuple[str, ...]) -> None:
    """Септември does not list signals in its clause on abuse; Русе, Костинброд and София have no such clause at all."""
    verdict = verdict_of(case(kind, **{fact: True}), PACKS[town])
    assert verdict.needs_review
    assert (verdict.clause.id if verdict.clause else "") == clauses[TOWNS.index(town)]


@pytest.mark.parametrize(("town", "exception"), [
    ("ruse", "apk.24_1"), ("septemvri", "septemvri.danger"), ("haskovo", "haskovo.danger"),
    ("kostinbrod", "apk.24_1"), ("sofia", "apk.24_1")])
def test_danger_is_the_exception_everywhere(town: str, exception: str) -> None:
    """By the charter's own words, or because the mayor may act by himself."""
    verdict = verdict_of(case("signal", anonymous=True, health_safety=True), PACKS[town])
    assert verdict.urgent and verdict.clause is not None and verdict.clause.id == exception


@pytest.mark.parametrize(("town", "kind", "names"), [
    ("ruse", Kind.CORRUPTION_REPORT, ["Антикорупционна кутия /сигнали за проява на корупция/"]),
    ("ruse", Kind.SIGNAL, ["Горещ телефон за сигнали, предложения и жалби"]),
    ("septemvri", Kind.COMPLAINT, ["Кутия за мнения, жалби и оплаквания"]),
    ("septemvri", Kind.CORRUPTION_REPORT, []),
    ("haskovo", Kind.CORRUPTION_REPORT, ["телефонен секретар за сигнали за корупция"]),
    ("haskovo", Kind.COMPLAINT, ["Кмет на община Хасково"]),
    ("kostinbrod", Kind.CORRUPTION_REPORT, []),
    ("sofia", Kind.CORRUPTION_REPORT, ["рубрика „Антикорупция“ на интернет страницата на общината"]),
    ("sofia", Kind.SIGNAL, ["Контактен център на Столична община"]),
])
def test_each_charter_names_where_to_turn(town: str, kind: Kind, names: list[str]) -> None:
    """Септември and Костинброд have corruption among their aims and name no channel for it."""
    assert [point.name for point in PACKS[town].contact.points_for(kind)] == names


@pytest.mark.parametrize(("town", "phones", "emails", "hours"), [
    ("ruse", {"082 881 881", "082 834 120", "082 506 771", "082 822 382", "082 506 514", "082 809 040"},
     {"mayor@ruse-bg.eu", "center@ruse-bg.eu"}, ("00:00", "23:59")),
    ("septemvri", {"03561 / 70-01"}, set(), ("08:30", "17:30")),
    ("haskovo", {"038 603330", "038 603481"}, set(), ("09:00", "17:00")),
    ("kostinbrod", {"0721 68701"}, {"obshtina@kbrod.net"}, ("00:00", "23:59")),
    ("sofia", {"0700 17 310", "02 9377 303"}, set(), ("09:00", "17:30")),
])
def test_telephones_mailboxes_and_hours_are_the_charters(town: str, phones: set[str], emails: set[str],
                                                         hours: tuple[str, str]) -> None:
    """With the town's code; where no hours are published nothing comes after hours. Every point is reached by these."""
    contact = PACKS[town].contact
    assert (set(contact.phones), set(contact.emails), (contact.opens, contact.closes)) == (phones, emails, hours)
    assert {phone for point in contact.point for phone in point.phones} <= phones
    assert {email for point in contact.point for email in point.emails} == emails


def test_kostinbrods_text_is_cut_off_and_its_pack_says_so() -> None:
    """Its silence means „unknown“; what there is holds from the day on which the mayor signed it."""
    assert {town for town in TOWNS if PACKS[town].incomplete} == {"kostinbrod"}
    assert "непълен" in PACKS["kostinbrod"].charter_source
    assert {c.since for c in PACKS["kostinbrod"].clauses} == {date(2015, 1, 29)}
    text = (RULES / "charters" / "kostinbrod" / "text.txt").read_text("utf-8")
    assert text.rstrip().endswith("за да се опрости процеса на обслужване;")


def test_what_no_charter_dates_holds_always() -> None:
    """Русе, Септември, Хасково and София do not say from when; the sources say what is known of it."""
    assert {c.since for town in TOWNS if town != "kostinbrod" for c in PACKS[town].clauses} == {None}
    assert "2012" in PACKS["haskovo"].charter_source and "2000–2017" in PACKS["sofia"].charter_source


@pytest.mark.parametrize("town", TOWNS)
@pytest.mark.parametrize("matter", [Matter.APPEAL, Matter.WHISTLEBLOWER])
def test_no_charter_speaks_of_what_has_a_procedure_of_its_own(town: str, matter: Matter) -> None:
    """An appeal and a whistleblower's report follow the law alone."""
    assert not [c.id for c in PACKS[town].clauses if c.covers(Kind.COMPLAINT, matter)]
