"""A dependency that could not be looked up is neither clean nor vulnerable."""

from typing import Any

import pytest

from tools.audit import verdict

CLEAN = {"name": "lxml", "version": "6.0", "vulns": []}
BAD = {"name": "pillow", "version": "12.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["12.1"]}]}
UNKNOWN = {"name": "numpy", "skip_reason": "Dependency not found on PyPI and could not be audited: numpy (2.3)"}


@pytest.mark.parametrize(("packages", "complaint", "status", "told"), [
    ([CLEAN], "", 0, "1 packages, none known"),
    ([CLEAN, BAD], "", 1, "pillow 12.0: PYSEC-1, mended in 12.1"),
    ([CLEAN, UNKNOWN], "", 2, "could not be audited: 1 of 2 packages"),
    ([BAD, UNKNOWN], "", 1, "could not be audited: 1 of 2 packages"),
    ([], "ConnectionError", 2, "could not be audited: ConnectionError"),
])
def test_what_is_said(packages: list[dict[str, Any]], complaint: str, status: int, told: str) -> None:
    found, lines = verdict(packages, complaint)
    assert found == status and told in "\n".join(lines)
