"""What the finders know beyond the letter: vocabulary, place names and personal names, read once from rules/."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from mailroom.errors import Misconfigured
from mailroom.folding import name_key
from mailroom.model.learned import FactModel, KindModel
from mailroom.understanding.address_grammar import AddressGrammar, build_grammar
from mailroom.understanding.lexicon import Lexicon, load_lexicon
from mailroom.understanding.likely_abuse import LikelyAbuse
from mailroom.understanding.obscenity import CONTEXT, AbusiveForms, build_abusive_forms

M = TypeVar("M", KindModel, FactModel)

_FOLDERS = ("lexicon", "places", "names", "models")
"""Of rules/, with everything that is read here."""
Mark = tuple[tuple[Path, int, int], ...]
"""Each file with its time and size."""
LISTS = (
    *(f"sender.{name}" for name in (
        "closings", "salutations", "titles", "roles", "not_names", "common_endings", "surname_endings",
        "signing_kin", "contact_labels", "acting_for", "acting_as", "relatives", "clients", "legal_forms",
        "organisations", "speaks", "does", "heads",
        "robots", "public_mail", "form_name", "form_first_name", "form_last_name", "form_email", "form_phone",
        "form_address", "form_message", "form_subject", "form_channel", "form_organisation")),
    *(f"address.{name}" for name in (
        "street_ul", "street_bul", "street_pl", "street_proezd", "street_aleya", "street_shose", "street_vul",
        "quarter_zhk", "quarter_kv", "quarter_m", "quarter_vz", "quarter_so", "quarter_mah", "quarter_kk",
        "quarter_zone", "town", "village", "not_houses", "block", "entrance", "floor", "apartment", "street_words",
        "floor_words", "entrance_words", "house_words", "form_parts", "town_forms", "cities_abroad", "quarters",
        "not_streets", "own_before",
        "other_before", "preferred_before", "group_before", "homes")),
    *(f"abuse.{name}" for name in (
        "endings", "fuck_prefixes", "fuck_stem", "fuck_endings", "obscene", "obscene_verbs", "obscene_latin",
        "obscene_russian", "allowed", "not_in_latin", "insults", "insults_latin", "slurs", "aimed", "adjectives",
        *CONTEXT)),
    "danger.settled", "machine.state_domains", "machine.reply_verbs",
    "languages.bg", "languages.bg_latin", "languages.en",
)  # fmt: skip
"""Lists that code asks for by name; the loader refuses a lexicon without one of them."""

GROUPS = (
    *(f"kinds.{name}" for name in (
        "complaint", "signal", "proposal", "request", "inquiry", "foi_request", "gdpr_request", "corruption_report",
        "praise", "other")),
    *(f"matters.{name}" for name in (
        "conduct", "appeal", "certificate", "whistleblower", "whistleblower_act", "review", "repeat")),
    *(f"machine.{name}" for name in (
        "auto_reply", "bounce", "newsletter", "spam", "citizen", "speaks", "plans", "says_so", "addressed", "asks",
        "reports", "account", "threat", "act", "parcel", "fee", "refund", "bank_data", "fortune", "gift", "contact_me",
        "device", "recorded", "coin", "gain", "stake", "join", "play", "bonus", "loan", "easy", "remedy", "ailment",
        "sale", "work", "wage", "romance", "directory", "data_sale", "invoice", "opens", "shared", "voucher", "favour",
        "new_account", "transfer", "website", "ranking", "intro", "trade", "invite", "tempts", "brings",
        "state_service", "monitor", "masthead", "issue", "contents", "imprint", "for_nothing", "obtained")),
    *(f"channel.{name}" for name in ("email", "post", "phone")),
    "abuse.obscene", "abuse.insult", "abuse.mild", "sender.pseudonym", "sender.hides", "protected.other_person",
    "protected.classified", "danger.gas",
)  # fmt: skip
"""Groups of cues that code asks for by name. Groups of danger, crime, topics and bodies may be added freely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A settlement of the register (ЕКАТТЕ)."""

    ekatte: str
    type: str
    """`гр.`, `с.` or `ман.`."""
    name: str
    municipality: str
    district: str
    postcode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """Everything that was read from rules/; built once, shared by all letters."""

    lexicon: Lexicon
    places: Mapping[str, tuple[Place, ...]]
    """Name key → every settlement of that name: the register never chooses between them."""
    municipalities: Mapping[str, str]
    """Name key → name of a municipality."""
    quarters: frozenset[str]
    """Name keys of quarters that are also written without „кв.“; some are names of villages too."""
    quarters_of_villages: Mapping[str, frozenset[str]]
    """Name key of a quarter → the municipalities of the settlements that bear its name too, where there are any."""
    first_names: frozenset[str]
    """Name keys."""
    spelling: Mapping[str, str]
    """Name key of a first name → the name as it is written; Cyrillic where there are both."""
    not_names: frozenset[str]
    surname_endings: tuple[str, ...]
    """Name keys of the endings, longest first."""
    address_grammar: AddressGrammar
    abusive: AbusiveForms
    likely_abuse: LikelyAbuse | None = None
    """What labelled sentences teach of abuse; null where the file was taken away."""
    first_model: KindModel | None = None
    """What labelled letters teach of kinds, for every office alike; null where the file was taken away."""
    danger_model: FactModel | None = None
    """What labelled letters teach of danger; null where the file was taken away."""
    protected_model: FactModel | None = None
    """The same of requests for other people's data."""
    learned: KindModel | None = None
    """What was learned of kinds from the staff's corrections; null until it beats the vocabulary alone."""

    def places_named(self, name: str) -> tuple[Place, ...]:
        """Every settlement of this name, in whatever alphabet it is typed; empty when there is none."""
        return self.places.get(name_key(name), ())


def load_knowledge(rules: Path, local_lexicon: Path | None = None) -> Knowledge:
    """Read rules/lexicon, rules/places and rules/names, and what the municipality has added to the vocabulary.

    What was read is remembered until a file changes: a process that opens several offices reads it once.
    Raises Misconfigured naming file, line and remedy when something is missing or broken.
    """
    added = local_lexicon if local_lexicon and any(local_lexicon.glob("*.*")) else None
    return _load(rules, added, mark_of(rules, added))


def mark_of(rules: Path, local_lexicon: Path | None = None) -> Mark:
    """What is equal as long as none of the files has changed."""
    folders = (*(rules / name for name in _FOLDERS), *([local_lexicon] if local_lexicon else []))
    files = (path for folder in folders for path in sorted(folder.glob("*.*")))
    return tuple((path, (at := path.stat()).st_mtime_ns, at.st_size) for path in files)


@lru_cache(maxsize=4)
def _load(rules: Path, local_lexicon: Path | None, _mark: Mark) -> Knowledge:
    lexicon = load_lexicon(rules / "lexicon", lists=LISTS, groups=GROUPS, local=local_lexicon)
    places = _load_places(rules / "places" / "settlements.csv")
    by_name: dict[str, list[Place]] = {}
    for place in places:
        by_name.setdefault(name_key(place.name), []).append(place)
    for entry in lexicon.list("address.town_forms"):
        forms, _, town = entry.partition("=")
        by_name.update({name_key(form): by_name.get(name_key(town), []) for form in forms.split("|")})
    regions = {name for place in places for name in (place.municipality, place.district)}
    endings = {name_key(ending) for ending in lexicon.list("sender.surname_endings")}
    names = _load_names(rules / "names")
    quarters = frozenset(map(name_key, lexicon.list("address.quarters")))
    return Knowledge(
        lexicon=lexicon,
        places={key: tuple(found) for key, found in by_name.items()},
        municipalities={name_key(place.municipality): place.municipality for place in places},
        quarters=quarters,
        quarters_of_villages={key: frozenset(place.municipality for place in by_name[key])
                              for key in sorted(quarters & by_name.keys())},
        first_names=frozenset(names),
        spelling=names,
        not_names=frozenset(map(name_key, (*lexicon.list("sender.not_names"), *_kinds_of_organisation(lexicon)))),
        surname_endings=tuple(sorted(endings, key=len, reverse=True)),
        address_grammar=build_grammar(lexicon.lists, regions),
        abusive=build_abusive_forms(lexicon),
        likely_abuse=LikelyAbuse(abuse) if (abuse := _load_model(rules, "abuse", FactModel)) else None,
        first_model=_load_model(rules, "kinds", KindModel),
        danger_model=_load_model(rules, "danger", FactModel),
        protected_model=_load_model(rules, "protected", FactModel),
    )


def _kinds_of_organisation(lexicon: Lexicon) -> tuple[str, ...]:
    """„Школа“, „храм“: words of their own that are no part of a person's name."""
    return tuple(word for word in lexicon.list("sender.organisations") if len(word) > _ABBREVIATION and " " not in word)


_ABBREVIATION = 4
"""Letters of „АГПП“: shorter ones are found by other means."""


def _load_model(rules: Path, name: str, model: type[M]) -> M | None:
    """What labelled letters have taught of this; null where the file was taken away."""
    path = rules / "models" / f"{name}.json"
    if not path.exists():
        return None
    try:
        return model.model_validate_json(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{path}: is no model of {name}: copy the shipped file back: {error}") from error


def _load_places(path: Path) -> list[Place]:
    columns = ("ekatte", "type", "name", "municipality", "district", "postcode")
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path}: cannot be read: copy the shipped register of places back: {error}") from error
    rows = list(csv.reader(lines, delimiter=";"))
    if not rows or tuple(rows[0]) != columns:
        raise Misconfigured(f"{path}: line 1: the columns must be {';'.join(columns)}: copy the shipped file back")
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(columns) or not row[2].strip():
            raise Misconfigured(f"{path}: line {number}: six columns with a name expected: correct or remove the line")
    return [Place(**dict(zip(columns, row, strict=True))) for row in rows[1:]]


def _load_names(folder: Path) -> dict[str, str]:
    files = sorted(folder.glob("*.txt"))
    names: dict[str, str] = {}
    for path in files:
        if path.name.startswith("LICENSE"):
            continue
        try:
            lines = path.read_text("utf-8").splitlines()
        except UnicodeDecodeError as error:
            raise Misconfigured(f"{path}: is not UTF-8: save it as UTF-8: {error}") from error
        for line in lines:
            for name in line.partition("#")[0].split():
                names.setdefault(name_key(name), name)
    if not names:
        raise Misconfigured(f"{folder}: no personal names there: copy first_names.txt back")
    return names
