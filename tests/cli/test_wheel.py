"""The package installed from its wheel, far from the checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.mark.long
def test_the_wheel_works_alone(tmp_path: Path) -> None:
    """Templates, rules, pages and migrations travel inside: a letter is taken in by what was installed."""
    run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir",
         str(tmp_path), str(CHECKOUT)], tmp_path)
    wheel, = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for needed in ("mailroom/_data/templates/", "mailroom/_data/rules/charters/ruse/", "mailroom/web/pages/",
                   "mailroom/web/static/", "mailroom/store/migrations/versions/", "mailroom/mailroom.toml"):
        assert any(name.startswith(needed) for name in names), needed
    run(["/usr/bin/python3", "-m", "venv", "venv"], tmp_path)
    pip = ["venv/bin/pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--require-hashes", "--requirement", str(CHECKOUT / "requirements.lock")], tmp_path)
    run([*pip, "--no-deps", str(wheel)], tmp_path)
    (tmp_path / "letter.eml").write_bytes(
        "From: Ивелина Райкова <i.raykova@example.com>\r\nTo: delovodstvo@example.bg\r\nSubject: Улично осветление\r\n"
        "\r\nЛампата пред № 5 на ул. „Липа“ не свети. Моля да я поправите.\r\nИвелина Райкова\r\n".encode())
    command = str(tmp_path / "venv" / "bin" / "mailroom")
    run([command, "init", "--charter", "ruse", "data"], tmp_path)
    assert "letter.eml → 94-" in run([command, "--data", "data", "intake", "letter.eml"], tmp_path)
    assert "Райкова" in run([command, "--data", "data", "export"], tmp_path)
    run([command, "--data", "data", "check"], tmp_path)


def run(command: list[str], folder: Path) -> str:
    """Run in this folder, away from the checkout; what it printed."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout
