"""Letters made for the tests: mails, pages of print, PDFs and an Outlook file, all from a few words."""

import base64
import io
import struct
from email.message import EmailMessage

import pikepdf
from PIL import Image, ImageDraw, ImageFont
from weasyprint import HTML

from mailroom.model.arrival import Channel
from mailroom.model.letter import Letter
from mailroom.reading.letter import read_letter
from mailroom.reading.options import ReadingOptions
from mailroom.separators import separators_pdf

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
SERIF = "/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf"
ITALIC = "/usr/share/fonts/truetype/liberation2/LiberationSerif-Italic.ttf"
COMPLAINT = """ДО КМЕТА НА ОБЩИНА ПРИМЕРОВО

ЖАЛБА

Уважаеми господин Кмет,

Пиша Ви, защото уличното осветление на ул. „Липа“ № 12
не работи от две седмици и вечер е съвсем тъмно.
Моля да изпратите екип, който да смени лампите.

С уважение,
Иван Стоянов, тел. 0888 123 456"""


def read(content: bytes, channel: Channel = Channel.EMAIL, **options: int | str | float) -> Letter:
    """Read with the usual options."""
    return read_letter(content, channel, ReadingOptions.model_validate(options))


def mail(text: str = "Здравейте, лампата пред нас не свети.", *, subject: str = "Сигнал",
         from_: str = "Мария Петрова <maria@abv.example>", to: str = "obshtina@grad.example.bg",
         **fields: str) -> EmailMessage:
    """A plain mail; further header fields as keywords, with _ for -."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = from_, to, subject
    message["Date"] = "Mon, 02 Mar 2026 10:00:00 +0200"
    message["Message-ID"] = "<1@abv.example>"
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def raw_mail(body: bytes, content_type: str, *, transfer: str = "8bit", head: bytes = b"") -> bytes:
    """A mail whose octets are exactly these."""
    return (head + b"From: maria@abv.example\r\nTo: obshtina@grad.example.bg\r\nMIME-Version: 1.0\r\nContent-Type: "
            + content_type.encode() + b"\r\nContent-Transfer-Encoding: " + transfer.encode() + b"\r\n\r\n" + body)


def page(text: str = COMPLAINT, *, size: int = 42) -> Image.Image:
    """An A4 page of print at 200 dpi."""
    picture = Image.new("L", (1654, 2339), 255)
    ImageDraw.Draw(picture).multiline_text((160, 200), text, font=ImageFont.truetype(FONT, size * 2 // 3), fill=20,
                                           spacing=18)
    picture.info["dpi"] = (200, 200)
    return picture


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    picture.save(out, kind, dpi=(200, 200), **options)
    return out.getvalue()


def typed_pdf(text: str = COMPLAINT) -> bytes:
    """A born-digital PDF with a text layer."""
    return bytes(HTML(string=f"<pre style='font-family:DejaVu Sans'>{text}</pre>").write_pdf() or b"")


def batch_pdf(*pages: str | None) -> bytes:
    """A file as a scanner makes it of a pile: a page for each text, empty for a blank back, null for our separator."""
    batch, out = pikepdf.Pdf.new(), io.BytesIO()
    for text in pages:
        made = separators_pdf(1) if text is None else typed_pdf(text)
        batch.pages.extend(pikepdf.open(io.BytesIO(made)).pages)
    batch.save(out, deterministic_id=True)
    return out.getvalue()


def scanner_mail(*files: tuple[str, bytes]) -> bytes:
    """A mail as a scanner writes it, with these files."""
    message = mail("Scanned document", subject="Message from KM_C258", from_="KM C258 <kopir@sgrada.example.net>",
                   Auto_Submitted="auto-generated", Precedence="bulk")
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def locked_pdf(password: str) -> bytes:
    """A PDF that asks for this password, or for none when it is empty."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(typed_pdf())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="собственик", user=password))
    return out.getvalue()


# ---- an Outlook .msg file: a compound file ([MS-CFB]) with one mini stream -----------------------------------------

_END, _FREE, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF
_UNICODE, _BINARY, _NUMBER = 0x001F, 0x0102, 0x0003
Tree = dict[str, "bytes | Tree"]


def properties(values: dict[int, str | bytes | int], *, header: int) -> Tree:
    """The streams of a message, recipient or attachment in [MS-OXMSG]; `header` octets stand before its properties."""
    streams: Tree = {}
    table = b"\x00" * header
    for tag, value in values.items():
        if isinstance(value, int):
            table += struct.pack("<HHIQ", _NUMBER, tag, 6, value)
            continue
        kind = _UNICODE if isinstance(value, str) else _BINARY
        octets = value.encode("utf-16-le") if isinstance(value, str) else value
        table += struct.pack("<HHIII", kind, tag, 6, len(octets) + (2 if isinstance(value, str) else 0), 0)
        streams[f"__substg1.0_{tag:04X}{kind:04X}"] = octets
    return {"__properties_version1.0": table, **streams}


def compound_file(tree: Tree) -> bytes:
    """A compound file with these storages and streams, all of them shorter than 4096 octets."""
    entries: list[tuple[str, int, int, int, int, int]] = []  # name, type, right, child, start, size
    mini, mini_fat = b"", list[int]()

    def store(name: str, value: bytes | Tree, right: int) -> int:
        nonlocal mini
        index = len(entries)
        entries.append((name, 0, 0, 0, 0, 0))
        if isinstance(value, bytes):
            first, count = len(mini_fat), max(1, -(-len(value) // 64))
            mini_fat.extend([*range(first + 1, first + count), _END])
            mini += value.ljust(count * 64, b"\x00")
            entries[index] = (name, 2, right, _NONE, first, len(value))
        else:
            child = _NONE
            for inner in sorted(value, key=lambda n: (len(n), n.upper()), reverse=True):
                child = store(inner, value[inner], child)
            entries[index] = (name, 5 if not index else 1, right, child, 0, 0)
        return index

    store("Root Entry", tree, _NONE)
    sectors = [mini[at:at + 512].ljust(512, b"\x00") for at in range(0, len(mini), 512)]
    directory_at = len(sectors)
    entries[0] = (*entries[0][:4], 0, len(mini))
    packed = b"".join(
        (name.encode("utf-16-le") + b"\x00\x00").ljust(64, b"\x00") + struct.pack(
            "<HBBIII16sIQQIQ", 2 * len(name) + 2, kind, 1, _NONE, right, child, b"", 0, 0, 0, start, size)
        for name, kind, right, child, start, size in entries)
    packed += (b"\x00" * 68 + struct.pack("<III", _NONE, _NONE, _NONE) + b"\x00" * 48) * (-len(entries) % 4)
    sectors += [packed[at:at + 512] for at in range(0, len(packed), 512)]
    mini_fat_at = len(sectors)
    numbers = struct.pack(f"<{len(mini_fat)}I", *mini_fat)
    sectors += [numbers[at:at + 512].ljust(512, b"\xff") for at in range(0, len(numbers), 512)]
    fat_at = len(sectors)
    fat = [at + 1 for at in range(fat_at)] + [0xFFFFFFFD]
    for last in (directory_at - 1, mini_fat_at - 1, fat_at - 1):
        fat[last] = _END
    assert len(fat) <= 128
    sectors.append(struct.pack("<128I", *fat, *[_FREE] * (128 - len(fat))))
    head = struct.pack("<8s16sHHHHH6sIIIIIIIIII", bytes.fromhex("d0cf11e0a1b11ae1"), b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0,
                       1, directory_at, 0, 4096, mini_fat_at, fat_at - mini_fat_at, _END, 0, fat_at)
    return head + struct.pack("<108I", *[_FREE] * 108) + b"".join(sectors)


def outlook_file(*, subject: str, body: str, sender: tuple[str, str], attachment: tuple[str, bytes] | None = None,
                 inner: Tree | None = None) -> bytes:
    """A .msg as Outlook saves it: `inner` is the tree of an attached message (see `outlook_tree`)."""
    return compound_file(outlook_tree(subject=subject, body=body, sender=sender, attachment=attachment, inner=inner))


def outlook_tree(*, subject: str, body: str, sender: tuple[str, str], attachment: tuple[str, bytes] | None = None,
                 inner: Tree | None = None, header: int = 32) -> Tree:
    """The storages of a message; the header of an attached one is 24 octets long."""
    tree = properties({0x001A: "IPM.Note", 0x0037: subject, 0x1000: body, 0x0C1A: sender[0], 0x5D01: sender[1],
                       0x340D: 0x40000}, header=header)
    if attachment:
        tree["__attach_version1.0_#00000000"] = properties(
            {0x3707: attachment[0], 0x3701: attachment[1], 0x3705: 1}, header=8)
    if inner:
        tree["__attach_version1.0_#00000001"] = {**properties({0x3705: 5}, header=8), "__substg1.0_3701000D": inner}
    return tree


def b64(octets: bytes) -> bytes:
    """Base64 in lines, as in a mail."""
    return base64.encodebytes(octets)
