"""From the settings to the sources."""

from pathlib import Path
from typing import Any

import pytest

from mailroom.config import Settings
from mailroom.errors import Misconfigured
from mailroom.sources.imap import ImapMailbox
from mailroom.sources.maildir import Maildir
from mailroom.sources.scanfolder import ScanFolder
from mailroom.sources.source import Source
from mailroom.sources.table import sources_for
from tests.sources.office import Desk


def sources(**sections: Any) -> list[Source]:
    """As the office makes them."""
    callbacks = Desk().callbacks
    settings = Settings.model_validate({"charter": "ruse", **sections})
    return sources_for(settings, take=callbacks.take, known=callbacks.known, report=callbacks.report)


def test_everything_that_is_configured_is_watched(tmp_path: Path) -> None:
    """Each kind by its own class, under its configured name."""
    made = sources(
        mailboxes=[{"name": "center@example.bg", "host": "mail.example.bg"}],
        maildirs=[{"name": "local", "path": tmp_path}],
        scan_folders=[{"name": "етаж 1", "path": tmp_path}, {"name": "етаж 2", "path": tmp_path}],
    )
    assert [(type(source), source.name) for source in made] == [
        (ImapMailbox, "center@example.bg"), (Maildir, "local"), (ScanFolder, "етаж 1"), (ScanFolder, "етаж 2")]


def test_nothing_configured_is_nothing_to_watch() -> None:
    """`intake` and `export` work with no server configured."""
    assert sources() == []


def test_two_sources_of_one_name_are_misconfigured(tmp_path: Path) -> None:
    """Their keys could not be told apart."""
    with pytest.raises(Misconfigured, match="„local“"):
        sources(maildirs=[{"name": "local", "path": tmp_path}], scan_folders=[{"name": "local", "path": tmp_path}])
