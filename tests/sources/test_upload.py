"""Files that a person hands over."""

import mailbox
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from mailroom.errors import BadRequest
from mailroom.model.arrival import Channel, Incoming
from mailroom.sources.upload import files_in
from tests.sources.outlook import outlook_message
from tests.sources.test_scanfolder import pdf, picture

CHANGED_AT = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)


def letter(number: int, received: str = "") -> bytes:
    """A message, distinct by its number."""
    return (f"{received}From: ivan{number}@example.bg\nSubject: {number}\nDate: Mon, 1 Jan 2001 00:00:00 +0000\n\n"
            f"Text {number}\n").encode()


def write(path: Path, content: bytes) -> Path:
    """A file with a known time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (CHANGED_AT.timestamp(), CHANGED_AT.timestamp()))
    return path


def taken(
    paths: Iterable[Path], channel: Channel | None = None, received_at: datetime | None = None
) -> list[Incoming]:
    """All at once."""
    return list(files_in(paths, channel, received_at))


def test_every_type_is_taken_by_content_and_not_by_name(tmp_path: Path) -> None:
    """Messages are e-mail, scans are paper, and what is unknown is there for a person to see."""
    write(tmp_path / "a.dat", letter(1))
    write(tmp_path / "b.eml", pdf())
    write(tmp_path / "c", picture("PNG"))
    write(tmp_path / "d.bin", b"\x01\x02\x03")
    write(tmp_path / "e.pdf", b"")
    assert [(item.file, item.channel) for item in taken([tmp_path])] == [
        ("a.dat", Channel.EMAIL), ("b.eml", Channel.PAPER), ("c", Channel.PAPER), ("d.bin", Channel.PAPER),
        ("e.pdf", Channel.PAPER)]


def test_an_outlook_message_is_mail(tmp_path: Path) -> None:
    """.msg is e-mail, whatever it is called, and stays as it is."""
    (item,) = taken([write(tmp_path / "a.doc", outlook_message("Жалба"))])
    assert item.channel is Channel.EMAIL
    assert item.content == outlook_message("Жалба")
    assert item.received_at == CHANGED_AT


def test_a_folder_is_walked_in_order(tmp_path: Path) -> None:
    """Sorted by name, with names relative to the folder that was given; a file given itself has its own name."""
    for name in ("b/2.eml", "a.eml", "b/1.eml", "b/.hidden", "b/Thumbs.db", ".git/x"):
        write(tmp_path / "in" / name, letter(1))
    write(tmp_path / "z.eml", letter(2))
    items = taken([tmp_path / "z.eml", tmp_path / "in"])
    assert [item.file for item in items] == ["z.eml", "a.eml", "b/1.eml", "b/2.eml"]


def test_a_mailbox_file_is_split(tmp_path: Path) -> None:
    """As the standard library writes it; every message's octets come back."""
    contents = [letter(number) for number in range(3)]
    box = mailbox.mbox(tmp_path / "box")
    for content in contents:
        box.add(content)
    box.close()
    items = taken([tmp_path / "box"])
    assert [item.content for item in items] == contents
    assert [item.file for item in items] == ["box#1", "box#2", "box#3"]
    assert {item.channel for item in items} == {Channel.EMAIL}


def test_a_line_that_begins_with_from_does_not_cut_a_letter(tmp_path: Path) -> None:
    """Only a line with a time and a year after an empty line parts two messages."""
    first = b"From: a@example.bg\nSubject: x\n\nHello\n\nFrom Sofia to Varna\nand back\n"
    text = b"From a@b Fri Nov 20 09:11:58 2026\n" + first + b"\nFrom - Fri Nov 20 09:12:58 2026\r\n" + letter(2)
    items = taken([write(tmp_path / "box", text)])
    assert [item.content for item in items] == [first, letter(2)]


def test_a_maildir_is_read_as_mail(tmp_path: Path) -> None:
    """new, cur and subfolders; neither tmp nor the server's own files."""
    maildir = mailbox.Maildir(tmp_path / "Maildir")
    maildir.add(letter(1))
    seen = mailbox.MaildirMessage(letter(2))
    seen.set_subdir("cur")
    maildir.add(seen)
    maildir.add_folder("Sent").add(letter(3))
    write(tmp_path / "Maildir" / "tmp" / "half", b"half")
    write(tmp_path / "Maildir" / "dovecot-uidlist", b"3 V1")
    assert sorted(item.content for item in taken([tmp_path])) == [letter(1), letter(2), letter(3)]


RECEIVED = "Received: from mx by center.example.bg; Fri, 20 Nov 2026 09:11:58 +0200\n" \
           "Received: from home by mx; Fri, 20 Nov 2026 09:00:00 +0200\n"


@pytest.mark.parametrize(("received", "expected"), [
    (RECEIVED, datetime(2026, 11, 20, 9, 11, 58, tzinfo=timezone(timedelta(hours=2)))),
    ("Received: by x;\n Fri, 20 Nov 2026 07:11:58 -0000\n", datetime(2026, 11, 20, 7, 11, 58, tzinfo=UTC)),
    ("", CHANGED_AT),
    ("Received: by x; yesterday\n", CHANGED_AT),
    ("Received: nothing\n", CHANGED_AT),
    ("Received: by x; Fri, 20 Nov 2099 09:11:58 +0200\n", CHANGED_AT),
])
def test_a_message_was_received_when_our_server_says(tmp_path: Path, received: str, expected: datetime) -> None:
    """The topmost Received field, else the file's time; never the Date field, never the future."""
    (item,) = taken([write(tmp_path / "a.eml", letter(1, received))])
    assert item.received_at == expected


def test_a_scan_was_received_at_the_files_time(tmp_path: Path) -> None:
    """What was written into the scan says nothing of it."""
    (item,) = taken([write(tmp_path / "a.pdf", pdf())])
    assert item.received_at == CHANGED_AT


def test_channel_and_time_can_be_given(tmp_path: Path) -> None:
    """For everything at once."""
    write(tmp_path / "a.eml", letter(1, RECEIVED))
    write(tmp_path / "b.pdf", pdf())
    at = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
    assert {(item.channel, item.received_at) for item in taken([tmp_path], Channel.COUNTER, at)} == {
        (Channel.COUNTER, at)}


def test_the_same_command_again_is_no_second_arrival(tmp_path: Path) -> None:
    """Keys stay, and other files with the same content have other keys."""
    for name in ("a.eml", "b.eml"):
        write(tmp_path / name, letter(1))
    keys = [item.key for item in taken([tmp_path])]
    assert len(set(keys)) == 2
    assert [item.key for item in taken([tmp_path])] == keys


def test_a_missing_path_is_said_before_anything_is_taken(tmp_path: Path) -> None:
    """Not after half of the work."""
    write(tmp_path / "a.eml", letter(1))
    with pytest.raises(BadRequest, match=r"none\.eml cannot be read: No such file"):
        files_in([tmp_path, tmp_path / "none.eml"], None, None)


def test_what_is_no_file_is_a_bad_request(tmp_path: Path) -> None:
    """A pipe would be waited for, for ever."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadRequest, match="neither a file nor a folder"):
        files_in([tmp_path / "pipe"], None, None)
