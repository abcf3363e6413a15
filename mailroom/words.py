"""How the values of the model are called in Bulgarian, on the pages and in the terminal.

A test holds that none is without its word.
"""

from enum import StrEnum

from mailroom.model.access import Scope, Seen
from mailroom.model.arrival import Channel
from mailroom.model.erasure import Ground
from mailroom.model.findings import AnswerChannel, Kind, Matter, NonCorrespondence, Script
from mailroom.model.item import Annulment, DecisionState, Status, Step
from mailroom.model.outgoing import LetterType, News, OutgoingChannel, OutgoingStatus
from mailroom.model.retention import ActState
from mailroom.model.staff import Role
from mailroom.model.taken_down import Brought
from mailroom.model.verdict import Outcome
from mailroom.store.queue import Sort, View

WORDS: dict[type[StrEnum], dict[StrEnum, str]] = {
    Channel: {
        Channel.EMAIL: "имейл", Channel.PAPER: "хартия", Channel.COUNTER: "на гише", Channel.PHONE: "телефон",
        Channel.BOX: "пощенска кутия", Channel.FAX: "факс", Channel.PORTAL: "портал",
    },
    Kind: {
        Kind.COMPLAINT: "жалба", Kind.SIGNAL: "сигнал", Kind.PROPOSAL: "предложение",
        Kind.REQUEST: "заявление за услуга",
        Kind.INQUIRY: "запитване", Kind.FOI_REQUEST: "достъп до информация (ЗДОИ)",
        Kind.GDPR_REQUEST: "искане за лични данни", Kind.CORRUPTION_REPORT: "сигнал за корупция",
        Kind.PRAISE: "благодарност", Kind.OTHER: "друго",
    },
    Matter: {
        Matter.CONDUCT: "поведение на служител", Matter.APPEAL: "обжалване на акт", Matter.CERTIFICATE: "удостоверение",
        Matter.WHISTLEBLOWER: "сигнал по ЗЗЛПСПОИН", Matter.REVIEW: "преразглеждане на решение",
    },
    NonCorrespondence: {
        NonCorrespondence.SPAM: "спам", NonCorrespondence.NEWSLETTER: "бюлетин",
        NonCorrespondence.AUTO_REPLY: "автоматичен отговор", NonCorrespondence.BOUNCE: "върнато писмо",
        NonCorrespondence.BLANK: "празно",
    },
    Script: {Script.CYRILLIC: "кирилица", Script.LATIN: "латиница", Script.MIXED: "кирилица и латиница"},
    AnswerChannel: {
        AnswerChannel.EMAIL: "по имейл", AnswerChannel.POST: "по пощата", AnswerChannel.PHONE: "по телефона",
    },
    Ground: {
        Ground.REQUEST: "по искане на лицето (ОРЗД чл. 17)", Ground.UNLAWFUL: "не е трябвало да се пази (ОРЗД чл. 17)",
        Ground.ACT: "изтекъл срок, с акт за унищожаване (ЗНАФ)",
    },
    ActState: {
        ActState.PROPOSED: "предложен", ActState.APPROVED: "изпълнява се", ActState.CARRIED_OUT: "изпълнен",
        ActState.WITHDRAWN: "оттеглен",
    },
    Step: {
        Step.ARRIVED: "да се прочете", Step.READ: "да се прецени", Step.JUDGED: "да се заведе", Step.SETTLED: "готово",
    },
    Status: {
        Status.ARRIVED: "постъпва", Status.REGISTERED: "регистрирано", Status.IN_REVIEW: "чака решение",
        Status.FORWARDED: "препратено", Status.ANSWERED: "отговорено", Status.CLOSED: "приключено",
        Status.MERGED: "присъединено", Status.ANNULLED: "анулирано", Status.NOT_CORRESPONDENCE: "не е кореспонденция",
    },
    Annulment: {
        Annulment.BY_MISTAKE: "заведено по погрешка", Annulment.TWICE: "заведено два пъти",
        Annulment.NO_LETTER: "не е писмо до общината",
    },
    DecisionState: {DecisionState.PROPOSED: "предложено от програмата", DecisionState.CONFIRMED: "решено от служител"},
    Outcome: {
        Outcome.CONSIDER: "разглежда се", Outcome.NOT_CONSIDERED: "не се разглежда", Outcome.NO_REPLY: "без отговор",
        Outcome.INFORMATION_REFUSED: "не се дава исканата информация",
    },
    LetterType: {
        LetterType.ACKNOWLEDGEMENT: "потвърждение за получаване", LetterType.EXTENSION: "писмо за нов срок",
        LetterType.MISSING_DETAILS: "искане за име или адрес",
        LetterType.FORWARDING: "известие за препращане", LetterType.NOT_CONSIDERED: "известие, че не се разглежда",
        LetterType.INFORMATION_REFUSED: "отказ на защитени сведения",
        LetterType.WHISTLEBLOWER_RECEIPT: "потвърждение по ЗЗЛПСПОИН",
        LetterType.SATISFACTION: "въпрос за удовлетвореност", LetterType.REMINDER: "напомняне за срокове",
        LetterType.DIGEST: "дневен преглед", LetterType.ALERT: "известие до служител",
    },
    Brought: {
        Brought.COUNTER: "Донесено писмо", Brought.ORAL: "Разказано на гише", Brought.PHONE: "По телефона",
        Brought.BOX: "От кутията", Brought.POST: "По пощата или с куриер",
    },
    OutgoingChannel: {OutgoingChannel.EMAIL: "имейл", OutgoingChannel.PRINT: "на хартия",
                      OutgoingChannel.HAND: "на ръка"},
    OutgoingStatus: {
        OutgoingStatus.DRAFT: "чака одобрение", OutgoingStatus.HELD: "задържано",
        OutgoingStatus.QUEUED: "чака изпращане", OutgoingStatus.SENDING: "изпраща се", OutgoingStatus.SENT: "изпратено",
        OutgoingStatus.PRINTED: "отпечатано", OutgoingStatus.POSTED: "дадено на пощата",
        OutgoingStatus.BOUNCED: "върнато", OutgoingStatus.FAILED: "не замина", OutgoingStatus.CANCELLED: "отменено",
    },
    News: {
        News.DELAYED: "закъснява", News.SOFT: "върна се, ще се изпрати пак", News.HARD: "върна се",
        News.ABSENT: "отговори програма",
    },
    Role: {
        Role.CLERK: "деловодител", Role.OFFICER: "служител", Role.SECRETARY: "секретар", Role.MAYOR: "кабинет на кмета",
        Role.CONFIDENTIAL: "служител по ЗЗЛПСПОИН", Role.ADMIN: "администратор",
    },
    Seen: {Seen.ITEM: "преписката", Seen.FILE: "оригинала", Seen.LETTER: "наше писмо",
           Seen.HELD: "справка за лични данни", Seen.ERASED: "заличаване"},
    Scope: {Scope.READ: "чете", Scope.REGISTER: "регистрира"},
    Sort: {Sort.NEWEST: "първо най-новите", Sort.OLDEST: "първо най-старите", Sort.DUE: "първо най-близкият срок"},
    View: {
        View.OPEN: "Отворени", View.TO_DECIDE: "За решение", View.URGENT: "Спешни", View.DUE_SOON: "Срок до 3 дни",
        View.OVERDUE: "Просрочени", View.ILLEGIBLE: "Нечетливи", View.SET_ASIDE: "Не е кореспонденция",
        View.BOUNCED: "Върнати писма", View.UNASSIGNED: "Без служител", View.MINE: "Моите",
        View.TROUBLE: "Затруднения", View.ALL: "Всички",
    },
}

FIELDS = {
    "kind": "Вид", "matter": "Въпрос", "subject": "Относно", "sender_name": "Подател", "organisation": "Организация",
    "on_behalf_of": "От името на", "email": "Имейл", "phone": "Телефон", "address": "Адрес",
    "preferred_channel": "Иска отговор", "date_written": "Дата в писмото", "follow_up_of": "По преписка",
    "district": "Район", "other_body": "Друг орган", "script": "Писменост", "language": "Език",
    "anonymous": "Анонимно", "abusive": "Обидно", "health_safety": "Опасност за хора",
    "protected_info": "Защитена информация", "older_than_two_years": "Отпреди повече от 2 години",
    "repeated": "Пише повторно", "decision_date": "Дата на решението", "crime": "Данни за престъпление",
    "noncorrespondence": "Не е кореспонденция", "decision": "Решение",
    "body": "До кого е препратено", "body_address": "Негов адрес", "uin": "Уникален идентификационен номер (УИН)",
    "confirm_receipt": "Потвърждение до подателя", "forwarding": "Препращане по компетентност",
    "address.postcode": "Пощенски код", "address.settlement": "Населено място", "address.quarter": "Квартал",
    "address.street": "Улица", "address.number": "Номер", "address.block": "Блок", "address.entrance": "Вход",
    "address.floor": "Етаж", "address.apartment": "Апартамент",
}
"""Names of the fields of Findings, and of those a clerk types."""

HISTORY = {
    "step_failed": "Обработката спря; ще бъде опитана отново",
    "went_live": "Пробният регистър стана истински",
    "taken_down": "Въведено на гише", "uploaded": "Качено от служител",
    "scan_joined": "Сканирано: страниците са присъединени по етикета",
    "papers_printed": "Отпечатани разписка, протокол или етикет", "received_on_set": "Сменена дата на получаване",
    "looked_at_later": "Файлът е проверен за вируси по-късно: чист е",
    "virus_found": "При по-късна проверка във файла е намерен зловреден код",
    "not_looked_at": "Файлът не може да се провери за вируси: прекалено голям е за антивирусната програма",
    "arrived": "Постъпи", "arrived_in_batch": "Постъпи в един файл с други писма",
    "split": "Файлът е разделен на писма", "split_off": "Отделено в свое писмо",
    "kept_whole": "Потвърдено, че е едно писмо",
    "arrived_again": "Постъпи отново", "read": "Прочетено", "registered": "Регистрирано",
    "alerted": "Известен е отговорният служител", "nobody_alerted": "Няма кого да известим: липсва адрес",
    "no_acknowledgement": "Няма адрес за потвърждение", "letter_drafted": "Съставено писмо",
    "set_aside": "Отделено: не е кореспонденция", "set_aside_confirmed": "Потвърдено, че не е кореспонденция",
    "undone": "Върнато назад", "merged": "Слято с друга преписка", "joined": "С преписката е слята друга",
    "reclassified": "Върнато като кореспонденция", "decided": "Решено", "corrected": "Поправени полета",
    "assigned": "Възложено", "extension_written": "Съставено писмо за нов срок", "extended": "Срокът е удължен",
    "recounted": "Срокът е преброен наново", "inspection_needed": "Отбелязано, че е нужна проверка",
    "extension_undone": "Удължаването отпадна, важи старият срок",
    "letter_released": "Писмото е пуснато", "letter_cancelled": "Писмото е отменено",
    "letter_printed": "Писмото е отпечатано", "letter_reprinted": "Писмото е отпечатано отново",
    "letter_posted": "Писмото е дадено на пощата",
    "letter_sent": "Писмото е изпратено", "letter_held": "Писмото е задържано", "letter_failed": "Писмото не замина",
    "letter_bounced": "Писмото се върна", "letter_returned_soft": "Писмото се върна и ще бъде изпратено пак",
    "letter_delayed": "Писмото закъснява по пътя", "letter_absent": "На писмото отговори програма, не човек",
    "letter_to_paper": "Писмото ще бъде отпечатано", "letter_readdressed": "Писмото се изпраща на поправения адрес",
    "joined_case": "Присъединено към преписка", "case_followed": "Към преписката се присъедини писмо",
    "left_case": "Отделено от преписката", "answer_filed": "Към преписката се присъедини наш отговор",
    "letter_taken_back": "Писмото е върнато, преди да тръгне", "letter_stands_again": "Писмото вече не е спряно",
    "return_not_believed": "Върнато писмо с чужд подпис",
    "answered": "Отбелязано като отговорено",
    "forwarded": "Отбелязано като препратено", "closed": "Приключено", "annulled": "Анулирано",
    "erased": "Съдържанието е заличено",
    "act_proposed": "Предложен акт за унищожаване", "act_approved": "Въведен подписан акт за унищожаване",
    "act_withdrawn": "Оттеглен акт за унищожаване",
    "exported_sealed": "Изнесени са сигнали по ЗЗЛПСПОИН", "user_added": "Добавен потребител",
    "user_changed": "Променен потребител", "user_password": "Зададена парола", "user_disabled": "Спрян потребител",
    "user_enabled": "Върнат достъп", "own_password": "Сменена собствена парола", "sessions_ended": "Прекратени входове",
    "second_factor_on": "Включен втори фактор", "second_factor_off": "Изключен втори фактор",
    "second_factor_demanded": "Изискване за втори фактор", "recovery_codes": "Нови резервни кодове",
    "token_added": "Създаден ключ за система", "token_revoked": "Спрян ключ за система",
}
"""Names of the history's lines."""

CHECKS = {
    "health_safety": "опасност за живот, здраве или сигурност", "whistleblower": "сигнал от работна среда (ЗЗЛПСПОИН)",
    "statutory_right": "право по закон, което харта не може да отнеме", "anonymous": "анонимно",
    "abusive": "нецензурни изрази или обиди", "protected_info": "лични данни на други хора или тайна",
    "corruption": "сигнал за корупция", "named_employee": "назован служител", "other_body": "за друг орган",
    "older_than_two_years": "отпреди повече от две години", "repeated": "по предишна преписка",
    "review": "преразглеждане на решение", "crime": "данни за престъпление", "illegible": "нечетливо",
    "faulty": "непълно прочетено", "kind_is_doubtful": "видът не е сигурен",
}
"""Names of the checks that a verdict keeps."""


def word(value: StrEnum | str | None) -> str:
    """The Bulgarian word for a value of the model; empty for null."""
    if value is None:
        return ""
    return WORDS[type(value)][value] if isinstance(value, StrEnum) else value


def say(value: object) -> str:
    """A value that was kept without its type (in the history, in a correction) in Bulgarian, for people."""
    if isinstance(value, bool):
        return "да" if value else "не"
    if isinstance(value, list | tuple):
        return ", ".join(map(say, value))
    return _SAID.get(value, value) if isinstance(value, str) else str(value)


DETAILS = {
    "department": "отдел", "officer": "служител", "due": "срок", "before": "преди", "until": "до", "number": "номер",
    "type": "вид", "channel": "път", "status": "състояние", "outcome": "решение", "proposed": "предложено",
    "with_reason": "с причина", "basis": "основание", "superior_decision": "решение на горестоящия",
    "fields": "полета", "pages": "страници", "source": "източник", "people": "известени", "outgoing_id": "изходящо",
    "answer_number": "изх. №", "on": "дата", "first": "първо", "linked_from": "отново към",
}
"""Names of what the history's lines tell besides; what is not named here is told elsewhere, or for machines."""

_SAID: dict[str, str] = FIELDS | {
    member.value: name for kind in (Kind, Matter, NonCorrespondence, Status, Outcome, LetterType, OutgoingChannel,
                                    OutgoingStatus, Role) for member, name in WORDS[kind].items()}
