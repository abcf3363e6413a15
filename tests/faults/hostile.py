"""Hostile files and mails, as many as wanted: `python -m tests.faults.hostile [--count 10000] [--seed S]`.

They are written into a folder and taken in by `mailroom intake`; then every one must be in the export, and all
processes together must have stayed under a gigabyte of memory at every moment.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from random import Random

import pikepdf

from tests.journeys.test_bad_input import MAIL, PAPER
from tests.journeys.town import COMMAND

CORPUS = Path(__file__).parents[1] / "corpus"
SEEDS = [path.read_bytes() for path in sorted(CORPUS.rglob("*")) if path.suffix in (".eml", ".pdf", ".doc")]
MAILS = [path.read_bytes() for path in sorted(CORPUS.glob("mail/*/*.eml"))]
PDFS = [path.read_bytes() for path in sorted(CORPUS.glob("pdf/*.pdf"))]
MOST_OCTETS = 1_000_000_000
"""Of memory, all processes together."""
LOOK_SECONDS = 0.5
WEDGES = (b"", b"\x00", b"\xff\xfe", b"\r\n\r\n", b"\n", b"--", b"=?utf-8?B?", b"=?koi8-r?Q?=", b"<", b"\x1b$B",
          b"\x80" * 9, b"Content-Type: multipart/mixed; boundary=x\n", b"Content-Transfer-Encoding: base64\n",
          b";name*0*=x", b"Content-Type: message/rfc822\n", b"endobj", b"stream\n", b"/Length -1", b"%%EOF",
          b"<< /Kids [1 0 R] >>")
CHARSETS = ("klingon", "utf-7", "utf-16", "utf-32", "hz", "iso-2022-kr", "unicode_escape", "idna", "rot13",
            "koi8-u", "")
DATES = ("Mon, 1 Jan 0001 00:00:00 +1400", "Fri, 31 Dec 9999 23:59:59 -1200", "Thu, 1 Jan 1970 00:00:00 +9959", "\x00",
         "never", "Sun, 29 Feb 2026 25:61:61 +0200", "1", "")

Make = Callable[[Random], bytes]


def damaged(original: bytes, chance: Random) -> bytes:
    """Some places of it are something else."""
    octets = bytearray(original)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(octets) + 1)
        octets[at:at + chance.randrange(60)] = chance.choice(WEDGES) or chance.randbytes(chance.randrange(30))
    return bytes(octets)


def a_damaged_seed(chance: Random) -> bytes:
    """Something of the corpus."""
    return damaged(chance.choice(SEEDS), chance)


def a_truncated_pdf(chance: Random) -> bytes:
    """Its end is missing, and often some of its middle."""
    pdf = chance.choice(PDFS)
    cut = pdf[:chance.randrange(8, len(pdf))]
    return damaged(cut, chance) if chance.random() < 0.5 else cut


def a_spliced_mail(chance: Random) -> bytes:
    """The header of one and the body of another."""
    one, other = chance.choice(MAILS), chance.choice(MAILS)
    return one[:chance.randrange(1, len(one))] + other[chance.randrange(len(other)):]


def a_huge_header(chance: Random) -> bytes:
    """Many fields, or one that does not end."""
    field = chance.choice((b"To", b"Received", b"References", b"Subject", b"X-" + chance.randbytes(3).hex().encode()))
    value = chance.choice((b"a@example.com, ", b"=?utf-8?q?=D0=B4?= ", b"<x@y> ", b"x", b'"', b"(", b"\t"))
    times = chance.randrange(100, 60_000)
    lines = field + b": " + value * times
    if chance.random() < 0.5:
        lines = (field + b": " + value + b"\r\n") * (times // 10)
    return b"From: a@example.com\r\n" + lines + b"\r\n\r\nx\r\n"


def a_deep_mail(chance: Random) -> bytes:
    """A letter in a letter in a letter."""
    depth = chance.randrange(5, 400)
    if chance.random() < 0.5:
        return b"From: a@example.com\r\nSubject: x\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * depth + b"end\r\n"
    return b"From: a@example.com\r\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (one, one)
        for one in range(depth)) + b"\r\nend"


def many_parts(chance: Random) -> bytes:
    """More attachments than anybody sends."""
    part = b"--x\r\nContent-Type: %s\r\nContent-Disposition: attachment; filename=\"%s\"\r\n\r\n%s\r\n"
    kinds = (b"text/plain", b"image/png", b"application/pdf", b"application/zip", b"message/rfc822", b"text/html")
    names = (b"../../etc/passwd", b"con", b"a" * 300, b"\xd0\xb0.pdf", b"", b".", b"x\x00y")
    return b"From: a@example.com\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + b"".join(
        part % (chance.choice(kinds), chance.choice(names), chance.randbytes(chance.randrange(40)))
        for _ in range(chance.randrange(2, 300))) + b"--x--\r\n"


def an_odd_encoding(chance: Random) -> bytes:
    """Says one thing and is another."""
    text = "Моля да отстраните боклука пред входа. Мария Петкова".encode(
        chance.choice(("utf-8", "cp1251", "koi8-r", "utf-16", "utf-7", "mac-cyrillic")))
    encoding = chance.choice(("7bit", "base64", "quoted-printable", "x-uuencode", "binary", "8bit", "gzip"))
    return (f"From: a@example.com\r\nSubject: =?{chance.choice(CHARSETS)}?{chance.choice('BQX')}?0LbQsNC7?=\r\n"
            f"Content-Type: text/{chance.choice(('plain', 'html', 'x'))}; charset=\"{chance.choice(CHARSETS)}\"\r\n"
            f"Content-Transfer-Encoding: {encoding}\r\n\r\n").encode() + text + chance.randbytes(chance.randrange(30))


def an_odd_date(chance: Random) -> bytes:
    """Outside of every calendar."""
    when = chance.choice(DATES).encode()
    return (b"Received: from a by b; " + when + b"\r\nDate: " + chance.choice(DATES).encode() +
            b"\r\nFrom: a@example.com\r\nSubject: x\r\n\r\nIma dupka na ulicata.\r\n")


def an_archive(chance: Random) -> bytes:
    """With much in little, or locked, or broken, in a mail."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(chance.randrange(1, 40)):
            name = chance.choice(("a.txt", "../../x", "a/b/c.pdf", "x.zip", "\u202efdp.exe"))
            archive.writestr(f"{number}{name}", bytes(chance.randrange(1 << 21)))
    packed = out.getvalue() if chance.random() < 0.7 else gzip.compress(bytes(1 << 24))
    message = EmailMessage()
    message["From"], message["Subject"] = "a@example.com", "архив"
    message.set_content("Пращам.")
    message.add_attachment(damaged(packed, chance) if chance.random() < 0.5 else packed, maintype="application",
                           subtype="zip", filename="a.zip")
    return message.as_bytes()


def a_picture(chance: Random) -> bytes:
    """A PNG that says it is much larger than it is, or ends early."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    size = chance.choice((1, 50, 30_000, 60_000, 2**31 - 1)).to_bytes(4, "big")
    whole = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + size + bytes([chance.choice((1, 8, 16)), 0, 0, 0, 0]))
             + chunk(b"IDAT", zlib.compress(bytes(chance.randrange(1 << 20)))) + chunk(b"IEND", b""))
    return whole if chance.random() < 0.5 else damaged(whole, chance)


def a_pdf_of_many_pages(chance: Random) -> bytes:
    """Empty ones, of odd sizes."""
    pdf = pikepdf.new()
    for _ in range(chance.randrange(1, 6)):
        side = chance.choice((3, 10, 600, 14_400))
        pdf.add_blank_page(page_size=(side, chance.choice((3, 600, 14_400))))
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue() + chance.randbytes(8)


def noise(chance: Random) -> bytes:
    """Nothing at all."""
    start = chance.choice((
        b"", b"%PDF-1.7\n", b"\xff\xd8\xff\xe0", b"II*\x00", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"From: a@example.com\r\nTo: b@example.com\r\n", b"x\x9f>\"", b"GIF89a", b"RIFF"))
    return start + chance.randbytes(chance.randrange(3000))


def a_known_one(chance: Random) -> bytes:
    """Those of the short tests, a little different."""
    return chance.choice([*MAIL.values(), *PAPER.values()]) + chance.randbytes(chance.randrange(9))


KINDS: dict[Make, int] = {
    a_damaged_seed: 25, a_truncated_pdf: 6, a_spliced_mail: 15, a_huge_header: 6, a_deep_mail: 6, many_parts: 6,
    an_odd_encoding: 15, an_odd_date: 5, an_archive: 5, a_picture: 3, a_pdf_of_many_pages: 2, noise: 5, a_known_one: 1}
"""How often each comes. Mails are the most, as in life; each picture and page is looked at by Tesseract."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What came of them."""

    files: int
    missing: tuple[str, ...]
    """Files of which nothing is in the export."""
    statuses: Counter[str]
    most_octets: tuple[int, ...]
    """Of memory, each process, when all together had the most; shared pages are counted once (PSS)."""
    seconds: float
    complaint: str


def write(folder: Path, count: int, seed: int) -> dict[str, str]:
    """So many different files; name → SHA-256."""
    chance, digests = Random(seed), dict[str, str]()
    seen: set[str] = set()
    while len(digests) < count:
        make = chance.choices(list(KINDS), list(KINDS.values()))[0]
        content = make(chance)
        digest = hashlib.sha256(content).hexdigest()
        if digest not in seen and not content.startswith(b"From "):  # a mailbox file is divided into its messages
            seen.add(digest)
            name = f"{len(digests):05}-{make.__name__}"
            (folder / name).write_bytes(content)
            digests[name] = digest
    return digests


def take_in(folder: Path, count: int, seed: int) -> Taken:
    """Write them, take them in, look at the memory meanwhile, and see what the export has."""
    data, files = folder / "data", folder / "files"
    files.mkdir(parents=True)
    digests = write(files, count, seed)
    environment = {**os.environ, "MAILROOM_DATA": str(data)}
    subprocess.run([COMMAND, "init", "--charter", "primerovo", data], env=environment, check=True,
                   stdout=subprocess.DEVNULL)
    began, most = time.monotonic(), [0]
    with (folder / "intake.log").open("w+b") as log:
        intake = subprocess.Popen([COMMAND, "intake", files, "--no-letters"], env=environment, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=log)
        while intake.poll() is None:
            most = max(most, memory_of(intake.pid), key=sum)
            time.sleep(LOOK_SECONDS)
        log.seek(0)
        said = log.read().decode("utf-8", "replace")
    exported = subprocess.run([COMMAND, "export"], env=environment, check=True, capture_output=True, text=True).stdout
    items = [json.loads(line) for line in exported.splitlines()]
    came = {arrival["sha256"] for item in items for arrival in item["arrivals"]}
    unfinished = [line for line in said.splitlines() if "unexpected" in line]
    return Taken(
        files=count, missing=tuple(name for name, digest in digests.items() if digest not in came),
        statuses=Counter(item["status"] for item in items), most_octets=tuple(most), seconds=time.monotonic() - began,
        complaint=" ".join(unfinished)[:2000] or ("" if intake.returncode in (0, 1) else said[-2000:]))


def memory_of(pid: int) -> list[int]:
    """Of a process and of each below it, in octets; nothing for one that has gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        children = [int(child) for task in Path(f"/proc/{pid}/task").iterdir()
                    for child in (task / "children").read_text().split()]
    except OSError:
        return []
    own = sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return [own, *(octets for child in children for octets in memory_of(child))]


def main() -> int:
    """Status 1 when one is missing, or the memory was too much."""
    options = argparse.ArgumentParser(prog="python -m tests.faults.hostile")
    options.add_argument("--count", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=secrets.randbits(30))
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        taken = take_in(Path(folder), asked.count, asked.seed)
    print(f"seed {asked.seed}: {taken.files} files in {taken.seconds:.0f} s, {len(taken.missing)} missing "
          f"{list(taken.missing[:5])}, at most {sum(taken.most_octets) / 1e6:.0f} MB of memory "
          f"({' + '.join(f'{octets / 1e6:.0f}' for octets in taken.most_octets)}), "
          f"{dict(taken.statuses)} {taken.complaint}")
    return 1 if taken.missing or taken.complaint or sum(taken.most_octets) > MOST_OCTETS else 0


if __name__ == "__main__":
    sys.exit(main())
