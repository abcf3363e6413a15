"""What reading processes are asked to do, by name (reader.py). The service never imports this module."""

from collections.abc import Sequence
from pathlib import Path

from mailroom.model.arrival import Channel
from mailroom.model.letter import Letter
from mailroom.reading.letter import attachment_bytes, read_letter
from mailroom.reading.options import ReadingOptions
from mailroom.reading.original import html_of, page_png, searchable_page
from mailroom.reading.scans import count_pages as pages_of
from mailroom.reading.searchable import as_pdf_a

__all__ = ["as_pdf_a", "copy_page", "count_pages", "draw_page", "read_file", "read_mails", "show_html",
           "take_attachment"]


def read_file(path: str, channel: Channel, options: ReadingOptions, part_pages: tuple[int, ...] | None) -> Letter:
    """The letter in this file, or in these of its pages."""
    return read_letter(Path(path).read_bytes(), channel, options, part_pages)


def read_mails(paths: Sequence[str], options: ReadingOptions) -> list[Letter]:
    """The mails in these files."""
    return [read_file(path, Channel.EMAIL, options, None) for path in paths]


def count_pages(path: str) -> int:
    """How many pages the file has."""
    return pages_of(Path(path).read_bytes())


def copy_page(path: str, number: int, rotation: int, options: ReadingOptions) -> bytes | None:
    """A page as a PDF with its words behind the picture."""
    return searchable_page(Path(path).read_bytes(), number, rotation=rotation, options=options)


def draw_page(path: str, number: int, sha256: str | None, rotation: int, width: int, options: ReadingOptions) -> (
        bytes | None):
    """A page of the letter, or of the attachment with this digest, as a PNG."""
    return page_png(Path(path).read_bytes(), number, sha256=sha256, rotation=rotation, width=width,
                    pixels=options.page_pixels, max_pages=options.max_pages)


def show_html(path: str) -> str | None:
    """The HTML body of a mail."""
    return html_of(Path(path).read_bytes())


def take_attachment(path: str, sha256: str) -> bytes | None:
    """One file that came with a mail."""
    return attachment_bytes(Path(path).read_bytes(), sha256)
