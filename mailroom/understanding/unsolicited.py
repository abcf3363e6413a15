"""Fraud, advertising and mail to many: recognised by the parts that its writers play together.

No list holds the wording of the next swindle, but each one needs the same parts: something of the recipient's, a
fright, a button to press; a sum, a gift, a private address; a firm that presents itself, a price, an invitation to
call. The words of each part stand in rules/lexicon/machine.toml, which parts make what stands here. Against them weighs
what only somebody with a matter of the town's says.
"""

import re
from dataclasses import dataclass

from mailroom.model.findings import Evidence, Found, NonCorrespondence
from mailroom.model.letter import MailHead
from mailroom.understanding.view import Sighting, View

_EXECUTABLE = re.compile(
    r"(?i)\.(?:scr|exe|js|jse|vbs|vbe|bat|cmd|com|pif|lnk|hta|wsf|iso|img|jar|ps1|msi|ace)$|\.(?:pdf|docx?|xlsx?|jpe?g)\.(?:zip|rar|7z|html?)$"
)
TO_THE_TOWN = re.compile(
    r"(?im)^\W{0,3}(?:to|an|à|alla?|către|до|кому|to:|до:)\s(?:the\s|die\s|la\s|господ\w+\s|г-н\s|г-жа\s)?(?:кмет|общин|район|столичн|"
    r"municipal|mayor|town\s?hall|city\s?(?:hall|council)|gemeinde|stadtverwaltung|bürgermeister|mairie|primări|comune\b|obshtina|мэр|мер[уа]\b)"
    r"|\b(?:dear|sehr geehrte\w?|уважаем\w+)\s(?:\w{2,12}\s){0,2}(?:mayor|bürgermeister\w*|кмет\w*)"
)
"""The line of an address or a salutation by which a letter is to the municipality or its mayor."""
ASKING = re.compile(
    r"(?i)\b(?:could you|can you|please|i would like|we would like|would you|let me know|kindly|подскажите|прошу|"
    r"könnten sie|bitte|pourriez|vă rog|lütfen|моля|молим|искам|желая|бих искал\w?)\b"
)
_AT_HOME = re.compile(
    r"(?i)\b(?:ул|бул|ж\.?\s?к|кв|бл|вх|ап|с|гр)\.\s?\S|\b(?:street|str\.|village|ulitsa|ul\.|avenue|blvd|flat|apartment|strasse|straße|rue)\b"
    r"|\bсело\s\w|\bград\s\w"
)
_LINK = re.compile(r"(?i)https?://|www\.\w")
_HOST = re.compile(r"(?i)https?://([^\s/?#\"'<>()]{1,253})")
_SIGNATURE = re.compile(r"\s*(?:--\s*$|[^|\n]{2,60}\|[^|\n]{2,60}\|)")
_DELIMITER = re.compile(r"(?m)^--[ \t]*$")
_A_FEW_WORDS = 5
_ENOUGH = 2.6
"""What the signs of spam must weigh together."""
_NO_MATTER = 1.4
"""So little is enough where nobody speaks of the town, of what they want or of themselves at all."""
_ONLY_A_TOPIC = 2.2
"""Lamps and waste are sold too: a topic of the town's alone makes no matter."""
_MATTER = 1.5
"""By so much more they must weigh for each sign of a citizen's matter."""
_WORK_OF_THE_TOWN = 3.0
"""Weight of the kinds' words from which on a letter is about the town's work."""
_LONGEST_TEASER = 8
"""Words beside a link: a mail that is nothing else."""
AMOUNT = re.compile(r"(?i)(?<![\d.,])\d[\d ]{0,9}(?:[.,]\d{1,2})?\s?(?:лв|лева|евро|eur|usd|€|\$)|[$€]\s?\d|\d\s?%")
_ROLE_MAILBOX = re.compile(
    r"(?i)^(?:info|office|ofis|sales?|orders?|offers?|promo|marketing|news|hello|contact|export|support|projects?|win|"
    r"refund|bonus|events?|team|noreply|no-reply|pr|press|reception|reservations?)[\d._+-]*\w{0,3}@"
)
_WE_DO = re.compile(r"(?!имаме|нямаме|чакаме|искаме|желаем|очакваме|настояваме)[а-я]{2,20}(?:ваме|яме|аме)")
_DO = re.compile(r"(?!моля|здрав|уважа)[а-я]{3,20}(?:ете|йте)")
MINE = frozenset(
    {"аз", "ми", "ме", "мен", "съм", "моя", "моят", "моята", "моето", "моите", "i", "my", "me", "az", "mi"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """Parts that make a fraud, an advertisement or nothing, together."""

    parts: tuple[str, ...]
    """Groups of the lexicon, each of which must be seen in words of its own; `a|b` is either."""
    weight: float
    why: str


_FRAUDS = (
    Scheme(parts=("account", "threat", "act"), weight=2.6, why="плаши за профил и иска вход или данни"),
    Scheme(parts=("parcel", "fee", "act"), weight=2.6, why="иска такса за пратка"),
    Scheme(parts=("fee", "act", "threat"), weight=2.0, why="плаши и иска плащане"),
    Scheme(parts=("refund", "act", "bank_data"), weight=2.6, why="обещава връщане на пари и иска данни"),
    Scheme(parts=("gift", "act"), weight=1.4, why="награда, за която трябва да се направи нещо"),
    Scheme(parts=("gift", "fee|bank_data", "act"), weight=1.2, why="награда срещу такса или данни"),
    Scheme(parts=("voucher", "voucher", "favour"), weight=2.6, why="началник иска ваучери"),
    Scheme(parts=("new_account", "transfer"), weight=1.6, why="сменена банкова сметка"),
    Scheme(parts=("fortune", "gift"), weight=1.6, why="голяма сума от непознат"),
    Scheme(parts=("fortune|gift", "gift", "contact_me"), weight=1.6, why="голяма сума от непознат, който иска отговор"),
    Scheme(parts=("fortune", "estate", "estate"), weight=1.4, why="чуждо богатство без наследник"),
    Scheme(parts=("estate", "estate", "secret|passport"), weight=1.4, why="чуждо богатство срещу тайна или документ"),
    Scheme(parts=("device|recorded", "recorded", "coin"), weight=3.0, why="изнудва със запис"),
    Scheme(parts=("gain", "stake", "join|coin"), weight=2.6, why="обещава лесна печалба"),
    Scheme(parts=("gain", "stake", "threat|tempts"), weight=1.2, why="кани към лесна печалба, която изтича"),
    Scheme(parts=("parcel", "missed", "opens"), weight=2.6, why="невръчена пратка, за която се отваря файл"),
    Scheme(parts=("play", "bonus|play", "join|act"), weight=2.6, why="хазарт"),
    Scheme(parts=("loan", "easy"), weight=1.4, why="заем без проверка"),
    Scheme(parts=("loan", "easy", "easy"), weight=1.4, why="заем без проверка за минути"),
    Scheme(parts=("loan", "easy", "easy", "easy"), weight=1.4, why="заем без доход, поръчител и проверка"),
    Scheme(parts=("remedy", "ailment", "sale"), weight=2.6, why="продава чудодейно средство"),
    Scheme(parts=("work", "wage"), weight=1.6, why="обещава пари за работа от вкъщи"),
    Scheme(parts=("work", "work|wage", "wage"), weight=1.2, why="обещава пари за работа от вкъщи"),
    Scheme(parts=("romance", "romance"), weight=2.0, why="запознанство"),
    Scheme(parts=("directory", "fee", "act"), weight=2.6, why="иска плащане за каталог или домейн"),
    Scheme(parts=("data_sale", "invite"), weight=2.6, why="продава списъци с адреси"),
    Scheme(parts=("invoice", "opens"), weight=1.4, why="подканва да се отвори фактура"),
    Scheme(parts=("invoice", "opens", "opens"), weight=1.2, why="подканва да се отвори фактура и да се плати"),
    Scheme(parts=("lure", "credential", "act"), weight=2.6, why="чакащо известие, за което иска парола"),
    Scheme(parts=("lure", "act", "threat"), weight=2.6, why="чакащо известие, което плаши и води другаде"),
    Scheme(parts=("shared", "act"), weight=1.8, why="споделен документ зад линк"),
    Scheme(parts=("shared", "act", "threat"), weight=0.8, why="споделен документ, който изтича"),
)
_OFFERS = (
    Scheme(parts=("website", "ranking"), weight=1.6, why="предлага място в търсачките"),
    Scheme(parts=("website", "ranking", "invite"), weight=1.2, why="предлага услуги за сайта"),
    Scheme(parts=("intro", "trade"), weight=0.8, why="фирма с цени"),
    Scheme(parts=("intro", "invite"), weight=0.8, why="фирма, която кани да се свържете с нея"),
    Scheme(parts=("trade", "invite"), weight=0.6, why="цени и покана за поръчка"),
)
_OFFERING = {"intro": 0.6, "trade": 0.4, "invite": 0.5, "tempts": 0.6}
"""What each of at most three different words of these parts adds to an offer."""


def find_fraud(view: View) -> Found[NonCorrespondence] | None:
    """Fraud alone, which stays fraud under the header of a mailing list too."""
    return _spam(view, _schemes(view, _FRAUDS), offering=0.0)


def find_spam(view: View) -> Found[NonCorrespondence] | None:
    """Fraud and unsolicited offers."""
    schemes = _schemes(view, (*_FRAUDS, *_OFFERS))
    return _spam(view, schemes, offering=_offering(view))


def _spam(view: View, schemes: tuple[Scheme, ...], *, offering: float) -> Found[NonCorrespondence] | None:
    seen = _said(view, "machine.spam")
    executable = _executables(view)
    if not executable and _writes_to_the_town(view):
        return None
    baits = len({s.hit.first for s in (*seen, *(view.seen("machine.opens") if executable else ()))})
    if not schemes and not offering and baits < (1 if executable else 2):
        return None
    weight = (
        weight_of(seen)
        + sum(scheme.weight for scheme in schemes)
        + offering
        + (2.5 if executable else 0)
        + (0.8 if _LINK.search(view.letter.text) else 0)
        + 0.3 * max(0, len({s.hit.cue.row.why for s in seen}) - 1)
        + (0.8 if _marked_as_spam(view.letter.head) else 0)
    )
    if round(weight, 2) < (_resistance(view) if executable else needed(view)):
        return None
    shown = [Evidence(text=name, why="изпълним или маскиран файл") for name in executable[:1]]
    shown += [Evidence(text=_words_of(view, scheme), why=scheme.why) for scheme in schemes[:3]]
    shown += [view.evidence(s) for s in (*seen, *view.seen("machine.tempts"), *view.seen("machine.invite"))[:3]]
    return Found(value=NonCorrespondence.SPAM, confidence=min(0.97, 0.5 + 0.08 * weight), evidence=tuple(shown))


def _writes_to_the_town(view: View) -> bool:
    """Whether somebody writes to the municipality, gives name and address, asks something, and leads nowhere.

    Such a letter is correspondence in any language, whatever words it shares with advertisements. On paper, which
    costs a stamp and cannot be clicked, it is enough that somebody signs or asks.
    """
    asks = "?" in view.text or ASKING.search(view.text) or view.seen("machine.asks")
    if _LINK.search(view.text) or not asks:
        return False
    addressed = bool(TO_THE_TOWN.search(view.clear)) or bool(view.seen("machine.addressed"))
    if view.letter.head is None:
        return addressed or _has_an_address(view)
    return addressed and _has_an_address(view) and not _habits_of_firms(view)


def _has_an_address(view: View) -> bool:
    """Whether a line of the letter's own head or end bears a house or a flat, or a mailbox stands there."""
    around = [line for number, line in enumerate(view.lines) if number <= view.body_start or number >= view.tail_start]
    return any(_AT_HOME.search(line.text) for line in around)


def _executables(view: View) -> list[str]:
    """Names of attached programs, and of archives with a program inside."""
    inside = ["архив с изпълним файл" for fault in view.letter.faults if fault.code == "program_inside"]
    return [part.filename for part in view.letter.attachments if _EXECUTABLE.search(part.filename.strip())] + inside


def needed(view: View) -> float:
    """What the signs of a machine must weigh: little where nobody has a matter, more with every sign of one."""
    resistance = _resistance(view) + 2 * about_the_town(view)
    if resistance >= _MATTER or view.letter.attachments or view.seen("kinds.signal"):
        return _ENOUGH + resistance
    if view.seen("topics") or any(word.plain in MINE for word in view.words.words):
        return _ONLY_A_TOPIC + resistance
    return _NO_MATTER + resistance


def find_teaser(view: View) -> Found[NonCorrespondence] | None:
    """A link from a stranger and next to nothing beside it."""
    link = _LINK.search(view.text)
    if link is None or view.letter.attachments or view.letter.quoted.strip() or view.letter.head is None:
        return None
    signed = _DELIMITER.search(view.text)
    if signed is not None and signed.start() < link.start():  # everybody's letters carry the link in their signature
        return None
    beside = re.sub(r"\S*(?:https?://|www\.)\S*", " ", view.text)
    if "?" in beside or len(beside.split()) > _LONGEST_TEASER or needed(view) > _NO_MATTER:
        return None
    shown = Evidence(text=view.text[link.start() :].split()[0][:80], why="почти само връзка")
    return Found(value=NonCorrespondence.SPAM, confidence=0.7, evidence=(shown,))


def _schemes(view: View, schemes: tuple[Scheme, ...]) -> tuple[Scheme, ...]:
    return tuple(scheme for scheme in schemes if _plays(view, scheme.parts))


def _plays(view: View, parts: tuple[str, ...]) -> bool:
    """Whether every part is seen, each in a word of its own: one word cannot play two parts."""
    if not all(_places(view, part) for part in parts):
        return False
    taken: set[tuple[bool, int]] = set()
    for part in sorted(parts, key=lambda part: len(_places(view, part))):
        free = [place for place in _places(view, part) if place not in taken]
        if not free:
            return False
        taken.add(free[0])
    return True


def _places(view: View, part: str) -> list[tuple[bool, int]]:
    remembered: dict[str, list[tuple[bool, int]]] = view.remembered.setdefault("places of parts", {})
    if part not in remembered:
        seen = (s for name in part.split("|") for s in _said(view, f"machine.{name}"))
        remembered[part] = sorted({(s.in_subject, s.hit.first) for s in seen})
    return remembered[part]


def _said(view: View, group: str) -> tuple[Sighting, ...]:
    """What is seen above the signature of an office: what stands in that, everybody's letters carry along."""
    end = _office_signature(view)
    return tuple(s for s in view.seen(group) if s.in_subject or s.words.words[s.hit.first].start < end)


def _office_signature(view: View) -> int:
    """Where „--“ or „Name | Position | Firm“ begins under words of the writer's own; else where the text ends."""
    for line in view.lines[view.tail_start :]:
        if _SIGNATURE.match(line.text) and len(view.text[: line.start].split()) >= _A_FEW_WORDS:
            return line.start
    return len(view.text)


def _words_of(view: View, scheme: Scheme) -> str:
    """The first words seen of each part, for the clerk."""
    shown = []
    for part in scheme.parts:
        first = next((s for name in part.split("|") for s in view.seen(f"machine.{name}")), None)
        if first is not None:
            shown.append(first.words.quote(first.hit.first, first.hit.last)[0])
    return " … ".join(dict.fromkeys(shown))


def _offering(view: View) -> float:
    """How much of an offer there is beside the schemes: at least two of its parts, or one and how firms write."""
    counts = {part: min(3, len(_places(view, part))) for part in _OFFERING}
    played = sum(1 for count in counts.values() if count)
    habits = _habits_of_firms(view)
    if not played or played + (habits >= 0.8) < 2:
        return 0.0
    return sum(_OFFERING[part] * count for part, count in counts.items()) + habits


def _habits_of_firms(view: View) -> float:
    """An amount of money, the sender's own site, a mailbox of a department, „ние доставяме“, „обадете се“."""
    box = next(iter(view.letter.head.from_), None) if view.letter.head else None
    if box is None:
        return 0.0
    domain = box.address.rpartition("@")[2].lower()
    public = domain in view.knowledge.lexicon.list("sender.public_mail")
    site = bool(domain) and not public and re.search(rf"(?:www\.|//){re.escape(domain)}", view.text.lower())
    role = _ROLE_MAILBOX.match(box.address)
    we = len({word.plain for word in view.words.words if _WE_DO.fullmatch(word.plain)})
    do = any(_DO.fullmatch(word.plain) for word in view.words.words)
    signs = ((0.4, AMOUNT.search(view.text)), (0.8, site), (0.4, role), (0.4, we >= 2), (0.4, do))
    return sum(weight for weight, there in signs if there)


def weight_of(sightings: tuple[Sighting, ...]) -> float:
    """Each cue counts once for every different first word."""
    seen = {(id(s.hit.cue), s.words.words[s.hit.first].plain, s.in_subject): s.hit.weight for s in sightings}
    return sum(seen.values())


def citizen_signs(view: View) -> int:
    """How many different signs of a citizen's matter there are; a firm's street under its name is none."""
    signed_at = view.lines[view.tail_start].start if view.tail_start < len(view.lines) else len(view.text)
    return len(
        {
            s.words.words[s.hit.first].plain[:4]
            for s in view.seen("machine.citizen")
            if s.in_subject or s.words.words[s.hit.first].start < signed_at
        }
    )


def _resistance(view: View) -> float:
    """What the signs of spam have to outweigh: the matter, the questions and the story of the one who writes."""
    asks = {s.words.words[s.hit.first].sentence for s in view.seen("machine.asks")}
    reports = {s.words.words[s.hit.first].plain[:5] for s in view.seen("machine.reports")}
    danger = 1 if any(s.hit.weight >= 1 for s in view.seen("danger")) else 0
    addressed = 0.2 if view.seen("machine.addressed") else 0.0
    signs = citizen_signs(view) + min(3, len(asks)) + 2 * min(2, len(reports)) + danger + 2 * _of_the_state(view)
    return _MATTER * signs + addressed


def _of_the_state(view: View) -> bool:
    """Whether it says that a document of another authority waits, and leads to no other sites than the state's."""
    if not view.seen("machine.state_service"):
        return False
    domains = view.knowledge.lexicon.list("machine.state_domains")
    endings = tuple(f".{domain}" for domain in domains)
    return all(f".{host.lower()}".endswith(endings) for host in _HOST.findall(view.text))


def about_the_town(view: View) -> bool:
    """Whether kinds of the town's work are named strongly, as in a request, a complaint or an inquiry."""
    seen = (s for s in view.seen("kinds") if not s.in_subject and s.hit.name not in ("other", "proposal", "praise"))
    return sum(s.hit.weight for s in seen) >= _WORK_OF_THE_TOWN


def _marked_as_spam(head: MailHead | None) -> bool:
    """Whether the town's own filter marked it; filters err, so this only adds to what the words say."""
    if head is None:
        return False
    flag = (head.first("x-spam-flag") or "").strip().lower()
    return flag == "yes" or (head.first("x-spam-status") or "").strip().lower().startswith("yes")
