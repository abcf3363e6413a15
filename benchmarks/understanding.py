"""How well letters are read and understood: e-mails, scanned letters and short texts with labels.

    .venv/bin/python -m benchmarks.understanding [email] [paper] [short] [told] [kinds] [--errors]

The letters lie in benchmarks/letters (its README says how they came about). A field that may be absent is scored by
F1, a wrong value counting against both precision and recall; everything else by how often it is right.
"""

import argparse
import functools
import json
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from benchmarks.row import Row
from mailroom.charter.pack import load_pack
from mailroom.config import packaged
from mailroom.folding import name_key
from mailroom.model.arrival import Channel
from mailroom.model.findings import Address, Findings, Found
from mailroom.model.letter import Letter, Mailbox, MailHead
from mailroom.reading.letter import read_letter
from mailroom.reading.options import ReadingOptions
from mailroom.understanding.knowledge import load_knowledge
from mailroom.understanding.understand import understand

LETTERS = Path(__file__).parent / "letters"
FACTS = ("anonymous", "abusive", "health_safety", "protected_info")
FIELDS: dict[str, str] = {
    "sender_name": "sender.name", "organisation": "sender.organisation", "email": "sender.email",
    "phone": "sender.phone", "on_behalf_of": "on_behalf_of", "preferred_channel": "preferred_channel",
    "date_written": "date_written", "follow_up_of": "follow_up_of",
}
"""Field of Findings → where its label stands."""
WANTED = {
    "email": {"correspondence": "0.99", "kind": "0.93", "anonymous": "1", "abusive": "1", "protected_info": "1",
              "sender.name": "0.97", "sender.email": "0.99", "sender.phone": "0.99", "address, all nine parts": "0.93"},
    "paper": {"correspondence": "0.98", "kind": "0.90", "anonymous": "1", "abusive": "1", "protected_info": "1",
              "sender.name": "0.92", "sender.email": "0.93", "sender.phone": "0.93", "address, all nine parts": "0.85",
              "character error rate": "median 1.5 %, mean 5 %"},
}
"""What was asked for, as in README.md."""
_NAMES = frozenset({"sender_name", "organisation", "on_behalf_of"})
Label = dict[str, Any]


class Figures:
    """What was right, and what was not."""

    def __init__(self) -> None:
        self.right: dict[str, list[bool]] = defaultdict(list)
        self.found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        """True positives, false positives, misses."""
        self.errors: list[str] = []
        self.character_errors: list[float] = []

    def exact(self, name: str, file: str, ok: bool, wanted: object, got: object) -> None:
        """A value that every letter has."""
        self.right[name].append(ok)
        self._note(ok, name, file, wanted, got)

    def optional(self, name: str, file: str, ok: bool, wanted: object, got: object) -> None:
        """A value that may be absent."""
        counts = self.found[name]
        if ok:
            counts[0] += bool(wanted and got)
        else:
            counts[1] += bool(got)
            counts[2] += bool(wanted)
        self._note(ok, name, file, wanted, got)

    def _note(self, ok: bool, name: str, file: str, wanted: object, got: object) -> None:
        if not ok:
            self.errors.append(f"{file}: {name}: expected {wanted!r}, found {got!r}")

    def lines(self) -> Iterator[str]:
        """The table."""
        for name, right in self.right.items():
            yield f"{name:24} right {sum(right) / len(right):.3f} of {len(right)}"
        for name, (true, false, missed) in self.found.items():
            both = 2 * true + false + missed
            f1 = 2 * true / both if both else 1.0
            yield f"{name:24} F1 {f1:.3f}   false {false}   missed {missed} of {true + missed}"
        if self.character_errors:
            rates = self.character_errors
            yield (f"{'character error rate':24} median {statistics.median(rates):.2%}   "
                   f"mean {statistics.mean(rates):.2%} of {len(rates)}")


def main() -> None:
    """Print a table for each set."""
    arguments = argparse.ArgumentParser(description="Letters understood")
    arguments.add_argument("sets", nargs="*", default=list(SETS))
    arguments.add_argument("--errors", action="store_true", help="every value that is wrong")
    asked = arguments.parse_args()
    for name, figures in measured(asked.sets):
        print(f"== {name}")
        print("\n".join([*figures.lines(), *(figures.errors if asked.errors else [])]))


def measured(sets: Iterable[str]) -> Iterator[tuple[str, Figures]]:
    """Each set with its figures."""
    rules = packaged("rules")
    knowledge = load_knowledge(rules)
    packs = {town: load_pack(rules, town) for town in ("ruse", "septemvri", "haskovo", "kostinbrod", "sofia")}
    for name in sets:
        figures = Figures()
        for label, letter in SETS[name]():
            _score(figures, label, letter, understand(letter, packs[label["municipality"]], knowledge))
        yield name, figures


def rows(sets: Iterable[str]) -> Iterator[Row]:
    """For the table."""
    for name, figures in measured(sets):
        for line in figures.lines():
            what, figure = line[:24].strip(), line[24:].strip()
            yield Row(f"letters understood, {name}: {what}", figure, WANTED.get(name, {}).get(what, ""))


def _files(name: str) -> Iterator[tuple[Label, Letter]]:
    channel = Channel.PAPER if name == "paper" else Channel.EMAIL
    for label in _labels(LETTERS / name / "labels.jsonl"):
        yield label, read_letter((LETTERS / name / label["file"]).read_bytes(), channel, ReadingOptions())


def paper_read() -> Iterator[tuple[Label, Letter]]:
    """The scans as OCR once read them, for whoever has no time to read them again."""
    texts = {row["file"]: row for row in _labels(LETTERS / "paper_read.jsonl")}
    for label in _labels(LETTERS / "paper" / "labels.jsonl"):
        row = texts.get(label["file"])
        if row is not None and row["legible"] and row["text"]:
            yield label, Letter(channel=Channel.PAPER, media_type="application/pdf", text=row["text"])


def _texts(name: str) -> Iterator[tuple[Label, Letter]]:
    """Texts without a mail around them; those from nobody came on paper."""
    for label in _labels(LETTERS / f"{name}.jsonl"):
        letter = Letter(channel=Channel.PAPER, media_type="text/plain", text=label["text"])
        if label["from"]:
            letter = _mailed(label)
        yield {**label, "file": label["id"], "correspondence": True}, letter


def _mailed(label: Label) -> Letter:
    name, _, address = label["from"].rpartition("<")
    sender, subject = Mailbox(name=name.strip(), address=address.strip("> ")), label["subject"] or ""
    head = MailHead(from_=(sender,), fields=(("subject", subject), ("from", label["from"])))
    return Letter(channel=Channel.EMAIL, media_type="message/rfc822", subject=subject, text=label["text"], head=head)


def _kinds() -> Iterator[tuple[Label, Letter]]:
    """Texts of which only the kind is known."""
    for number, label in enumerate(_labels(LETTERS / "kinds.jsonl"), 1):
        yield {"file": str(number), "correspondence": True, "municipality": "ruse", "kinds": [label["kind"]]}, Letter(
            channel=Channel.PAPER, media_type="text/plain", text=label["text"])


def _labels(path: Path) -> list[Label]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


SETS: dict[str, Callable[[], Iterator[tuple[Label, Letter]]]] = {
    "email": functools.partial(_files, "email"), "paper": functools.partial(_files, "paper"),
    "short": functools.partial(_texts, "short"), "told": functools.partial(_texts, "told"), "kinds": _kinds}


def _score(figures: Figures, label: Label, letter: Letter, findings: Findings) -> None:
    file, also = label["file"], label.get("also", {})
    if str(label.get("notes") or "").startswith("EXPECT=triage"):
        figures.exact("unreadable to a person", file, not letter.legible or bool(letter.faults), True, letter.legible)
        return
    figures.exact("correspondence", file, (findings.noncorrespondence is None) == label["correspondence"],
                  label["correspondence"], _value(findings.noncorrespondence))
    if not label["correspondence"]:
        return
    figures.exact("kind", file, findings.kind.value in label["kinds"], label["kinds"], findings.kind.value.value)
    for fact in (fact for fact in FACTS if fact in label):
        wanted, got = label[fact], getattr(findings, fact).value
        figures.optional(fact, file, wanted == got or got in also.get(fact, []), wanted, got)
    if "sender" not in label:
        return
    for field, path in FIELDS.items():
        wanted, got = _labelled(label, path), _value(getattr(findings, field))
        ok = any(_same(field, one, got) for one in (wanted, *also.get(path, [])))
        figures.optional(path, file, ok, wanted, got)
    _score_address(figures, label, findings)
    if label.get("full_text") and not label.get("handwritten"):
        wanted, got = " ".join(label["full_text"].split()), " ".join(letter.text.split())
        figures.character_errors.append(Levenshtein.distance(wanted, got) / len(wanted))


def _score_address(figures: Figures, label: Label, findings: Findings) -> None:
    wanted = label["sender"]["address"] or {}
    got = findings.address.value if findings.address else Address()
    if not any(wanted.values()) and got == Address():
        return
    ok = all(any(_same(part, one, getattr(got, part))
                 for one in (wanted.get(part), *label.get("also", {}).get(f"sender.address.{part}", [])))
             for part in Address.model_fields)
    figures.exact("address, all nine parts", label["file"], ok, {k: v for k, v in wanted.items() if v},
                  got.model_dump(exclude_none=True))


def _labelled(label: Label, path: str) -> Any:
    value: Any = label
    for step in path.split("."):
        value = (value or {}).get(step)
    return value


def _value(found: Found[Any] | None) -> Any:
    if found is None:
        return None
    return found.value.isoformat() if hasattr(found.value, "isoformat") else str(found.value)


def _same(field: str, wanted: str | None, got: str | None) -> bool:
    if not wanted or not got:
        return not wanted and not got
    compare = _COMPARED_BY.get(field, _words_in_any_order if field in _NAMES else name_key)
    return compare(wanted) == compare(got)


def _words_in_any_order(name: str) -> object:
    return sorted(map(name_key, name.replace(",", " ").split()))


def _digits(phone: str) -> object:
    return "".join(filter(str.isdigit, phone)).removeprefix("00").removeprefix("359").lstrip("0")


def _without_date(number: str) -> object:
    return name_key(number.split("/")[0])


_COMPARED_BY: dict[str, Callable[[str], object]] = {
    "email": str.lower, "phone": _digits, "follow_up_of": _without_date, "date_written": str, "preferred_channel": str}


if __name__ == "__main__":
    main()
