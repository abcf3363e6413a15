"""What is fuzzed: octets as a mail, and words as a letter with addresses and numbers, each read and understood.

`python -m tests.fuzz.target TARGET FOLDER [libFuzzer's options]`; tests/fuzz/__main__.py calls it.
"""

import sys
from collections.abc import Callable
from functools import cache

import atheris

with atheris.instrument_imports(include=["mailroom"]):
    from mailroom.config import packaged
    from mailroom.model.arrival import Channel
    from mailroom.model.findings import Findings
    from mailroom.model.letter import Letter
    from mailroom.model.pack import Contact, Numbering, Pack
    from mailroom.reading.letter import read_letter
    from mailroom.reading.options import ReadingOptions
    from mailroom.understanding.address_candidates import parse_addresses
    from mailroom.understanding.knowledge import Knowledge, load_knowledge
    from mailroom.understanding.understand import understand

PACK = Pack(id="ruse", version="1", charter_title="", charter_source="",
            contact=Contact(name="Община Русе", settlement="Русе", address="пл. „Свобода“ № 6",
                            emails=("center@ruse.example",), area_code="082"),
            numbering=Numbering(case="{seq}", registration="{case}"))  # fmt: skip


@cache
def _knowledge() -> Knowledge:
    return load_knowledge(packaged("rules"))


def mail(octets: bytes) -> None:
    """A mail is read and understood, and both can be kept."""
    _is_understood(read_letter(octets, Channel.EMAIL, ReadingOptions(page_seconds=5)))


def words(octets: bytes) -> None:
    """So is a letter on paper of any words; addresses stand where the text has them."""
    text = octets.decode("utf-8", "replace")
    for candidate in parse_addresses(text, _knowledge()):
        assert 0 <= candidate.start <= candidate.end <= len(text)
    _is_understood(Letter(channel=Channel.PAPER, media_type="application/pdf", text=text))


def _is_understood(letter: Letter) -> None:
    kept = letter.model_dump_json()
    assert Letter.model_validate_json(kept).model_dump_json() == kept
    findings = understand(letter, PACK, _knowledge())
    assert Findings.model_validate_json(findings.model_dump_json()) == findings


_TARGETS: dict[str, Callable[[bytes], None]] = {"mail": mail, "words": words}


if __name__ == "__main__":
    _knowledge()
    atheris.Setup(sys.argv, _TARGETS[sys.argv.pop(1)])
    atheris.Fuzz()
