"""Addresses: real strings, ways of writing, made-up letters, and which place of the register is meant."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailroom.folding import name_key
from mailroom.model.arrival import Channel
from mailroom.model.findings import Address
from mailroom.model.letter import Letter, Mailbox, MailHead, Page, TextSource
from mailroom.model.pack import Pack
from mailroom.understanding.address import find_address
from mailroom.understanding.address_candidates import parse_addresses
from mailroom.understanding.address_places import describe_places, places_meant
from mailroom.understanding.knowledge import Knowledge, Place
from mailroom.understanding.view import View
from tests.understanding.addresses.made import LAYOUTS, STYLES, Made, make_letter

SAMPLES = [
    json.loads(line)
    for line in (Path(__file__).parent / "addresses" / "addresses.jsonl").read_text("utf-8").splitlines()
]


def parsed(text: str, knowledge: Knowledge) -> dict[str, str]:
    """All parts in the text; the first of each kind counts."""
    parts: dict[str, str] = {}
    for candidate in parse_addresses(text, knowledge):
        for part in candidate.parts:
            parts.setdefault(part.name, part.value)
    return parts


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["text"][:40])
def test_real_address_is_parsed(sample: dict[str, str], knowledge: Knowledge) -> None:
    """Settlement, street and number of a real address string are found; its settlement is one that can be meant."""
    parts = parsed(sample["text"], knowledge)
    street = parts["street"].partition(" ")[2]
    found = (name_key(parts["settlement"]), name_key(street), name_key(parts["number"]))
    wanted = (name_key(sample["settlement"]), name_key(sample["silver_street"]), name_key(sample["silver_number"]))
    assert found == wanted
    meant = places_meant(parts["settlement"], sample["text"], None, knowledge)
    assert sample["ekatte"].lstrip("0") in {place.ekatte for place in meant}


WRITTEN = (
    ("ул. Рила №12-а", {"street": "ул. Рила", "number": "12-а"}),
    ("ул. Рила 12 Б, ет. 2", {"street": "ул. Рила", "number": "12Б", "floor": "2"}),
    ("у-ца Рила номер 7", {"street": "ул. Рила", "number": "7"}),
    ("yл. Рила Ne 7", {"street": "ул. Рила", "number": "7"}),
    ("уп. „Рила“ NM 7", {"street": "ул. Рила", "number": "7"}),
    ("бл12вхБет3ап8", {"block": "12", "entrance": "Б", "floor": "3", "apartment": "8"}),
    ("бл 12 вх Б ет 3 ап 8", {"block": "12", "entrance": "Б", "floor": "3", "apartment": "8"}),
    ("6л. 12, вх. Б, ет. З, ап. l2", {"block": "12", "entrance": "Б", "floor": "3", "apartment": "12"}),
    ("ул. 14-та № 3", {"street": "ул. 14-та", "number": "3"}),
    ("ул. 309 № 5", {"street": "ул. 309", "number": "5"}),
    ("Шеста улица № 2", {"street": "Шеста улица", "number": "2"}),
    ("ул. Двадесет и трета 5", {"street": "ул. Двадесет и трета", "number": "5"}),
    ("ул. Д-р Ив. Селимински 40", {"street": "ул. Д-р Ив. Селимински", "number": "40"}),
    ("ул. „Св. св. Кирил и Методий“ 1", {"street": "ул. Св. св. Кирил и Методий", "number": "1"}),
    ("ул. полк. дрангов 9", {"street": "ул. полк. дрангов", "number": "9"}),
    ("ул. Христо\nБотев 12, вх. А", {"street": "ул. Христо Ботев", "number": "12", "entrance": "А"}),
    ("ул. „Алексан-\nдровска“ 12", {"street": "ул. Александровска", "number": "12"}),
    ("ул. Дунав 5 Русе", {"street": "ул. Дунав", "number": "5", "settlement": "Русе"}),
    ("алея „Възраждане“ 4", {"street": "алея Възраждане", "number": "4"}),
    ("ап. 5, ет. 2, вх. А, ул. Рила № 3, гр. Русе",
     {"apartment": "5", "floor": "2", "entrance": "А", "street": "ул. Рила", "number": "3", "settlement": "Русе"}),
    ("с. варвара, ул. първа 3", {"settlement": "Варвара", "street": "ул. първа", "number": "3"}),
    ("7012 Русе, ж.к. „Дружба“ 3, бл. 5",
     {"postcode": "7012", "settlement": "Русе", "quarter": "ж.к. Дружба 3", "block": "5"}),
    ("гр. Русе 70О0, ул. Рила 3", {"settlement": "Русе", "postcode": "7000", "street": "ул. Рила", "number": "3"}),
    ("с. Дива Слатина, общ. Георги Дамяново, обл. Монтана, п.к. 3492, ул. Първа 5",
     {"settlement": "Дива Слатина", "postcode": "3492", "street": "ул. Първа", "number": "5"}),
    ("гр. Русе, с.о. Средна кула", {"settlement": "Русе", "quarter": "с.о. Средна кула"}),
    ("с. Тетово, м-т Текето", {"settlement": "Тетово", "quarter": "м. Текето"}),
    ("с. Тетово, махала Долна", {"settlement": "Тетово", "quarter": "мах. Долна"}),
    ("вх. 5, ет. партер, ап. 1", {"entrance": "5", "floor": "партер", "apartment": "1"}),
    ("Русе, Дружба 2, бл. 19", {"settlement": "Русе", "quarter": "Дружба 2", "block": "19"}),
    ("бл. 3 „Чародейка“", {"block": "3", "quarter": "Чародейка"}),
    ("s Ore6 ul. 6esti septemvri 4", {"settlement": "Ore6", "street": "ul 6esti septemvri", "number": "4"}),
    ("s 4avka ul Pop Hariton 139", {"settlement": "4avka", "street": "ul Pop Hariton", "number": "139"}),
    ("1186 София, с. Герман, ул. „Хан Аспарух“ № 12",
     {"postcode": "1186", "settlement": "Герман", "street": "ул. Хан Аспарух", "number": "12"}),
    ('7005 Русе, "Здравец", блок 14, вход 4',
     {"postcode": "7005", "settlement": "Русе", "quarter": "Здравец", "block": "14", "entrance": "4"}),
    ("гр. (с) София бл. 308 вх. Б", {"settlement": "София", "block": "308", "entrance": "Б"}),
    ("с. Симеоновец № 57", {"settlement": "Симеоновец", "number": "57"}),
    ("Lindenstraße 40, 04177 Leipzig",
     {"street": "Lindenstraße", "number": "40", "postcode": "04177", "settlement": "Leipzig"}),
    ("вул. Рила 5, кв. 14", {"street": "вул. Рила", "number": "5"}),
)  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), WRITTEN, ids=[text[:40] for text, _ in WRITTEN])
def test_way_of_writing_is_understood(text: str, wanted: dict[str, str], knowledge: Knowledge) -> None:
    """All parts that are written, and no other, are found."""
    assert parsed(text, knowledge) == wanted


NO_PARTS = ("на 5 м. от улицата", "35 кв. метра", "Ап. Петров дойде", "вх. № 12-34/05.11.2026",
            "чл. 5, ал. 2 от закона", "между 18 и 20 ч. на 12 май", "с Иван Петров",
            "до края на улица. Рано сутрин")  # fmt: skip


@pytest.mark.parametrize("text", NO_PARTS)
def test_other_text_has_no_parts(text: str, knowledge: Knowledge) -> None:
    """Measures, registration numbers, initials and prepositions are no parts of addresses."""
    assert parsed(text, knowledge) == {}


def test_place_of_several_names_is_not_chosen(knowledge: Knowledge) -> None:
    """A name that several settlements bear gives all of them, each with its municipality."""
    places = knowledge.places_named("Абланица")
    assert len(places) > 1
    assert len({place.municipality for place in places}) > 1
    assert places_meant("Абланица", "с. Абланица, ул. Първа 3", None, knowledge) == places
    assert describe_places(places).startswith(f"{len(places)} места с това име")


@pytest.mark.parametrize(
    ("text", "postcode", "municipality"),
    [
        ("с. Абланица, общ. Велинград", None, "Велинград"),
        ("с. Абланица, община „Ловеч“, обл. Ловеч", None, "Ловеч"),
        ("с. Абланица, обл. Пазарджик", None, "Велинград"),
        ("s. Ablanitsa, obsht. Lovech", None, "Ловеч"),
        ("с. Абланица", "2932", "Хаджидимово"),
    ],
)
def test_place_is_told_by_region_or_postcode(
    text: str, postcode: str | None, municipality: str, knowledge: Knowledge
) -> None:
    """Municipality, district or postcode beside the name leave one settlement, which is described with both."""
    places = places_meant("Абланица", text, postcode, knowledge)
    assert [place.municipality for place in places] == [municipality]
    assert f"община {municipality}" in describe_places(places)


@pytest.mark.parametrize("written", ["Полско Косово", "ПОЛСКО КОСОВО", "Polsko Kosovo"])
def test_place_is_known_in_every_alphabet(written: str, knowledge: Knowledge) -> None:
    """A place is found however it is typed."""
    assert {place.name for place in knowledge.places_named(written)} == {"Полско Косово"}


# ---- made-up letters -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def places(knowledge: Knowledge) -> list[Place]:
    """Every settlement, towns as often as villages."""
    register = sorted((p for named in knowledge.places.values() for p in named if "," not in p.name),
                      key=lambda place: place.ekatte)  # fmt: skip
    return [place for place in register if place.type == "гр."] * 12 + register


def is_found(made: Made, pack: Pack, knowledge: Knowledge) -> bool:
    """Whether exactly the address of the letter is found."""
    head = None if made.scanned else MailHead(from_=(Mailbox(name="", address="n@mail.example"),))
    letter = Letter(channel=Channel.PAPER if made.scanned else Channel.EMAIL, text=made.text, head=head,
                    media_type="application/pdf" if made.scanned else "message/rfc822")  # fmt: skip
    found = find_address(View(letter, pack, knowledge), {})
    value = found.value.model_dump(exclude_none=True) if found else {}
    return value.keys() == made.expected.keys() and all(
        name_key(_bare(value[part])) == name_key(_bare(wanted)) for part, wanted in made.expected.items()
    )


def _bare(value: str) -> str:
    """Without the type word, which is abbreviated by the text's own habits when it is Latin."""
    return value.partition(" ")[2] or value


@pytest.mark.parametrize("style", [style.__name__ for style in STYLES])
def test_address_is_found_in_made_up_letters(
    style: str, places: list[Place], packs: dict[str, Pack], knowledge: Knowledge
) -> None:
    """Of 48 letters in each way of typing, laid out in every way, at most two give another address than was written."""
    letters = [
        make_letter(seed, places, style=style, layout=LAYOUTS[seed % len(LAYOUTS)].__name__, faults=0)
        for seed in range(48)
    ]
    missed = [made.text for made in letters if not is_found(made, packs["ruse"], knowledge)]
    assert len(missed) <= 2, "\n----\n".join(missed)


def test_address_is_found_in_misread_letters(
    places: list[Place], packs: dict[str, Pack], knowledge: Knowledge
) -> None:
    """The same for letters in which every third sign that scanners take for another is misread: nine of ten."""
    letters = [make_letter(seed, places, faults=0.3) for seed in range(200)]
    assert sum(is_found(made, packs["ruse"], knowledge) for made in letters) >= 180


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(min_value=0, max_value=2**32), faults=st.sampled_from((0.0, 0.3, 0.9)))
def test_every_part_is_quoted_from_the_letter(
    seed: int, faults: float, places: list[Place], packs: dict[str, Pack], knowledge: Knowledge
) -> None:
    """Whatever is typed or misread: an address has a place, street or block, and its evidence stands in the text."""
    made = make_letter(seed, places, faults=faults)
    letter = Letter(channel=Channel.PAPER, media_type="application/pdf", text=made.text)
    found = find_address(View(letter, packs["ruse"], knowledge), {})
    if found is None:
        return
    value: Address = found.value
    assert value.settlement or value.quarter or value.street or value.block
    for evidence in found.evidence:
        assert evidence.start is not None
        assert " ".join(made.text[evidence.start : evidence.end].split()) == evidence.text


MISREAD = (
    ("septemvri", "от Гана Иванова Тюлева, с. Виноградсц, ул. Девета 3", "Виноградец"),
    ("septemvri", "от Гана Иванова Тюлева, 4487 с. Внногрдец, ул. Девета 3", "Виноградец"),
    ("ruse", "от Гана Иванова Тюлева, с. Семерджисво, ул. Рила 3", "Семерджиево"),
    ("ruse", "от Гана Иванова Тюлева, с. Николово, ул. Рила 3", "Николово"),
    ("ruse", "от Гана Иванова Тюлева, с. Кркврта, ул. Рила 3", "Кркврта"),
)


@pytest.mark.parametrize(("town", "text", "settlement"), MISREAD)
def test_misread_settlement_is_put_right_with_the_register(
    town: str, text: str, settlement: str, knowledge: Knowledge, packs: dict[str, Pack]
) -> None:
    """By its postcode or the letter's municipality, with what was read as evidence; a name like none stays as it is."""
    letter = Letter(channel=Channel.PAPER, media_type="application/pdf", text=f"ДО КМЕТА\n{text}\nМолба",
                    pages=(Page(number=1, text=text, text_source=TextSource.OCR, confidence=0.9),))  # fmt: skip
    found = find_address(View(letter, packs[town], knowledge), {})
    assert found is not None
    assert found.value.settlement == settlement
    read = [evidence.text for evidence in found.evidence if "поправено" in evidence.why]
    assert read == ([] if f"с. {settlement}," in text else [text.partition("с. ")[2].partition(",")[0]])


@pytest.mark.parametrize(("text", "wanted"), [
    ("от Гана Иванова Тюлева, с. Николово, ул. „Гулово“ 3", "ул. Тулово"),
    ("от Гана Иванова Тюлева, с. Николово, ул. „Ракитска“ 3", "ул. Ракитска"),
    ("от Гана Иванова Тюлева, с. Николово, ул. „Гроздобер“ 3", "ул. Гроздобер"),
    ("от Гана Иванова Тюлева, с. Николово, ул. „Драва“ 3", "ул. Драва"),
    ("от Гана Иванова Тюлева, гр. Мусе, ул. „Рила“ 3", "ул. Рила"),
])  # fmt: skip
def test_misread_street_is_put_right_where_one_name_alone_was_meant(
    text: str, wanted: str, knowledge: Knowledge, packs: dict[str, Pack]
) -> None:
    """One letter that print makes alike, in a word that is nothing else; and the seat's own name in four letters."""
    letter = Letter(channel=Channel.PAPER, media_type="application/pdf", text=f"ДО КМЕТА\n{text}\nМолба",
                    pages=(Page(number=1, text=text, text_source=TextSource.OCR, confidence=0.9),))  # fmt: skip
    found = find_address(View(letter, packs["ruse"], knowledge), {})
    assert found is not None
    assert found.value.street == wanted
    assert found.value.settlement in ("Николово", "Русе")


def test_what_somebody_typed_is_not_put_right(knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """A name that the register does not know stays as it was typed in a mail."""
    text = "Гана Тюлева, с. Виноградсц, ул. Девета 3"
    letter = Letter(channel=Channel.EMAIL, media_type="message/rfc822", text=text, head=MailHead())
    found = find_address(View(letter, packs["septemvri"], knowledge), {})
    assert found is not None
    assert found.value.settlement == "Виноградсц"
