"""Reading, away from the service's own process: the one way in for everything that opens an original.

Pages wait for pages, never a mail for a scan, and a clerk who looks at a page for neither: each has its own processes.
"""

import math
import pkgutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from pebble import ProcessExpired, ProcessFuture

from mailroom.config import OcrSettings
from mailroom.logs import described
from mailroom.mediatype import EML, PDF, TIFF, media_type_of
from mailroom.model.arrival import Channel
from mailroom.model.letter import Letter, Page
from mailroom.reading.batch import letter_of
from mailroom.reading.confinement import landlock_version
from mailroom.reading.faults import fault, unique
from mailroom.reading.options import ReadingOptions
from mailroom.reading.processes import Processes

log = structlog.get_logger()

_WORK = "mailroom.reading.work"
_MAIL_PROCESSES = 1
_SHOWING_PROCESSES = 1
_SHOWING_SECONDS = 20
"""A clerk waits; what takes longer can be downloaded."""
_LOOK_AT = 1 << 16
_STOPPED = frozenset({"reader_timeout", "reader_died", "unreadable"})
_TOGETHER_SECONDS = 10
"""For mails that are read by one call; some hundred times what they take as a rule."""
_PAGES_AT_ONCE = 4
"""So many pages of a file are read by one process, in letter_seconds; the next four by whichever is free."""


class _Lent(NamedTuple):
    """An original, the path by which a worker opens it, and whose worker."""

    original: Path
    path: str
    processes: Processes


class Reader:
    """Reads originals. Safe to be called from several threads; close it at the end.

    `settings` gives the number of processes for scans, the memory and the time; mails have one process of their own.
    `trusted` is the folder with the certificates of trusted issuers.
    """

    def __init__(self, settings: OcrSettings, trusted: Path | None = None) -> None:
        self._options = ReadingOptions.from_settings(settings, trusted)
        self._seconds = settings.letter_seconds
        self._workers = settings.workers
        if not landlock_version():
            log.warning("reading_without_landlock")
        self._scans, self._mails, self._shown = (
            Processes(count=count, memory_megabytes=settings.memory_megabytes,
                      readable=() if trusted is None else (trusted,))
            for count in (settings.workers, _MAIL_PROCESSES, _SHOWING_PROCESSES))

    def read(self, original: Path, channel: Channel, part_pages: tuple[int, ...] | None = None) -> Letter:
        """The letter in this file. A process that dies or takes too long gives a letter with a fault, for a person.

        The pages of a scan are read side by side. Raises OSError when the file itself cannot be opened, and
        RuntimeError after close().
        """
        processes = self._mails if _media_type(original) == EML and channel is Channel.EMAIL else self._scans
        with processes.lend(original) as lent:
            return self._read_lent(_Lent(original, lent, processes), channel, part_pages)

    def read_mails(self, originals: Sequence[Path]) -> list[Letter] | None:
        """The letters in these small mails, by one call: to hand a mail over and take its letter back costs as much as
        reading it. Null when one of them is more than that call bears: each is then to be read by itself.

        Raises OSError and RuntimeError like `read`.
        """
        with ExitStack() as lent:
            paths = [lent.enter_context(self._mails.lend(original)) for original in originals]
            future = self._mails.run(in_worker, "read_mails", paths, self._options, seconds=_TOGETHER_SECONDS)
        if future.exception() is not None:
            return None
        letters: list[Letter] = future.result()
        return letters

    def _read_lent(self, file: "_Lent", channel: Channel, part_pages: tuple[int, ...] | None) -> Letter:
        pages = self._pages_to_divide(file, part_pages)
        if len(pages) < 2:
            return self._read_share(file, channel, part_pages)
        limit = self._options.max_pages
        letter = self._read_side_by_side(file, channel, pages[:limit])
        if len(pages) <= limit:
            return letter
        return letter.model_copy(update={"faults": unique([*letter.faults, fault("too_many_pages", limit=limit)])})

    def _pages_to_divide(self, file: "_Lent", part_pages: tuple[int, ...] | None) -> list[int]:
        """The pages of this file that several processes can read; none where one has to read all of it."""
        if _media_type(file.original) not in (PDF, TIFF):
            return []
        counted = file.processes.run(in_worker, "count_pages", file.path, seconds=self._seconds)
        count = 0 if counted.exception() is not None else counted.result()
        if part_pages is None:
            return list(range(1, count + 1))
        wanted = sorted(set(part_pages))
        return wanted if wanted and wanted[0] >= 1 and wanted[-1] <= count else []

    def _read_side_by_side(self, file: "_Lent", channel: Channel, pages: Sequence[int]) -> Letter:
        size = min(_PAGES_AT_ONCE, math.ceil(len(pages) / self._workers))
        shares = [tuple(pages[start:start + size]) for start in range(0, len(pages), size)]
        parts: list[Letter] = []
        with ThreadPoolExecutor(self._workers) as threads:
            begun = [threads.submit(self._read_share, file, channel, share) for share in shares]
            for reading in begun:
                parts.append(reading.result())
                if any(found.code in _STOPPED for found in parts[-1].faults):
                    threads.shutdown(wait=False, cancel_futures=True)
                    return parts[-1]
        return _joined(parts, lowest=self._options.legible_confidence)

    def _read_share(self, file: "_Lent", channel: Channel, pages: tuple[int, ...] | None) -> Letter:
        future: ProcessFuture[Letter] = file.processes.run(
            in_worker, "read_file", file.path, channel, self._options, pages, seconds=self._seconds)
        error = future.exception()
        if error is None:
            return future.result()
        if isinstance(error, TimeoutError):
            code = "reader_timeout"
        elif isinstance(error, ProcessExpired | MemoryError):
            code = "reader_died"
        else:
            # A defect of ours, which a person must hear of as well as the clerk who sees the letter.
            log.error("reading_failed", sha256=file.original.name, trouble=described(error))
            code = "unreadable"
        return Letter(channel=channel, media_type=_media_type(file.original), faults=(fault(code),), legible=False)

    def page_png(self, original: Path, number: int, *, attachment: str | None = None, rotation: int = 0,
                 width: int) -> bytes | None:
        """Page `number` (1-based) of a letter, or of the attachment with this SHA-256, as a grey PNG for people.

        Null when there is no such page, or when drawing it takes too much time or memory. Raises OSError like `read`.
        """
        with self._shown.lend(original) as path:
            return self._bytes("draw_page", path, number, attachment, rotation, width, self._options)

    def searchable_copy(self, pages: Sequence[tuple[Path, Page]]) -> bytes | None:
        """These pages, each of its original, as one PDF/A with their words behind the pictures, read a page at a time
        so that a letter that comes in meanwhile waits for one page at most. Null when a page cannot be copied.

        Raises OSError like `read`.
        """
        copied: list[bytes] = []
        for original, page in pages:
            with self._scans.lend(original) as path:
                future = self._scans.run(in_worker, "copy_page", path, page.number, page.rotation, self._options,
                                         seconds=self._seconds)
            sheet = None if future.exception() is not None else future.result()
            if sheet is None:
                return None
            copied.append(sheet)
        return self._bytes("as_pdf_a", copied) if copied else None

    def html_of(self, original: Path) -> str | None:
        """The HTML body of a mail as it was written; null where it has none. Never to be shown without cleaning."""
        with self._shown.lend(original) as path:
            shown = self._show("show_html", path)
        return None if shown is None else str(shown)

    def attachment(self, original: Path, sha256: str) -> bytes | None:
        """The octets of one file that came with a mail; null when it is not there."""
        with self._shown.lend(original) as path:
            return self._bytes("take_attachment", path, sha256)

    def _bytes(self, work: str, *arguments: object) -> bytes | None:
        shown = self._show(work, *arguments)
        return None if shown is None else bytes(shown)

    def _show(self, work: str, *arguments: object) -> Any:
        future = self._shown.run(in_worker, work, *arguments, seconds=_SHOWING_SECONDS)
        if isinstance(future.exception(), TimeoutError | ProcessExpired | MemoryError):
            return None
        return future.result()

    def close(self) -> None:
        """Stop the processes; what is being read is given up."""
        for processes in (self._scans, self._mails, self._shown):
            processes.close()


def _joined(parts: Sequence[Letter], *, lowest: float) -> Letter:
    """The letter of a file whose pages were read apart, in their order."""
    pages = tuple(page for part in parts for page in part.pages)
    faults = unique([found for part in parts for found in part.faults])
    return letter_of(parts[0].model_copy(update={"faults": faults}), pages, lowest=lowest)


def in_worker(work: str, *arguments: Any) -> Any:
    """In a reading process: do what work.py calls so.

    Only there is it loaded: the service holds no parser of strangers' files, and starts in two thirds of the time.
    """
    return pkgutil.resolve_name(f"{_WORK}:{work}")(*arguments)


def _media_type(original: Path) -> str:
    """Judged from the start of the file: enough to choose a queue."""
    with original.open("rb") as file:
        return media_type_of(file.read(_LOOK_AT))
