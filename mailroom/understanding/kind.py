"""What kind of letter it is, by content and not by title, with its matter and topics.

Vocabulary speaks first. Grammar speaks besides it: „спряхте“, „лепнахте“ reproach whatever the verb is, „запазете ни“
asks for oneself. Where neither says anything, the letter's topic and whether it speaks of the writer give a guess that
a person looks at.
"""

import re
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from mailroom.model.findings import Evidence, Found, Kind, Matter
from mailroom.understanding.sender import places_of_sender
from mailroom.understanding.view import Sighting, View

_QUESTION = 0.9
"""What a question mark adds to an inquiry, at most three of them."""
_TOPICS_SHOWN = 4
_FEW_WORDS = 8
"""A text of fewer words than that says nothing of its kind."""
_CUE_TWICE = 2
"""The same cue counts at most so often."""


_REPROACH = re.compile(r"[а-я]{3,}(?:ахте|яхте|ихте|охте|ехте)")
"""You did …: the second person plural of the past."""
_NO_REPROACH = frozenset({"бихте", "бяхте", "щяхте", "можахте", "казахте", "искахте", "пожелахте"})
_IMPERATIVE = re.compile(r"[а-я]{3,}(?:ете|йте)")
_NO_IMPERATIVE = frozenset({"здравейте", "можете", "знаете", "имате", "бъдете", "вижте", "децете", "искате", "здрасте",
                            "детайлите", "живеете", "разберете", "получите", "приемете",
                            "извинете"})  # fmt: skip
_FOR_ONESELF = frozenset({"ми", "ни", "ме", "моя", "моята", "моето", "моите", "нашия", "нашата", "нашето", "нашите"})
_PLEASE = frozenset({"моля", "молим", "molq", "molya"})
_REPROACH_WEIGHT = 1.6
_ASKED_FOR_ONESELF = 1.4
_YOU_DO = re.compile(r"[а-я]{4,}(?:ите|ете|ате|яте)")
"""„Моля да … оставите“: what is asked of the office, whatever it is."""
_ASKED_TO_DO = 1.0
_PERSONAL_TOPICS = frozenset({"taxes", "civil_status", "social", "education", "services", "health"})
"""What people write about for themselves, and not for the street."""

_STATED = re.compile(
    r"(?im)^[ \t]*(?:тип|вид|категория)(?: на [а-я]{3,20}){0,2}[ \t]*:[ \t]*(?P<kind>[а-я]{4,14})\b[^\n]{0,40}$"
)
"""„Тип: Предложение“, the line of a web form in which the citizen has chosen."""
_KIND_FIELD = re.compile(r"(?i)(?:тип|вид|категория)(?: на [а-я]{3,20}){0,2}[ :*]*")
_KINDS_STATED = {
    "жалба": Kind.COMPLAINT, "оплакване": Kind.COMPLAINT, "сигнал": Kind.SIGNAL, "предложение": Kind.PROPOSAL,
    "идея": Kind.PROPOSAL, "запитване": Kind.INQUIRY, "въпрос": Kind.INQUIRY, "похвала": Kind.PRAISE,
    "благодарност": Kind.PRAISE, "заявление": Kind.REQUEST,
}  # fmt: skip
_AS_A_TITLE = 4.0
_BY_A_MACHINE = re.compile(
    r"(?i)\b(?:ново|получено)\s(?:съобщение|запитване|писмо)\b|\bот\s[„\"]?контакт|"
    r"\bот\s(?:уеб\s?)?(?:сайт|портал|формуляр|форма|страница)|\bref\b|#\s?\d")
"""A subject that a web form has made, the same for whatever is sent by it."""
_ANSWERING = re.compile(r"(?i)^\s*(?:re|aw|отг|отговор)\s*:\s*")
_ANSWERED = 0.5
"""What the subject of an answer weighs: others have worded it, or an earlier letter was of that kind."""
_OUTGOING = re.compile(r"(?im)^[ \t]*(?:изх|изходящ)\b\.?[ \t]*(?:№|n|номер|индекс|рег)")
_LAW_NAMED = 6.0
"""Weight from which a cue of foi_request is the law itself."""

_URGED = 0.5
"""What is left of a question that only urges („Снегът не е чистен. Кога ще мине снегорин?“)."""

_ASKED_ABOUT = 0.5
"""What is left of a request's word in a question about the procedure („Трябва ли да вадя дубликат?“)."""

_TIE_ORDER = (
    Kind.CORRUPTION_REPORT, Kind.GDPR_REQUEST, Kind.FOI_REQUEST, Kind.SIGNAL, Kind.COMPLAINT, Kind.INQUIRY,
    Kind.PROPOSAL, Kind.REQUEST, Kind.PRAISE, Kind.OTHER,
)  # fmt: skip
"""Where two kinds weigh the same, the one that the law protects more."""


def find_kind(view: View, so_far: Mapping[str, Any]) -> Found[Kind]:
    """The kind with the greatest weight; the confidence says how far it is ahead."""
    if so_far.get("noncorrespondence") is not None:
        return Found(value=Kind.OTHER, confidence=0.9)
    scores = _scores(view, so_far)
    if not any(scores.values()):
        return _without_cues(view)
    ranked = sorted(scores.items(), key=lambda pair: (-pair[1], _TIE_ORDER.index(pair[0])))
    best, score = ranked[0]
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    seen = (*view.seen(f"kinds.{best.value}"), *view.seen(f"kinds+.{best.value}"))
    shown = sorted(seen, key=lambda s: -s.hit.weight)[:3]
    confidence = score / (score + second + 1.0)
    return Found(value=best, confidence=round(confidence, 2), evidence=tuple(view.evidence(s) for s in shown))


def shares_of_kinds(view: View) -> dict[Kind, float]:
    """What the vocabulary gives each kind of the whole, whatever the facts of the letter are; a little less where it
    says little."""
    return view.once("shares of kinds", _shares)


def _shares(view: View) -> dict[Kind, float]:
    scores = _scores(view, {})
    total = sum(scores.values()) + 1.0
    return {kind: score / total for kind, score in scores.items()}


def _scores(view: View, so_far: Mapping[str, Any]) -> dict[Kind, float]:
    scores = dict(view.once("words of kinds", _scores_of_words))
    _weigh_against_each_other(scores, so_far)
    if scores[Kind.PRAISE] and view.seen("kinds+.irony"):
        scores[Kind.COMPLAINT] += scores[Kind.PRAISE]
        scores[Kind.PRAISE] = 0
    return {kind: score for kind, score in scores.items() if score > 0}


def _scores_of_words(view: View) -> dict[Kind, float]:
    """What words and grammar say, before the facts of the letter are weighed."""
    counted: Counter[tuple[int, str]] = Counter()
    scores = dict.fromkeys(Kind, 0.0)
    subject, asked_about = _weight_of_subject(view), _questions_of_procedure(view)
    no_question = view.sentences_of("kinds:account", "kinds:inside")
    names = places_of_sender(view)
    for sighting in (*view.seen("kinds"), *view.seen("kinds+")):
        weight = sighting.hit.weight * (subject if sighting.in_subject else 1.0)
        if sighting.hit.name not in scores or not weight or _in_a_name(sighting, names):
            continue
        if sighting.hit.name == Kind.REQUEST and _sentence(sighting) in asked_about:
            weight *= _ASKED_ABOUT
        if sighting.hit.name == Kind.INQUIRY and _sentence(sighting) in no_question:
            weight = 0.0
        key = (id(sighting.hit.cue), sighting.words.words[sighting.hit.first].plain)
        counted[key] += 1
        if counted[key] == 1 and sum(n for (cue, _), n in counted.items() if cue == id(sighting.hit.cue)) <= _CUE_TWICE:
            scores[Kind(sighting.hit.name)] += weight
    questions = min(3, view.text.count("?")) if len(view.words) < 200 else 0
    if scores[Kind.INQUIRY] or not scores[Kind.SIGNAL]:
        scores[Kind.INQUIRY] += _QUESTION * questions
    _add_grammar(view, scores)
    stated = _stated(view)
    if stated is not None:
        scores[stated] += _AS_A_TITLE
    _between_offices(view, scores)
    if scores[Kind.SIGNAL] + scores[Kind.COMPLAINT] and _urges(view):
        scores[Kind.INQUIRY] *= _URGED
    return scores


def _in_a_name(sighting: Sighting, names: tuple[tuple[int, int], ...]) -> bool:
    """Whether a word of it is the sender's name („Мила“, „Радост“), which says nothing of what is asked."""
    if sighting.in_subject:
        return False
    words = sighting.words.words
    ends = ((words[at].start, words[at].end) for at in (sighting.hit.first, sighting.hit.last))
    return any(start <= first and last <= end for first, last in ends for start, end in names)


def _sentence(sighting: Sighting) -> tuple[bool, int]:
    return sighting.in_subject, sighting.words.words[sighting.hit.first].sentence


def _questions_of_procedure(view: View) -> frozenset[tuple[bool, int]]:
    """The sentences that ask what one has to do."""
    return frozenset(_sentence(sighting) for sighting in view.seen("kinds:procedure"))


def _stated(view: View) -> Kind | None:
    """The kind that a form's line says."""
    named = (value.lower() for label, value in view.letter.form_fields.items() if _KIND_FIELD.fullmatch(label.strip()))
    chosen = next((kind for value in named for word, kind in _KINDS_STATED.items() if value.startswith(word)), None)
    if chosen is not None:
        return chosen
    match = _STATED.search(view.clear)
    return _KINDS_STATED.get(match.group("kind").lower()) if match else None


def _weight_of_subject(view: View) -> float:
    """How far the subject is the writer's own heading: a form's not at all, an answer's by half."""
    if _BY_A_MACHINE.search(view.subject):
        return 0.0
    answering = view.letter.forwarded is None and _ANSWERING.match(view.letter.subject or "")
    return _ANSWERED if answering else 1.0


def _urges(view: View) -> bool:
    """Whether the one question comes after something was told, and nothing else asks."""
    if view.text.count("?") != 1:
        return False
    words, mark = view.words.words, view.text.index("?")
    asked = next((word.sentence for word in reversed(words) if word.end <= mark), 0)
    asking = (*view.seen("kinds.inquiry"), *view.seen("kinds+.inquiry"))
    inside = (not s.in_subject and s.words.words[s.hit.first].sentence == asked for s in asking)
    return bool(words) and asked > words[0].sentence and all(inside)


def _between_offices(view: View, scores: dict[Kind, float]) -> None:
    """What an office with a registry asks of another is no citizen's request for public information, unless it names
    the law."""
    if not scores[Kind.FOI_REQUEST] or not (_OUTGOING.search(view.clear) or _OUTGOING.search(view.subject)):
        return
    seen = (*view.seen("kinds.foi_request"), *view.seen("kinds+.foi_request"))
    if not any(sighting.hit.weight >= _LAW_NAMED for sighting in seen):
        scores[Kind.REQUEST] += scores[Kind.FOI_REQUEST]
        scores[Kind.FOI_REQUEST] = 0


def _add_grammar(view: View, scores: dict[Kind, float]) -> None:
    """What the forms of the verbs say, whatever the verbs are."""
    forms = [word.plain for word in view.words.words]
    reproaches = sum(bool(_REPROACH.fullmatch(form)) and form not in _NO_REPROACH for form in forms)
    if not scores[Kind.PRAISE]:
        scores[Kind.COMPLAINT] += _REPROACH_WEIGHT * min(2, reproaches)
    asked = sum(
        bool(_IMPERATIVE.fullmatch(form)) and form not in _NO_IMPERATIVE
        and not _FOR_ONESELF.isdisjoint(forms[index + 1 : index + 6])
        for index, form in enumerate(forms)
    )  # fmt: skip
    asked += sum(form in _PLEASE and not _FOR_ONESELF.isdisjoint(forms[index + 1 : index + 4])
                 for index, form in enumerate(forms))  # fmt: skip
    if scores[Kind.SIGNAL] + scores[Kind.COMPLAINT]:
        return
    if asked:
        scores[Kind.REQUEST] += _ASKED_FOR_ONESELF
    elif any(form in _PLEASE and _is_to_be_done(forms[index + 1 : index + 5]) for index, form in enumerate(forms)):
        scores[Kind.REQUEST] += _ASKED_TO_DO


def _is_to_be_done(following: list[str]) -> bool:
    return any(word == "да" and _YOU_DO.fullmatch(verb) for word, verb in pairwise(following))


def _weigh_against_each_other(scores: dict[Kind, float], so_far: Mapping[str, Any]) -> None:
    """Kinds that the law puts before others, and what the facts of the letter say of its kind."""
    if scores[Kind.FOI_REQUEST] >= 7:
        scores[Kind.FOI_REQUEST] += 4
    if scores[Kind.GDPR_REQUEST] >= 4.5:
        scores[Kind.GDPR_REQUEST] += 3
    if scores[Kind.CORRUPTION_REPORT] >= 4:
        scores[Kind.CORRUPTION_REPORT] += 3
    danger = so_far.get("health_safety")
    if danger is not None and danger.value:
        scores[Kind.SIGNAL] += 3
    abusive = so_far.get("abusive")
    if abusive is not None and abusive.value:
        scores[Kind.COMPLAINT] += 3
        for kind in (Kind.REQUEST, Kind.PRAISE, Kind.INQUIRY):
            scores[kind] = scores[kind] / 3
    protected = so_far.get("protected_info")
    if protected is not None and protected.value:  # who asks for data asks for something, whatever happened before
        for kind in (Kind.SIGNAL, Kind.COMPLAINT, Kind.PRAISE, Kind.PROPOSAL):
            scores[kind] = scores[kind] / 3
        scores[Kind.REQUEST] += 0 if scores[Kind.INQUIRY] else 2
    if scores[Kind.PRAISE] and scores[Kind.COMPLAINT] + scores[Kind.SIGNAL] > scores[Kind.PRAISE] + 2:
        scores[Kind.PRAISE] = 0
    if scores[Kind.PROPOSAL] >= 3:
        scores[Kind.REQUEST] = scores[Kind.REQUEST] / 2


def _without_cues(view: View) -> Found[Kind]:
    """Nothing speaks: a guess, which a person must look at. What concerns the writer is a complaint, the town's matters
    are signals."""
    topics = view.seen("topics")
    personal = any(word.plain in _FOR_ONESELF for word in view.words.words)
    if topics:
        own = personal and topics[0].hit.name in _PERSONAL_TOPICS
        return Found(value=Kind.COMPLAINT if own else Kind.SIGNAL, confidence=0.3 if own else 0.35,
                     evidence=(view.evidence(topics[0]),))  # fmt: skip
    if len(view.words) < _FEW_WORDS or not view.letter.legible:
        return Found(value=Kind.OTHER, confidence=0.2)
    return Found(value=Kind.COMPLAINT if personal else Kind.SIGNAL, confidence=0.2)


def find_matter(view: View, so_far: Mapping[str, Any]) -> Found[Matter] | None:
    """What decides the term inside the kind."""
    kind = so_far["kind"].value
    act = view.seen("matters.whistleblower_act")
    if act and kind in _MAY_BE_WHISTLEBLOWING:
        return Found(value=Matter.WHISTLEBLOWER, confidence=0.9, evidence=_shown(view, act))
    work = view.seen("matters.whistleblower")
    wrong = (*view.seen("crime"), *view.seen("kinds.corruption_report"))
    if work and wrong and kind in _MAY_BE_WHISTLEBLOWING:  # in doubt a report is sealed
        return Found(value=Matter.WHISTLEBLOWER, confidence=0.7, evidence=_shown(view, (*work[:2], *wrong[:1])))
    for matter in _MATTERS_OF.get(kind, ()):
        seen = view.seen(f"matters.{matter.value}")
        if seen:
            return Found(value=matter, confidence=min(0.95, 0.6 + 0.1 * len(seen)), evidence=_shown(view, seen))
    return None


_MAY_BE_WHISTLEBLOWING = frozenset({Kind.SIGNAL, Kind.COMPLAINT, Kind.CORRUPTION_REPORT, Kind.OTHER})
"""Kinds in which the words of the act make a whistleblower's report (ЗЗЛПСПОИН 3, 5: any breach, not bribes alone)."""

_MATTERS_OF: Mapping[Kind, tuple[Matter, ...]] = {
    Kind.COMPLAINT: (Matter.APPEAL, Matter.REVIEW, Matter.CONDUCT),
    Kind.SIGNAL: (Matter.CONDUCT,),
    Kind.REQUEST: (Matter.REVIEW, Matter.CERTIFICATE),
    Kind.CORRUPTION_REPORT: (Matter.WHISTLEBLOWER,),
}


def find_topics(view: View, so_far: Mapping[str, Any]) -> tuple[Found[str], ...]:
    """Topic ids of the lexicon, the most mentioned first; the subject counts double."""
    if so_far.get("noncorrespondence") is not None:
        return ()
    weights: Counter[str] = Counter()
    first: dict[str, Sighting] = {}
    for sighting in view.seen("topics"):
        weights[sighting.hit.name] += 2 if sighting.in_subject else 1
        first.setdefault(sighting.hit.name, sighting)
    total = sum(weights.values())
    return tuple(
        Found(value=topic, confidence=round(count / total, 2), evidence=(view.evidence(first[topic]),))
        for topic, count in weights.most_common(_TOPICS_SHOWN)
    )


def _shown(view: View, seen: tuple[Sighting, ...]) -> tuple[Evidence, ...]:
    return tuple(view.evidence(sighting) for sighting in seen[:3])
