"""How much abuse is found in every way of typing, and how much ordinary prose is taken for it.

    .venv/bin/python -m benchmarks.abuse [--prose FILE…] [--abusive FILE…]

The sentences of tests/understanding/abuse, each as a letter of its own; ordinary prose besides is the Bulgarian
translation of the programs installed on this machine and any text files named (a sentence a line; in abusive ones
`{…}` may mark the word to disguise). Prints what was flagged wrongly, so that a clerk can judge it.
"""

import argparse
import gettext
import random
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from mailroom.config import packaged
from mailroom.model.arrival import Channel
from mailroom.model.letter import Letter
from mailroom.model.pack import Contact, Numbering, Pack
from mailroom.understanding.abuse import find_abusive
from mailroom.understanding.knowledge import Knowledge, load_knowledge
from mailroom.understanding.view import View
from tests.understanding.abuse.typing_styles import STYLES, WHOLE_LINES, is_marked, sentences

TOWN = Contact(name="Община Русе", settlement="Русе", address="пл. „Свобода“ № 6")
NUMBERING = Numbering(case="{seq}", registration="{case}")
PACK = Pack(id="town", version="1", charter_title="", charter_source="", numbering=NUMBERING, contact=TOWN)
TRANSLATIONS = Path("/usr/share/locale/bg/LC_MESSAGES")
ABUSIVE = (
    "abusive.txt", "abusive_later.txt", "abusive_forum.txt", "abusive_blind.txt", "abusive_comments.txt",
    "abusive_voices.txt",
)  # fmt: skip
ORDINARY = ("ordinary.txt", "ordinary_blind.txt", "ordinary_comments.txt", "ordinary_voices.txt", "reported.txt")
_END = re.compile(r"(?<=[.!?])\s+|\n\n")
_WORD = re.compile(r"[а-я]{2,}")


def flagged(texts: Iterable[str], knowledge: Knowledge) -> list[str]:
    """The texts that are taken for abuse."""
    found = []
    for text in texts:
        letter = Letter(channel=Channel.PAPER, media_type="application/pdf", text=text)
        if find_abusive(View(letter, PACK, knowledge), {}).value:
            found.append(text)
    return found


def translations() -> Iterator[str]:
    """Sentences of four words or more from the message catalogues of this machine."""
    for path in sorted(TRANSLATIONS.glob("*.mo")):
        with path.open("rb") as file:
            for message in vars(gettext.GNUTranslations(file))["_catalog"].values():
                yield from (" ".join(part.split()) for part in _END.split(message) if len(_WORD.findall(part)) > 3)


def lines(path: Path) -> list[str]:
    """The sentences of a file, one a line."""
    return [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip() and line[0] != "#"]


def ordinary(knowledge: Knowledge, files: Iterable[Path]) -> None:
    """Print what ordinary prose is taken for abuse."""
    sets = {name: list(sentences(name)) for name in ORDINARY}
    sets["програмни преводи"] = list(dict.fromkeys(translations()))
    sets |= {path.name: lines(path) for path in files}
    for name, texts in sets.items():
        wrong = flagged(texts, knowledge)
        print(f"{name:32} {len(texts):6} изречения, {len(wrong):3} за обидни ({len(wrong) / max(1, len(texts)):.2%})")
        print("".join(f"    {text[:140]}\n" for text in wrong), end="")


def abusive(name: str, texts: list[str], knowledge: Knowledge) -> None:
    """Print how many abusive sentences are found in each style."""
    for style, write in STYLES.items():
        choice = random.Random(7)
        shown = [write(text, choice) for text in texts if style in WHOLE_LINES or is_marked(text)]
        start = time.perf_counter()
        found = len(flagged(shown, knowledge))
        each = (time.perf_counter() - start) / max(1, len(shown)) * 1000
        print(f"{name:20} {style:28} {found:4} от {len(shown):4} = {found / max(1, len(shown)):.3f}   {each:.1f} ms")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prose", type=Path, nargs="*", default=[])
    parser.add_argument("--abusive", type=Path, nargs="*", default=[])
    options = parser.parse_args()
    knowledge = load_knowledge(packaged("rules"))
    ordinary(knowledge, options.prose)
    sets = {name: list(sentences(name)) for name in ABUSIVE}
    for name, texts in (sets | {path.name: lines(path) for path in options.abusive}).items():
        abusive(name, texts, knowledge)


if __name__ == "__main__":
    main()
