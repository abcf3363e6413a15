"""Files that somebody may send to hurt: a page costs a reading process no more memory, and a mail no more time, than
any other. What is capped ends as a letter with the fault that says so.

No time is asserted: where the work grows with the square of a mail, these take minutes, and pytest-timeout ends them.
"""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageDraw

from mailroom.model.arrival import Channel
from mailroom.model.letter import Letter
from mailroom.reading.documents import DOCX
from mailroom.reading.options import ReadingOptions
from mailroom.reading.processes import Processes
from mailroom.reading.work import draw_page, read_file
from tests.reading.material import read, saved

MOST_MEGABYTES = 500
TESTS = Path(__file__).parents[1]
A4_600, A4_1200 = (4960, 7016), (9921, 14031)


def sheet(mode: str, size: tuple[int, int]) -> Image.Image:
    """A page with a frame and a line of colour, in this mode."""
    deep = mode.startswith("I")
    picture = Image.new("L" if deep else "RGB", size, "white")
    ImageDraw.Draw(picture).rectangle((900, 900, 1900, 930), fill=40 if deep else (200, 30, 30))
    if deep:
        return picture.convert("I").point(lambda sample: sample * 257).convert(mode)
    return picture.quantize(16) if mode == "P" else picture.convert(mode)


def drawn_pdf(size: tuple[float, float], pages: int) -> bytes:
    """Pages of this size in points, each with a line."""
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=size)
        document.pages[-1].Contents = document.make_stream(b"9 w 1 1 m 90 2 l S")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


PAGES: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "600 dpi, colour, JPEG": (lambda: saved(sheet("RGB", A4_600), "JPEG"), None),
    "600 dpi, transparent": (lambda: saved(sheet("RGBA", A4_600), "PNG", compress_level=1), None),
    "600 dpi, palette": (lambda: saved(sheet("P", A4_600), "PNG", compress_level=1), None),
    "600 dpi, sixteen bits": (lambda: saved(sheet("I;16", A4_600), "PNG", compress_level=1), None),
    "600 dpi, printer's colours": (lambda: saved(sheet("CMYK", A4_600), "TIFF", compression="tiff_lzw"), None),
    "1200 dpi, black and white": (lambda: saved(sheet("1", A4_1200), "TIFF", compression="group4"),
                                  "picture_too_large"),
    "100 million samples": (lambda: saved(sheet("L", (10_000, 10_000)), "JPEG"), "picture_too_large"),
    "79 million samples, colour": (lambda: saved(sheet("RGB", (7450, 10_560)), "JPEG"), None),
    "79 million samples, progressive": (lambda: saved(sheet("RGB", (7450, 10_560)), "JPEG", progressive=True),
                                        "picture_too_large"),
    "a long strip": (lambda: saved(sheet("L", (1000, 79_000)), "PNG", compress_level=1), None),
    "a sheet of five metres": (lambda: drawn_pdf((14_400, 14_400), 1), None),
    "a thread of five metres": (lambda: drawn_pdf((14_400, 3), 1), None),
    "two thousand pages": (lambda: drawn_pdf((595, 842), 2000), "too_many_pages"),
}
QUICK = ("a thread of five metres",)


def peak_of_reading(path: str) -> tuple[Letter, int]:
    """In a reading process: the letter, and the most memory that the process ever had, in MB."""
    letter = read_file(path, Channel.PAPER, ReadingOptions(max_pages=8), None)
    draw_page(path, 1, None, 90, 1240, ReadingOptions())
    # Not ru_maxrss, which begins at what the process had that started this one.
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text("ascii").splitlines())
    return letter, int(told["VmHWM"].split()[0]) // 1024


@pytest.mark.parametrize("name", [
    pytest.param(name, marks=[] if name in QUICK else [pytest.mark.long]) for name in PAGES])
def test_a_page_takes_a_reading_process_under_500_megabytes(name: str, tmp_path: Path) -> None:
    make, capped = PAGES[name]
    (tmp_path / "page").write_bytes(make())
    processes = Processes(count=1, memory_megabytes=1500, readable=(TESTS,))
    try:
        with processes.lend(tmp_path / "page") as path:
            letter, megabytes = processes.run(peak_of_reading, path, seconds=200).result()
    finally:
        processes.close()
    assert megabytes < MOST_MEGABYTES
    assert [fault.code for fault in letter.faults] == ([capped] if capped else [])


HEAD = "From: Иван Петров <a@mail.example>\r\nTo: center@ruse.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
MANY = 100_000


def with_file(media_type: str, name: str, octets: bytes) -> bytes:
    """A mail without words, with this file."""
    return (f"{HEAD}Content-Type: {media_type}; name={name}\r\nContent-Disposition: attachment; filename={name}\r\n"
            "Content-Transfer-Encoding: binary\r\n\r\n").encode() + octets


def hostile_mails() -> Iterator[tuple[str, bytes]]:
    """Mails that cost the square of their length to who reads them without care."""
    words = f"{HEAD}Content-Type: text/plain; charset=utf-8\r\n\r\n"
    page = f"{HEAD}Content-Type: text/html; charset=utf-8\r\n\r\n"
    yield "empty parameters", f"{HEAD}Content-Type: text/plain; {';' * MANY}\r\n\r\nа".encode()
    yield "parameters", f"{HEAD}Content-Type: text/plain; {'a=b;' * MANY}\r\n\r\nа".encode()
    yield "rules", (words + "Здравейте.\r\n" + "_____\r\n" * MANY + "а").encode()
    yield "cells", (page + "<td>" * MANY + "а").encode()
    yield "quotes in quotes", (page + "<blockquote type=cite>а" * MANY).encode()
    yield "blanks", (page + "<p>" + "<b> </b>" * MANY + "а").encode()
    yield "braces", with_file("application/rtf", "a.rtf", b"{\\rtf1 " + b"{" * 10 * MANY)
    yield "messages in messages", (HEAD + "Content-Type: message/rfc822\r\n\r\n" * 400 + "\r\nа").encode()
    yield "parts in parts", (HEAD + "".join(
        f"Content-Type: multipart/mixed; boundary=q{n}\r\n\r\n--q{n}\r\n" for n in range(400)) + "\r\nа").encode()
    yield "a signature of nothing", (
        f"{HEAD}Content-Type: multipart/signed; boundary=q; protocol=\"application/pkcs7-signature\"\r\n\r\n--q\r\n\r\n"
        "а\r\n--q\r\nContent-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        f"{'/' * 2 * MANY}\r\n--q--").encode()
    yield "an endless entity", with_file(DOCX, "a.docx", office_file(
        f'<!DOCTYPE a [<!ENTITY a "{"x" * MANY}">]><a>{"&a;" * MANY}</a>'))


def office_file(xml: str) -> bytes:
    """A .docx of this document."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", xml)
    return out.getvalue()


@pytest.mark.parametrize(("name", "octets"), [pytest.param(*case, id=case[0]) for case in hostile_mails()])
def test_a_mail_made_to_be_slow_ends_as_a_letter(name: str, octets: bytes) -> None:
    letter = read(octets)
    assert letter.head is not None and Letter.model_validate_json(letter.model_dump_json()) == letter


def test_messages_nested_deeper_than_is_read_are_told() -> None:
    nested = (HEAD + "Content-Type: message/rfc822\r\n\r\n" * 400 + "\r\nа").encode()
    assert "too_deep" in [fault.code for fault in read(nested).faults]
