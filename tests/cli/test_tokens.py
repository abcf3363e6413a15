"""`mailroom tokens`: keys of other systems, from the command line."""

from pathlib import Path

import pytest

from tests.cli.run import call


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory of its own."""
    assert call("init", tmp_path / "town").status == 0
    return tmp_path / "town"


def test_a_key_is_made_shown_once_listed_and_taken_back(data: Path) -> None:
    made = call("tokens", "add", "Портал", "--scope", "read", "--scope", "register", "--days", "30", "--json",
                data=data).json()
    assert made["scopes"] == ["read", "register"] and made["secret"].startswith("mailroom_")
    listed = call("tokens", "list", "--json", data=data)
    assert made["secret"] not in listed.out and [one["name"] for one in listed.json()] == ["Портал"]
    assert "good" in call("tokens", "list", data=data).out
    assert call("tokens", "revoke", str(made["id"]), data=data).status == 0
    assert "revoked" in call("tokens", "list", data=data).out


@pytest.mark.parametrize(("arguments", "status", "said"), [
    (("add", "Портал", "--scope", "write"), 2, "write"), (("add", "Портал"), 2, "scope"),
    (("add", "Портал", "--scope", "read", "--department", "nowhere"), 2, "nowhere"),
    (("add", "", "--scope", "read"), 1, "система"), (("revoke", "999"), 1, "999")])
def test_what_cannot_be_made_or_taken_back_is_told_in_one_line(data: Path, arguments: tuple[str, ...], status: int,
                                                               said: str) -> None:
    ran = call("tokens", *arguments, data=data)
    assert ran.status == status and said in ran.err and len(ran.err.splitlines()) == 1
