"""Maildirs: mail that a server on this machine has already delivered.

A message lies in new/ or, once a mail program has seen it, in cur/; both are taken alike. It appears there by a rename
and is therefore complete. Its key is the unique name without the flags after the colon, which does not change when a
mail program moves or marks it. Messages are settled into the subfolder `.Registered` (Maildir++).
"""

import threading
from datetime import UTC, datetime
from pathlib import Path

from mailroom.config import LimitSettings, MaildirSettings, Settle
from mailroom.errors import TryAgain
from mailroom.model.arrival import Channel, Incoming
from mailroom.sources.names import shown
from mailroom.sources.source import BackOff, Callbacks, Reporter

SETTLE_FOLDER = ".Registered"
_PLACES = ("new", "cur")
_MEGABYTE = 1 << 20
_BEGINNING_OCTETS = 1 << 18


class Maildir:
    """One Maildir; its subfolders are not watched."""

    def __init__(
        self, settings: MaildirSettings, callbacks: Callbacks, *, limits: LimitSettings, dry_run: bool = False
    ) -> None:
        self._settings = settings
        self._take = callbacks.take
        self._known = callbacks.known
        self._reporter = Reporter(settings.name, callbacks.report)
        self._limits = limits
        self._moves = settings.settle is Settle.MOVE and not dry_run
        self._done: set[str] = set()
        """Keys that need nothing more: taken, and left where they are."""

    @property
    def name(self) -> str:
        """As configured."""
        return self._settings.name

    def run(self, stop: threading.Event) -> None:
        """Look every `poll_seconds` until told to stop."""
        back_off = BackOff()
        while not stop.is_set():
            try:
                self.look_once()
            except TryAgain:
                back_off.wait(stop)
            else:
                back_off.reset()
                stop.wait(self._settings.poll_seconds)

    def look_once(self) -> int:
        """Take everything new; how many. Raises TryAgain."""
        try:
            found = self._list()
        except TryAgain as trouble:
            self._reporter.failed(str(trouble))
            raise
        self._done &= found.keys()
        open_keys = found.keys() - self._done
        known = self._known(self.name, list(open_keys)) if open_keys else set()
        taken, troubles = 0, []
        for key in sorted(open_keys):
            try:
                incoming = None if key in known else self._read(key, found[key])
                if incoming is not None:
                    self._take([incoming])
                    taken += 1
                self._settle(key, found[key])
            except FileNotFoundError:
                continue  # a mail program has moved it: the next look finds it under its new name
            except OSError as error:
                troubles.append(f"Писмото „{key}“ не може да бъде прочетено или преместено ({error.strerror}). "
                                "Опитваме отново.")
            except TryAgain as refusal:
                self._reporter.refused(str(refusal))
                raise
        self._reporter.looked(" ".join(troubles[:3]))
        return taken

    def list_keys(self) -> set[str]:
        """The keys of all messages that lie here now. Raises TryAgain."""
        return set(self._list())

    def _list(self) -> dict[str, Path]:
        """Key → path, of both places. Raises TryAgain."""
        try:
            paths = [path for place in _PLACES for path in (self._settings.path / place).iterdir()]
        except OSError as error:
            raise TryAgain(
                f"Пощенската папка „{self._settings.path}“ не може да бъде прочетена ({error.strerror}). "
                "Опитваме отново."
            ) from error
        return {shown(Path(path.name.partition(":")[0])): path for path in paths if not path.name.startswith(".")}

    def _read(self, key: str, path: Path) -> Incoming:
        fault = None
        with path.open("rb") as file:
            facts = path.stat()
            largest = self._largest
            if facts.st_size > largest:
                content = file.read(_BEGINNING_OCTETS)
                fault = (f"Писмото е {facts.st_size / _MEGABYTE:.0f} МБ, а се приемат най-много "
                         f"{self._limits.message_megabytes} МБ. Тук е само началото му; цялото е в „{self.name}“.")
            else:
                content = file.read()
        return Incoming(source=self.name, key=key, file=f"{key.removesuffix('.eml')}.eml", content=content,
                        channel=Channel.EMAIL, received_at=datetime.fromtimestamp(facts.st_mtime, UTC), fault=fault)

    def _settle(self, key: str, path: Path) -> None:
        """Move a taken message, keeping its place and its flags. One that is too large stays where it is."""
        if not self._moves or path.stat().st_size > self._largest:
            self._done.add(key)
            return
        folder = self._settings.path / SETTLE_FOLDER
        for place in ("tmp", *_PLACES):
            (folder / place).mkdir(parents=True, exist_ok=True)
        (folder / "maildirfolder").touch()
        path.rename(folder / path.parent.name / path.name)  # names in a Maildir are unique for ever

    @property
    def _largest(self) -> int:
        return self._limits.message_megabytes * _MEGABYTE
