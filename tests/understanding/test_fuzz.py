"""What a fuzzer sends, from octets to findings: every mail, PDF, address and number ends as a letter understood.

Mails of the corpus and letters of the tests are damaged: octets changed, stretches doubled, moved or cut, headers and
boundaries put in the wrong place. Each test has a budget of time instead of a number of examples;
MAILROOM_FUZZ_SECONDS, where set, is another one. What is found goes into the ordinary tests as an example.
"""

import io
import os
import random
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from mailroom.model.arrival import Channel
from mailroom.model.findings import Findings
from mailroom.model.letter import Letter
from mailroom.model.pack import Pack
from mailroom.reading.letter import read_letter
from mailroom.reading.options import ReadingOptions
from mailroom.understanding.address_candidates import parse_addresses
from mailroom.understanding.knowledge import Knowledge
from mailroom.understanding.understand import understand
from tests.understanding.test_letters import CASES, Case

SECONDS = float(os.environ.get("MAILROOM_FUZZ_SECONDS", "300"))
"""Budget of each test."""
EXAMPLES = 250
"""Of one round; rounds follow each other until the time is up."""
pytestmark = pytest.mark.timeout(3 * SECONDS + 600)
"""No example takes long; one that hangs is found."""
CORPUS = Path(__file__).parents[1] / "corpus"
MAILS = sorted(CORPUS.glob("mail/*/*.eml"))
PDFS = sorted(CORPUS.glob("pdf/*.pdf"))
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
DAMAGE = (
    b"", b"\x00", b"\xff\xfe", b"\r", b"\n\n", b"\r\n\r\n", b"--", b"=?utf-8?B?", b"=?koi8-r?Q?=", b"?=", b"<", b">",
    b"@", b";name*0*=x", b";charset=utf-7", b"; boundary=\"", b"Content-Type: multipart/mixed\n", b"\nFrom: ",
    b"\nSubject: ", b"Content-Type: message/rfc822\n\n", b"Content-Transfer-Encoding: base64\n",
    b"=D0=", b"\xd0", b"\xf0\x9f\x91\x8d",
    "„Иван Петров“ ул. ".encode(), "вх. № 94-00-1/12.03.2026".encode("cp1251"), b"<div style='display:none'>",
    b"&#1040;",
)  # fmt: skip
WORDS = (
    "ул.", "бул.", "ж.к.", "кв.", "бл.", "вх.", "ет.", "ап.", "гр.", "с.", "общ.", "обл.", "п.к.", "№", "1", "12",
    "12-А", "1000", "7000", "Русе", "София", "Горна", "Баня", "Иван", "Вазов", "„Рила“", "Св.", "Кирил", "и", "Методий",
    "Шеста", "улица", "до", "срещу", "в", ",", ".", "\n", "живущ", "адрес:", "ulitsa", "zh.k.", "Druzhba", "2", "III",
    "ет.V", "-", "вх. №", "рег. индекс", "изх. №", "94-00-123", "94-И-12", "РД-09-5(1)", "/12.03.2026 г.", "от",
    "20.02.2026", "преписка", "заповед", "0888 123 456", "+359", "(082)", "а@б.бг", "ЕГН", "8001010008",
)  # fmt: skip


def for_the_time(check: Callable[[], None]) -> None:
    """Round after round of a property until the budget is spent."""
    end = time.monotonic() + SECONDS
    check()
    while time.monotonic() < end:
        check()


fuzzing = settings(max_examples=EXAMPLES, deadline=None, database=None, phases=(Phase.generate, Phase.shrink),
                   suppress_health_check=list(HealthCheck))


def damaged(octets: bytes, chance: random.Random) -> bytes:
    """The octets after a few accidents."""
    out = bytearray(octets)
    for _ in range(chance.choice((1, 2, 3, 8, 30))):
        at, length = chance.randrange(len(out) + 1), chance.choice((0, 1, 5, 40, 400))
        piece = bytes(out[at:at + length])
        accident = chance.randrange(6)
        if accident == 0:
            out[at:at + length] = chance.choice(DAMAGE)
        elif accident == 1:
            out[at:at] = piece * chance.choice((1, 3, 50))
        elif accident == 2:
            del out[at:at + length]
            target = chance.randrange(len(out) + 1)
            out[target:target] = piece
        elif accident == 3 and at < len(out):
            out[at] ^= 1 << chance.randrange(8)
        elif accident == 4:
            out[at:at] = chance.choice(DAMAGE) * chance.choice((1, 2, 200))
        else:
            out[at:at] = chance.randbytes(chance.choice((1, 4, 60)))
    return bytes(out[:300_000])


@lru_cache(maxsize=1)
def own_mails() -> tuple[bytes, ...]:
    """The letters of the tests as mails in the charsets and wrappings of Bulgarian mail programs."""
    return tuple(octets for number, case in enumerate(CASES) if case.sender for octets in mails_of(case, number))


def mails_of(case: Case, number: int) -> Iterator[bytes]:
    """A letter of the tests as a mail."""
    message = EmailMessage()
    message["From"], message["To"] = "Мария Стоева <maria@mail.example>", "center@ruse.example"
    message["Subject"] = " ".join(case.subject.split())[:200]
    charset = ("utf-8", "windows-1251", "koi8-r", "iso-8859-5")[number % 4]
    text = case.text.encode(charset, "replace").decode(charset)
    message.set_content(text, charset=charset, cte=("8bit", "base64", "quoted-printable")[number % 3])
    if number % 5 == 0:
        message.add_alternative(f"<html><body><p>{text}</p></body></html>", subtype="html")
    if number % 7 == 0:
        message.add_attachment(b"%PDF-1.4 \n%%EOF", maintype="application", subtype="pdf", filename="молба.pdf")
    yield message.as_bytes()


def is_understood(letter: Letter, pack: Pack, knowledge: Knowledge) -> None:
    """A letter and what is found in it can be kept and read again."""
    kept = letter.model_dump_json()
    assert Letter.model_validate_json(kept).model_dump_json() == kept
    findings = understand(letter, pack, knowledge)
    assert Findings.model_validate_json(findings.model_dump_json()) == findings


@pytest.mark.long
def test_damaged_mails_are_understood(knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """From octets to findings, whatever happened to the mail on the way."""
    templates = [*(path.read_bytes() for path in MAILS), *own_mails()]

    @fuzzing
    @given(octets=st.sampled_from(templates), chance=st.randoms(use_true_random=False))
    def check(octets: bytes, chance: random.Random) -> None:
        letter = read_letter(damaged(octets, chance), Channel.EMAIL, ReadingOptions())
        is_understood(letter, packs["ruse"], knowledge)

    for_the_time(check)


@pytest.mark.long
def test_damaged_pdfs_are_letters() -> None:
    """A PDF with any accident is a letter, with its faults noted."""
    files = [path.read_bytes() for path in PDFS if path.stat().st_size < 200_000]

    @settings(fuzzing, max_examples=20)
    @given(octets=st.sampled_from(files), chance=st.randoms(use_true_random=False))
    def check(octets: bytes, chance: random.Random) -> None:
        letter = read_letter(damaged(octets, chance), Channel.PAPER, ReadingOptions())
        kept = letter.model_dump_json()
        assert Letter.model_validate_json(kept).model_dump_json() == kept

    for_the_time(check)


@lru_cache(maxsize=1)
def other_files() -> tuple[bytes, ...]:
    """Pictures, archives and documents as citizens attach them."""
    drawn = Image.new("RGB", (400, 560), "white")
    ImageDraw.Draw(drawn).text((40, 60), "Пред блока зее шахта.", fill=0)
    pictures = []
    for kind in ("PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP"):
        out = io.BytesIO()
        drawn.save(out, kind)
        pictures.append(out.getvalue())
    word = f'<w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>Молба</w:t></w:r></w:p></w:body></w:document>'
    letter, rtf = "Моля за ремонт на улицата.".encode("cp1251"), rb"{\rtf1\ansi\ansicpg1251 \'cc\'ee\'eb\par}"
    inside = {"молба.txt": letter, "снимка.png": pictures[0], "молба.rtf": rtf}
    tape = io.BytesIO()
    with tarfile.open(fileobj=tape, mode="w:gz") as archive:
        for name, octets in inside.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(octets)
            archive.addfile(entry, io.BytesIO(octets))
    return (*pictures, rtf, tape.getvalue(), zipped(inside), zipped({"word/document.xml": word.encode()}))


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip file of these."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in files.items():
            archive.writestr(name, octets)
    return out.getvalue()


@pytest.mark.long
def test_damaged_pictures_archives_and_documents_are_letters() -> None:
    """So is any other file, alone or in a mail."""
    @fuzzing
    @given(octets=st.sampled_from(other_files()), chance=st.randoms(use_true_random=False), mailed=st.booleans())
    def check(octets: bytes, chance: random.Random, mailed: bool) -> None:
        content = damaged(octets, chance)
        if mailed:
            message = EmailMessage()
            message["From"], message["Subject"] = "maria@mail.example", "Молба"
            message.add_attachment(content, maintype="application", subtype="octet-stream", filename="молба.docx")
            content = message.as_bytes()
        letter = read_letter(content, Channel.EMAIL if mailed else Channel.PAPER, ReadingOptions(page_seconds=5))
        kept = letter.model_dump_json()
        assert Letter.model_validate_json(kept).model_dump_json() == kept

    for_the_time(check)


@pytest.mark.long
def test_any_address_and_number_is_understood(knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """Words of addresses, of registration numbers and of nothing in any order, glued and cut."""
    words = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=6)), max_size=60)

    @fuzzing
    @given(words=words, glue=st.sampled_from(("", " ", "  ", "\n", ", ")), mail=st.booleans())
    def check(words: list[str], glue: str, mail: bool) -> None:
        text = glue.join(words)
        for candidate in parse_addresses(text, knowledge):
            assert 0 <= candidate.start <= candidate.end <= len(text)
        channel = Channel.EMAIL if mail else Channel.PAPER
        letter = Letter(channel=channel, media_type="message/rfc822" if mail else "application/pdf", text=text)
        is_understood(letter, packs["sofia"], knowledge)

    for_the_time(check)
