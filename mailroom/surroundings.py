"""What `mailroom check` looks at outside the register: the machine, its clock and fonts, folders, certificates.

Each function gives its findings and raises nothing: what cannot be looked at from here is said to be so.
"""

import json
import os
import secrets
import shutil
import ssl
import stat
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from mailroom.antivirus import Antivirus
from mailroom.config import CONFIG_NAME, ScanFolderSettings, Server, Settings, Settle
from mailroom.expiry import Protocol, expires, expires_at
from mailroom.model.base import SOFIA, day_of
from mailroom.model.checked import Finding
from mailroom.reading.confinement import landlock_version
from mailroom.registration.calendar import WorkingCalendar
from mailroom.store.store import Store

_SOON = timedelta(days=21)
"""A certificate that ends within so long is to be renewed now."""
_SECONDS = 15
_REST_MEGABYTES = 1000
"""What the service needs beside its reading processes."""
_LEAST_MEGABYTES = 1000
"""Of addresses: the libraries of a reading process alone take 600."""
_MEGABYTE = 1 << 20
_FONTS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_FAMILIES = {"DejaVuSans": "fonts-dejavu-core", "LiberationMono": "fonts-liberation2"}
"""Families in which letters and sheets are set → their packages."""
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def machine(settings: Settings) -> Iterator[Finding]:
    """Cores and memory against the settings, clock, time zone, fonts."""
    yield _cores(settings)
    yield _memory(settings)
    yield _clock()
    yield _time_zone()
    yield _fonts()


def _cores(settings: Settings) -> Finding:
    cores = len(os.sched_getaffinity(0))
    workers = settings.ocr.workers
    seen = f"{workers} reading processes, {cores} cores"
    if workers > cores:
        return Finding(what="cores", ok=False, remedy=f"{seen}: set [ocr] workers = {cores}, more are slower together")
    return Finding(what="cores", ok=True, remedy=seen)


def _memory(settings: Settings) -> Finding:
    there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // _MEGABYTE
    if _CGROUP_LIMIT.is_file() and (limit := _CGROUP_LIMIT.read_text("ascii").strip()).isdigit():
        there = min(there, int(limit) // _MEGABYTE)
    needed = settings.ocr.workers * settings.ocr.memory_megabytes + _REST_MEGABYTES
    seen = f"{there} MB; {settings.ocr.workers} reading processes of {settings.ocr.memory_megabytes} MB and the rest " \
           f"need up to {needed}"
    if settings.ocr.memory_megabytes < _LEAST_MEGABYTES:
        return Finding(what="memory", ok=False, remedy=(
            f"[ocr] memory_megabytes = {settings.ocr.memory_megabytes}: no page can be read with so little: set 1500"))
    if there < needed:
        return Finding(what="memory", ok=False, remedy=f"{seen}: lower [ocr] workers, or give the machine more")
    return Finding(what="memory", ok=True, remedy=seen)


def _clock() -> Finding:
    """What systemd says of it; where nothing can be asked, that is said."""
    what = "clock"
    try:
        asked = subprocess.run(["timedatectl", "show", "--property=NTPSynchronized", "--value"], check=True, text=True,
                               capture_output=True, timeout=_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return Finding(what=what, ok=True, remedy="whether it is kept right cannot be asked here (timedatectl)")
    if asked.stdout.strip() == "yes":
        return Finding(what=what, ok=True, remedy="kept right by a time server")
    return Finding(what=what, ok=False, remedy=(
        "not kept right by a time server: terms and codes hang on it: apt-get install systemd-timesyncd, then "
        "timedatectl set-ntp true"))


def _time_zone() -> Finding:
    winter, summer = (datetime(2026, month, 15, tzinfo=SOFIA).utcoffset() for month in (1, 7))
    ok = (winter, summer) == (timedelta(hours=2), timedelta(hours=3))
    return Finding(what="time zone data", ok=ok, remedy=(
        "Europe/Sofia" if ok else "Europe/Sofia is wrong: apt-get install --reinstall tzdata"))


def _fonts() -> Finding:
    missing = [package for family, package in _FAMILIES.items()
               if not any(next(folder.rglob(f"{family}*"), None) for folder in _FONTS if folder.is_dir())]
    if missing:
        return Finding(what="fonts", ok=False, remedy=f"letters would lack characters: apt-get install "
                                                      f"{' '.join(missing)}")
    return Finding(what="fonts", ok=True, remedy=", ".join(_FAMILIES))


def calendar(working: WorkingCalendar, today: date) -> Finding:
    """Whether the coming year is known: terms run into it."""
    year = today.year + 1
    holidays = working.holidays_of(year)
    if not holidays:
        return Finding(what="calendar", ok=False, remedy=f"the holidays of {year} are not known: update the program")
    return Finding(what="calendar", ok=True, remedy=(
        f"{len(holidays)} holidays in {year}; days that the government declares non-working belong into "
        "extra_non_working"))


# ---- folders --------------------------------------------------------------------------------------------------------


def folders(settings: Settings) -> Iterator[Finding]:
    """Who may read what is kept, and whether scans can be taken."""
    yield _closed(settings)
    for scanner in settings.scan_folders:
        yield _scan_folder(scanner)


def _closed(settings: Settings) -> Finding:
    """Letters, configuration and register are for the service alone."""
    what = "permissions"
    open_to_others = [path for path in (settings.data_dir, settings.data_dir / CONFIG_NAME, settings.originals_dir,
                                        settings.data_dir / "register.db")
                      if path.exists() and path.stat().st_mode & (stat.S_IRWXO | stat.S_IWGRP)]
    if open_to_others:
        names = " ".join(str(path) for path in open_to_others)
        return Finding(what=what, ok=False, remedy=f"others may read or change citizens' letters: chmod o=,g-w {names}")
    if not os.access(settings.data_dir, os.W_OK):
        return Finding(what=what, ok=False, remedy=(
            f"we may not write into {settings.data_dir}: run this as the service's user (sudo -u mailroom …), or "
            "chown -R mailroom: it"))
    return Finding(what=what, ok=True, remedy=f"{settings.data_dir} is closed to others")


def _scan_folder(scanner: ScanFolderSettings) -> Finding:
    """Tried for real: of a network share the permission bits say little."""
    what, probe = f"scan folder {scanner.name}", f".mailroom-check-{secrets.token_hex(4)}.tmp"
    try:
        os.listdir(scanner.path)  # noqa: PTH208 - raises where it cannot be read
        if scanner.settle is Settle.MOVE:
            _try_move(scanner.path / probe, scanner.path / scanner.settle_folder)
    except OSError as error:
        return Finding(what=what, ok=False, remedy=(
            f"{error.filename or scanner.path}: {error.strerror}: mount it, and let our user read it"
            f"{' and move files in it' if scanner.settle is Settle.MOVE else ''} (and name it in ReadWritePaths= of "
            "the unit)"))
    return Finding(what=what, ok=True, remedy=(
        "can be read, and files moved" if scanner.settle is Settle.MOVE else "can be read"))


def _try_move(probe: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    moved = folder / probe.name
    probe.touch(exist_ok=False)
    try:
        probe.rename(moved)
    finally:
        probe.unlink(missing_ok=True)
        moved.unlink(missing_ok=True)


# ---- certificates, and who else must answer -------------------------------------------------------------------------


def certificates(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Of the mail servers, and of our own pages behind their proxy."""
    servers: list[tuple[str, Server, Protocol]] = [
        (f"certificate of {mailbox.name}", mailbox, Protocol.IMAP) for mailbox in settings.mailboxes]
    for name, smtp in (("outgoing mail", settings.smtp), ("[troubles.smtp]", settings.troubles.smtp)):
        if smtp:
            servers.append((f"certificate of {name}", smtp, Protocol.SMTP))
    for what, server, protocol in servers:
        try:
            yield _expiry(what, expires(server, protocol), now)
        except OSError as error:
            yield _not_seen(what, error)
    for address in filter(None, (settings.web.staff_url, settings.web.public_url)):
        yield from _own_page(address, now)


def _own_page(address: str, now: datetime) -> Iterator[Finding]:
    place = urlsplit(address)
    if place.scheme != "https" or place.hostname is None:
        return
    what = f"certificate of {place.hostname}"
    try:
        yield _expiry(what, expires_at(place.hostname, place.port or 443), now)
    except OSError as error:
        yield _not_seen(what, error)


def _not_seen(what: str, error: OSError) -> Finding:
    """A server that does not answer is told elsewhere, and our own pages may not be seen from inside."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Finding(what=what, ok=False, remedy=f"not trusted: {error.verify_message}: renew it, or name its "
                                                   "authority in ca_file")
    return Finding(what=what, ok=True, remedy=f"cannot be looked at from here: {error}")


def _expiry(what: str, ends: datetime | None, now: datetime) -> Finding:
    if ends is None:
        return Finding(what=what, ok=True, remedy="none: without TLS, on this machine")
    ok = ends - now > _SOON
    seen = f"valid until {day_of(ends)}"
    return Finding(what=what, ok=ok, remedy=seen if ok else f"{seen}: renew it now, or mail stops on that day")


def single_sign_on(settings: Settings) -> Iterator[Finding]:
    """Whether the provider answers, and is the one that is named (OpenID Connect Discovery 1.0, 4.3)."""
    if settings.oidc is None:
        return
    issuer = settings.oidc.issuer.rstrip("/")
    try:
        with urlopen(f"{issuer}/.well-known/openid-configuration", timeout=_SECONDS) as answer:
            said = json.load(answer)
    except (URLError, OSError, ValueError) as error:
        yield Finding(what="single sign-on", ok=False, remedy=(
            f"{issuer} does not answer as a provider: {error}: correct [oidc] issuer; passwords still open"))
        return
    told = str(said.get("issuer", "")).rstrip("/")
    yield Finding(what="single sign-on", ok=told == issuer, remedy=(
        issuer if told == issuer else f"the provider calls itself {told}: write that as [oidc] issuer"))


def disk(settings: Settings, days_left: int | None) -> Finding:
    """Room now, and how long it lasts at the pace of the last weeks."""
    free = shutil.disk_usage(settings.data_dir).free // _MEGABYTE
    limits = settings.troubles
    seen = f"{free} MB free" + ("" if days_left is None else f", enough for about {days_left} days at the present pace")
    ok = free >= limits.disk_megabytes and (days_left is None or days_left >= limits.disk_days)
    return Finding(what="disk of the data directory", ok=ok, remedy=seen if ok else (
        f"{seen}; wanted are {limits.disk_megabytes} MB and {limits.disk_days} days ([troubles]): make room on "
        f"{settings.data_dir}"))


def originals(store: Store) -> Finding:
    """Whether the folder of originals is the one of this register."""
    store.recognise_originals()
    trouble = store.originals.trouble_within(_SECONDS)
    return Finding(what="originals", ok=not trouble, remedy=(
        f"{trouble}; until then no letter is taken in" if trouble else str(store.originals.folder)))


def newest_is_of_the_future(newest: datetime, now: datetime) -> str:
    """Against a mail server's clock: a letter that has come later than now; empty where it has not."""
    ahead = newest.astimezone(UTC) - now
    return f"its newest letter is {int(ahead.total_seconds())} s in our future: one of the clocks is wrong" \
        if ahead > timedelta(minutes=2) else ""


def antivirus(settings: Settings) -> Finding:
    """Whether somebody looks for viruses in what comes in."""
    what, clamd = "antivirus", Antivirus(settings.antivirus)
    if not clamd.wanted:
        return Finding(what=what, ok=True, remedy=(
            "none: nobody looks for viruses in what comes in; apt-get install clamav-daemon, or [antivirus] socket"))
    remedy = f"clamd does not answer at {settings.antivirus.socket}: systemctl status clamav-daemon"
    ok = clamd.answers()
    return Finding(what=what, ok=ok, remedy=settings.antivirus.socket if ok else remedy)


def confinement() -> Finding:
    """How far strangers' files are kept from everything else while they are read; less is no reason not to run."""
    version = landlock_version()
    seen = (f"own limits, seccomp and Landlock (version {version})" if version else
            "own limits and seccomp, but this kernel has no Landlock: a file that takes a reading process over could "
            "read what the service can; use Linux 5.13 or newer with „landlock“ in /sys/kernel/security/lsm, and units "
            "that allow its calls")
    return Finding(what="reading processes", ok=True, remedy=seen)
