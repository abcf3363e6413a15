"""Known vulnerabilities of what requirements.lock names: `python -m tools.audit` (make audit).

pip-audit asks the package index about each version. Status 0: every one was looked up and none is known to be
vulnerable; 1: some are; 2: some could not be looked up, as where the index is a mirror that describes no packages. That
is no clean bill, and no finding either.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements.lock"
SHOWN = 5


def audited() -> tuple[list[dict[str, Any]], str]:
    """What pip-audit says of each package; and what it said besides where it gave no report at all."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--require-hashes", "--disable-pip",
               "--progress-spinner", "off", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)["dependencies"], ""
    except (ValueError, KeyError):
        return [], done.stderr.strip()[-500:]


def verdict(packages: Sequence[dict[str, Any]], complaint: str) -> tuple[int, list[str]]:
    """The status and the lines for people."""
    found = [f"{one['name']} {one['version']}: {vulnerability['id']}, mended in "
             f"{', '.join(vulnerability['fix_versions']) or 'no version yet'}"
             for one in packages for vulnerability in one.get("vulns", ())]
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    lines = [*found]
    if complaint or not packages:
        lines.append(f"could not be audited: {complaint or 'pip-audit told nothing'}")
    elif skipped:
        more = f" and {len(skipped) - SHOWN} more" if len(skipped) > SHOWN else ""
        lines.append(f"could not be audited: {len(skipped)} of {len(packages)} packages, which the package index does "
                     f"not describe ({', '.join(skipped[:SHOWN])}{more}): run this where pypi.org answers")
    if not lines:
        lines.append(f"{len(packages)} packages, none known to be vulnerable")
        return 0, lines
    return 1 if found else 2, lines


if __name__ == "__main__":
    status, told = verdict(*audited())
    print("\n".join(told))
    sys.exit(status)
