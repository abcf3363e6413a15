"""One town hall with a few letters, made once by the commands themselves."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from mailroom.demo.mails import as_eml, samples
from mailroom.demo.scans import scan
from tests.cli.run import Ran, mailroom
from tests.once import once

MAILS = ("signal-containers", "anonymous-building", "gdpr-own-data", "newsletter-seminar")
SCAN = "blagodarnost-snyag.jpg"
WHISTLEBLOWER = """From: =?utf-8?b?0JXQu9C10L3QsA==?= <elena@example.com>
To: delovodstvo@example.bg
Subject: Signal
Message-ID: <whistleblower@example.com>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Подавам сигнал по Закона за защита на лицата, подаващи сигнали или публично оповестяващи информация за нарушения.
Работя в общинското предприятие „Чистота“ и моят началник взема подкупи от фирмите за гориво: по 500 лева на месец.

Елена Тайнова
"""


class TownHall(NamedTuple):
    """A data directory and how it came to be."""

    data: Path
    letters: Path
    init: Ran
    intake: Ran


@pytest.fixture(scope="session")
def town_hall(tmp_path_factory: pytest.TempPathFactory) -> TownHall:
    """The invented town after a morning's post. Tests read it; those that change something copy it first."""
    folder, ran = once(tmp_path_factory, "town-hall", _fill)
    return TownHall(folder / "data", folder / "letters", *(Ran(*one) for one in ran))


def _fill(folder: Path) -> list[Ran]:
    """A morning's post in a new town; what the two commands have said."""
    letters = folder / "letters"
    letters.mkdir()
    now = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
    for mail in samples().mail:
        if mail.name in MAILS:
            (letters / f"{mail.name}.eml").write_bytes(as_eml(mail, now))
    (letters / "whistleblower.eml").write_text(WHISTLEBLOWER, "utf-8")
    (letters / "empty.eml").write_bytes(b"")
    paper = next(paper for paper in samples().scan if paper.name == SCAN)
    (letters / SCAN).write_bytes(scan(paper.name, paper.pages, skew=paper.skew))
    data = folder / "data"
    started = mailroom("init", "--charter", "primerovo", data, "--json")
    filed = mailroom("intake", letters, "--received-at", "2026-11-18T09:30", data=data)
    return [started, filed]
