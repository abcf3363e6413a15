"""`mailroom upgrade` as it answers; what it does to registers of before stands in tests/store/test_upgrading.py."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.run import call


@pytest.mark.long
def test_an_upgrade_that_is_not_needed_says_so_and_a_newer_register_is_refused(tmp_path: Path) -> None:
    """In a line each; with status 2 where the register is of a version that this one does not know."""
    assert call("init", "--charter", "primerovo", tmp_path / "data").status == 0
    checked = call("upgrade", "--check", data=tmp_path / "data")
    assert (checked.status, checked.out.splitlines()[-1]) == (0, "ok    nothing to do")
    done = call("upgrade", "--json", data=tmp_path / "data").json()
    assert done["before"] == done["after"] and done["copy_of_before"] == ""
    with closing(sqlite3.connect(tmp_path / "data" / "register.db")) as register:
        register.execute("UPDATE alembic_version SET version_num = '9042'")
        register.commit()
    for command in (["export"], ["upgrade"], ["upgrade", "--check"]):
        refused = call(*command, data=tmp_path / "data")
        assert refused.status == 2 and refused.err.count("\n") == 1
        assert "9042" in refused.err and "newer version" in refused.err
