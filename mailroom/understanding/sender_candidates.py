"""Names that may be the sender's, each with how strongly its place says so.

Where a name may stand, surest first:

1. the name field of a contact form (20);
2. a lawyer who writes for a client: „чрез пълномощника си адв. …“, a lawyer's letterhead (12);
3. „от …“ in the letter's head, „представлявано от …“ (11), „Аз, …“, „Казвам се …“ (10);
4. after a role („Управител: …“) or a printed form's „Име:“ (9), the first of a petition's signers (8);
5. the signature: under the closing words, among the last short lines, or after the last sentence (7–9);
6. a name in the text that the mailbox bears too (8);
7. the first line of a letterhead or of an envelope (6 or less);
8. a certificate of an electronic signature (5), the From display name when it looks like a person's (4).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from mailroom.folding import name_key, script_of
from mailroom.understanding.bounds import bounded
from mailroom.understanding.fields import own_value, rows
from mailroom.understanding.names import CAPITAL, FULL, Name, ends_as_surname, mend_first_name, names_in
from mailroom.understanding.view import Line, View

FROM_LINE = re.compile(
    r"^\s*(?:(?:молба|жалба|заявление|сигнал|искане|предложение|запитване|възражение|(?:подаде|изпрате|внесе)н[ао]?)\s+)?"
    r"(?:от|ot|0т|0t|from)\b(?:\s+(?:страна на|името на))?(?:\s*\([^()\n]{3,40}\))?\s*[:\-–]?\s*(?=\S)",
    re.I,
)
THROUGH = re.compile(
    r"\bчрез\b(?:\s+(?:своя|неговия|нейния|техния))?\s*(?:пълномощник\w*|процесуал\w+ представител\w*|"
    r"представител\w*|адвокат\w*|адв\.)?[^\n]{0,30}?",
    re.I,
)
_THROUGH_OFFICE = re.compile(r"(?i)\b(?:кмет|областн|началник|директор|секретар|инспектор|председател|район|община)")
_FROM_ALONE = re.compile(r"^\s*(?:от|ot|of|0т|oт|from)\s*[:\-–]?\s*$", re.I)
_AFTER_FROM = re.compile(
    r"(?i)[\s,;.–-]*(?:$|егн|лнч|живущ|жител|адрес|чрез|тел|моб|гр\.|с\.|ул\.|бул\.|ж\.?к|\d|собствен|в качеств)"
    r"|,\s?(?-i:[а-я]{4,20})(?:\s(?-i:[а-я]{2,20})){0,3}[,.]?\s*$"
)
"""What follows the name in „от …“ that heads a letter (an occupation too), and not in a sentence broken there."""
_SMALL_WORDS = r"[а-яѝa-z.-]{1,20}(?:\s[а-яѝa-z.-]{1,20}){0,5}"
_INTRODUCES = re.compile(
    r"(?i:\b(?:аз вече съм|ние сме|аз|долуподписан\w*|подписан\w*|нижеподписан\w*|(?P<named>казвам се|се казвам|"
    r"наричам се|се наричам|викат ми|ми викат|(?:на|до|с|при) мен(?=[ ]?[–-])|името ми(?: е)?|my name is|mein name ist|"
    r"je m'appelle|меня зовут|мене звати|kazvam se|imeto mi e|mă numesc|benim adım|adım)|пише ви|обръща се към вас|"
    r"i am|i'm|this is|ben|ich bin|az sam|az|dolupodpisan\w*)\b)[\s,:„/–-]{1,3}"
)
_I_AM = re.compile(
    rf"(?i:\b(?:аз|az)\s+(?:съм|сум|sam|sum|sym)\s+)"
    rf"(?:(?P<what>{_SMALL_WORDS})(?P<comma>\s?[,–-])?\s+)(?=[{CAPITAL}])"
)
"""„Аз съм домоуправителката, Соня Арабова“, „аз съм дъщеря му Ана Колева“."""
_OF_SOMEBODY = re.compile(r"(?<!\w)(?:на|от|в|във|на|от|из|na|ot|v)(?!\w)")
"""„Аз съм майка на Ана Колева“ names the child, „аз съм майката на Ана, Вера Колева“ the mother."""
_OF_ANOTHER = re.compile(r"(?i)\b(?:за|против|срещу|до|при|със?|като|към|по|за)\s|[„“\"«]\s?$")
"""„Аз съм за „Христо Ботев““ names a street, „аз съм при Иванов“ a doctor."""
_SAYS_WHO = re.compile(
    r"(?i)[ ](?:се\s+казвам|ми\s+е\s+името|е\s+името\s+ми|е\s+моето\s+име|се\s+обаждам|съм\s+аз|ви\s+пиша|se\s+kazvam|"
    r"mi\s+e\s+imeto|is\s+my\s+name)\b|"
    r"[ ](?:от|ot|iz)[ ](?:(?:гр|с|gr|s)\.[ ]?)?[^\W\d_]{3,20}(?:[ ][^\W\d_]{3,20})?[ ](?:съм|sum|sam|sym)\b"
)
"""„Петко Петков се казвам.“"""
_I_AM_LAST = re.compile(r"(?i)[ ](?:съм|sum|sam|sym)(?=[ ]?[,.;])")
"""„Петко Петков съм, от …“."""
_REPRESENTED = re.compile(
    r"(?i)\b(?:представляван\w*\s+от|представител[^\n:]{0,20}:|в\s+лицето\s+на)\s*(?:(?:своя|управителя|председателя|"
    r"директора|кмета|си|законния|представител\w*|управителката|председателката|директорката|ѝ|й|му|(?-i:[а-я]{4,20}))\s+){0,4}"
)
BY_LAWYER = re.compile(
    r"(?i)\b(?:представляван\w*|упълномощил\w*|чрез)\s+(?:от\s+)?(?:(?:своя|процесуален|пълномощник\w*)\s+){0,3}"
    r"(?:адв\.|адвокат\w*|юрк\.|юрисконсулт\w*)\s*")
"""„…, представляван от адв. …“."""
_LETTERHEAD_LAWYER = re.compile(
    rf"^\s*(?i:адв\.|адвокат(?:ск[аои]\s+(?:кантора|дружество))?)\s*[:–-]?\s*[„\"]?(?=[{CAPITAL}])")
_CONTACT_AFTER = re.compile(
    r"(?i)\s?[,;–(-]\s?[^\n!?]{2,40}?\d|\s(?:егн|тел|моб|gsm|адрес|жив\w*|гр|ул|бул|кв|ж\.?\s?к|бл)\b")
"""What follows the name on a letterhead's line: contact data."""
_LETTERHEAD_WORDS = 25
_SIGNED = re.compile(r"^[\s/_.·-]*(?:подпис\w*\s*[:/.]*|[(](?:подпис\w*|печат|п)\.?[)])?[\s/_.·-]*", re.I)
_NUMBERED = re.compile(r"^\s*\d{1,2}\s?[.)]?\s+")
_SIGNERS = re.compile(
    r"(?im)^[^\n]{0,60}\b(?:(?:долу|ниже)?подписали(?:те)?|(?:долу|ниже)подписани(?:те)?|подписаните|подписи|подписка|"
    r"имена и подписи|(?:трите )?имена(?:та)? на (?:жител|жив|съсед|собственик|родител|обитател|граждан|участник)\w*|"
    r"име(?:на)?,? (?:и )?(?:фамилия|презиме|адрес|телефон|подпис)\w*(?=[^\n:]{0,60}$|[^\n]{0,50}:$)|"
    r"списък на (?:жител|жив|съсед|собственик|родител|граждан)\w*)\b[^\n]{0,60}$")
"""What stands above the names of those who sign together, also as the head of their table."""
_CONTACT_PERSON = re.compile(
    r"(?i)за\s+(?:контакт|връзка|кореспонденция)|представител|отговорник|организатор|тел\.|моб\.")
_AFTER_NAME = (
    r"тел|т\.|моб|gsm|ап|ул|бул|м\.|м-|пл\.|общ|обл|гр|с\.|(?-i:с[ ](?=[А-Я]))|кв|ж\.|бл|егн|ел\.|e-?mail|имейл|"
    r"жител|жив|пълномощник|\d{1,3}[ ]?(?:г|год|години|годишн\w+)\b|"
    r"tel|mob|ap|ul|gr|s\.|kv|jk|zh|bl|\S+@"
)
"""What may follow a name on its line: telephone, address, role."""
_SENTENCE_END = re.compile(r"(?:[.!?…)]{1,6}|(?<=\d\d))[ \t]+(?=[^\W\d_])")
"""Also a telephone after which the name stands."""
_BESIDE_DISPLAY = re.compile(r"\([^()]{0,100}\)|\s(?:via|чрез)\s.*|\s[-–|/]\s.*")
"""What some mail programs and people add to a name."""
_SIGNATURE_LINES = 60
_CLOSING_LINES = 5
_ROLE_BELOW = 1.5
"""What a role on the next line adds to a name."""
_ROLE_WORDS = 8
_LAST_LINES = 12
_ADDRESSEE = re.compile(r"^\s*(?:до|to|do|копие|на вниманието|чрез)\b", re.I)
_AROUND_NAME = " \t,.:;/()-–—_„“”\"«»'*|•·"
_NOISE_WORDS = 4
"""Words that OCR may make of the pen stroke beside a name."""
_MAILBOX_WORDS = 250
"""Words at each end of a letter among which a name that the mailbox bears is looked for."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name, where it stands in the letter and how strongly that place speaks."""

    name: Name
    start: int
    """Offset in the view's text; -1 when it stands elsewhere."""
    weight: float
    why: str
    certificate: bool = False
    """Whether an electronic signature or a firm says it, and nobody signs so."""


def candidates_in(view: View) -> Iterator[Candidate]:
    """Every name that may be the sender's."""
    yield from _form_candidates(view)
    yield from _in_three_fields(view)
    yield from _lawyer_candidates(view)
    yield from _head_candidates(view)
    yield from _later_heads(view)
    yield from _introduced(view)
    yield from _represented(view)
    yield from _signed(view)
    yield from _after_last_sentence(view)
    yield from _first_signer(view)
    yield from _labelled(view)
    yield from _of_mailbox(view)
    yield from _as_header_begins(view)
    yield from _alone(view)
    yield from _after_thanks(view)
    yield from _after_number(view)
    yield from _of_subject(view)
    yield from _sole_trader(view)
    yield from _certified(view)
    yield from _from_header(view)


def placed(name: Name, offset: int, weight: float, why: str) -> Candidate:
    """A candidate for a name found in a piece of text that begins at `offset`."""
    return Candidate(name, offset + name.start, weight, why)


def first_name_in(view: View, start: int, length: int, *, small: bool = False) -> Name | None:
    """The first name in the rest of the line, at most so many characters of it; `small` as in `names_in`."""
    rest, _, below = view.clear[start : start + length].partition("\n")
    if view.letter.pages and _ONE_WORD.fullmatch(rest) and _BEGINS_WITH_WORD.match(below):
        rest = f"{rest} {below}"  # „чрез адвокат Искра“, and „Терзиева“ on the next line
    names = names_in(rest, view.knowledge, small=small)
    return names[0] if names else None


_ONE_WORD = re.compile(rf"[ ]{{0,2}}{FULL}")
_BEGINS_WITH_WORD = re.compile(FULL)


def head_lines(view: View) -> tuple[Line, ...]:
    """The lines before the prose."""
    return view.lines[: view.body_start]


# ---- form, letterhead, introduction ----------------------------------------------------------------------------------


def _form_candidates(view: View) -> Iterator[Candidate]:
    first, last = own_value(view, "form_first_name"), own_value(view, "form_last_name")
    value = own_value(view, "form_name")
    given = first or value
    if given and last and " " not in value and " " not in given and not _same_word(given, last):
        value = f"{given} {last}"
    for name in names_in(value.split("\n", 1)[0].strip(), view.knowledge, small=True)[:1]:
        yield Candidate(Name(name.text, 0, 0, max(name.certainty, 0.6)), -1, 20, "полето за име във формуляра")
    if not view.letter.form_fields:
        for start, row in rows(view, "form_name"):
            for name in names_in(row, view.knowledge, small=True)[:1]:
                if name.start <= 3:
                    yield placed(name, start, 9, "полето за име във формуляра")


def _in_three_fields(view: View) -> Iterator[Candidate]:
    """„Име: Ана Презиме: Петрова Фамилия: Колева“ of a printed form, on one line or three."""
    for match in _THREE_FIELDS.finditer(view.clear):
        name = next(iter(names_in(" ".join(match.group("first", "second", "third")), view.knowledge)), None)
        if name is not None and len(name.parts) > 2:
            whole = Name(name.text, 0, match.end() - match.start("first"), name.certainty)
            yield Candidate(whole, match.start("first"), 11, "трите имена във формуляра")


_THREE_FIELDS = re.compile(
    rf"(?i:\b(?:собствено )?име)[ ]?:?[ .]{{0,40}}(?P<first>{FULL})\s{{1,30}}"
    rf"(?i:презиме|бащино име)[ ]?:?[ .]{{0,40}}(?P<second>{FULL})\s{{1,30}}"
    rf"(?i:фамилия|фамилно име)[ ]?:?[ .]{{0,40}}(?P<third>{FULL})")


def _same_word(one: str, other: str) -> bool:
    return name_key(one) == name_key(other)


def _lawyer_candidates(view: View) -> Iterator[Candidate]:
    text = view.clear
    for match in THROUGH.finditer(text):
        name = first_name_in(view, match.end(), 60)
        if name and not _THROUGH_OFFICE.search(text[match.start() : match.end() + name.start]):
            yield placed(name, match.end(), 12, "пълномощник, който пише")
    for match in _CHOSEN.finditer(text):
        name = first_name_in(view, match.end(), 60)
        if name and name.start <= 2 and name.certainty >= _SURE:
            yield placed(name, match.end(), 10, "избран от подписалите се")
    for match in BY_LAWYER.finditer(text):
        name = first_name_in(view, match.end(), 60)
        if name and name.start <= 2:
            yield placed(name, match.end(), 12, "пълномощник, който пише")
    for line in head_lines(view)[:3]:
        if _LETTERHEAD_LAWYER.match(line.text):
            for name in names_in(line.text, view.knowledge)[:1]:
                yield placed(name, line.start, 12, "бланка на адвокат")


_CHOSEN = re.compile(
    r"(?i)\b(?:се\s+упълномощава|упълномощаваме|упълномощихме|(?:наш|техен)\s+представител\s+е|"
    r"избрахме\s+за\s+(?:наш\s+)?представител)\s+")
"""„От името на подписалите се упълномощава …“."""


def _head_candidates(view: View) -> Iterator[Candidate]:
    """„от …“ before the prose, and the name that opens a letter above its address."""
    lines = view.lines[: view.body_start + 3]
    addressee = False
    after_from = False
    for index, line in enumerate(lines):
        if line.blank:
            addressee = False
            continue
        if _FROM_ALONE.match(line.text):
            after_from, addressee = True, False
            continue
        match = FROM_LINE.match(line.text)
        if match and index < view.body_start + 3:
            yield from _after_from(view, line, match.end())
            addressee = False
            continue
        if _ADDRESSEE.match(line.text):
            addressee = True
            yield from _from_within(view, line)
        if after_from:
            for name in names_in(line.text, view.knowledge)[:1]:
                yield placed(name, line.start, 11, "„от …“ в началото")
            after_from = False
        elif not addressee and index < view.body_start and _is_name_line(line.text, view) and not _goes_on(view, index):
            for name in names_in(line.text, view.knowledge)[:1]:
                yield placed(name, line.start, 6 if index < 3 else 3.5, "име в началото на писмото")


def _goes_on(view: View, index: int) -> bool:
    """Whether the line goes on with a sentence of the line above („… смъртния акт на майка ми / Здравка Колева, …“)."""
    above = view.lines[index - 1].text.rstrip() if index else ""
    lexicon = view.knowledge.lexicon
    leads = _leads_on(lexicon.list("sender.relatives"), lexicon.list("sender.signing_kin"))
    return leads.search(above[-_NEAR_END:]) is not None


@lru_cache(maxsize=4)
def _leads_on(relatives: tuple[str, ...], kin: tuple[str, ...]) -> re.Pattern[str]:
    """A line's end after which somebody is named of whom the sentence speaks."""
    words = "|".join(sorted({re.escape(word.rstrip("*")) for word in (*relatives, *kin)}, key=len, reverse=True))
    return re.compile(
        rf"(?i)(?<!\w)(?:(?:{words})\w{{0,4}}[ ](?:ми|ни|си|му|ѝ|й|им)|на|за|с|със|и|към|срещу|против|при|г-н|г-жа|"
        r"господин|госпожа|лицето)$")


_NEAR_END = 40


def _after_from(view: View, line: Line, end: int) -> Iterator[Candidate]:
    turned = _turned_round(view, line.text[end:])
    names = [turned] if turned else names_in(line.text[end:], view.knowledge)
    for name in names[:1]:
        if name.start <= 12:
            yield placed(name, line.start + end, 11, "„от …“ в началото")
    if names and names[0].start > 12 and _INHABITANT.match(line.text, end):
        last = names[-1]
        if last.certainty >= _SURE and not line.text[end + last.end :].strip(_AROUND_NAME):
            yield placed(last, line.start + end, 9, "„от …“ в началото")


def _turned_round(view: View, text: str) -> Name | None:
    """„Банова, Драгомира Илчева“: the family name first, as in lists."""
    match = _FAMILY_FIRST.match(text)
    if match is None or not ends_as_surname(match.group("family"), view.knowledge):
        return None
    given = match.group("given")
    if name_key(given.split()[0]) not in view.knowledge.first_names:
        return None
    return Name(f"{given} {match.group('family')}", 0, match.end(), _SURE)


_FAMILY_FIRST = re.compile(rf"(?P<family>{FULL}),[ ](?P<given>{FULL}(?:[ ]{FULL})?)(?=[ ]?(?:[,;]|$))")
_INHABITANT = re.compile(r"(?i)(?:жив\w+|жител\w*|собственик\w*|наемател\w*|обитател\w*)\s")
"""„от живущия в с. Петърч, ул. Роза 2, Румен Тасков“."""
_SURE = 0.85
"""Certainty of a name that stands where any words may stand."""
_FROM_WITHIN = re.compile(rf"\s(?i:от)\s(?=[{CAPITAL}])")


def _from_within(view: View, line: Line) -> Iterator[Candidate]:
    """„До кмета на Септември от Ваньо Спасов от Лозен“: addressee and sender on one line."""
    for match in _FROM_WITHIN.finditer(line.text):
        for name in names_in(line.text[match.end() :], view.knowledge)[:1]:
            if name.start == 0 and name.certainty >= _SURE:
                yield placed(name, line.start + match.end(), 8, "„от …“ в началото")


def _later_heads(view: View) -> Iterator[Candidate]:
    """„от …“ in the head of a letter that follows a covering text: under a title or an addressee."""
    above = ""
    for line in view.lines[view.body_start + 3 :]:
        match = FROM_LINE.match(line.text)
        if match and len(above.split()) <= 8 and not above.rstrip().endswith((",", ";")):
            for name in names_in(line.text[match.end() :], view.knowledge)[:1]:
                rest = line.text[match.end() + name.end :]
                titled = _TITLES.fullmatch(line.text, match.end(), match.end() + name.start)
                if titled and name.certainty >= 0.85 and _AFTER_FROM.match(rest):
                    yield placed(name, line.start + match.end(), 9.5, "„от …“ в началото")
        if not line.blank:
            above = line.text


_TITLES = re.compile(r"(?i)\W{0,4}(?:(?:инж|арх|адв|д-р|доц|проф|г-н|г-жа|ст|н\.с)\.?[ ]{1,2}){0,2}")


def _is_name_line(text: str, view: View) -> bool:
    """A short line that begins with a name."""
    names = names_in(text, view.knowledge)
    lexicon = view.knowledge.lexicon
    lead_ins = _lead_ins((*lexicon.list("sender.titles"), *lexicon.list("sender.roles")))
    if not names or text[: names[0].start].strip(" \t.·:-") not in lead_ins:
        return False
    words = len(text.split())
    return words <= 12 or (words <= _LETTERHEAD_WORDS and bool(_CONTACT_AFTER.match(text, names[0].end)))


@lru_cache(maxsize=8)
def _lead_ins(titles: tuple[str, ...]) -> frozenset[str]:
    return frozenset({"", *titles, *(t.capitalize() for t in titles), *(t.upper() for t in titles)})


def _introduced(view: View) -> Iterator[Candidate]:
    for pattern in (_INTRODUCES, _I_AM):
        for match in pattern.finditer(view.clear):
            name = first_name_in(view, match.end(), 70, small=True)
            least = 0.2 if match.groupdict().get("named") else 0.5
            if name is None or name.start > 8 or name.certainty < least or _of_somebody(match, name):
                continue
            if not _OF_ANOTHER.search(view.clear[match.start() : match.end() + name.start]):
                yield placed(name, match.end(), 10, "представя се")


    for match in (*_SAYS_WHO.finditer(view.clear), *_I_AM_LAST.finditer(view.clear)):
        low = max(view.clear.rfind("\n", 0, match.start()) + 1, match.start() - 60)
        for name in names_in(view.clear[low : match.start()], view.knowledge, small=True)[-1:]:
            before = view.clear[low : low + name.start].strip()
            opens = not before or before.endswith((".", "!", "?", ",", ":", "("))
            if name.end == match.start() - low and name.certainty >= 0.5 and (opens or match.re is _SAYS_WHO):
                yield placed(name, low, 10, "представя се")


def _represented(view: View) -> Iterator[Candidate]:
    """„…, представлявано от управителя Явор Колев“: in the head, or the one who asks in the first sentences."""
    end = view.lines[view.body_start].end if view.body_start < len(view.lines) else len(view.clear)
    for match in _REPRESENTED.finditer(view.clear[: end + 200]):
        name = first_name_in(view, match.end(), 60)
        if name and name.start <= 6 and name.certainty >= 0.5:
            yield placed(name, match.end(), 11, "представляващ")
    for match in _MANAGER.finditer(view.clear[: end + 200]):
        name = first_name_in(view, match.end(), 60)
        if name and name.start == 0 and name.certainty >= 0.5:
            yield placed(name, match.end(), 6, "управител на дружеството")


def _of_somebody(match: re.Match[str], name: Name) -> bool:
    """Whether what somebody is leads up to another's name."""
    what = match.groupdict().get("what")
    return what is not None and (name.start > 0 or (not match.group("comma") and bool(_OF_SOMEBODY.search(what))))


_MANAGER = re.compile(
    r"(?i)\b(?:ЕИК|булстат)[ :№]{0,3}\d{9,13}[ ]?[,;–-][ ]?(?:с[ ])?"
    r"(?:управител|председател|директор|прокурист)\w{0,3}[ :–-]{1,3}")
"""„„Ела“ ООД, ЕИК 123456789, управител Вера Пенева“: hers unless somebody else signs."""


# ---- signature -------------------------------------------------------------------------------------------------------


def _signed(view: View) -> Iterator[Candidate]:
    """Names in the closing block; a line that is a name alone says more than one with other words."""
    last = min(len(view.lines), view.tail_start + _SIGNATURE_LINES)
    closing = view.tail_start < last and _closes(view, view.lines[view.tail_start].text)
    rank, shown = 0.0, 0
    for at, line in enumerate(view.lines[view.tail_start : last], view.tail_start):
        shown += not line.blank
        if _goes_on(view, at):
            continue
        under = 1.0 if closing and shown <= _CLOSING_LINES else 0.0
        under += _ROLE_BELOW if _is_role(view, next((below.text for below in view.lines[at + 1 :]), "")) else 0.0
        for offset, part in _columns(line.text):
            for candidate in _signature_part(view, part, line.start + offset):
                yield Candidate(candidate.name, candidate.start, candidate.weight + under - rank, candidate.why)
                rank = min(rank + 0.6, 4)


def _is_role(view: View, text: str) -> bool:
    """Whether a line is a role („Първи секретар“) and perhaps of what."""
    words = text.strip(" \t,.").lower().split()
    roles = {*view.knowledge.lexicon.list("sender.roles"), *view.knowledge.lexicon.list("sender.heads")}
    return 0 < len(words) <= _ROLE_WORDS and not roles.isdisjoint(words)


def _closes(view: View, text: str) -> bool:
    """Whether a line begins with closing words and is no name."""
    opening = _openings(view.knowledge.lexicon.list("sender.closings"))
    return bool(opening.match(text.strip())) and not _is_name_line(text, view)


def _columns(text: str) -> Iterator[tuple[int, str]]:
    """The parts of a line that stand far apart."""
    for match in re.finditer(r"\S(?:.*?\S)??(?=\s{3,}|\t|$)", text):
        yield match.start(), match.group()


def _signature_part(view: View, part: str, start: int) -> Iterator[Candidate]:
    begin = _after_opening(view, part)
    body = part[begin:]
    names = names_in(body, view.knowledge, small=len(body.split()) <= 3)
    mended = mend_first_name(body, view.knowledge) if view.letter.pages or not view.letter.head else None
    if mended is not None and (not names or names[0].certainty < mended.certainty):
        names = [mended]
    if not names:
        return
    name = names[0]
    before = body[: name.start].strip(_AROUND_NAME)
    lead_ins = {"", *view.knowledge.lexicon.list("sender.titles")}
    told = begin > 0 and _is_noise(view, name, before)
    described = name.certainty >= _VERY_SURE and bool(
        _SAYS_WHAT.fullmatch(before) or _THEN_DASH.fullmatch(body, 0, name.start))
    if not (told or described or lead_ins.issuperset(_TITLE.split(before.lower())) or _is_noise(
            view, name, before, other_script=True)):  # fmt: skip
        return
    rest = body[name.end :].strip(_AROUND_NAME)
    if name.certainty < _DOUBTED and rest and _is_role(view, rest):  # „Илзе Каск, втори секретар“
        name = replace(name, certainty=_DOUBTED)
    most = _SIGNER_WORDS if _NUMBERED.match(part) else _SIGNATURE_WORDS
    if len(part.split()) <= most and (_may_follow(view, rest) or _is_noise(view, name, rest)):
        later = re.match(r"\s*(?!1\b)\d", part)  # a petition's second signer and those after
        called = part[:begin].strip(" \t:,.–-").lower() in view.knowledge.lexicon.list("sender.contact_labels")
        weight = 4 if later else 6 if described or called else 8 if not rest else 7
        yield placed(name, start + begin, weight, "подпис")


_THEN_DASH = re.compile(r"[^\W\d_]{2,20}(?:[ ][^\W\d_]{2,20}){0,4}[ ]?[–-][ ]")
"""„Един от бригадата – “."""
_DOUBTED = 0.6
"""Certainty of words that no list knows as a name, where a role behind them says that they are one."""
_SAYS_WHAT = re.compile(
    r"(?!(?i:.*\b(?:на|от|за|със?|до|при|срещу|към|по|в|във|и|че|да|не|се|е|моля|г-н|г-жа|господин|госпожа|покойн\w*)\b))"
    r"(?:[А-Я]?[а-я-]{2,20}\.?[ ]){0,2}[А-Я]?[а-я-]{2,20}\.?")
"""„старши учител“, „зав. кабинет“, „домоуправителят“ before the name of the one who signs."""
_SIGNATURE_WORDS, _SIGNER_WORDS = 14, 24
"""Words on the line of a signature at most; a petition's signers add flat and telephone."""
_TITLE = re.compile(r"[.\s]+")
"""Between several titles („проф. д-р“)."""


def _after_opening(view: View, part: str) -> int:
    """Where the signature itself begins, after „Подпис:“, „С уважение,“, „Управител:“ and a signer's number."""
    lead = _FLAT_FIRST.match(part) or _NUMBERED.match(part) or _SIGNED.match(part)
    begin = lead.end() if lead else 0
    lexicon = view.knowledge.lexicon
    opening = _openings(lexicon.list("sender.closings"), lexicon.list("sender.roles")).match(part, begin)
    return opening.end() if opening else begin


_FLAT_FIRST = re.compile(r"(?i)^\s*(?:(?:вх|ет|ап|вход|етаж|апартамент)\.?[ ]?[А-Я\d]{1,3}[ ]?[,:–-]?[ ]){1,3}")
"""„ап. 15, Мария Стефанова“."""


@lru_cache(maxsize=8)
def _openings(closings: tuple[str, ...], roles: tuple[str, ...] = ()) -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in sorted((*closings, *roles), key=len, reverse=True))
    return re.compile(rf"(?i:{words})(?![^\W\d_])[ \t:,.\-–—/!]*")


def _may_follow(view: View, rest: str, *, only_signature: bool = False) -> bool:
    """Whether what follows a name in its line may follow a signature: nothing, a telephone, an address, a role; under
    a letter also any other word."""
    if not rest or re.fullmatch(r"[\d\s()+/.-]{6,}", rest):
        return True
    match = _rest(view.knowledge.lexicon.list("sender.roles")).match(rest)
    shouted = rest.isupper() and len(rest.split()) > _SHOUTED_WORDS and not re.search(r"\d", rest)
    if match is not None and match.lastgroup == "word" and shouted:
        return False
    return bool(match) and not (only_signature and match is not None and match.lastgroup == "word")


_SHOUTED_WORDS = 3
"""„ИВАН ИВАНОВ ВЗИМА ПАРИ НА РЪКА“ is a sentence, and no signature with a role."""


@lru_cache(maxsize=8)
def _rest(roles: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?i)[\W\d_]*(?:{_AFTER_NAME}|{'|'.join(map(re.escape, roles))}|(?P<word>{FULL}))")


def _is_noise(view: View, name: Name, rest: str, *, other_script: bool = False) -> bool:
    """On a scan the pen stroke beside a sure name becomes some letters; before it, only of the other alphabet."""
    if not view.letter.pages or name.certainty < 0.85 or len(rest.split()) > _NOISE_WORDS:
        return False
    return not other_script or {script_of(word) for word in rest.split()}.isdisjoint({"both", script_of(name.text)})


def _after_last_sentence(view: View) -> Iterator[Candidate]:
    """„… Кога ще смените тръбата? Юлиян Пашев, управител“: the last words of a line, in the last lines."""
    shown = [line for line in view.lines[-3 * _LAST_LINES :] if not line.blank][-_LAST_LINES:]
    for line in shown:
        tail = max(0, len(line.text) - 120)
        ends = [match.end() for match in _SENTENCE_END.finditer(line.text, tail)
                if not _is_title(view, line.text[: match.start()])]  # fmt: skip
        for end in ends[-2:]:
            begin = end + _after_opening(view, line.text[end:])
            for name in names_in(line.text[begin:], view.knowledge)[:1]:
                rest = line.text[begin + name.end :].strip(_AROUND_NAME)
                own = name.start == 0 and name.certainty >= 0.6
                follows = _may_follow(view, rest, only_signature=True) or bool(_HOUSE_LAST.fullmatch(rest))
                if own and len(rest.split()) <= 8 and follows:
                    yield placed(name, line.start + begin, 7, "име след последното изречение")


def _is_title(view: View, before: str) -> bool:
    """„… ще говори проф. Ненов“: the full stop that follows this text ends a title, and no sentence."""
    word = before[-_LONGEST_TITLE:].split(" ")[-1].lower()
    return word in view.knowledge.lexicon.list("sender.titles")


_LONGEST_TITLE = 20
_HOUSE_LAST = re.compile(
    r"[^\d\n.!?]{2,60}\d{1,3}(?:[ ]?[^\W\d_])?(?:[ ]?,[ ]?(?:(?:вх|ет|ап|бл|vh|et|ap|bl)\.?[ ]?\w{1,3}|"
    r"[А-ЯA-Z][а-яa-z]{2,15})){0,5}\W*")
"""„…, Щръклево, Осми март 2“ after a name."""


def _first_signer(view: View) -> Iterator[Candidate]:
    """The first of a petition's signers, or the one who can be reached for all."""
    titles = list(_SIGNERS.finditer(view.clear))
    if not titles:
        return
    title = titles[-1]
    first = True
    for line in view.lines[view.line_at(title.end()) + 1 :][:_SIGNATURE_LINES]:
        begin = _NUMBERED.match(line.text)
        at = begin.end() if begin else 0
        for name in names_in(line.text[at:], view.knowledge)[:1]:
            if name.start <= 6 and name.certainty >= 0.5:
                reached = bool(_CONTACT_PERSON.search(line.text[at + name.end :]))
                if first or reached:
                    yield placed(name, line.start + at, 9.5 if reached else 9, "първи в подписката")
                first = False


def _labelled(view: View) -> Iterator[Candidate]:
    """„Домоуправител: …“, „Управител: …“, „За връзка: …“, „Подател: …“, and a name with its telephone."""
    text, lexicon = view.clear, view.knowledge.lexicon
    signers = _SIGNERS.search(text) is not None
    for match in _labels(lexicon.list("sender.roles"), lexicon.list("sender.signing_kin")).finditer(text):
        begin = _past_titles(lexicon.list("sender.titles"), text, match.end())
        name = first_name_in(view, begin, 60)
        if name and name.start <= 2 and not _is_for_somebody(view, match.group()):
            reached = match.group().strip(" \t\n:").lower() in lexicon.list("sender.contact_labels")
            yield placed(name, begin, 9.5 if signers else 6.5 if reached else 9, "име след длъжност")
    for match in re.finditer(rf":[ \t]*(?=[{CAPITAL}])", text):
        line = text[match.end() : match.end() + 90].split("\n")[0]
        for name in names_in(line, view.knowledge)[:1]:
            if name.start == 0 and re.match(r"[ ,–-]*(?:тел|моб|gsm|tel|\+?\d{3})", line[name.end :], re.I):
                yield placed(name, match.end(), 6.5, "име с телефон")
    last = _LAST_LABEL.search(text.rstrip()[-_LONGEST_LABELLED:])
    if last is not None:
        begin = len(text.rstrip()[:-_LONGEST_LABELLED]) + last.end()
        for name in names_in(text[begin:].strip(), view.knowledge)[:1]:
            if name.start == 0 and len(text[begin:].strip()) == name.end:
                yield placed(name, begin, 6, "име след длъжност в края")
    for match in re.finditer(r"(?m)^[ \t]*1[.)]?[ \t]+", text):
        name = first_name_in(view, match.end(), 60)
        if name and name.start <= 1 and len(name.parts) >= 2 and name.certainty >= 0.9:
            yield placed(name, match.end(), 3, "първи в подписката")


_LAST_LABEL = re.compile(rf"[^\W\d_]{{4,20}}:[ \t]+(?=[{CAPITAL}][^\n:]{{4,60}}$)")
"""„Уредник: “ before the last words of a letter."""
_LONGEST_LABELLED = 90


@lru_cache(maxsize=8)
def _labels(roles: tuple[str, ...], kin: tuple[str, ...]) -> re.Pattern[str]:
    words, relatives = ("|".join(sorted(map(re.escape, found), key=len, reverse=True)) for found in (roles, kin))
    return re.compile(
        rf"(?i:\b(?:{words}|име,? (?:бащино(?: име)?|презиме),? (?:и )?фамилия|имена?|три имена|name|подател|заявител))"
        rf"(?:\s+на\s+[^\n:]{{1,25}})?"
        rf"(?:\s*\([^()\n]{{2,40}}\))?\s*:\s*|"
        rf"(?im:^[ \t]*(?:за\s+[^\n:]{{2,50}}|{relatives}):)[ \t]*"
    )


def _past_titles(titles: tuple[str, ...], text: str, at: int) -> int:
    """Where a name may begin after a label: behind dots, a slash and titles („: ........ /проф. д-р“)."""
    match = _titles(titles).match(text, at)
    return match.end() if match else at


@lru_cache(maxsize=4)
def _titles(titles: tuple[str, ...]) -> re.Pattern[str]:
    words = "|".join(sorted(map(re.escape, titles), key=len, reverse=True))
    hand = r"(?:[(]?(?i:п|подп(?:ис)?\.?|печат|подпис и печат|не се чете|нечетлив)[)]?(?!\w)[._…/(\s]{0,80}){0,3}"
    return re.compile(rf"[._…/(\s]{{0,80}}{hand}(?:(?i:{words})(?![^\W\d_])\.?[ ]{{0,2}}){{0,3}}")


def _is_for_somebody(view: View, label: str) -> bool:
    """„За пациента: …“ names who is spoken for, and not who speaks."""
    words = label.lower().split()
    lexicon = view.knowledge.lexicon
    others = tuple(word.rstrip("*") for word in (*lexicon.list("sender.clients"), *lexicon.list("sender.relatives")))
    return len(words) > 1 and words[0] == "за" and words[1].startswith(others)


def _after_number(view: View) -> Iterator[Candidate]:
    """„… ул. „Вит“ 41, Нели Паскалева.“: the last words of a letter, after an address or a telephone."""
    text = view.clear.rstrip()
    match = _NUMBER_LAST.search(text[-_LONGEST_LABELLED:])
    if match is not None:
        begin = len(text[:-_LONGEST_LABELLED]) + match.end()
        for name in names_in(text[begin:], view.knowledge)[:1]:
            if name.start == 0 and name.certainty >= 0.85 and not text[begin + name.end :].strip(_AROUND_NAME):
                yield placed(name, begin, 6, "име след адреса в края")


_NUMBER_LAST = re.compile(rf"\d[{CAPITAL}а-я]?[ ]?[,;–-][ ](?=[^\d\n]{{5,60}}$)")


def _after_thanks(view: View) -> Iterator[Candidate]:
    """„… Благодаря, Биляна Тотоманова. Ние сме на …“: a name after closing words within a line."""
    lexicon = view.knowledge.lexicon
    pattern = _thanks(lexicon.list("sender.closings"), lexicon.list("sender.contact_labels"))
    for match in pattern.finditer(view.clear):
        name = first_name_in(view, match.end(), 60)
        follows = match.end() + name.end if name else 0
        if name and name.start == 0 and name.certainty >= _SURE and view.clear[follows : follows + 1] in _ENDS:
            yield placed(name, match.end(), 7.5, "име след поздрава")


@lru_cache(maxsize=4)
def _thanks(closings: tuple[str, ...], others: tuple[str, ...]) -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in sorted(set(closings).difference(others), key=len, reverse=True))
    return re.compile(rf"(?<![^\W\d_])(?i:{words})[ ]?[,!.:][ ](?=[{CAPITAL}])")


_ENDS = ("", ".", ",", "!", "\n", ";")


def _alone(view: View) -> Iterator[Candidate]:
    """A line or a sentence that is a name and perhaps an address, wherever it stands below the salutation."""
    first = view.body_start if view.body_start < len(view.lines) else 0
    for index, line in enumerate(view.lines[first:], first):
        if line.blank or _ADDRESSEE.match(line.text) or _goes_on(view, index):
            continue
        for name in names_in(line.text, view.knowledge)[:1]:
            rest = line.text[name.end :]
            if name.start == 0 and name.certainty >= _VERY_SURE and _ADDRESS_FOLLOWS.match(rest):
                yield placed(name, line.start, 6.2, "име с адрес на реда")
            elif name.start == 0 and name.certainty >= _VERY_SURE and _REST_OF_ALONE.fullmatch(rest):
                yield placed(name, line.start, 3.8, "името е само на реда")
        for match in _SENTENCE_ALONE.finditer(line.text):
            titled = _is_title(view, line.text[: max(0, match.start() - 1)])
            for name in names_in(match.group("words"), view.knowledge)[:1] if not titled else ():
                if name.certainty >= _VERY_SURE and name.text == match.group("words"):
                    yield placed(name, line.start + match.start("words"), 3.8, "изречение само с името")


_VERY_SURE = 0.95
_ADDRESS_FOLLOWS = re.compile(
    r"(?i)[ ]?[,–-][ ](?:жив\w*[ ](?:в|на)[ ]|от[ ])?(?:(?:гр|с|ул|бул|кв|ж\.?[ ]?к|бл)\.|(?:ул|кв|бл)[ ])")
_REST_OF_ALONE = re.compile(r"[ ]{0,9}(?:|[,–-][^.!?\n]{0,80}|[^\w\n]{0,9}\d[\d ]*)")
_SENTENCE_ALONE = re.compile(rf"(?<=[.!?\d])[ ](?P<words>{FULL}(?:[ ]{FULL}){{1,2}})(?=[.!](?:[ ]|$))")


# ---- outside the text ------------------------------------------------------------------------------------------------


def _of_mailbox(view: View) -> Iterator[Candidate]:
    """Two or three words side by side that the mailbox is named after („ДИМО КАРАМФИЛОВ“ of dimo.karamfilov@…)."""
    bearing = _mailbox_keys(view)
    words = view.words.words
    if len(bearing) < 2 or not words:
        return
    ends = range(len(words)) if len(words) <= 2 * _MAILBOX_WORDS else (
        *range(_MAILBOX_WORDS), *range(len(words) - _MAILBOX_WORDS, len(words)))  # fmt: skip
    for at in ends:
        if name_key(words[at].raw) not in bearing:
            continue
        for last in (at + 2, at + 1):
            if last < len(words) and _one_run(view, at, last) and name_key(words[last].raw) in bearing - {
                    name_key(words[at].raw)}:  # fmt: skip
                start, end = words[at].start, words[last].end
                for name in names_in(view.clear[start:end], view.knowledge, small=True)[:1]:
                    sure = Name(name.text, name.start, name.end, 0.95)
                    yield placed(sure, start, 8, "името е и в адреса на пощата")
                break


def _one_run(view: View, first: int, last: int) -> bool:
    """Whether only blanks stand between these words."""
    words = view.words.words
    return all(not view.clear[words[i].end : words[i + 1].start].strip(" \t") for i in range(first, last))


def _mailbox_keys(view: View) -> frozenset[str]:
    """The parts of the mailbox and of its display name that may be names."""
    if view.mailbox is None:
        return frozenset()
    local = re.split(r"[\W\d_]+", view.mailbox.address.partition("@")[0][:100])
    shown = re.split(r"[\W\d_]+", view.mailbox.name[:100])
    return frozenset(name_key(part) for part in (*local, *shown) if len(part) > 2)


def _as_header_begins(view: View) -> Iterator[Candidate]:
    """„Пламен Шопкаров“ in a mail that „Пламен Ш.“ sent, and „цвети карамфилова“ from c.karamfilova@…."""
    box = view.mailbox
    if box is None or view.letter.form_fields or header_name(view) is not None:
        return
    first, last = _begun(box.name)
    local = name_key(box.address.partition("@")[0][:100])
    if not first and len(local) < _LONG_FAMILY:
        return
    for line in view.lines:
        for name in names_in(line.text, view.knowledge, small=True):
            parts = [name_key(part) for part in name.parts]
            begun = first and parts[0] == first and any(part.startswith(last) for part in parts[1:])
            borne = len(parts[-1]) >= _LONG_FAMILY and parts[-1] in local
            if name.certainty >= _LIKELY_SMALL and (begun or borne) and not _is_place(view, line.text, name):
                yield placed(name, line.start, 7, "името е и в полето „От“")


def _is_place(view: View, line: str, name: Name) -> bool:
    """„в Христо Смирненски“: a quarter or a street that is called after somebody."""
    return name_key(name.text) in view.knowledge.quarters or bool(_IN_OR_ON.search(line, 0, name.start))


_IN_OR_ON = re.compile(r"(?i)(?<!\w)(?:в|във|на|до|при|за|ул|бул|кв|v|na)\.?[ ][„\"]?$")


def _begun(display: str) -> tuple[str, str]:
    """First name and what is shown of the family name of „Пламен Ш.“; two empty ones for anything else."""
    match = _BEGUN.fullmatch(display.strip(" \"'"))
    return (name_key(match.group("first")), name_key(match.group("last") or "")) if match else ("", "")


_BEGUN = re.compile(rf"(?P<first>[{CAPITAL}][^\W\d_]{{2,20}})(?:[ ](?P<last>[{CAPITAL}])\.?)?")
_LONG_FAMILY = 6
"""Letters of a family name that no mailbox bears by chance."""
_LIKELY_SMALL = 0.6


def _of_subject(view: View) -> Iterator[Candidate]:
    """„Енчо Керанов, ул. Воден 9“ or „Молба от Енчо Керанов“ as a subject."""
    subject = view.subject[:_LONGEST_LABELLED]
    match = _WRITTEN_BY.match(subject)
    begin = match.end() if match else 0
    for name in names_in(subject[begin:], view.knowledge)[:1]:
        told = match or _ADDRESS_NEXT.match(subject, begin + name.end)
        if name.start == 0 and name.certainty >= 0.85 and told:
            yield Candidate(name, -1, 3.5, "темата на писмото")


_WRITTEN_BY = re.compile(r"(?i)(?:молба|жалба|сигнал|заявление|искане|предложение|запитване|възражение|писмо)\s+от\s+")
_ADDRESS_NEXT = re.compile(r"\s*,[^\n]{0,60}\d[^\W\d_]?\s*$")


def _sole_trader(view: View) -> Iterator[Candidate]:
    """„ЕТ „Ганка Пиронкова – Билки““: a sole trader's firm bears his name (Търговски закон, чл. 59)."""
    for match in _SOLE_TRADER.finditer(view.clear[:_FIRM_WITHIN]):
        for name in names_in(match.group("firm"), view.knowledge)[:1]:
            if name.start == 0 and name.certainty >= _SURE:
                yield Candidate(name, match.start("firm"), 3, "името на едноличния търговец", certificate=True)


_SOLE_TRADER = re.compile(r"(?<!\w)ЕТ[ ][„\"]?(?P<firm>[^„“”\"\n]{6,60})")
_FIRM_WITHIN = 600
"""Characters from the letter's beginning within which its letterhead stands."""


def _certified(view: View) -> Iterator[Candidate]:
    """Who is named in the certificate of an electronic signature; of the letter sooner than of a file with it."""
    for signature in view.letter.signatures:
        if not signature.intact:
            continue
        for name in names_in(bounded(signature.signer[:200]), view.knowledge)[:1]:
            weight = 3 if signature.file else 5
            yield Candidate(Name(name.text, 0, len(name.text), max(name.certainty, 0.6)), -1, weight,
                            "електронният подпис", certificate=True)  # fmt: skip


def header_name(view: View) -> Candidate | None:
    """The person in Reply-To or From."""
    return next(_from_header(view), None)


def _from_header(view: View) -> Iterator[Candidate]:
    head = view.citizen_head
    if head is None or view.letter.form_fields:
        return
    boxes = [box for box in (*head.reply_to, *head.from_) if box.address and not view.is_own_or_robot(box.address)]
    for box in boxes:
        shown = _display_name(box.name)
        if re.search(r"[@\d]", shown):
            continue
        for name in names_in(shown, view.knowledge)[:1]:
            likely = name.certainty >= 0.5 or (name.certainty >= 0.1 and _bears(box.address, name))
            if likely and len(re.findall(r"[\w'’-]+", shown)) <= len(name.parts) + 1:
                sure = Name(name.text, name.start, name.end, max(name.certainty, 0.5))
                yield Candidate(sure, -1, 4, "полето „От“ на писмото")
        break


def _display_name(display: str) -> str:
    """A display name as people say it: „Вълков, Георги“ turned round, without quotation marks."""
    shown = _BESIDE_DISPLAY.sub(" ", bounded(display[:200]))
    shown = " ".join(re.sub(r"(?<![^\W\d_])['’]|['’](?![^\W\d_])|\"", " ", shown).split())
    surname, comma, given = shown.partition(",")
    return f"{given.strip()} {surname.strip()}" if comma and " " not in surname.strip() else shown


def _bears(address: str, name: Name) -> bool:
    """Whether the mailbox is named after this name, with its family name or its first name."""
    local = name_key(address.partition("@")[0][:100])
    return any(len(name_key(part)) > 3 and name_key(part) in local for part in name.parts)
