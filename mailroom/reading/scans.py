"""The scans that came in one mail: which files they are, how their pages are counted, which make one document.

Reading, page pictures and copies count alike: through the files in the mail's order, every page that a file has.
"""

import re
from collections.abc import Iterator

from mailroom.mediatype import PDF, SCAN_TYPES, media_type_of
from mailroom.reading.email import File, Mail
from mailroom.reading.image import picture_count
from mailroom.reading.pdf import page_count
from mailroom.reading.substance import is_substance

_WRITTEN_FOR_MACHINES = frozenset({"text/xml", "application/xml", "application/json", "text/csv"})
"""What a scanner tells the next machine about its scan."""
_ONE_PAGE_A_FILE = frozenset({"jpg", "jpeg", "jpe", "png", "bmp", "gif", "webp", "tif", "tiff"})
_NUMBERS = re.compile(r"(\d+)")
_PAGE = re.compile(r"(?<![^\W\d_])(?:page|pages|pg|p|стр|страница|лист)[ ._-]{0,3}\Z")
_FURTHER = re.compile(r"[ _-]{0,3}\(?0{0,5}[12]\)?")


def scans_of(mail: Mail) -> tuple[File, ...]:
    """The files of a scanner's mail that are letters, also those which cannot be read; without what decorates it."""
    return tuple(file for file in mail.files if is_substance(file) and file.media_type not in _WRITTEN_FOR_MACHINES)


def count_pages(content: bytes) -> int:
    """How many pages a scan or a PDF has; 0 for other files and for what cannot be opened."""
    media_type = media_type_of(content)
    if media_type == PDF:
        return page_count(content)
    return picture_count(content) if media_type in SCAN_TYPES else 0


def documents_among(files: tuple[File, ...]) -> Iterator[tuple[File, ...]]:
    """The files in their order, those together whose names show that a scanner wrote each page to a file of its own.

    scan_001.jpg and scan_002.jpg are pages, one letter or a pile of them; scan_001.pdf and scan_002.pdf are two
    documents, as a PDF holds all pages of one, unless the name says „page“.
    """
    document: list[File] = []
    for file in files:
        if document and not _goes_on(document[-1], file):
            yield tuple(document)
            document = []
        document.append(file)
    if document:
        yield tuple(document)


def _goes_on(before: File, file: File) -> bool:
    return _is_next_page(before.filename.lower(), file.filename.lower()) and all(
        count_pages(one.content) < 2 for one in (before, file))


def _is_next_page(before: str, name: str) -> bool:
    """Whether two names count on by one: „scan_001.jpg“, „scan_002.jpg“, also „scan.jpg“, „scan (2).jpg“."""
    a, b = _NUMBERS.split(before), _NUMBERS.split(name)
    differ = [at for at, (one, other) in enumerate(zip(a, b, strict=False)) if one != other]
    picture = name.rpartition(".")[2] in _ONE_PAGE_A_FILE
    if len(a) == len(b) and len(differ) == 1 and differ[0] % 2:
        at = differ[0]
        return int(b[at]) == int(a[at]) + 1 and (picture or bool(_PAGE.search(a[at - 1])))
    (stem, _, ending), (longer, _, other) = before.rpartition("."), name.rpartition(".")
    return picture and ending == other and not stem[-1:].isdigit() and longer.startswith(stem) and bool(
        _FURTHER.fullmatch(longer[len(stem):]))
