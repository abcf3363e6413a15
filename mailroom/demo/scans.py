"""Paper letters as a scanner delivers them: typed, a little askew, grey and grainy. Always the same octets."""

import io
import random
import time
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from mailroom.errors import Misconfigured

FONT = "DejaVuSerif.ttf"
DPI = 200
A4 = (int(8.27 * DPI), int(11.69 * DPI))
MARGIN, LINE = int(0.9 * DPI), int(0.27 * DPI)
POINTS = 12
PAPER, INK = 246, 28
GRAIN = 6
"""Largest difference of a pixel from the paper's grey."""
WRITTEN = time.struct_time((2026, 11, 20, 12, 0, 0, 4, 324, 0))
"""Fixed, so that the same letter is the same file."""


def scan(name: str, pages: Sequence[str], *, skew: float = 0.0, blank_back: bool = False) -> bytes:
    """A file of the type that the name says: .pdf, .tiff (several pages each), .jpg (the first page).

    `skew`: degrees, counter-clockwise. `blank_back`: an empty page follows each one, as a duplex scanner makes it.
    Raises Misconfigured when the font is not installed.
    """
    images: list[Image.Image] = []
    for number, text in enumerate(pages):
        images.append(_page(text, skew, seed=f"{name}/{number}"))
        if blank_back:
            images.append(_page("", skew, seed=f"{name}/{number}/back"))
    first, rest = images[0], images[1:]
    out, resolution = io.BytesIO(), (DPI, DPI)
    if name.endswith(".pdf"):
        first.save(out, "PDF", save_all=True, append_images=rest, resolution=DPI, creationDate=WRITTEN, modDate=WRITTEN,
                   producer="scanner")
    elif name.endswith(".tiff"):
        first.save(out, "TIFF", save_all=True, append_images=rest, dpi=resolution, compression="tiff_deflate")
    else:
        first.save(out, "JPEG", quality=85, dpi=resolution)
    return out.getvalue()


def photograph() -> bytes:
    """A small picture of a crossing, as a telephone would attach it."""
    image = Image.new("RGB", (640, 400), (150, 175, 200))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 220, 640, 400), fill=(90, 90, 95))
    for left in range(40, 620, 90):
        draw.rectangle((left, 250, left + 50, 370), fill=(225, 225, 225))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def _page(text: str, skew: float, *, seed: str) -> Image.Image:
    image = Image.new("L", A4, PAPER)
    draw, font = ImageDraw.Draw(image), _font()
    for number, line in enumerate(text.strip("\n").splitlines()):
        draw.text((MARGIN, MARGIN + number * LINE), line, font=font, fill=INK)
    turned = image.rotate(skew, resample=Image.Resampling.BICUBIC, fillcolor=PAPER)
    grain = Image.frombytes("L", (A4[0] // 2, A4[1] // 2), random.Random(seed).randbytes((A4[0] // 2) * (A4[1] // 2)))
    return Image.blend(turned, grain.resize(A4), GRAIN / 255)


def _font() -> ImageFont.FreeTypeFont:
    try:
        return ImageFont.truetype(FONT, size=POINTS * DPI // 72)
    except OSError as error:
        raise Misconfigured(f"the font {FONT} is missing: apt-get install fonts-dejavu-core") from error
