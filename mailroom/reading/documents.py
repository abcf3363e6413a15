"""One file (a scan, a PDF, an office document, plain text) to text and pages, by what its content is."""

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass

import lxml.etree

from mailroom.mediatype import PDF, SCAN_TYPES, media_type_of
from mailroom.model.letter import Fault, Page
from mailroom.reading.archives import members
from mailroom.reading.charset import clean_text, decode
from mailroom.reading.faults import fault
from mailroom.reading.html import text_of_html
from mailroom.reading.image import pictures_of
from mailroom.reading.options import ReadingOptions
from mailroom.reading.pages import read_picture
from mailroom.reading.pdf import read_pdf
from mailroom.reading.repairs import text_of
from mailroom.reading.word import text_of_doc

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
DOC = "application/msword"
_ARCHIVES = frozenset({"application/zip", "application/x-rar", "application/vnd.rar", "application/x-7z-compressed",
                       "application/gzip", "application/x-tar", "application/x-bzip2", "application/x-xz",
                       "application/x-lzma", "application/zstd", "application/java-archive"})
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_LARGEST_XML = 30_000_000
"""An office document that unpacks to more than this is no letter."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """What was read of a file."""

    text: str = ""
    pages: tuple[Page, ...] = ()
    faults: tuple[Fault, ...] = ()
    readable: bool = True
    """False when the file could not be opened at all."""


def is_readable(media_type: str, filename: str = "") -> bool:
    """Whether a file of this type can hold a letter that we can read."""
    kind = _kind(media_type, filename)
    return kind in SCAN_TYPES or kind in (DOC, DOCX, ODT, "text/plain", "text/html", "text/rtf")


def is_archive(media_type: str, filename: str = "") -> bool:
    """Whether a file of this type holds other files."""
    return _kind(media_type, filename) in _ARCHIVES


def _kind(media_type: str, filename: str) -> str:
    """libmagic calls some office documents zip files; their name decides then."""
    if media_type in ("application/zip", "application/octet-stream"):
        ending = filename.lower().rpartition(".")[2]
        return {"docx": DOCX, "odt": ODT}.get(ending, media_type)
    return {"application/rtf": "text/rtf", "application/xhtml+xml": "text/html"}.get(media_type, media_type)


def read_document(content: bytes, media_type: str, options: ReadingOptions, *, filename: str = "",
                  wanted: tuple[int, ...] | None = None) -> Document:
    """Read a file; never raises. `wanted` are the pages to read, 1-based; null for all."""
    kind = _kind(media_type, filename)
    if kind == PDF:
        pages, faults = read_pdf(content, options, wanted)
        return Document(text=text_of(pages), pages=pages, faults=faults, readable=bool(pages))
    if kind in SCAN_TYPES or kind.startswith("image/"):
        return _read_pictures(content, options, wanted)
    if kind in (DOCX, ODT):
        return _read_office(content, kind)
    if kind == "text/html":
        return Document(text=text_of_html(decode(content, None).text))
    if kind == "text/rtf" or content.startswith(b"{\\rtf"):
        return Document(text=_text_of_rtf(content))
    if kind.startswith("text/"):
        return _read_text(content)
    if kind in _ARCHIVES:
        return _read_archive(content, options)
    words = text_of_doc(content) if kind == DOC else None
    if words is not None:
        return Document(text=clean_text(words))
    return Document(faults=(fault("unsupported_type", type=kind),), readable=False)


def _read_archive(content: bytes, options: ReadingOptions) -> Document:
    """The documents inside, one after the other, several under their names; their pages are numbered on."""
    texts: list[tuple[str, str]] = []
    pages: list[Page] = []
    faults: list[Fault] = []
    for member in members(content):
        if isinstance(member, Fault):
            faults.append(member)
            continue
        media_type = media_type_of(member.content)
        if _kind(media_type, member.name) in _ARCHIVES:
            faults.append(fault("archive_inside"))
            continue
        inside = read_document(member.content, media_type, options, filename=member.name)
        pages += [page.model_copy(update={"number": len(pages) + at}) for at, page in enumerate(inside.pages, 1)]
        texts.append((member.name, inside.text))
        faults += inside.faults
    named = [(name, text) for name, text in texts if text.strip()]
    text = "\n\n".join(f"[{name}]\n{text}" if len(named) > 1 else text for name, text in named)
    return Document(text=text, pages=tuple(pages), faults=tuple(faults), readable=bool(texts))


def _read_pictures(content: bytes, options: ReadingOptions, wanted: tuple[int, ...] | None) -> Document:
    pages: list[Page] = []
    faults: list[Fault] = []
    for number, picture in pictures_of(content, pixels=options.page_pixels, limit=options.max_pages, wanted=wanted):
        if isinstance(picture, Fault):
            faults.append(picture)
            continue
        page, page_faults = read_picture(picture, number, options)
        pages.append(page)
        faults += page_faults
    if wanted is not None and len(pages) < len(set(wanted)) and not faults:
        faults.append(fault("missing_pages"))
    return Document(text=text_of(pages), pages=tuple(pages), faults=tuple(faults), readable=bool(pages))


def _read_text(content: bytes) -> Document:
    result = decode(content, None)
    if sum(sign < " " and sign not in "\r\n\t\f" for sign in result.text) > len(result.text) // 10:
        return Document(faults=(fault("unsupported_type", type="application/octet-stream"),), readable=False)
    faults = [fault("nul_octets")] if "\x00" in result.text else []
    faults += [fault("undecodable")] if result.lossy else []
    return Document(text=clean_text(result.text), faults=tuple(faults))


def _read_office(content: bytes, kind: str) -> Document:
    """The paragraphs of a .docx or .odt (ISO/IEC 29500, 26300), unpacked under a cap."""
    name = "word/document.xml" if kind == DOCX else "content.xml"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(name) as packed:
            source = packed.read(_LARGEST_XML + 1)
        if len(source) > _LARGEST_XML:
            return Document(faults=(fault("damaged_document"),), readable=False)
        parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
        root = lxml.etree.fromstring(source, parser)
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, RuntimeError, NotImplementedError, ValueError, zlib.error,
            struct.error, lxml.etree.LxmlError):
        return Document(faults=(fault("damaged_document"),), readable=False)
    return Document(text=clean_text(_paragraphs(root)))


def _paragraphs(root: lxml.etree._Element) -> str:
    breaks = {f"{_WORD}br": "\n", f"{_WORD}cr": "\n", f"{_WORD}tab": "\t", f"{_TEXT}line-break": "\n",
              f"{_TEXT}tab": "\t", f"{_TEXT}s": " "}
    ends = {f"{_WORD}p", f"{_TEXT}p", f"{_TEXT}h"}
    parts: list[str] = []
    for event, element in lxml.etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in breaks:
                parts.append(breaks[tag])
            elif tag == f"{_WORD}t" or tag.startswith(_TEXT):
                parts.append(element.text or "")
        else:
            parts.append("\n" if tag in ends else "")
            if tag.startswith(_TEXT):
                parts.append(element.tail or "")
    return "".join(parts)


_RTF = re.compile(rb"\\'([0-9a-fA-F]{2})|\\u(-?\d{1,6})\s?\??|\\([a-z]{1,32})(-?\d{1,10})?[ ]?|\\([^a-z0-9])|"
                  rb"([{}])|[\r\n]+|(.)", re.S)
_RTF_UNSEEN = frozenset({b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"header", b"footer",
                         b"themedata", b"colorschememapping", b"datastore", b"latentstyles", b"listtable",
                         b"listoverridetable", b"generator", b"xmlnstbl", b"rsidtbl", b"mmathPr", b"filetbl"})


def _text_of_rtf(content: bytes) -> str:
    """The words of an RTF file (WordPad, old Word): no control words, 8-bit letters in the declared code page."""
    declared = re.search(rb"\\ansicpg(\d{3,5})", content[:2000])
    charset = f"cp{declared[1].decode()}" if declared else "windows-1251"
    parts: list[str] = []
    run = bytearray()
    hidden: list[bool] = [False]

    def flush() -> None:
        if run:
            parts.append(decode(bytes(run), charset).text)
            run.clear()

    for match in _RTF.finditer(content):
        code, point, word, _, sign, brace, plain = match.groups()
        if brace:
            if brace == b"{":
                hidden.append(hidden[-1])
            elif len(hidden) > 1:
                hidden.pop()
            else:
                hidden[-1] = False
        elif word in _RTF_UNSEEN or sign == b"*":
            hidden[-1] = True
        elif hidden[-1]:
            continue
        elif code:
            run.append(int(code, 16))
        elif plain:
            run += plain
        else:
            flush()
            if point:
                parts.append(chr(int(point) % 65536))
            parts.append("\n" if word in (b"par", b"line", b"row") else "\t" if word in (b"tab", b"cell") else
                         sign.decode("latin-1") if sign in (b"\\", b"{", b"}") else "")
    flush()
    return clean_text("".join(parts))
