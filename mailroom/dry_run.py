"""A dry run: the service beside the real mailboxes, for a week or as long as one likes, with nothing done to anybody.

It has a register, originals and print runs of its own in `dry-run/` of the data directory, with copies of the staff's
log-ins; so it goes on where it was after a restart, and is thrown away by removing one folder. Mailboxes are opened for
reading only (EXAMINE, RFC 3501 6.3.2), scanned files stay where they are, every letter is written and held.
"""

import fcntl
import os
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from mailroom.config import Settings
from mailroom.datadir import private_folder
from mailroom.errors import BadRequest, Misconfigured
from mailroom.model.base import MACHINE
from mailroom.model.dry_run import DryDay
from mailroom.office import Office, open_office
from mailroom.store.backup import REGISTER, copy_database
from mailroom.store.store import Store

FOLDER = "dry-run"
WOULD_LEAVE = "Пробен режим: писмото щеше да тръгне."
"""Why a letter is held that nothing else keeps."""
_LOCK = ".lock"
_SHARED = ("lexicon", "certificates")
"""Folders of the data directory that are read in a dry run too."""

Known = Callable[[str, Collection[str]], set[str]]


def folder_of(settings: Settings) -> Path:
    """Where a dry run keeps everything."""
    return settings.data_dir / FOLDER


def open_dry_office(settings: Settings, folder: Path) -> Office:
    """An office with a register of its own in `folder`, from which nothing leaves. Raises Misconfigured."""
    private_folder(folder)
    for name in _SHARED:
        if (settings.data_dir / name).is_dir() and not (folder / name).exists():
            (folder / name).symlink_to(settings.data_dir / name)
    outgoing = settings.outgoing.model_copy(update={"enabled": False})
    dry = settings.model_copy(update={"data_dir": folder, "database_url": "", "outgoing": outgoing})
    return replace(open_office(dry), dry_run=True, letters_off_reason=WOULD_LEAVE)


@contextmanager
def alone(settings: Settings) -> Iterator[Path]:
    """The dry run's folder, and nobody else at it. Raises BadRequest while another process works there."""
    folder = folder_of(settings)
    private_folder(folder)
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BadRequest("a dry run is at work here: stop „mailroom run --dry-run“ first") from error
        yield folder
    finally:
        os.close(descriptor)


def real_register(settings: Settings) -> Store | None:
    """The real register, as it is: nothing brings its schema up to date here. Null where there is none yet."""
    if not settings.database_url and not (settings.data_dir / REGISTER).exists():
        return None
    return Store(settings.url, settings.originals_dir)


def take_staff_along(real: Store | None, dry: Store) -> None:
    """Whoever can log in really can log in here, as of now. Raises Misconfigured for a register of before."""
    if real is None:
        return
    if not real.is_current():
        raise Misconfigured("the real register has another schema than this version needs: „mailroom upgrade“ first")
    with real.reading() as there, dry.transaction() as here:
        here.people.copy_from(there.people)


def known_in(*stores: Store | None) -> Known:
    """What lies in one of these registers is not taken in again."""
    def known(source: str, keys: Collection[str]) -> set[str]:
        found: set[str] = set()
        for store in filter(None, stores):
            with store.reading() as register:
                found |= register.arrivals.known(source, keys)
        return found

    return known


# ---- what it has shown ----------------------------------------------------------------------------------------------


def days_of(store: Store) -> tuple[DryDay, ...]:
    """Each day with its letters, the latest first."""
    with store.reading() as register:
        letters, outgoing = register.dry_runs.letters(), register.dry_runs.outgoing(WOULD_LEAVE)
    days = sorted({day for day, *_ in letters}, reverse=True)
    return tuple(_day(day, [letter[1:] for letter in letters if letter[0] == day],
                      [alone_kept for on, alone_kept in outgoing if on == day]) for day in days)


def _day(day: date, letters: list[tuple[str | None, bool, str | None]], outgoing: list[bool]) -> DryDay:
    kinds = Counter(kind for kind, _, _ in letters if kind)
    filtered = Counter(reason for _, _, reason in letters if reason)
    return DryDay(
        day=day, came=len(letters), registered=kinds.total(), kinds=dict(kinds.most_common()),
        for_a_person=sum(bool(kind) and decides for kind, decides, _ in letters), filtered=dict(filtered.most_common()),
        unfinished=len(letters) - kinds.total() - filtered.total(), answered=sum(outgoing),
        held=len(outgoing) - sum(outgoing))


# ---- its end --------------------------------------------------------------------------------------------------------


def discard(settings: Settings) -> None:
    """Throw everything away that the dry run has made. Raises BadRequest while it is at work, or was none."""
    _must_be_there(settings)
    with alone(settings) as folder:
        shutil.rmtree(folder)


def go_live(settings: Settings) -> Path:
    """What the dry run has registered becomes the register; every letter that it wrote stays held, for a person to let
    go or to cancel. The file in which the register of before is kept.

    Only where the real register has no letter yet: two series of numbers cannot be one. Raises BadRequest,
    Misconfigured.
    """
    if settings.database_url:
        raise Misconfigured("database_url: a dry run keeps an SQLite register: discard it, and let „mailroom run“ take "
                            "the letters in from the mailboxes")
    _must_be_there(settings)
    with alone(settings) as folder:
        _refuse_a_register_in_use(settings)
        _note_going_live(settings, folder)
        _move_originals(folder / "originals", settings.originals_dir)
        kept = _exchange(folder / REGISTER, settings.data_dir / REGISTER)
        shutil.rmtree(folder)
    return kept


def _must_be_there(settings: Settings) -> None:
    if not (folder_of(settings) / REGISTER).exists():
        raise BadRequest(f"{folder_of(settings)}: there is no dry run: „mailroom run --dry-run“ begins one")


def _refuse_a_register_in_use(settings: Settings) -> None:
    real = real_register(settings)
    if real is None:
        return
    with real.reading() as register:
        letters = register.vitals.total_items()
    real.close()
    if letters:
        raise BadRequest("the real register has letters already: two series of numbers cannot be one. Discard the dry "
                         "run; „mailroom run“ takes what lies in the mailboxes in")


def _note_going_live(settings: Settings, folder: Path) -> None:
    store = Store(f"sqlite:///{folder / REGISTER}", settings.originals_dir)
    with store.transaction() as register:
        register.history.note("went_live", who=MACHINE, at=datetime.now(UTC))
    store.close()


def _move_originals(source: Path, target: Path) -> None:
    """Each under its own name; after a crash the rest."""
    for path in sorted(source.rglob("*")) if source.is_dir() else ():
        if path.is_file():
            moved = target / path.relative_to(source)
            moved.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.rename(moved)


def _exchange(dry: Path, real: Path) -> Path:
    """The dry run's register takes the real one's place in one rename."""
    kept = real.with_name(f"register-before-go-live-{datetime.now(UTC):%Y%m%dT%H%M%S}.db")
    fresh = real.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    copy_database(dry, fresh)
    fresh.chmod(0o600)
    if real.exists():
        copy_database(real, kept)
        kept.chmod(0o600)
        for leftover in real.parent.glob(f"{real.name}-*"):
            leftover.unlink()
    fresh.rename(real)
    return kept
