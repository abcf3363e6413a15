"""Whose address is it? Adds up what speaks for and against a candidate's being the sender's own.

After „адрес“, „живущ в“, beside the sender's name or in the signature it is the sender's; the place of the problem, the
addressee's block, another person's and the town hall's own address are not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from mailroom.folding import name_key
from mailroom.understanding.address_candidates import Candidate
from mailroom.understanding.address_parts import ADVERBS
from mailroom.understanding.knowledge import Knowledge
from mailroom.understanding.names import Name, compatible, names_in
from mailroom.understanding.organisation import place_of_organisation
from mailroom.understanding.sender import choose_sender
from mailroom.understanding.view import View

Names = tuple[tuple[int, int], ...]
"""Start and end of every place at which the sender's name stands."""

_FAR = 1_000
"""Characters: farther apart nothing belongs together."""
_BEFORE = 70
"""Characters before an address in which a word can say whose it is."""
_FEW = {"head": 8, "body": 3, "tail": 4}
"""So many other words on the line, and it is still a line of a letterhead or signature and no sentence."""
_REACH = 24
"""Characters between such a word and the address at most."""
_ADDRESSEE_LINES = 15
_ADDRESSEE_WITHIN = 25
_WORD = re.compile(r"[^\W\d_]{2,}")
_CONTACT = re.compile(
    r"(?i)\S+@\S+|\b(?:тел(?:ефон)?|моб(?:илен)?|gsm|tel|phone|mob|e-?mail|имейл|факс|за връзка|адрес\w*|адв|"
    r"г-н|г-жа)\b"
)
_FROM_PLACE = re.compile(
    r"(?:[ ,]{1,3}(?:с )?(?i:егн|лнч|egn)[:. №]{0,3}[\d*•xXхХ]{4,12})?"
    r"(?:[ ]?[,–-][ ](?-i:[а-я]{5,20})(?:[ ](?-i:[а-я]{4,20}))?(?=,))?"
    r"(?:[ ]?,[ ](?:(?:и[ ])?(?:двамата|двете|тримата|всички|всичките))(?=[ ](?:от|жив)))?"
    r"(?:[ ]?,?[ ](?i:на[ ])?\d{1,3}[ ]?-?[ ]?(?i:годишн\w{1,2}|години|годинки|год\.?|г\.?)(?!\w)[ ]?,?)?"
    r"(?:[ ]?,[ ](?i:родена?)[ ](?i:на[ ]|през[ ])?[\d.]{4,10}[ ]?(?i:г(?:од(?:ина)?)?\.?)?)?"
    r"\s*[,–(-]?\s*(?:(?:от|ОТ|ot|from|iz|из|жител\w*\s+на|жив\w*\.?\s+(?:в|на)|живущ\w*\s+(?:в|на))\s+)?[(]?\s*"
)
_SENTENCE_END = re.compile(r"[!?]|\.\s+(?=[А-ЯA-Z][а-яa-z]{2,}\s+[а-яa-z])")
_ADDRESSEE = re.compile(
    r"(?i)(?:до|to)\b(?:\s|$|:)|г-н кмета|the mayor|господин кмета|"
    r"община(?![^\n]{0,30},[ ]*(?:с\.|село|гр\.|град))|municipality|кмета на|получател"
)
_SENDER_AGAIN = re.compile(r"(?i)(?:от|from|подател)\b")
_DATE_WORDS = re.compile(
    r"(?i)\b(?:гр|град|село|януари|февруари|март|април|май|юни|юли|август|септември|октомври|ноември|"
    r"декември|с уважение|дата)\b"
)
_DATE_BEFORE = re.compile(
    r"(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|[а-я]{3,9} \d{4})[ ]?(?:г\.?|год\w*\.?)?[ ,]{0,3}(?:гр\.?[ ]?)?$"
)
_SURE_NAME = 0.8


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a candidate stands."""

    candidate: Candidate
    before: str
    """What stands before it, on its line or else on the one above."""
    line: str
    others: int
    """Words on its line that are neither its own nor the sender's name."""
    near: int
    """Lines below the nearest mention of the sender; 0 on its line, negative above, 99 for far away."""
    part: str
    """`head`, `body` or `tail` of the letter."""
    after_name: str
    """As `_after_name` says."""
    letterhead: bool
    """Whether it stands above the addressee."""

    @property
    def in_sentence(self) -> bool:
        """Whether so much else stands on its line that it is a sentence."""
        return self.others > _FEW[self.part]


def weigh(view: View, candidate: Candidate, names: Names) -> None:
    """Add up what speaks for and against the candidate's being the sender's own address."""
    place = _place(view, candidate, names)
    candidate.score += 0.25 * len(candidate.names)
    for weight, why in (*_told(view, place, names), *_standing(place)):
        candidate.score += weight
        if weight > 0 and why:
            candidate.why.append(why)


def told_by(before: str, words: tuple[str, ...]) -> bool:
    """Whether one of these words stands shortly before the end of this text."""
    return bool(_trigger(before[-_BEFORE:], words, _REACH)[0])


def follows_name(before: str, name: Name, knowledge: Knowledge) -> bool:
    """Whether this text ends with the name of this person, in whatever form."""
    line = before[-_BEFORE:]
    line = line.rstrip()[line.rstrip().rfind("\n") + 1 :]
    found = names_in(line, knowledge)
    return bool(found) and compatible(found[-1], name) and bool(_FROM_PLACE.fullmatch(line[found[-1].end :]))


def _place(view: View, candidate: Candidate, names: Names) -> _Place:
    text, start = view.clear, candidate.start
    line_start, line_end = view.line_around(start, candidate.end)
    low = line_start
    if not text[line_start:start].strip(" \t-–•*,"):
        low = text.rfind("\n", max(0, line_start - _BEFORE), max(0, line_start - 1)) + 1
    near = min((_lines_between(text, at, candidate) for at, _ in names), key=_distance, default=99)
    before = text[max(low, start - _BEFORE) : start]
    return _Place(candidate=candidate, before=before, line=text[line_start:line_end],
                  others=_other_words(text, candidate, names, line_start, line_end), near=near,
                  part=_part_of_letter(view, start), after_name=_after_name(view, before),
                  letterhead=_above_addressee(view, start))  # fmt: skip


def _above_addressee(view: View, start: int) -> bool:
    """Whether the letter has an addressee, and this stands above."""
    first = next((line.start for line in view.lines[:_ADDRESSEE_WITHIN] if _ADDRESSEE.match(line.text.strip())), -1)
    return start < first


def _part_of_letter(view: View, start: int) -> str:
    tail = view.lines[view.tail_start].start if view.tail_start < len(view.lines) else len(view.clear)
    head = view.lines[view.body_start].start if view.body_start < len(view.lines) else len(view.clear)
    return "tail" if start >= tail else "head" if start < head else "body"


def _other_words(text: str, candidate: Candidate, names: Names, line_start: int, line_end: int) -> int:
    """Words of the line that are neither of the address nor of a name, telephone or mail address.

    Small ones, for names and places have capitals; all of them where everything is in capitals.
    """
    known = sorted([(part.start, part.end) for part in candidate.parts] + list(names))
    left, at = [], line_start
    for start, end in known:
        if line_start <= start < line_end:
            left.append(text[at : max(at, start)])
            at = max(at, end)
    left.append(text[at:line_end])
    words = [word for piece in left for word in _WORD.findall(_CONTACT.sub(" ", piece))]
    small = [word for word in words if word.islower()]
    return len(small) if small else len(words)


def _told(view: View, place: _Place, names: Names) -> Iterator[tuple[float, str]]:
    """What the words before it say."""
    lexicon, candidate = view.knowledge.lexicon, place.candidate
    told = _ON_FLOOR.sub("", view.knowledge.address_grammar.region.sub("", place.before))
    own, between = _trigger(told, lexicon.list("address.own_before"), _REACH)
    home = _OUR_HOME.search(place.before) if not own else None
    if home is not None and (home["home"] or home["mine"]).lower().startswith(lexicon.list("address.homes")):
        own, between = home.group().strip(), ""
    earlier = told[: len(told) - len(between) - len(own)]
    if own and _NO_LONGER.search(earlier):
        yield -8, ""
        own = ""
    elif own and (_belongs_to_another(view, earlier) or _of_property(view, earlier, own) or _names_spot(own, between)):
        yield -5, ""
        own = ""
    elif own and _speaks_of_another(_WITH_FAMILY.sub(" ", between), lexicon.list("address.other_before")):
        yield -3, ""
        own = ""
    elif own:
        group = own in lexicon.list("address.group_before") and not candidate.names & {"number", "block"}
        group = group and place.after_name != "own" and not (place.part == "tail" and 0 <= place.near <= 1)
        preference = _preference(own, lexicon.list("address.preferred_before"))
        yield (-4 if group else 5 + preference), f"след „{own}“"
    elif _trigger(place.before, lexicon.list("address.others_live"), _REACH)[0]:
        own = "името на подателя" if not place.near and not place.in_sentence else ""
        yield (5 if own else -5), ("на реда с името на подателя" if own else "")
    elif _says_home(view, place):
        own = "живея"
        yield 5, "там живее подателят"
    elif _OWN_AFTER.match(view.clear, candidate.end):
        own = "домът на подателя"
        yield 5, "„… там живея“"
    elif _says_from(view, candidate) and _FROM_BEFORE.search(place.before):
        own = "от"
        yield 5, "„от … съм“"
    elif place.after_name == "own" or any(
        _FROM_PLACE.fullmatch(view.clear[end : candidate.start]) for _, end in names if 0 <= candidate.start - end < 60
    ):
        own = "името на подателя"
        yield 5, "след името на подателя"
    elif any(_IN_STREET.fullmatch(view.clear[end : candidate.start]) for _, end in place_of_organisation(view)):
        own = "името на организацията"
        yield 5, "след името на организацията"
    elif place.after_name == "other" or (place.others > 1 and _of_something_else(view, place)):
        yield -5, ""
    elif place.after_name == "somebody":
        own = "име" if _ends_letter(view, candidate) else ""
        yield 4, "след име"
    if not own and _in_list(view, candidate):
        yield -6, ""
    if _of_town_hall(view, candidate):
        yield (-4 if own else -8), ""
    if not own:
        yield from _not_told(view, place)


def _names_spot(own: str, between: str) -> bool:
    """Whether what stands between „живея“ or „адрес“ and an address makes it a landmark or the place of a problem."""
    here = own.startswith(_SAYS_WHERE) and _LANDMARK.search(between)
    return bool(here or (own in _BARE_ADDRESS and _ADDRESS_OF.match(between)))


_MOVED_TO = re.compile(r"(?i)(?<!\w)премест\w{1,5}[ ][^!?\n]{0,60}[ ]на[ ]$")
"""„преместваме офиса си от ул. „Лом“ 3 на “."""
_MY_HOME = re.compile(
    r"(?i)(?<!\w)[а-я]{2,10}[ая]ме?[ ](?:[а-я]{1,10}[ ]){0,3}(?:апартамент|жилище|къщ|дом|стая|вход)[а-я]{0,4}[ ]си[ ]"
    r"(?:на|в)[ ](?:адрес:?[ ])?$")
"""„плащам данъци за жилището си в “: of the one who speaks."""
_ON_FLOOR = re.compile(r"(?i)(?<!\w)на[ ](?:\d{1,2}(?:-?[а-я]{2})?|[а-я]{4,10})[ ]етаж[ ]?,?[ ](?:(?:в|във|на|от)[ ])?")
"""„живея на първия етаж на “ says no more than „живея на “."""
_FIRST_NAME_FROM = re.compile(r"(?<!\w)(?i:съм|казвам[ ]се|пише[ ]ви)[ ](?:[А-Я][а-я]{2,15}[ ]){1,3}(?i:от)[ ]$")
"""„аз съм Нели от “."""
_AM_HERE = re.compile(
    rf"(?i)(?<!\w)(?:(?:съм|сме|живея|живеем|sme|jive\w{{1,2}}){ADVERBS}[ ,]{{1,2}}|(?:аз|ние)[ ]?[–-][ ])"
    r"(?:(?:на|от|в)[ ])?$")
"""„Ние сме “ before „блок 31“, „сме точно отсреща, “."""
_NO_MORE_BUT = re.compile(r"(?i)адрес\w{0,3}[^.!?\n]{0,20}[ ]не[ ]е[^.!?\n]{2,40},[ ]а(?:[ ]е)?[ ](?:(?:на|в)[ ])?$")
"""„адресът ми вече не е Рила 5, а “."""
_ADDRESS_OF = re.compile(
    r"(?i)^[ ]на[ ](?!подател|заявител|жалбоподател|молител|лицето|собственик|фирма|дружеств|сдружен|клуб|управлен|"
    r"кантор|кореспонд|жив|местожив|пребив|регистрац|дейност|офис|седалищ|домоуправ|етажн|стопан|земедел|производит|член|"
    r"семейств)[а-я]{4,20}[^\n]{0,20}:[ ]?$")
"""„Адрес на нарушението: “."""
_SAYS_WHERE = ("жив", "съм", "сме", "аз съм", "ние сме", "намирам", "намираме", "обитава")
_LANDMARK = re.compile(r"(?i)(?<!\w)(?:до|срещу|зад|пред|край|покрай|около|над|под|между|близо до)[ ]$")
"""„Живеем в Здравец до бл. 19“."""
_WITH_FAMILY = re.compile(r"(?i)\bпри[ ](?:[^\W\d_]{3,12}[ ])?[^\W\d_]{3,12}[ ](?:си|ми|ни)\b")
"""„живея при майка си в …“."""
_NO_LONGER = re.compile(
    r"(?i)\b(?:стар|предишн|предходн|бивш|досегашн|някогашн|old|former|previous)\w*[ ](?:(?:ми|ни|си)[ ])?$")
"""„на стария ми адрес (…)“."""
_IN_STREET = re.compile(r"[“”\"»]?[ ,]{1,2}(?:на|в)[ ][„\"]?")
"""„Ние сме книжарница „Вяра“ на „Шипка“ 4“."""
_LIVES_WITH = re.compile(
    r"(?i)(?<!\w)жив(?:ея|еем|уща?|ущи|еещ[аи]?)[ ]"
    r"(?:(?:под наем|сам[аи]?|временно|постоянно|сега|със?[ ][^\n.!?,]{3,25}|"
    r"отсреща|наблизо|насреща|"
    r"при[ ](?:[^\W\d_]{3,12}(?:[ ](?:си|ми|ни))?)(?:[ ][А-Я][^\W\d_]{2,15}){0,3}|"
    r"през[ ][^\W\d_]{3,6}[ ]улици),?[ ]?){1,3}(?:(?:на|в|във)[ ])?(?:адрес:?[ ])?[„\"]?$")
"""„живеем под наем при Райчо Вълков в “, „живея отсреща, на “."""
_OF_TRADE_FROM = re.compile(
    r"(?i)(?<!\w)(?:съм|сме)[ ](?!на[ ]|от[ ]|до[ ])(?:[^\W\d_]{3,15}[ ]){1,3}от[ ]$")
"""„аз съм млад фермер от “."""
_IS_HERE = re.compile(r"(?i)[ ](?:съм|сме|sme|sam|sum)(?=[ ]?(?:[.!;\n]|,[ ]|$))")
"""„бул. „Шипка“ 12, вх. 3 сме.“"""
_OWNS_HERE = re.compile(
    r"(?i)(?<!\w)(?:(?:купих(?:ме)?|имаме?|наех(?:ме)?|обитаваме?|наемаме?)|собствени[кч]\w*[ ]"
    r"(?:(?:съм|сме)[ ])?на)[ ](?:(?:едно?|една|общинск\w+|малък|малка)[ ]){0,2}"
    r"(?:апартамент|жилище|къща|имот|дом|стая|студио)\w*"
    r"(?:[ ]№?[ ]?\d{1,3},?)?[ ](?:на|в)[ ](?:адрес:?[ ])?$|"
    r"(?<!\w)(?:моят|моя|моята|моето|нашият|нашия|нашата|нашето)[ ]"
    r"(?:апартамент|жилище|къща|дом|двор|вход|гараж)\w{0,3}"
    r"[ ](?:(?:на|в|е[ ]на|се[ ]намира[ ]на)[ ])?[(–-]?[ ]?$")
"""„собственичка съм на къща на “, „моят апартамент (“."""
_LIVES_BEFORE_COLON = re.compile(r"(?i)(?<!\w)(?:живея|живеем|адрес(?:а|ът|и)?)(?!\w)[^.!?\n]{0,60}[:–][ ]$")
"""„живея в него вече седемнайста година: “."""
_LIVES_WITHIN = re.compile(r"(?i)където[ ]живе[яе]м?\b")
_OUR_HOME = re.compile(
    r"(?<!\w)(?:(?P<home>[^\W\d_]{3,20})[ ](?:ни|ми|ni|mi)|(?:собствен|нов|стар|бащин)[^\W\d_]{1,4}[ ](?:ни|ми)[ ]"
    r"(?P<mine>[^\W\d_]{3,20}))[ ](?:(?:е|са)(?:[ ][^\W\d_]{2,10}){0,4}[ ](?=[(]))?"
    r"(?:(?:е[ ])?(?:на|в|във|от|се намира на|se namira na|na|v)[ ])?(?:адрес:?[ ])?[(–-]?[ ]?$")
"""„пред гаража ни на “, „собствената ми къща на “, „прозорците ми са точно отсреща (“."""
_AFTER_PLACE = re.compile(r"(?i)[ ,]{1,2}(?:съм|сме|sum|sam|sym|sme|ви пиша|ви пишем|се обаждам)\b")
_OWN_AFTER = re.compile(
    r"(?i)[ ]?[“”\"»]?[ ]?[–,(:-]?[ ]?(?:[–-][ ])?(?:където[ ](?:живе[яе]м?|съм|сме)\b|там[ ](?:живе[яе]м?|съм|сме)\b|"
    r"(?:това|там|тук|тя|той|то)[ ]е[ ](?:[^\W\d_]{4,20}[ ](?:ми|ни)\b|"
    r"(?:мо|наш)[^\W\d_]{1,3}[ ](?:адрес|дом|къща|блок|вход|жилище))|"
    r"е[ ](?:мо|наш)[^\W\d_]{1,3}[ ](?:адрес|дом|къща|блок|вход|жилище)|"
    r"е[ ](?:адресът|домът|къщата)(?:[ ](?:ми|ни)\b|(?=[ ]?[.,;\n]))|(?:това|тук)[ ]е[ ]адресът\b|"
    r"(?:мо|наш)[^\W\d_]{1,3}[ ](?:адрес|дом|къща)\b|адресът[ ](?:ми|ни)\b|домът[ ](?:ми|ни)\b)")
"""„ул. „Дълбочица“ 29 – това е къщата ни“, „ул. Рила 5, където живея“."""


_HOME_TOLD = (_LIVES_WITH, _OF_TRADE_FROM, _OWNS_HERE, _NO_MORE_BUT, _FIRST_NAME_FROM, _MOVED_TO, _MY_HOME,
              _LIVES_BEFORE_COLON)  # fmt: skip


def _says_home(view: View, place: _Place) -> bool:
    """Whether the words around an address say that the writer lives there."""
    inside = view.clear[place.candidate.start : place.candidate.end]
    before = any(pattern.search(place.before) for pattern in _HOME_TOLD)
    house = bool(place.candidate.names & {"number", "block"})
    before = before or (house and bool(_AM_HERE.search(place.before)))
    before = before or (house and _says_from(view, place.candidate) and bool(_IN_BEFORE.search(place.before)))
    return before or bool(_IS_HERE.match(view.clear, place.candidate.end) or _LIVES_WITHIN.search(inside))


def _says_from(view: View, candidate: Candidate) -> bool:
    """Whether „съм“ follows its first part or all of it."""
    return any(_AFTER_PLACE.match(view.clear, end) for end in (candidate.parts[0].end, candidate.end))


_FROM_BEFORE = re.compile(r"(?i)(?<!\w)(?:от|ot)[ ]$")
_IN_BEFORE = re.compile(r"(?i)(?<!\w)(?:във?|v)[ ]$")
_ENTRY = re.compile(r"[ \t]*(?:[-•*–]|\d{1,2}[.)])[ \t]")


def _in_list(view: View, candidate: Candidate) -> bool:
    """Whether it stands in a list with one entry a line: places of problems."""
    at = view.line_at(candidate.start)
    around = [line for line in view.lines[max(0, at - 1) : at + 2] if _ENTRY.match(line.text)]
    return len(around) > 1 and any(line.start <= candidate.start <= line.end for line in around)


def _not_told(view: View, place: _Place) -> Iterator[tuple[float, str]]:
    """What speaks against an address of which nothing says whose it is."""
    candidate = place.candidate
    if place.in_sentence:
        yield -3, ""
    if place.part != "tail" and _addressee_block(view, candidate.start):
        yield -6, ""
    if candidate.names == {"settlement"} and _place_of_writing(place.line, candidate):
        yield (-6 if _DATE_BEFORE.search(place.before) else -2.6), ""
    if candidate.names <= {"settlement", "postcode"} and candidate.parts[0].bare and place.near and place.others > 4:
        yield -3, ""


def _standing(place: _Place) -> Iterator[tuple[float, str]]:
    """What its place in the letter says."""
    if place.in_sentence:
        return
    near = place.near
    if near == 0:
        yield 4, "на реда с името на подателя"
    elif 0 < near <= 4:
        yield 3.5, "под името на подателя"
    elif -2 <= near < 0 and place.others <= 4:
        yield 2, "над името на подателя"
    if place.part == "tail":
        yield 2, "в подписа"
        if not place.others:
            yield 1, "ред само с адрес"
    elif place.part == "head":
        yield 2, "в началото на писмото"
        if place.letterhead:
            yield 2, "над получателя"


def _preference(own: str, preferred: tuple[str, ...]) -> float:
    """Where an answer should go comes before where somebody lives, and that before where somebody is registered."""
    return 0.5 * (len(preferred) - preferred.index(own)) if own in preferred else 0.0


def _speaks_of_another(between: str, others: tuple[str, ...]) -> bool:
    """„адрес на имота: …“, „адресът на съседа …“."""
    told = {word.lower() for word in _WORD.findall(_OPPOSITE.sub("", between))}
    return any(len(word) > 3 and word in told for word in others)


_OPPOSITE = re.compile(r"(?i)\b(?:срещу|до|зад|над|под)\s+(?:него|нея|тях|тази|този|там)\b")
"""„живея срещу него, на …“."""


def _after_name(view: View, before: str) -> str:
    """Whose name stands directly before: the sender's `own`, an `other` person's, `somebody`'s where no sender is
    known, or nobody's."""
    line = before[before.rfind("\n") + 1 :]
    found = [name for name in names_in(line, view.knowledge) if name.certainty >= _SURE_NAME]
    if not found or not _FROM_PLACE.fullmatch(line[found[-1].end :]):
        line = " ".join(line.split()[-2:])
        found = [name for name in names_in(line, view.knowledge) if name.certainty >= _SURE_NAME]
        if not found or found[-1].start or not _FROM_PLACE.fullmatch(line[found[-1].end :]):
            return ""
    sender = choose_sender(view)
    if sender is None:
        return "somebody"
    together = _AND.search(line[: found[-1].start]) and any(compatible(name, sender.name) for name in found[:-1])
    return "own" if together or compatible(found[-1], sender.name) else "other"


_AND = re.compile(r"[ ](?:и|i|and)[ ]$")


def _ends_letter(view: View, candidate: Candidate) -> bool:
    """Whether nothing but a telephone or mail address follows."""
    rest = view.clear[candidate.end : candidate.end + _BEFORE + 1]
    return len(rest) <= _BEFORE and not _WORD.search(_CONTACT.sub("", rest))


def _belongs_to_another(view: View, before: str) -> bool:
    """„от Мария Петрова, с адрес …“ where the sender is her lawyer."""
    sender = choose_sender(view)
    line = before[before.rfind("\n") + 1 :]
    found = [name for name in names_in(line, view.knowledge) if name.certainty >= _SURE_NAME]
    if not found or sender is None or not _THEN_WORD.fullmatch(line[found[-1].end :]):
        return False
    family = _of_either_sex(found[-1].parts[-1])
    return family not in {_of_either_sex(part) for part in sender.name.parts}


def _of_either_sex(surname: str) -> str:
    """The family name that husband and wife share: „Стоев“ of „Стоева“, „Рилск“ of „Рилска“ and „Рилски“."""
    key = name_key(surname)
    return key[:-1] if len(key) > _SHORT_NAME and key.endswith(("a", "i")) else key


_SHORT_NAME = 4


def _of_property(view: View, before: str, own: str) -> bool:
    """„апартамент, находящ се на адрес …“: where something lies, and not where somebody lives."""
    match = _LIES_AT.search(before) if own in _BARE_ADDRESS else None
    return match is not None and match.group("what").lower() in view.knowledge.lexicon.list("address.property")


_BARE_ADDRESS = ("адрес", "с адрес", "адреса", "адресът")
_LIES_AT = re.compile(
    r"(?i)\b(?P<what>[^\W\d_]+)[ ]?,?[ ]*(?:(?:находящ|намиращ|разположен)\w*[ ]+(?:се[ ]+)?)?(?:на|с|по|под)?[ ]*$"
)
_THEN_WORD = re.compile(r"[ ,–(-]*(?:[^\W\d]+[ ,]*)?")


def _of_something_else(view: View, place: _Place) -> bool:
    """„пред …“, „съседът от …“: the place of the problem."""
    return bool(_trigger(place.before, view.knowledge.lexicon.list("address.other_before"), 14)[0])


def _distance(lines: int) -> int:
    """Lines below a name are nearer to it than lines above."""
    return lines if lines >= 0 else 2 * -lines


def _trigger(before: str, words: tuple[str, ...], reach: int) -> tuple[str, str]:
    """Which of these words stands last within `reach` characters before the address, and what is between them."""
    tail = before[-(reach + 30) :].lower()
    best = ("", "")
    nearest = -1
    for word in sorted(words, key=len, reverse=True):
        for match in _whole(word).finditer(tail) if word in tail else ():
            between = before[len(before) - len(tail) + match.end() :]
            if len(between) <= reach and match.end() > nearest and not _SENTENCE_END.search(between):
                best, nearest = (word, between), match.end()
    return best


@lru_cache(maxsize=1_000)
def _whole(word: str) -> re.Pattern[str]:
    """This word and no longer one."""
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")


def _lines_between(text: str, name_at: int, candidate: Candidate) -> int:
    """How many written lines the candidate stands below the name; 0 on its line, negative above."""
    if not -_FAR < candidate.start - name_at < _FAR:
        return 99
    if candidate.start >= name_at:
        between = text[name_at : candidate.start]
        return sum(bool(part.strip()) for part in between.split("\n")[1:-1]) + (1 if "\n" in between else 0)
    between = text[candidate.end : name_at]
    return -(sum(bool(part.strip()) for part in between.split("\n")[1:-1]) + 1) if "\n" in between else 0


def _of_town_hall(view: View, candidate: Candidate) -> bool:
    """Whether it is the municipality's own address."""
    hall = name_key(view.pack.contact.address)
    address = candidate.address()
    if not address.street or not hall:
        return False
    street = name_key(re.sub(r"^(?:ул|бул|пл)\.\s*", "", address.street))
    return bool(street) and street in hall and (address.number is None or name_key(address.number) in hall)


def _addressee_block(view: View, start: int) -> bool:
    """Whether the line belongs to „До …“: the block of lines from it to the next blank line or „от“."""
    inside = False
    at = view.line_at(start)
    own = {view.line_at(begin) for begin, _ in place_of_organisation(view)}
    for index, line in enumerate(view.lines[max(0, at - _ADDRESSEE_LINES) : at + 1], max(0, at - _ADDRESSEE_LINES)):
        text = line.text.strip()
        if inside and (not text or index in own or _SENDER_AGAIN.match(text) or names_in(text, view.knowledge)[:1]):
            inside = False
        if _ADDRESSEE.match(text):
            inside = True
    return inside


def _place_of_writing(line: str, candidate: Candidate) -> bool:
    """„гр. Русе, 09.03.2026 г.“ and a place alone on its line tell where the letter was written."""
    place = candidate.parts[0].value
    rest = line.replace(place, "", 1)
    return not re.search(r"[^\W\d_]{3,}", _DATE_WORDS.sub("", rest))
