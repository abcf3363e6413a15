"""docs/THREATS.md tells the truth: what it names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "THREATS.md").read_text("utf-8")


def proofs() -> list[tuple[str, str]]:
    """(file, test) of every proof; a test without a file is in the file named before it in its row."""
    found = []
    for row in PAGE.splitlines():
        file = ""
        for named, test in re.findall(r"`([\w/]*(?:\.py)?)::(\w+)`", row):
            file = named or file
            found.append((file, test))
    return found


@pytest.mark.parametrize(("file", "test"), proofs())
def test_every_proof_is_there(file: str, test: str) -> None:
    assert re.search(rf"^def {test}\(", (ROOT / "tests" / file).read_text("utf-8"), re.MULTILINE)


def test_every_attack_names_its_proof() -> None:
    rows = [row for row in PAGE.splitlines() if row.startswith("| ") and row.count(" | ") == 3
            and not row.startswith(("| ---", "| attack"))]
    assert len(rows) > 20
    assert [row for row in rows if "::" not in row and "make audit" not in row] == []


def test_every_package_is_locked_by_its_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    for package in re.split(r"\n(?=[\w.-]+(?:\[[\w,-]+\])?==)", lock)[1:]:
        assert "--hash=sha256:" in package, package.splitlines()[0]
    assert "--require-hashes" in (ROOT / "Makefile").read_text("utf-8")
