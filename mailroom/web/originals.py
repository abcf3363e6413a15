"""The originals: downloads, pictures of pages, and the HTML form of a mail made harmless.

A citizen's file is always a download of unnamed type, never shown by the browser as what it claims to be.
"""

import re
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from starlette.responses import Response

from mailroom.errors import BadRequest
from mailroom.model.item import Item
from mailroom.model.letter import Attachment, Page
from mailroom.reading.faults import has_virus
from mailroom.web.headers import FILE_POLICY, MAIL_POLICY
from mailroom.web.html_mail import harmless
from mailroom.web.render import page
from mailroom.web.rights import may_open_file, may_open_original
from mailroom.web.visit import NotHere, Visit

T = TypeVar("T")

SCREEN, CLOSE = 1240, 2480
"""Width of a page in pixels: 150 dpi of an A4 sheet to read, 300 to look closely."""
LOCKED = "В този файл има вирус и той не се дава. Нов файл може да се поиска от подателя."
_UNSAFE = re.compile(r"[\x00-\x1f\x7f<>:\"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def original(visit: Visit) -> Response:
    """One arrival's octets, unchanged."""
    item, wanted = _opened_file(visit), visit.path_id("arrival_id")
    arrival = _or_not_here(next((arrival for arrival in item.arrivals if arrival.id == wanted), None))
    try:
        return download(visit.office.store.originals.read(arrival.sha256), arrival.file)
    except FileNotFoundError as error:
        raise NotHere from error


def attachment(visit: Visit) -> Response:
    """One file that came with the mail."""
    item = _opened_file(visit)
    attached = _attached(visit, item)
    content = visit.office.reader.attachment(_path(visit, item), attached.sha256)
    return download(_or_not_here(content), attached.filename)


def page_picture(visit: Visit) -> Response:
    """A page of the scan, upright."""
    item = _opened(visit)
    return _picture(visit, item, item.letter.pages if item.letter else ())


def attached_page_picture(visit: Visit) -> Response:
    """A page of an attached scan, upright."""
    item = _opened(visit)
    attached = _attached(visit, item)
    return _picture(visit, item, attached.pages, attached.sha256)


def copy(visit: Visit) -> Response:
    """The searchable copy of the scan."""
    item = _opened(visit)
    sha256 = _or_not_here(item.copy_sha256)
    try:
        content = visit.office.store.originals.read(sha256)
    except FileNotFoundError as error:
        raise NotHere from error
    return download(content, f"{Path(item.arrivals[0].file).stem}-{item.part}.pdf")


def mail_html(visit: Visit) -> Response:
    """The HTML form of the mail, for the sandboxed frame of the item's page."""
    item = _opened(visit)
    source = visit.office.reader.html_of(_path(visit, item))
    shown = page("mail.html", body=harmless(source or "<p>Този имейл е само текст.</p>"))
    shown.headers["content-security-policy"] = MAIL_POLICY
    return shown


def download(content: bytes, name: str) -> Response:
    """Octets to be saved, under a name that no file system trips over (RFC 6266)."""
    return Response(content, media_type="application/octet-stream", headers={
        "content-disposition": f"attachment; filename*=UTF-8''{quote(safe_name(name), safe='')}",
        "content-security-policy": FILE_POLICY})


def safe_name(name: str) -> str:
    """The file's own name without folders, control signs, signs that turn the reading direction, and leading dots."""
    cleaned = _UNSAFE.sub("_", name).strip(" .")
    return cleaned[-120:].lstrip(" .") or "file"


def _opened(visit: Visit) -> Item:
    """The item whose original may be shown. Raises NotHere."""
    item = visit.item()
    if not may_open_original(item):
        raise NotHere
    return item


def _opened_file(visit: Visit) -> Item:
    """The item whose file may be handed out whole, with every letter in it. Raises NotHere, and BadRequest for a file
    with a virus, which nobody gets."""
    item = _opened(visit)
    with visit.office.store.reading() as register:
        siblings = [register.items.get(sibling) for sibling in register.items.siblings(item.id)]
    if not may_open_file(visit.staff, siblings, visit.office.pack):
        raise NotHere
    if any(has_virus(one.letter) for one in (item, *siblings) if one):
        raise BadRequest(LOCKED)
    return item


def _path(visit: Visit, item: Item, sha256: str = "") -> Path:
    """Where the original lies, or this file of a paper that was scanned later."""
    path = visit.office.store.originals.path(sha256 or item.arrivals[0].sha256)
    if not path.is_file():
        raise NotHere
    return path


def _attached(visit: Visit, item: Item) -> Attachment:
    wanted = str(visit.request.path_params["sha256"])
    return _or_not_here(next((a for a in (item.letter.attachments if item.letter else ()) if a.sha256 == wanted), None))


def _picture(visit: Visit, item: Item, pages: tuple[Page, ...], attachment: str | None = None) -> Response:
    number = visit.path_id("number")
    wanted = _or_not_here(next((page for page in pages if page.number == number), None))
    sha256, in_file = ("", number) if attachment else item.sheet(number)
    png = visit.office.reader.page_png(_path(visit, item, sha256), in_file, attachment=attachment,
                                       rotation=wanted.rotation, width=CLOSE if visit.asked("close") else SCREEN)
    return Response(_or_not_here(png), media_type="image/png", headers={"content-disposition": "inline"})


def _or_not_here(value: T | None) -> T:
    if value is None:
        raise NotHere
    return value
