"""Rule packs: the shipped ones are sound, and every fault of a broken one is named with file, line and remedy."""

import shutil
from pathlib import Path

import pytest

from mailroom.charter.lines import line_of
from mailroom.charter.pack import charter_ids, check_pack, load_cases, load_pack
from mailroom.config import packaged
from mailroom.errors import Misconfigured
from mailroom.model.findings import Kind
from mailroom.model.pack import ClauseSubject

RULES = packaged("rules")
REAL_TOWNS = ("haskovo", "kostinbrod", "ruse", "septemvri", "sofia")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the invented town's pack, of the statute and of the lexicon, to be broken."""
    shutil.copytree(RULES / "charters" / "primerovo", tmp_path / "charters" / "primerovo")
    shutil.copytree(RULES / "statute", tmp_path / "statute")
    shutil.copytree(RULES / "lexicon", tmp_path / "lexicon")
    return tmp_path


def edit(rules: Path, file: str, old: str, new: str) -> int:
    """Replace text in a file of the pack; the line on which it stood."""
    path = rules / file if file.startswith("statute") else rules / "charters" / "primerovo" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_the_five_towns_and_the_invented_one_are_there() -> None:
    """A new folder is found by its name alone."""
    assert set(charter_ids(RULES)) >= {*REAL_TOWNS, "primerovo"}


@pytest.mark.parametrize("charter_id", charter_ids(RULES))
def test_every_shipped_pack_is_sound(charter_id: str) -> None:
    """No fault, a version, and examples."""
    assert check_pack(RULES, charter_id) == []
    assert len(load_pack(RULES, charter_id).version) == 12
    assert load_cases(RULES, charter_id)


@pytest.mark.parametrize("charter_id", charter_ids(RULES))
def test_every_quote_stands_in_the_published_charter(charter_id: str) -> None:
    """Word for word; only line breaks and runs of blanks are not compared."""
    published = " ".join((RULES / "charters" / charter_id / "text.txt").read_text("utf-8").split())
    for clause in load_pack(RULES, charter_id).clauses:
        assert " ".join(clause.quote.split()) in published


@pytest.mark.parametrize("charter_id", REAL_TOWNS)
def test_no_people_are_invented_for_real_towns(charter_id: str) -> None:
    """Their charters name departments and telephones, but no officers."""
    pack = load_pack(RULES, charter_id)
    assert pack.officers == ()
    assert all(route.officer is None for route in pack.routing)


@pytest.mark.parametrize("charter_id", REAL_TOWNS)
def test_published_mailboxes_and_telephones_are_those_of_the_charter(charter_id: str) -> None:
    """What stands in the pack stands in the text, apart from area codes and blanks."""
    pack = load_pack(RULES, charter_id)
    published = (RULES / "charters" / charter_id / "text.txt").read_text("utf-8")
    digits = "".join(filter(str.isdigit, published))
    assert all(email in published for email in pack.contact.emails)
    for phone in (*pack.contact.phones, *(d.phone for d in pack.departments if d.phone)):
        local = "".join(filter(str.isdigit, phone)).removeprefix(pack.contact.area_code)
        assert local in digits


def test_kostinbrods_charter_is_known_to_be_cut_off() -> None:
    """Its silence means unknown: the statute alone speaks."""
    pack = load_pack(RULES, "kostinbrod")
    assert pack.incomplete
    assert not [c for c in pack.clauses if c.subject is ClauseSubject.REPLY_TERM]


def test_sofia_has_its_24_districts_each_with_a_route() -> None:
    """A signal from a district goes to that district's administration."""
    pack = load_pack(RULES, "sofia")
    assert len(pack.districts) == 24
    routed = {d for route in pack.routing for d in route.districts}
    assert routed == set(pack.districts)


def test_no_quarter_lies_in_two_districts() -> None:
    """Else a letter would go to whichever stands first."""
    quarters = [q for qs in load_pack(RULES, "sofia").districts.values() for q in qs]
    assert len(quarters) == len(set(quarters))


def test_unknown_charter_lists_those_that_exist() -> None:
    """So that a misspelt name is corrected at once."""
    with pytest.raises(Misconfigured, match=r"there is no charter „rusee“; choose one of: haskovo, .*ruse"):
        load_pack(RULES, "rusee")


FAULTS = [
    ("charter.toml", 'subject = "apology"', 'subject = "apologies"', "should be"),
    ("charter.toml", 'quote = "Пазим в тайна', 'quote = "Винаги пазим в тайна', "does not stand in text.txt"),
    ("charter.toml", 'id = "primerovo.review"', 'id = "primerovo.apology"', "stands twice"),
    ("charter.toml", 'id = "primerovo.review"', 'id = "other.review"', "does not begin with „primerovo.“"),
    ("charter.toml", 'without_inspection_only = true', 'without_inspection = true',
     "unknown key „without_inspection“.*without_inspection_only"),
    ("charter.toml", 'amount = 14', 'amount = 0', "greater than 0"),
    ("charter.toml", 'title = "Харта', 'title = Харта', "not valid TOML"),
    ("town.toml", '{index}-{initial}-{seq}', '{index}-{initial}', "has no {seq}"),
    ("town.toml", '{index}-{initial}-{seq}', '{index}-{letter}-{seq}', "unknown field „{letter}“"),
    ("town.toml", '{index}-{initial}-{seq}', '{index}-{seq', "is no number template"),
    ("town.toml", '{index}-{initial}-{seq}', '{index}-{date.__class__}-{seq}', "unknown field"),
    ("town.toml", '{index}-{initial}-{seq}', '{index:d}-{seq}', "is no number template"),
    ("town.toml", '{case}/{date:%d.%m.%Y}', '{case}', "would repeat next year"),
    ("town.toml", '{case}/{date:%d.%m.%Y}', '{date:%d.%m.%Y}', "has no {case}"),
    ("town.toml", 'opens = "08:30"', 'opens = "8 ч."', "no time of day"),
    ("town.toml", 'opens = "08:30"', 'opens = "18:30"', "opens after it closes"),
    ("town.toml", 'emails = ["delovodstvo@example.bg"', 'emails = ["delovodstvo"', "no e-mail address"),
    ("people.toml", 'confidential_officer = "vasileva"', 'confidential_officer = "vasilev"', "no officer „vasilev“"),
    ("people.toml", 'deputy = "ganeva"', 'deputy = "genova"', "no officer „genova“"),
    ("people.toml", 'deputy = "ganeva"', 'deputy = "todorov"', "own deputy"),
    ("people.toml", '[[2026-11-23, 2026-11-27]', '[[2026-11-27, 2026-11-23]', "ends before it begins"),
    ("people.toml", 'department = "environment"\nofficer', 'department = "ecology"\nofficer',
     "no department „ecology“"),
    ("people.toml", 'officer = "manolov"', 'officer = "manolova"', "no officer „manolova“"),
    ("people.toml", 'topics = ["roads"', 'districts = ["Север"]\ntopics = ["roads"', "no district „Север“"),
    ("people.toml", 'topics = ["waste"', 'topics = ["wastes"', "no topic „wastes“"),
    ("cases.toml", 'clause = "primerovo.anonymity"', 'clause = "primerovo.anon"', "no clause „primerovo.anon“"),
    ("cases.toml", 'clause = "primerovo.anonymity"', 'flagged = ["bribe"]', "no check „bribe“.*crime"),
    ("cases.toml", 'clause = "primerovo.anonymity"', 'department = "ecology"', "no department „ecology“"),
    ("cases.toml", 'clause = "primerovo.anonymity"', 'district = "Север"', "no district „Север“"),
    ("charter.toml", 'subject = "apology"', 'subject = "apology"\ndemands = ["sorry"]', "should be"),
    ("charter.toml", 'unit = "days" }', 'unit = "days", counted_from = "decision" }', "only a request for review"),
    ("town.toml", '[numbering]', '[[contact.point]]\nname = "Кутия"\n\n[numbering]', "cannot be reached"),
    ("town.toml", '[numbering]', '[[contact.point]]\nname = "Кутия"\nemails = ["kutiya"]\n\n[numbering]',
     "no e-mail address"),
    ("town.toml", '[numbering]', '[districts]\n"Град Изток" = ["Роза"]\n"Запад" = ["роза"]\n\n[numbering]',
     "stands in „Град Изток“ and in „Запад“"),
    ("statute/clauses.toml", 'quote = "Решението по сигнала', 'quote = "Решение по сигнала', "does not stand in"),
    ("statute/clauses.toml", 'term = { amount = 2, unit = "months", after_hours_next_day = true }', '# none',
     "lays down no term"),
]


@pytest.mark.parametrize(("file", "old", "new", "told"), FAULTS, ids=[told for *_, told in FAULTS])
def test_each_fault_is_told_with_file_and_line(rules: Path, file: str, old: str, new: str, told: str) -> None:
    """One line: file, line number, what is wrong, what to do."""
    line = edit(rules, file, old, new)
    with pytest.raises(Misconfigured, match=told) as caught:
        load_pack(rules, "primerovo")
    sentence = str(caught.value)
    place = int(sentence.split(".toml:")[1].split(":")[0])
    assert file in sentence and "\n" not in sentence and ";" in sentence
    assert abs(place - line) <= 5, "the line is that of the value, or of the head of its table"


def test_the_line_is_exact_where_the_key_is_there(rules: Path) -> None:
    """A wrong value is found on its own line, deep in a list of tables."""
    line = edit(rules, "people.toml", 'deputy = "manolov"', 'deputy = "nobody"')
    assert f"people.toml:{line}: there is no officer „nobody“" in check_pack(rules, "primerovo")[0]


def test_all_faults_are_collected(rules: Path) -> None:
    """`mailroom check` shows every one; loading stops with the first and counts the rest."""
    edit(rules, "people.toml", 'deputy = "manolov"', 'deputy = "nobody"')
    edit(rules, "town.toml", 'opens = "08:30"', 'opens = "noon"')
    assert len(check_pack(rules, "primerovo")) == 2
    with pytest.raises(Misconfigured, match="and 1 more"):
        load_pack(rules, "primerovo")


@pytest.mark.parametrize("name", ["charter.toml", "town.toml", "people.toml", "cases.toml", "text.txt"])
def test_a_missing_file_is_named(rules: Path, name: str) -> None:
    """With what to do about it."""
    (rules / "charters" / "primerovo" / name).unlink()
    assert any(name in fault and "missing" in fault for fault in check_pack(rules, "primerovo"))


def test_a_file_in_another_encoding_is_named(rules: Path) -> None:
    """Clerks' editors may still save windows-1251."""
    path = rules / "charters" / "primerovo" / "charter.toml"
    path.write_bytes(path.read_text("utf-8").encode("cp1251"))
    assert any("not UTF-8" in fault for fault in check_pack(rules, "primerovo"))


def test_the_last_route_must_fit_everything(rules: Path) -> None:
    """No letter may be left without a department."""
    path = rules / "charters" / "primerovo" / "people.toml"
    path.write_text(path.read_text("utf-8") + '\n[[route]]\nkinds = ["signal"]\ndepartment = "registry"\n', "utf-8")
    assert any("must fit every letter" in fault for fault in check_pack(rules, "primerovo"))


def test_the_version_changes_with_every_byte_that_decides(rules: Path) -> None:
    """A verdict keeps it, so that „why“ can be answered years later; examples decide nothing."""
    before = load_pack(rules, "primerovo").version
    edit(rules, "cases.toml", "# Примери", "# Още примери")
    assert load_pack(rules, "primerovo").version == before
    edit(rules, "charter.toml", "amount = 14", "amount = 15")
    assert load_pack(rules, "primerovo").version != before


def test_a_sixth_town_is_a_copied_folder(rules: Path) -> None:
    """What docs/ADDING_A_TOWN.md tells works: copy, rename the ids, load."""
    old, new = rules / "charters" / "primerovo", rules / "charters" / "novgrad"
    shutil.copytree(old, new)
    for name in ("charter.toml", "cases.toml"):
        path = new / name
        path.write_text(path.read_text("utf-8").replace("primerovo.", "novgrad."), "utf-8")
    assert charter_ids(rules) == ("novgrad", "primerovo")
    pack = load_pack(rules, "novgrad")
    assert pack.clause(ClauseSubject.ANONYMITY, Kind.SIGNAL, None) == pack.clauses[7]


def test_lines_fall_back_to_the_table_and_to_the_file() -> None:
    """A missing key has no line of its own."""
    text = 'a = 1\n\n[t]\nb = 2\n\n[[l]]\nc = 3\n\n[[l]]\nd = 4\n'
    assert line_of(text, ("a",)) == 1
    assert line_of(text, ("t", "b")) == 4
    assert line_of(text, ("l", 1, "d")) == 10
    assert line_of(text, ("l", 1, "missing")) == 9
    assert line_of(text, ("l", 0, "d")) == 6
    assert line_of(text, ("missing",)) == 1
