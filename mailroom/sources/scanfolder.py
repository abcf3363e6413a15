"""Folders into which scanners write (home of watchfiles), with polling for network shares.

A file is taken when

1. its size and time have not changed for `stable_seconds`, seen by our own clock and not by the share's, and
2. its end is there (see complete.py) and its name is not one of those that programs give to unfinished files; or
3. it has not changed for a minute and is still not complete: then it is taken with a sentence, so that a person sees it
   rather than nobody.

A change that the kernel tells of is a hint; every look lists the folder anew. A file that is known already (we were
stopped between taking and moving it) is only moved. One that changed while it was being taken is left where it is and
taken again under its new key.
"""

import contextlib
import os
import stat
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from watchfiles import watch

from mailroom.config import LimitSettings, ScanFolderSettings, Settle
from mailroom.errors import TryAgain
from mailroom.model.arrival import Channel, Incoming
from mailroom.sources.complete import is_complete
from mailroom.sources.names import is_post, is_temporary, move_into, shown
from mailroom.sources.source import BackOff, Callbacks, Reporter

_PATIENCE_SECONDS = 60
_HANGING_SECONDS = 60
_TICK_SECONDS = 0.25
_MEGABYTE = 1 << 20
_BEGINNING_OCTETS = 1 << 18


@dataclass(frozen=True, kw_only=True)
class _Sight:
    """A file as it was when it last changed."""

    key: str
    size: int
    mtime_ns: int
    since: float
    """By the monotonic clock."""


class ScanFolder:
    """One folder and what is below it, without the folder into which taken files are moved."""

    def __init__(
        self, settings: ScanFolderSettings, callbacks: Callbacks, *, limits: LimitSettings, dry_run: bool = False,
        patience_seconds: float = _PATIENCE_SECONDS, hanging_seconds: float = _HANGING_SECONDS,
    ) -> None:
        self._settings = settings
        self._path = settings.path
        self._take = callbacks.take
        self._known = callbacks.known
        self._reporter = Reporter(settings.name, callbacks.report)
        self._limits = limits
        self._moves = settings.settle is Settle.MOVE and not dry_run
        self._patience_seconds = patience_seconds
        self._hanging_seconds = hanging_seconds
        self._sights: dict[Path, _Sight] = {}
        self._done: set[str] = set()
        """Keys that need nothing more: taken, and left where they are."""

    @property
    def name(self) -> str:
        """As configured."""
        return self._settings.name

    def run(self, stop: threading.Event) -> None:
        """Watch until told to stop."""
        back_off = BackOff()
        while not stop.is_set():
            try:
                with contextlib.closing(self._ticks(stop)) as ticks:
                    for _ in ticks:
                        self._look_and_report()
                        back_off.reset()
            except TryAgain:
                back_off.wait(stop)

    def look_once(self) -> int:
        """Take every file that is complete, after giving each the time to prove that it is stable. Raises TryAgain."""
        taken = self._look_and_report()
        if self._waiting():
            time.sleep(self._settings.stable_seconds)
            taken += self._look_and_report()
        return taken

    def list_keys(self) -> set[str]:
        """The keys of all files that lie in the folder now. Raises TryAgain."""
        with self._outside():
            return {sight.key for sight in self._list().values()}

    def _ticks(self, stop: threading.Event) -> Generator[None, None, None]:
        """Says when to look: at once, after a change, when a file may have become stable, when the poll is due."""
        yield
        looked_at = time.monotonic()
        for changed in self._changes(stop):
            since = time.monotonic() - looked_at
            due = self._settings.poll_seconds
            if self._waiting():
                due = min(due, max(self._settings.stable_seconds, _TICK_SECONDS))
            if changed or since >= due:
                yield
                looked_at = time.monotonic()

    def _changes(self, stop: threading.Event) -> Iterator[bool]:
        """Whether something has changed; at least every tick, until told to stop."""
        if not self._settings.polling:
            # No watch can be had (no inotify left, RuntimeError by watchfiles), or it has ended: poll instead.
            with contextlib.suppress(OSError, RuntimeError):
                for changes in watch(self._path, watch_filter=None, stop_event=stop, debounce=200, recursive=True,
                                     rust_timeout=int(_TICK_SECONDS * 1000), yield_on_timeout=True,
                                     raise_interrupt=False):
                    yield bool(changes)
        while not stop.wait(_TICK_SECONDS):
            yield False

    def _look_and_report(self) -> int:
        try:
            with self._outside():
                self._see()
        except TryAgain as trouble:
            self._reporter.failed(str(trouble))
            raise
        try:
            taken, troubles = self._look()
        except TryAgain as refusal:
            self._reporter.refused(str(refusal))
            raise
        self._reporter.looked(" ".join(troubles[:3]))
        return taken

    def _look(self) -> tuple[int, list[str]]:
        """Take and settle what is ready; one file's trouble does not keep the others waiting."""
        ready = {path: sight for path, sight in self._sights.items()
                 if sight.key not in self._done and self._age(sight) >= self._settings.stable_seconds}
        known = self._known(self.name, [sight.key for sight in ready.values()]) if ready else set()
        taken, troubles = 0, []
        for path, sight in ready.items():
            try:
                incoming = None if sight.key in known else self._read(path, sight)
                if incoming is None and sight.key not in known:
                    continue
                if incoming is not None:
                    self._take([incoming])
                    taken += 1
                self._settle(path, sight)
            except OSError as error:
                troubles.append(f"Файлът „{shown(path.relative_to(self._path))}“ не може да бъде прочетен или "
                                f"преместен ({error.strerror}). Опитваме отново.")
        return taken, troubles

    def _see(self) -> None:
        """List the folder, and remember since when each file has been as it is."""
        now = self._list()
        self._sights = {
            path: old if (old := self._sights.get(path)) and old.key == sight.key else sight
            for path, sight in now.items()
        }
        self._done &= {sight.key for sight in now.values()}

    def _list(self) -> dict[Path, _Sight]:
        """All files of the folder, in order of their names. Raises OSError."""
        with self._alarm():
            os.listdir(self._path)  # noqa: PTH208 - os.walk passes over a folder that it cannot read
            found = {}
            for folder, folders, names in os.walk(self._path):
                folders[:] = sorted(name for name in folders if Path(folder, name) != self._settle_folder)
                for name in sorted(names):
                    path = Path(folder, name)
                    sight = self._sight(path) if is_post(name) else None
                    if sight is not None:
                        found[path] = sight
            return found

    def _sight(self, path: Path) -> _Sight | None:
        """Null for what is no ordinary file, or has gone since it was listed."""
        try:
            facts = path.lstat()
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(facts.st_mode):
            return None
        key = f"{shown(path.relative_to(self._path))}/{facts.st_mtime_ns}/{facts.st_size}"
        return _Sight(key=key, size=facts.st_size, mtime_ns=facts.st_mtime_ns, since=time.monotonic())

    def _read(self, path: Path, sight: _Sight) -> Incoming | None:
        """The file, when it is ready or we have waited long enough; null when it is to be waited for."""
        fault = None
        with self._alarm(), path.open("rb") as file:
            if sight.size == 0:
                fault = "Файлът е празен (0 байта). Сканирайте писмото отново."
            elif is_temporary(path.name):
                fault = ("Името на файла показва, че записът му не е завършил. Проверете дали писмото е цяло и при "
                         "нужда го сканирайте отново.")
            elif not is_complete(file):
                fault = "Файлът няма край: записът му е прекъснал. Сканирайте писмото отново."
            if fault and self._age(sight) < self._patience_seconds:
                return None
            file.seek(0)
            if sight.size > self._largest:
                content = file.read(_BEGINNING_OCTETS)
                fault = (f"Файлът е {sight.size / _MEGABYTE:.0f} МБ, а се приемат най-много "
                         f"{self._limits.message_megabytes} МБ. Тук е само началото му; целият е в папката.")
            else:
                content = file.read(self._largest + 1)
        if not self._unchanged(path, sight):
            return None
        received_at = min(datetime.fromtimestamp(sight.mtime_ns / 1e9, UTC), datetime.now(UTC))
        return Incoming(source=self.name, key=sight.key, file=shown(path.relative_to(self._path)), content=content,
                        received_at=received_at, channel=Channel.PAPER, fault=fault)

    def _settle(self, path: Path, sight: _Sight) -> None:
        """Move a taken file away. One that is too large stays: its content is nowhere else."""
        if self._moves and sight.size <= self._largest:
            if self._unchanged(path, sight):
                with self._alarm():
                    move_into(path, self._settle_folder / path.parent.relative_to(self._path))
        else:
            self._done.add(sight.key)

    def _unchanged(self, path: Path, sight: _Sight) -> bool:
        now = self._sight(path)
        return now is not None and now.key == sight.key

    def _waiting(self) -> bool:
        """Whether a file is here that is not done with."""
        return any(sight.key not in self._done for sight in self._sights.values())

    def _age(self, sight: _Sight) -> float:
        return time.monotonic() - sight.since

    @property
    def _settle_folder(self) -> Path:
        return self._path / self._settings.settle_folder

    @property
    def _largest(self) -> int:
        return self._limits.message_megabytes * _MEGABYTE

    @contextlib.contextmanager
    def _alarm(self) -> Iterator[None]:
        """A share that hangs blocks this thread in the kernel; another one tells people of it."""
        sentence = f"Папката „{self._path}“ не отговаря. Проверете мрежата и сървъра ѝ; приемането продължава само."
        timer = threading.Timer(self._hanging_seconds, self._reporter.failed, args=(sentence,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    @contextlib.contextmanager
    def _outside(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise TryAgain(
                f"Папката „{self._path}“ не може да бъде прочетена ({error.strerror}). Опитваме отново."
            ) from error
