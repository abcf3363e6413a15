"""Scan folders: nothing half-written is taken, nothing is overwritten, nothing is forgotten."""

import functools
import os
import struct
import threading
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from mailroom.config import LimitSettings, ScanFolderSettings, Settle
from mailroom.errors import TryAgain
from mailroom.model.arrival import Channel, Incoming
from mailroom.sources.complete import is_complete
from mailroom.sources.scanfolder import ScanFolder
from tests.sources.office import Desk, eventually, watching

Folder = Callable[..., ScanFolder]


@functools.cache
def pdf() -> bytes:
    """A PDF with one empty page; always the same."""
    file = BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.save(file)
    return file.getvalue()


def picture(form: str, **options: Any) -> bytes:
    """A small picture with some content."""
    file = BytesIO()
    Image.effect_noise((40, 60), 50).save(file, form, **options)
    return file.getvalue()


def tiff_of_pages(number: int) -> bytes:
    """Several pages in one TIFF."""
    file = BytesIO()
    pages = [Image.effect_noise((40, 60), 50) for _ in range(number)]
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    return file.getvalue()


SCANS = {
    "pdf": pdf(),
    "jpeg": picture("JPEG"),
    "png": picture("PNG"),
    "tiff": picture("TIFF"),
    "tiff-lzw": picture("TIFF", compression="tiff_lzw"),
    "tiff-pages": tiff_of_pages(3),
    "bigtiff": picture("TIFF", big_tiff=True),
}


@pytest.fixture
def desk() -> Desk:
    """Where the scans go."""
    return Desk()


@pytest.fixture
def folder(tmp_path: Path, desk: Desk) -> Folder:
    """Makes a source over tmp_path/scans; further settings by keyword."""
    path = tmp_path / "scans"
    path.mkdir()

    def make(
        *, patience_seconds: float = 60, hanging_seconds: float = 60, dry_run: bool = False,
        limits: LimitSettings | None = None, kind: type[ScanFolder] = ScanFolder, **settings: Any,
    ) -> ScanFolder:
        values = {"name": "скенер", "path": path, "poll_seconds": 0.5, "stable_seconds": 0.1} | settings
        return kind(ScanFolderSettings.model_validate(values), desk.callbacks, limits=limits or LimitSettings(),
                    dry_run=dry_run, patience_seconds=patience_seconds, hanging_seconds=hanging_seconds)

    return make


@pytest.fixture
def path(tmp_path: Path, folder: Folder) -> Path:
    """Where the scanner writes."""
    return tmp_path / "scans"


@pytest.mark.parametrize("content", SCANS.values(), ids=SCANS.keys())
def test_a_file_is_complete_only_with_its_end(content: bytes) -> None:
    """Cut anywhere in the second half it is not complete, whole it is, and padding after the end does no harm."""
    assert is_complete(BytesIO(content))
    assert is_complete(BytesIO(content + b"\x00" * 100))
    for cut in range(len(content) // 2, len(content) - 8, 37):
        assert not is_complete(BytesIO(content[:cut])), cut


def test_what_has_not_begun_is_not_complete() -> None:
    """Empty, or space that was set aside and not yet filled."""
    assert not is_complete(BytesIO(b""))
    assert not is_complete(BytesIO(b"\x00" * 5000))


def test_a_file_of_an_unknown_type_is_complete() -> None:
    """Nothing can be said of its end, and somebody has to see it."""
    assert is_complete(BytesIO("Уважаеми господине".encode()))


def test_a_tiff_with_a_loop_does_not_hang() -> None:
    """A directory that names itself as the next is broken, not unfinished."""
    assert is_complete(BytesIO(b"II*\x00" + struct.pack("<IHI", 8, 0, 8)))


@pytest.mark.parametrize("polling", [False, True])
def test_a_scan_is_taken_and_moved(desk: Desk, folder: Folder, path: Path, polling: bool) -> None:
    """By the kernel's notice or by polling; below the folder too; as paper, with the time of the scan."""
    with watching(folder(polling=polling, poll_seconds=0.3 if polling else 60), desk):
        (path / "етаж 2").mkdir()
        (path / "етаж 2" / "писмо.pdf").write_bytes(pdf())
        desk.wait(lambda: len(desk.taken) == 1)
        eventually(lambda: (path / "taken" / "етаж 2" / "писмо.pdf").exists())
    (incoming,) = desk.taken
    facts = (path / "taken" / "етаж 2" / "писмо.pdf").stat()
    assert incoming.content == pdf()
    assert incoming.file == "етаж 2/писмо.pdf"
    assert incoming.key == f"етаж 2/писмо.pdf/{facts.st_mtime_ns}/{facts.st_size}"
    assert incoming.channel is Channel.PAPER
    assert incoming.received_at.timestamp() == pytest.approx(facts.st_mtime)
    assert incoming.fault is None
    assert not (path / "етаж 2" / "писмо.pdf").exists()


@pytest.mark.parametrize("content", SCANS.values(), ids=SCANS.keys())
def test_a_half_written_scan_is_waited_for(desk: Desk, folder: Folder, path: Path, content: bytes) -> None:
    """A scanner that pauses in the middle for longer than `stable_seconds` loses nothing."""
    source = folder(stable_seconds=0.02)
    (path / "scan").write_bytes(content[:len(content) * 2 // 3])
    assert source.look_once() == 0
    assert source.look_once() == 0
    (path / "scan").write_bytes(content)
    assert source.look_once() == 1
    assert desk.contents == [content]


def test_a_file_that_still_grows_is_waited_for(desk: Desk, folder: Folder, path: Path) -> None:
    """Complete at every moment, because its type has no end, and yet taken only when it has come to rest."""
    with watching(folder(stable_seconds=0.6), desk), (path / "text.txt").open("wb", buffering=0) as file:
        for _ in range(10):
            file.write(b"more ")
            time.sleep(0.1)
        desk.wait(lambda: len(desk.taken) == 1)
    assert desk.contents == [b"more " * 10]


@pytest.mark.parametrize(("name", "content", "words"), [
    ("half.pdf", pdf()[:100], "няма край"),
    ("empty.pdf", b"", "празен"),
    ("letter.pdf.part", pdf(), "Името"),
    (".hidden.pdf", pdf(), "Името"),
])
def test_what_never_becomes_complete_is_seen_by_a_person(
    desk: Desk, folder: Folder, path: Path, name: str, content: bytes, words: str
) -> None:
    """After patience has run out it is taken with a sentence, and moved like the others."""
    (path / name).write_bytes(content)
    assert folder().look_once() == 0
    folder_ = folder(patience_seconds=0.1)
    assert folder_.look_once() == 1
    (incoming,) = desk.taken
    assert incoming.content == content
    assert incoming.fault is not None
    assert words in incoming.fault
    assert (path / "taken" / name).exists()


def test_a_temporary_name_that_gets_its_real_one(desk: Desk, folder: Folder, path: Path) -> None:
    """Written as .part and renamed: taken once, under the real name, without a fault."""
    with watching(folder(), desk):
        (path / "scan.pdf.part").write_bytes(pdf())
        time.sleep(0.5)
        (path / "scan.pdf.part").rename(path / "scan.pdf")
        desk.wait(lambda: len(desk.taken) == 1)
    assert desk.taken[0].file == "scan.pdf"
    assert desk.taken[0].fault is None


def test_two_scans_of_one_name_are_both_kept(desk: Desk, folder: Folder, path: Path) -> None:
    """A scanner that counts from 1 every morning: the folder of taken files never loses one."""
    source = folder(stable_seconds=0)
    contents = [pdf() + b"%" * number for number in range(3)]
    for content in contents:
        (path / "scan0001.pdf").write_bytes(content)
        source.look_once()
    assert desk.contents == contents
    assert sorted(file.name for file in (path / "taken").iterdir()) == [
        "scan0001-2.pdf", "scan0001-3.pdf", "scan0001.pdf"]
    assert {file.read_bytes() for file in (path / "taken").iterdir()} == set(contents)


def test_files_that_are_left_are_taken_once(desk: Desk, folder: Folder, path: Path) -> None:
    """By one run and by the next; a changed file is a new arrival."""
    source = folder(settle=Settle.LEAVE)
    (path / "a.pdf").write_bytes(pdf())
    assert [source.look_once(), source.look_once(), folder(settle=Settle.LEAVE).look_once()] == [1, 0, 0]
    (path / "a.pdf").write_bytes(pdf() + b"\n")
    assert source.look_once() == 1
    assert (path / "a.pdf").exists()
    assert source.list_keys() == {desk.taken[1].key}


def test_a_crash_between_taking_and_moving_is_made_good(desk: Desk, folder: Folder, path: Path) -> None:
    """A known file that still lies here is moved and not taken again."""
    (path / "a.pdf").write_bytes(pdf())
    folder(settle=Settle.LEAVE).look_once()
    assert folder().look_once() == 0
    assert (path / "taken" / "a.pdf").exists()
    assert len(desk.taken) == 1


def test_a_dry_run_moves_nothing(desk: Desk, folder: Folder, path: Path) -> None:
    """Whatever is configured."""
    (path / "a.pdf").write_bytes(pdf())
    assert folder(dry_run=True).look_once() == 1
    assert [file.name for file in path.iterdir()] == ["a.pdf"]


def test_a_refusing_register_leaves_the_file(desk: Desk, folder: Folder, path: Path) -> None:
    """TryAgain: the file stays where it is and is taken later."""
    (path / "a.pdf").write_bytes(pdf())
    desk.refusals = 1
    source = folder()
    with pytest.raises(TryAgain, match="Дискът е пълен"):
        source.look_once()
    assert (path / "a.pdf").exists()
    with watching(source, desk):
        desk.wait(lambda: len(desk.taken) == 1)


def test_a_file_that_changes_while_it_is_taken_is_taken_again(desk: Desk, folder: Folder, path: Path) -> None:
    """It is not moved away under the scanner's hands."""
    (path / "a.pdf").write_bytes(pdf())

    def scanner(incoming: Incoming) -> None:
        desk.before_take = lambda incoming: None
        (path / "a.pdf").write_bytes(pdf() + b"\n")

    desk.before_take = scanner
    source = folder()
    source.look_once()
    assert (path / "a.pdf").exists()
    source.look_once()
    assert desk.contents == [pdf(), pdf() + b"\n"]


def test_a_file_that_is_too_large(desk: Desk, folder: Folder, path: Path) -> None:
    """Its beginning with a sentence; the file itself stays, because its content is nowhere else."""
    (path / "large.pdf").write_bytes(pdf() + b" " * (1 << 20) + b"%%EOF")
    source = folder(limits=LimitSettings(message_megabytes=1))
    assert source.look_once() == 1
    assert source.look_once() == 0
    assert desk.taken[0].fault is not None
    assert len(desk.taken[0].content) == 1 << 18
    assert (path / "large.pdf").exists()


def test_a_share_that_is_away_is_reported_and_comes_back(desk: Desk, folder: Folder, path: Path) -> None:
    """With a sentence that names the folder; without a restart afterwards."""
    path.rmdir()
    with watching(folder(), desk):
        desk.wait(lambda: str(path) in desk.states[-1].trouble and not desk.states[-1].connected)
        path.mkdir()
        (path / "a.pdf").write_bytes(pdf())
        desk.wait(lambda: len(desk.taken) == 1)
        desk.wait(lambda: desk.states[-1].connected)


def test_a_share_that_hangs_is_reported(desk: Desk, folder: Folder, path: Path) -> None:
    """While the thread waits in the kernel, people are told; when the share answers again, work goes on."""
    answers = threading.Event()

    class HangingShare(ScanFolder):
        """Listing does not return."""

        def _sight(self, path: Path) -> Any:
            answers.wait()
            return super()._sight(path)

    (path / "a.pdf").write_bytes(pdf())
    with watching(folder(kind=HangingShare, hanging_seconds=0.2), desk):
        assert "не отговаря" in desk.states[0].trouble
        answers.set()
        desk.wait(lambda: len(desk.taken) == 1)


def test_one_bad_file_does_not_stop_the_others(desk: Desk, folder: Folder, path: Path) -> None:
    """Something that cannot be opened stands first in the list."""
    source = folder(kind=_Unreadable)
    (path / "a.pdf").write_bytes(pdf())
    (path / "b.pdf").write_bytes(pdf())
    assert source.look_once() == 1
    assert [incoming.file for incoming in desk.taken] == ["b.pdf"]
    assert "a.pdf" in desk.states[-1].trouble


class _Unreadable(ScanFolder):
    """Permissions do not bind a test that runs as root."""

    def _read(self, path: Path, sight: Any) -> Incoming | None:
        if path.name == "a.pdf":
            raise PermissionError(13, "Permission denied")
        return super()._read(path, sight)


def test_odd_names_are_taken(desk: Desk, folder: Folder, path: Path) -> None:
    """A name in windows-1251, one with a line break; and what is no file is passed over: a link, a pipe, Thumbs.db."""
    os.mkfifo(path / "pipe.pdf")
    (path / "link.pdf").symlink_to("/etc/hostname")
    (path / "Thumbs.db").write_bytes(b"windows")
    for name in ("жалба.pdf".encode("cp1251"), b"two\nlines.pdf"):
        Path(os.fsdecode(os.fsencode(path) + b"/" + name)).write_bytes(pdf())
    assert folder().look_once() == 2
    assert sorted(incoming.file for incoming in desk.taken) == ["\\xe6\\xe0\\xeb\\xe1\\xe0.pdf", "two\nlines.pdf"]
