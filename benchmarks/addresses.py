"""How many addresses are understood: real strings, and made-up letters by way of typing.

    .venv/bin/python -m benchmarks.addresses [ADDRESSES.jsonl] [--letters N]

ADDRESSES.jsonl has real strings with `text`, `ekatte`, `settlement`, `silver_street`, `silver_number`; without it the
sample that the tests bring is measured. The letters are those of tests/understanding/addresses/made.py, with seeds that
no test uses.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

from mailroom.config import packaged
from mailroom.folding import name_key
from mailroom.model.arrival import Channel
from mailroom.model.letter import Letter
from mailroom.model.pack import Contact, Numbering, Pack
from mailroom.understanding.address import find_address
from mailroom.understanding.address_candidates import parse_addresses
from mailroom.understanding.address_places import places_meant
from mailroom.understanding.knowledge import Knowledge, load_knowledge
from mailroom.understanding.view import View
from tests.understanding.addresses.made import STYLES, Made, make_letter

SAMPLE = Path(__file__).parent.parent / "tests" / "understanding" / "addresses" / "addresses.jsonl"
FIRST_SEED = 100_000
PACK = Pack(
    id="ruse", version="1", charter_title="", charter_source="",
    contact=Contact(name="Община Русе", settlement="Русе", address="пл. „Свобода“ № 6"),
    numbering=Numbering(case="{seq}", registration="{case}"),
)  # fmt: skip


def main() -> None:
    """Print both tables."""
    arguments = argparse.ArgumentParser(description="Addresses understood")
    arguments.add_argument("addresses", nargs="?", type=Path, default=SAMPLE)
    arguments.add_argument("--letters", type=int, default=300, help="made-up letters of each way of typing")
    given = arguments.parse_args()
    knowledge = load_knowledge(packaged("rules"))
    measure_real(given.addresses, knowledge)
    measure_made(given.letters, knowledge)


def measure_real(path: Path, knowledge: Knowledge) -> None:
    """Settlement right, with its municipality where one place alone can be meant; F1 of street and number."""
    samples = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    count: Counter[str] = Counter()
    for sample in samples:
        parts: dict[str, str] = {}
        for candidate in parse_addresses(sample["text"], knowledge):
            for part in candidate.parts:
                parts.setdefault(part.name, part.value)
        settlement = parts.get("settlement", "")
        count["settlement"] += name_key(settlement) == name_key(sample["settlement"])
        meant = places_meant(settlement, sample["text"], None, knowledge)
        count["one place"] += len(meant) == 1
        count["the right one"] += [place.ekatte for place in meant] == [sample["ekatte"].lstrip("0")]
        for name, found in (("street", parts.get("street", "").partition(" ")[2]), ("number", parts.get("number", ""))):
            wanted = sample[f"silver_{name}"]
            right = bool(found) and bool(wanted) and name_key(found) == name_key(wanted)
            count[f"{name} right"] += right
            count[f"{name} told"] += bool(found) + bool(wanted)
    print(f"real strings: {len(samples)}")
    print(f"  settlement right                      {count['settlement'] / len(samples):.3f}")
    print(f"  one place of the register can be meant {count['one place']}, of these right {count['the right one']}")
    for name in ("street", "number"):
        print(f"  {name} F1                             {2 * count[f'{name} right'] / count[f'{name} told']:.3f}")


def measure_made(letters: int, knowledge: Knowledge) -> None:
    """Whole addresses right, by way of typing, as typed and as a scanner misreads them."""
    register = sorted((place for named in knowledge.places.values() for place in named if "," not in place.name),
                      key=lambda place: place.ekatte)  # fmt: skip
    places = [place for place in register if place.type == "гр."] * 12 + register
    print(f"made-up letters: {letters} of each way of typing; whole address right as typed, and misread")
    for style in STYLES:
        right = [
            sum(
                _whole(make_letter(seed, places, style=style.__name__, faults=faults), knowledge)
                for seed in range(FIRST_SEED, FIRST_SEED + letters)
            )
            for faults in (0.0, 0.3)
        ]
        print(f"  {style.__name__:<14} {right[0] / letters:.3f}  {right[1] / letters:.3f}")


def _whole(made: Made, knowledge: Knowledge) -> bool:
    letter = Letter(channel=Channel.PAPER, media_type="application/pdf", text=made.text)
    found = find_address(View(letter, PACK, knowledge), {})
    value = found.value.model_dump(exclude_none=True) if found else {}
    return value.keys() == made.expected.keys() and all(
        name_key(value[part].partition(" ")[2] or value[part]) == name_key(wanted.partition(" ")[2] or wanted)
        for part, wanted in made.expected.items()
    )


if __name__ == "__main__":
    main()
