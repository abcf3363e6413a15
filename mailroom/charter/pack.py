"""Reads a municipality's rule pack and finds every fault in it before anything starts.

A pack is a folder `rules/charters/<id>/` of five files that a clerk can read and edit:
`charter.toml` (the clauses), `text.txt` (the published charter, in which every quote must stand word for word),
`town.toml` (contact, numbers, hours, districts), `people.toml` (departments, officers, routing) and `cases.toml`
(examples with the expected result). `rules/statute/clauses.toml` holds what is law for everyone and is read with every
pack.
"""

import hashlib
import string
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import Field, ValidationError

from mailroom.charter.decide import RULES
from mailroom.charter.lines import Where, line_of
from mailroom.errors import Misconfigured
from mailroom.model.base import Value
from mailroom.model.case import Case
from mailroom.model.findings import UNDETERMINED
from mailroom.model.pack import (
    Clause,
    ClauseSubject,
    Contact,
    ContactPoint,
    CountedFrom,
    Department,
    Numbering,
    Officer,
    Pack,
    Route,
    Term,
)

CHARTER, TEXT, TOWN, PEOPLE, CASES = "charter.toml", "text.txt", "town.toml", "people.toml", "cases.toml"
STATUTE = Path("statute") / "clauses.toml"
STATUTE_TEXT = Path("statute") / "text.txt"
TOPICS = Path("lexicon") / "topics.toml"
"""The lexicon's topics, one table each: a route may ask for them by name."""
HELP = "docs/ADDING_A_TOWN.md"
CHECKS = frozenset(rule.check.__name__ for rule in RULES)
"""Names that a case may expect to be flagged."""


class CharterFile(Value):
    """charter.toml."""

    title: str
    source: str
    """Who published the text, where and when."""
    incomplete: bool = False
    clause: tuple[Clause, ...] = ()


class TownFile(Value):
    """town.toml."""

    contact: Contact
    numbering: Numbering
    districts: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    extra_non_working: tuple[date, ...] = ()


class PeopleFile(Value):
    """people.toml."""

    confidential_officer: str | None = None
    department: tuple[Department, ...] = ()
    officer: tuple[Officer, ...] = ()
    route: tuple[Route, ...] = ()


class StatuteFile(Value):
    """statute/clauses.toml."""

    clause: tuple[Clause, ...] = ()


class CasesFile(Value):
    """cases.toml."""

    case: tuple[Case, ...] = ()


class Flaw(NamedTuple):
    """Something wrong in one file of the pack."""

    where: Where
    what: str
    """What is wrong; remedy."""


class Parts(NamedTuple):
    """The files of a pack, parsed one by one but not yet checked against each other."""

    folder: Path
    text: str
    charter: CharterFile
    town: TownFile
    people: PeopleFile
    cases: CasesFile
    statute: StatuteFile
    law: str
    """The text of the articles that the statute's clauses quote."""


Shape = TypeVar("Shape", bound=Value)


def charter_ids(rules: Path) -> tuple[str, ...]:
    """The ids of all packs under `rules/charters/`, sorted."""
    folder = rules / "charters"
    if not folder.is_dir():
        return ()
    return tuple(sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")))


def load_pack(rules: Path, charter_id: str) -> Pack:
    """The checked pack. Raises Misconfigured with file, line, fault and remedy in one line."""
    parts, faults = _read(rules, charter_id)
    if parts is None or faults:
        more = f" (and {len(faults) - 1} more: run „mailroom check“)" if len(faults) > 1 else ""
        raise Misconfigured(faults[0] + more)
    return _pack(rules, charter_id, parts)


def load_cases(rules: Path, charter_id: str) -> tuple[Case, ...]:
    """The pack's own examples. Raises Misconfigured like load_pack."""
    parts, faults = _read(rules, charter_id)
    if parts is None or faults:
        raise Misconfigured(faults[0])
    return parts.cases.case


def check_pack(rules: Path, charter_id: str) -> list[str]:
    """Every fault of the pack, a line each; empty when it is sound."""
    return _read(rules, charter_id)[1]


def _read(rules: Path, charter_id: str) -> tuple[Parts | None, list[str]]:
    """Parse all files; check them against each other only when each is well-formed."""
    if charter_id not in charter_ids(rules):
        there = ", ".join(charter_ids(rules)) or "none"
        missing = f"there is no charter „{charter_id}“; choose one of: {there}, or see {HELP}"
        return None, [f"{rules / 'charters'}: {missing}"]
    folder, faults = rules / "charters" / charter_id, list[str]()
    text = _read_text(folder / TEXT, faults)
    charter = _parse(folder / CHARTER, CharterFile, faults)
    town = _parse(folder / TOWN, TownFile, faults)
    people = _parse(folder / PEOPLE, PeopleFile, faults)
    cases = _parse(folder / CASES, CasesFile, faults)
    statute = _parse(rules / STATUTE, StatuteFile, faults)
    law = _read_text(rules / STATUTE_TEXT, faults)
    if (text is None or charter is None or town is None or people is None or cases is None or statute is None
            or law is None):
        return None, faults
    parts = Parts(folder, text, charter, town, people, cases, statute, law)
    for path, flaws in (
        (folder / CHARTER, _charter_flaws(charter_id, parts)),
        (rules / STATUTE, _statute_flaws(statute, law)),
        (folder / TOWN, _town_flaws(town)),
        (folder / PEOPLE, _people_flaws(parts, _topics(rules, faults))),
        (folder / CASES, _case_flaws(parts)),
    ):
        faults.extend(_lines(path, flaws))
    return parts, faults


def _read_text(path: Path, faults: list[str]) -> str | None:
    """The file's text; null, and a fault, where it cannot be read."""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        faults.append(f"{path}:1: the file is missing; copy it from another town's folder and adapt it ({HELP})")
    except UnicodeDecodeError:
        faults.append(f"{path}:1: the file is not UTF-8; save it again with the encoding UTF-8")
    return None


def _parse(path: Path, shape: type[Shape], faults: list[str]) -> Shape | None:
    """One TOML file as a value; null, and faults, where it is not well-formed."""
    text = _read_text(path, faults)
    if text is None:
        return None
    try:
        return shape.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        faults.append(_syntax(path, str(error)))
    except ValidationError as error:
        faults.extend(_lines(path, [Flaw(one["loc"], _in_words(one["type"], one["loc"], one["msg"], shape))
                                    for one in error.errors()]))
    return None


def _syntax(path: Path, message: str) -> str:
    """The parser's sentence with its line number in front."""
    what, _, place = message.partition(" (at line ")
    line = place.split(",")[0] if place else "1"
    return f"{path}:{line}: not valid TOML: {what}; look for a missing quotation mark or bracket on this line"


def _in_words(kind: str, where: Where, message: str, shape: type[Value]) -> str:
    """Pydantic's finding as a sentence with its remedy."""
    name = str(where[-1]) if where else ""
    if kind == "extra_forbidden":
        return f"unknown key „{name}“; remove it, or correct its spelling ({_known(shape, where)})"
    if kind == "missing":
        return f"„{name}“ is missing; add it"
    path = ".".join(str(part) for part in where)
    return f"„{path}“: {message[:1].lower()}{message[1:]}; correct the value ({HELP})"


def _known(shape: type[Value], where: Where) -> str:
    """The keys that are known at this place."""
    found: type[Value] | None = shape
    for part in where[:-1]:
        if isinstance(part, str):
            found = _TABLES.get(part)
    return "known here: " + ", ".join(found.model_fields) if found else f"see {HELP}"


_TABLES: dict[str, type[Value]] = {
    "clause": Clause, "term": Term, "contact": Contact, "point": ContactPoint, "numbering": Numbering,
    "department": Department, "officer": Officer, "route": Route, "case": Case,
}


def _lines(path: Path, flaws: Iterable[Flaw]) -> list[str]:
    """Flaws with file and line in front."""
    found = list(flaws)
    text = path.read_text("utf-8") if found else ""
    return [f"{path}:{line_of(text, flaw.where)}: {flaw.what}" for flaw in found]


def _charter_flaws(charter_id: str, parts: Parts) -> Iterator[Flaw]:
    """Ids, and quotes that must stand in the published text (white space apart)."""
    published = _squeezed(parts.text)
    yield from _repeated("clause", [clause.id for clause in parts.charter.clause])
    for index, clause in enumerate(parts.charter.clause):
        if not clause.id.startswith(f"{charter_id}."):
            yield Flaw(("clause", index, "id"), f"„{clause.id}“ does not begin with „{charter_id}.“; rename it")
        quote = _squeezed(clause.quote)
        if not quote or quote not in published:
            yield Flaw(("clause", index, "quote"),
                       f"the quote of „{clause.id}“ does not stand in {TEXT}; copy it word for word")
        counted_from = clause.term.counted_from if clause.term else None
        if counted_from is CountedFrom.DECISION and clause.subject is not ClauseSubject.REVIEW:
            yield Flaw(("clause", index, "term"),
                       "only a request for review is counted from a decision; write receipt or registration")
        if clause.by_superior_body and clause.subject is not ClauseSubject.EXTENSION:
            yield Flaw(("clause", index, "by_superior_body"),
                       "only an extension can be granted by the superior body; remove the key")


def _statute_flaws(statute: StatuteFile, law: str) -> Iterator[Flaw]:
    """Ids, quotes that must stand in the law's text, and a term in every clause that lays one down."""
    published = _squeezed(law)
    yield from _repeated("clause", [clause.id for clause in statute.clause])
    for index, clause in enumerate(statute.clause):
        quote = _squeezed(clause.quote)
        if not quote or quote not in published:
            yield Flaw(("clause", index, "quote"),
                       f"the quote of „{clause.id}“ does not stand in {STATUTE_TEXT}; copy the article word for word")
        if clause.subject in (ClauseSubject.REPLY_TERM, ClauseSubject.EXTENSION) and clause.term is None:
            yield Flaw(("clause", index, "subject"),
                       f"„{clause.id}“ lays down no term; add „term = {{ amount = …, unit = … }}“")


def _town_flaws(town: TownFile) -> Iterator[Flaw]:
    """Hours, mailboxes and number templates."""
    hours = {}
    for name, value in (("opens", town.contact.opens), ("closes", town.contact.closes)):
        try:
            hours[name] = time.fromisoformat(value)
        except ValueError:
            yield Flaw(("contact", name), f"„{value}“ is no time of day; write it as 08:30")
    if len(hours) == 2 and hours["opens"] >= hours["closes"]:
        yield Flaw(("contact", "opens"), "the town hall opens after it closes; exchange „opens“ and „closes“")
    for email in town.contact.emails:
        if not _is_address(email):
            yield Flaw(("contact", "emails"), f"„{email}“ is no e-mail address; write name@domain")
    for index, point in enumerate(town.contact.point):
        if not (point.phones or point.fax or point.emails or point.website or point.address):
            yield Flaw(("contact.point", index, "name"),
                       f"„{point.name}“ cannot be reached; write its phones, fax, emails, website or address")
        for email in (email for email in point.emails if not _is_address(email)):
            yield Flaw(("contact.point", index, "emails"), f"„{email}“ is no e-mail address; write name@domain")
    yield from _district_flaws(town.districts)
    yield from _numbering_flaws(town.numbering)


def _district_flaws(districts: Mapping[str, tuple[str, ...]]) -> Iterator[Flaw]:
    """A quarter that lies in two districts tells nothing; it is left out of both."""
    home: dict[str, str] = {}
    for district, quarters in districts.items():
        for quarter in quarters:
            if home.setdefault(quarter.casefold(), district) != district:
                yield Flaw(("districts", district),
                           f"„{quarter}“ stands in „{home[quarter.casefold()]}“ and in „{district}“; leave it out of "
                           "both where it lies in both")


def _is_address(text: str) -> bool:
    """Roughly RFC 5321: something on both sides of one @, no white space, a dot in the domain."""
    local, at, domain = text.partition("@")
    return bool(local and at and "." in domain.strip(".") and "@" not in domain and not any(map(str.isspace, text)))


def _numbering_flaws(numbering: Numbering) -> Iterator[Flaw]:
    """Templates know their fields, carry the sequence, and differ from year to year."""
    fields = {
        "case": {"index": "94", "initial": "И", "seq": 1, "date": date(2026, 1, 2), "year": 2026},
        "registration": {"case": "94-1", "date": date(2026, 1, 2), "year": 2026},
    }
    used: dict[str, set[str]] = {}
    for name, template in (("case", numbering.case), ("registration", numbering.registration)):
        known = ", ".join("{" + field + "}" for field in fields[name])
        try:
            used[name] = {field for _, field, _, _ in string.Formatter().parse(template) if field is not None}
            if unknown := used[name] - set(fields[name]):
                yield Flaw(("numbering", name),
                           f"unknown field „{{{min(unknown)}}}“ in „{template}“; known are {known}")
                continue
            template.format(**fields[name])
        except (ValueError, TypeError) as error:
            yield Flaw(("numbering", name), f"„{template}“ is no number template: {error}; known fields are {known}")
    if "seq" not in used.get("case", {"seq"}):
        yield Flaw(("numbering", "case"), f"„{numbering.case}“ has no {{seq}}: all numbers would be equal; add it")
    if "case" not in used.get("registration", {"case"}):
        yield Flaw(("numbering", "registration"), f"„{numbering.registration}“ has no {{case}}; add it")
    if not {"date", "year"} & used.get("registration", {"date"}):
        yield Flaw(("numbering", "registration"),
                   f"„{numbering.registration}“ would repeat next year; add {{date:%d.%m.%Y}} or {{year}}")


def _topics(rules: Path, faults: list[str]) -> set[str]:
    """The names of the lexicon's topics; what is in them is the lexicon's affair."""
    text = _read_text(rules / TOPICS, faults)
    try:
        return set(tomllib.loads(text or ""))
    except tomllib.TOMLDecodeError as error:
        faults.append(_syntax(rules / TOPICS, str(error)))
        return set()


def _people_flaws(parts: Parts, topics: set[str]) -> Iterator[Flaw]:
    """References between departments, officers and routes; a last route that fits every letter."""
    people = parts.people
    departments, officers = {d.id for d in people.department}, {o.id for o in people.officer}
    yield from _repeated("department", [d.id for d in people.department])
    yield from _repeated("officer", [o.id for o in people.officer])
    if people.confidential_officer is not None and people.confidential_officer not in officers:
        yield _dangling(("confidential_officer",), "officer", people.confidential_officer, officers)
    for index, officer in enumerate(people.officer):
        yield from _officer_flaws(index, officer, officers)
    for index, route in enumerate(people.route):
        if route.department not in departments:
            yield _dangling(("route", index, "department"), "department", route.department, departments)
        if route.officer is not None and route.officer not in officers:
            yield _dangling(("route", index, "officer"), "officer", route.officer, officers)
        for district in sorted(set(route.districts) - {*parts.town.districts, UNDETERMINED}):
            yield _dangling(("route", index, "districts"), "district", district, set(parts.town.districts))
        for topic in sorted(set(route.topics) - topics):
            yield _dangling(("route", index, "topics"), "topic", topic, topics)
    last = people.route[-1] if people.route else None
    if last is None or last.kinds or last.matters or last.topics or last.districts:
        yield Flaw(("route", max(len(people.route) - 1, 0)),
                   "the last [[route]] must fit every letter; end the file with a route that has only a department")


def _officer_flaws(index: int, officer: Officer, officers: set[str]) -> Iterator[Flaw]:
    """Name, deputy and days off."""
    if not officer.name.strip():
        yield Flaw(("officer", index, "name"), f"officer „{officer.id}“ has no name; write it as it stands in letters")
    if officer.deputy is not None and officer.deputy not in officers:
        yield _dangling(("officer", index, "deputy"), "officer", officer.deputy, officers)
    if officer.deputy == officer.id:
        yield Flaw(("officer", index, "deputy"), f"officer „{officer.id}“ is the own deputy; name somebody else")
    if any(first > last for first, last in officer.absent):
        yield Flaw(("officer", index, "absent"), "an absence ends before it begins; write [first day, last day]")


def _case_flaws(parts: Parts) -> Iterator[Flaw]:
    """Clauses, checks, districts and departments that the cases expect."""
    clauses = {clause.id for clause in parts.charter.clause + parts.statute.clause}
    departments = {department.id for department in parts.people.department}
    districts = {*parts.town.districts, UNDETERMINED}
    for index, case in enumerate(parts.cases.case):
        if case.clause is not None and case.clause not in clauses:
            yield _dangling(("case", index, "clause"), "clause", case.clause, clauses)
        for name in sorted(set(case.flagged) - CHECKS):
            yield _dangling(("case", index, "flagged"), "check", name, set(CHECKS))
        if case.district is not None and case.district not in districts:
            yield _dangling(("case", index, "district"), "district", case.district, districts)
        if case.department is not None and case.department not in departments:
            yield _dangling(("case", index, "department"), "department", case.department, departments)


def _repeated(table: str, ids: list[str]) -> Iterator[Flaw]:
    """Ids that stand twice."""
    for index, one in enumerate(ids):
        if one in ids[:index]:
            yield Flaw((table, index, "id"), f"the id „{one}“ stands twice; rename one of the two")


def _dangling(where: Where, what: str, name: str, known: set[str]) -> Flaw:
    """A reference to something that is not there."""
    there = ", ".join(sorted(known)) or "none"
    return Flaw(where, f"there is no {what} „{name}“; correct the name or add it (there are: {there})")


def _squeezed(text: str) -> str:
    """All white space as one blank."""
    return " ".join(text.split())


def _pack(rules: Path, charter_id: str, parts: Parts) -> Pack:
    """The checked parts as one value."""
    return Pack(
        id=charter_id,
        version=_version(rules, parts.folder),
        incomplete=parts.charter.incomplete,
        charter_title=parts.charter.title,
        charter_source=parts.charter.source,
        contact=parts.town.contact,
        clauses=parts.charter.clause,
        statute=parts.statute.clause,
        numbering=parts.town.numbering,
        departments=parts.people.department,
        officers=parts.people.officer,
        routing=parts.people.route,
        districts=parts.town.districts,
        extra_non_working=parts.town.extra_non_working,
        confidential_officer=parts.people.confidential_officer,
    )


def _version(rules: Path, folder: Path) -> str:
    """Twelve hexadecimal digits that change with any byte of the files that decide."""
    digest = hashlib.sha256()
    for path in (folder / CHARTER, folder / TEXT, folder / TOWN, folder / PEOPLE, rules / STATUTE):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]
