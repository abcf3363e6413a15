"""Whatever comes in, a person sees it, with one sentence that says what is wrong; and the loop goes on."""

import io
import json
import zlib
from collections.abc import Callable
from email.message import EmailMessage

import pikepdf
import pytest
from PIL import Image

from mailroom.export import export_items, jsonl
from mailroom.model.arrival import Channel
from mailroom.model.item import Status
from tests.journeys.conftest import Desk


def encrypted_pdf() -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    out = io.BytesIO()
    pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="secret"))
    return out.getvalue()


def truncated_pdf() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((800, 800), 60).save(out, "PDF")
    return out.getvalue()[:20_000]


def picture_bomb() -> bytes:
    """A PNG of 60,000 × 60,000 pixels in a few kilobytes."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    size = (60_000).to_bytes(4, "big")
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + size + b"\x01\x00\x00\x00\x00")
            + chunk(b"IDAT", zlib.compress(bytes(7501) * 200)) + chunk(b"IEND", b""))


PAPER = {
    "0 octets": b"",
    "encrypted": encrypted_pdf(),
    "truncated": truncated_pdf(),
    "picture bomb": picture_bomb(),
    "no picture at all": b"\x00\x01\x02 not a scan",
    "cut JPEG": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00",
}

MAIL = {
    "NUL octets": b"From: a@example.com\r\nSubject: x\r\n\r\nna ulicata ima\x00 dupka\x00",
    "no From": b"Subject: =?utf-8?b?0LbQsNC70LHQsA==?=\r\n\r\n" + "Имам жалба от съседите.".encode(),
    "empty From": b"From: \r\nSubject: x\r\n\r\n" + "Имам жалба от съседите.".encode(),
    "wrong charset": b"From: a@example.com\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
                     + "Моля да се отстрани боклукът пред входа.".encode("cp1251"),
    "unknown charset": b"From: a@example.com\r\nContent-Type: text/plain; charset=klingon\r\n\r\n"
                       + "Моля да се отстрани боклукът пред входа.".encode(),
    "boundary never closed": b"From: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x"
                             b"\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
                             + "Жалба от съседите.".encode(),
    "header without end": b"From: a@example.com\r\nSubject: " + b"x" * 100_000,
    "climbing attachment name": b"From: a@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
                                b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; "
                                b"charset=utf-8\r\n\r\n" + "Жалба от съседите.".encode() +
                                b"\r\n--x\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment;"
                                b" filename=\"../../../etc/passwd\"\r\n\r\nabc\r\n--x--\r\n",
}


@pytest.mark.parametrize("name", PAPER)
def test_a_scan_that_cannot_be_read_comes_before_a_person_with_a_number(desk: Desk, name: str) -> None:
    item = desk.come_in(PAPER[name], channel=Channel.PAPER, file="scan.pdf")
    assert item.status is Status.IN_REVIEW and item.entry is not None
    assert item.letter is not None and item.letter.faults, "one sentence must say what is wrong"
    assert item.verdict is not None and item.verdict.review_reasons


@pytest.mark.parametrize("name", MAIL)
def test_a_broken_mail_is_registered(desk: Desk, name: str) -> None:
    item = desk.come_in(MAIL[name])
    assert item.status in (Status.IN_REVIEW, Status.REGISTERED) and item.entry is not None
    for attachment in item.letter.attachments if item.letter else ():
        assert "/" not in attachment.filename and ".." not in attachment.filename


@pytest.mark.long
def test_a_hundred_megabytes_are_registered(desk: Desk, mail: Callable[..., EmailMessage]) -> None:
    message = mail("Пращам снимките от улицата. Мария Петкова")
    message.add_attachment(b"\x00" * 73_000_000, maintype="application", subtype="octet-stream", filename="a.bin")
    item = desk.come_in(message)
    assert item.entry is not None and item.letter is not None
    assert item.letter.attachments[0].size == 73_000_000


def test_after_poison_the_next_letter_goes_through(desk: Desk, mail: Callable[..., EmailMessage]) -> None:
    desk.come_in(picture_bomb(), channel=Channel.PAPER, file="bomb.png")
    assert desk.come_in(mail("На ул. Роза има дупка, моля оправете я. Мария Петкова")).status is Status.REGISTERED


def test_each_item_is_one_line_of_the_export_whatever_stands_in_the_letter(desk: Desk,
                                                                            mail: Callable[..., EmailMessage]) -> None:
    """Also for readers that end a line where Unicode does."""
    desk.come_in(mail("На ул. Роза\x85има\u2028дупка,\u2029моля оправете я."))
    line, = "".join(jsonl(export_items(desk.office))).splitlines()
    assert "дупка" in json.loads(line)["text"]
