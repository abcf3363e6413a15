"""A folder instead of a server."""

from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from mailroom.config import OutgoingSettings, Settings, SmtpSettings
from mailroom.dispatch.folder import Folder
from mailroom.dispatch.smtp import Smtp
from mailroom.dispatch.transport import transport_for
from mailroom.errors import TryAgain
from tests.correspondence.samples import FROM, outgoing


def test_a_letter_is_one_file_however_often_it_is_delivered(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "out")
    folder.check()
    for _ in range(2):
        folder.deliver(outgoing(), "Община Примерово", FROM)
    (file,) = (tmp_path / "out").iterdir()
    assert file.name == "000003.eml"
    assert message_from_bytes(file.read_bytes(), policy=default)["To"] == "petrova@citizen.example"


def test_the_outbox_is_asked_before_the_file_is_there(tmp_path: Path) -> None:
    def refuse() -> None:
        assert not list(tmp_path.iterdir())
        raise RuntimeError("no longer queued")

    with pytest.raises(RuntimeError):
        Folder(tmp_path).deliver(outgoing(), "", FROM, refuse)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = Folder(tmp_path / "file" / "out")
    with pytest.raises(TryAgain, match="file"):
        folder.deliver(outgoing(), "", FROM)
    with pytest.raises(TryAgain, match="file"):
        folder.check()


def test_the_settings_choose_the_way(tmp_path: Path) -> None:
    server = SmtpSettings(host="mail.example")
    assert transport_for(Settings(charter="primerovo")) is None
    assert isinstance(transport_for(Settings(charter="primerovo", smtp=server)), Smtp)
    trying_out = Settings(charter="primerovo", smtp=server, outgoing=OutgoingSettings(folder=tmp_path))
    assert isinstance(transport_for(trying_out), Folder)
