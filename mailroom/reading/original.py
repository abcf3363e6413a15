"""An original as people look at it: a page as a picture, a scan with its words behind it, a mail's HTML.

Pure; reader.py runs it in a process of its own.
"""

import email
from collections.abc import Iterator
from email.message import Message

from PIL import Image

from mailroom.mediatype import EML, PDF, SCAN_TYPES, media_type_of
from mailroom.model.letter import Fault
from mailroom.reading.charset import decode
from mailroom.reading.email import mail_from_msg, parse_mail
from mailroom.reading.image import pictures_of, png_of, straightened, to_reading_size, turned
from mailroom.reading.letter import attachment_bytes
from mailroom.reading.options import ReadingOptions
from mailroom.reading.pdf import page_picture
from mailroom.reading.scans import count_pages, scans_of
from mailroom.reading.searchable import pdf_page
from mailroom.reading.signatures import signed_content

_COPY_WIDTH = 2480
"""Pixels of an A4 page's width at 300 dpi."""
_OPAQUE = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_LARGEST_HTML = 2_000_000
"""Characters of HTML shown; what is longer is cut and can be downloaded."""


def page_png(content: bytes, number: int, *, sha256: str | None, rotation: int, width: int, pixels: int,
             max_pages: int) -> bytes | None:
    """Page `number` (1-based) of a letter as a grey PNG, `width` pixels wide; null when there is no such page.

    `sha256` names an attachment; null means the letter itself, which may be a mail with scans in it: their pages are
    counted through, as in reading. `rotation` degrees clockwise set it upright. `pixels` caps a stored picture.
    """
    if sha256 is not None:
        attached = attachment_bytes(content, sha256)
        files = [] if attached is None else [attached]
    else:
        files = list(_scans_in(content))
    picture = _page_of(files, number, width=width, pixels=pixels, max_pages=max_pages)
    return None if picture is None else png_of(picture, rotation=rotation, width=width)


def searchable_page(content: bytes, number: int, *, rotation: int, options: ReadingOptions) -> bytes | None:
    """Page `number` (1-based) of a scan as a PDF with its words behind the picture, counted as in `page_png`; null
    when there is no such page. Raises OcrFailed."""
    picture = _page_of(list(_scans_in(content)), number, width=_COPY_WIDTH, pixels=options.page_pixels,
                       max_pages=options.max_pages)
    if picture is None:
        return None
    samples = turned(to_reading_size(picture), rotation) if rotation else to_reading_size(picture)
    return pdf_page(straightened(samples), languages=options.languages, seconds=options.page_seconds)


def html_of(content: bytes) -> str | None:
    """The HTML body of a mail as it was written; null where it has none. Never to be shown without cleaning."""
    if media_type_of(content) != EML:
        return None
    try:
        parts = list(_parts_of(content))
    except RecursionError:
        return None
    body = next((part for part in parts if _is_html_body(part)), None)
    if body is None:
        return None
    octets = body.get_payload(decode=True)
    return decode(octets, body.get_content_charset()).text[:_LARGEST_HTML] if isinstance(octets, bytes) else None


def _parts_of(content: bytes) -> Iterator[Message]:
    """Every part of a mail, those inside an opaque S/MIME signature too."""
    for part in email.message_from_bytes(content).walk():
        yield part
        octets = part.get_payload(decode=True) if part.get_content_type() in _OPAQUE else None
        inside = signed_content(octets) if isinstance(octets, bytes) else None
        if inside is not None:
            yield from email.message_from_bytes(inside).walk()


def _is_html_body(part: Message) -> bool:
    return part.get_content_type() == "text/html" and part.get_content_disposition() != "attachment"


def _scans_in(content: bytes) -> Iterator[bytes]:
    """The files whose pages make this letter: itself, or those that a scanner has mailed."""
    media_type = media_type_of(content)
    if media_type in SCAN_TYPES:
        yield content
        return
    mail = parse_mail(content) if media_type == EML else mail_from_msg(content)
    if mail is not None:
        yield from (file.content for file in scans_of(mail))


def _page_of(files: list[bytes], number: int, *, width: int, pixels: int, max_pages: int) -> Image.Image | None:
    """Page `number`, counted through the files; a PDF's is drawn `width` pixels wide."""
    for file in files:
        pages = min(count_pages(file), max_pages)
        if number <= pages:
            return _picture(file, number, width=width, pixels=pixels)
        number -= pages
    return None


def _picture(content: bytes, number: int, *, width: int, pixels: int) -> Image.Image | None:
    if media_type_of(content) == PDF:
        return page_picture(content, number, width=width, pixels=pixels)
    opened = pictures_of(content, pixels=pixels, limit=number, wanted=(number,))
    return next((picture for _, picture in opened if not isinstance(picture, Fault)), None)
