"""What `mailroom check` sees in the settings by themselves: what would hurt only later, in the night or in an alarm.

Each function yields sentences that name the setting, what is wrong with it, and what to do.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel

from mailroom.charter.pack import load_pack
from mailroom.config import Settings, secret
from mailroom.errors import Misconfigured
from mailroom.model.checked import Finding
from mailroom.store.encryption import check_recipients

_ASKED_ELSEWHERE = ("mailboxes", "smtp")
"""Their passwords are tried by logging in."""
_ON_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def settings_by_themselves(settings: Settings) -> Iterator[Finding]:
    """A finding for each fault; one that all is well where there is none. And what nobody looks for."""
    faults = [*_secrets(settings), *_addresses(settings), *_links(settings), *_ports(settings), *_folders(settings),
              *_backups(settings), *_ways(settings), *_grants(settings)]
    for fault in faults:
        yield Finding(what="settings", ok=False, remedy=fault)
    if not faults:
        yield Finding(what="settings", ok=True, remedy="addresses, ports, folders and names of secrets agree")
    if settings.mailboxes:
        yield _forged_senders(settings.outgoing.trusted_authserv_id)


def _forged_senders(trusted: str) -> Finding:
    return Finding(what="forged senders", ok=True, remedy=f"as {trusted} says" if trusted else (
        "nobody is known to be one: write the name that your mail server puts into Authentication-Results as "
        "trusted_authserv_id of [outgoing]"))


def _secrets(settings: Settings) -> Iterator[str]:
    """Those that are asked for only when they are needed."""
    for place, name in _named_secrets(settings):
        if not place.startswith(_ASKED_ELSEWHERE):
            try:
                secret(name)
            except Misconfigured as error:
                yield f"{place}: {error}"


def _named_secrets(section: BaseModel, place: str = "") -> Iterator[tuple[str, str]]:
    for name in type(section).model_fields:
        value, here = getattr(section, name), f"{place}{name}"
        if isinstance(value, BaseModel):
            yield from _named_secrets(value, f"{here}.")
        elif isinstance(value, str) and value and name.endswith("_secret"):
            yield here, value


def _addresses(settings: Settings) -> Iterator[str]:
    outgoing, troubles = settings.outgoing, settings.troubles
    for place, addresses in (
            ("outgoing.from_address", (outgoing.from_address,)), ("outgoing.own_addresses", outgoing.own_addresses),
            ("digest.recipients", settings.digest.recipients), ("alerts.recipients", settings.alerts.recipients),
            ("troubles.recipients", troubles.recipients), ("troubles.from_address", (troubles.from_address,))):
        for address in filter(None, addresses):
            name, at, domain = address.rpartition("@")
            if not (name and at and "." in domain) or set(address) & set(" <>,;"):
                yield f"{place}: „{address}“ is no mail address: write it as name@example.bg, nothing around it"


def _links(settings: Settings) -> Iterator[str]:
    web = settings.web
    for place, address in (("web.staff_url", web.staff_url), ("web.public_url", web.public_url)):
        parts = urlsplit(address)
        if address and (parts.scheme not in ("https", "http") or not parts.hostname):
            yield f"{place}: „{address}“ leads nowhere from a letter: begin it with https://"
    staff = urlsplit(web.staff_url)
    if staff.scheme == "http" and web.secure_cookies and staff.hostname not in _ON_THIS_MACHINE:
        yield (f"web.staff_url: by „{web.staff_url}“ nobody could log in, since browsers keep our cookie for https "
               "alone: put a proxy with TLS before the pages and write https://")


def _ports(settings: Settings) -> Iterator[str]:
    web, metrics = settings.web, settings.metrics
    if web.port and (web.host, web.port) == (web.public_host, web.public_port):
        yield f"web.public_port: {web.port} is that of the staff's pages: give the citizens' page another one"
    if metrics.port and (metrics.host, metrics.port) in ((web.host, web.port), (web.public_host, web.public_port)):
        yield f"metrics.port: {metrics.port} is that of a page: give the figures another one"


def _folders(settings: Settings) -> Iterator[str]:
    for place, folder in (("rules_dir", settings.rules_dir), ("templates_dir", settings.templates_dir)):
        if folder and not folder.is_dir():
            yield f"{place}: {folder} is no folder: make it, or take the line out"
    log = settings.logs.file
    if log and not _may_write(log if log.exists() else log.parent):
        yield (f"logs.file: we may not write {log}: let our user write into {log.parent} (and name it in "
               "ReadWritePaths= of the unit)")
    seen: dict[Path, str] = {}
    watched = [*((one.name, one.path) for one in settings.maildirs),
               *((one.name, one.path) for one in settings.scan_folders)]
    for name, path in watched:
        other = seen.setdefault(path.resolve(), name)
        if other != name:
            yield f"„{other}“ and „{name}“ are one folder, {path}: every letter would come twice: take one of them out"


def _backups(settings: Settings) -> Iterator[str]:
    folder = settings.backup.folder
    if folder and not folder.is_dir():
        yield f"backup.folder: {folder} is no folder: install -d -m 700 -o mailroom -g mailroom {folder}"
    elif folder and not _may_write(folder):
        yield f"backup.folder: we may not write into {folder}: chown mailroom: {folder}"
    try:
        check_recipients(settings.backup.recipients)
    except Misconfigured as error:
        yield f"backup.recipients: {error}"


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK)


def _ways(settings: Settings) -> Iterator[str]:
    """By which troubles are told: nobody would hear that they do not go."""
    command = settings.troubles.command
    if command and shutil.which(command[0]) is None:
        yield f"troubles.command: {command[0]} is no program that we may run: correct it, or chmod a+x {command[0]}"


def _grants(settings: Settings) -> Iterator[str]:
    try:
        known = {department.id for department in load_pack(settings.rules, settings.charter).departments}
    except Misconfigured:
        return  # told of the charter
    for grant in settings.oidc.grants if settings.oidc else ():
        if grant.department and grant.department not in known:
            yield (f"oidc.grants: there is no department „{grant.department}“ in the rule pack: one of "
                   f"{', '.join(sorted(known))}")
