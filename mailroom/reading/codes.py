"""The codes on separator sheets and labels: drawn for print, and found on pages (home of zxing-cpp)."""

import re
import secrets
from typing import Any

import zxingcpp
from zxingcpp import Barcode as Barcode

CODE_SIDE = 33
"""Modules of a QR code of version 2, which holds our text, with its quiet zone of four on each side."""
_OWN = re.compile(r"MAILROOM-SEP-1-[A-Z2-7]{8}")
_LABEL = re.compile(r"MAILROOM-REG-1-[A-Z2-7]{12}")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_FORMATS = zxingcpp.barcode_formats_from_str("QRCode,DataMatrix,Aztec,Code39,Code128,Code93,Codabar")


def new_code() -> str:
    """The text of a code for one sheet: no other sheet has it."""
    return "MAILROOM-SEP-1-" + "".join(secrets.choice(_ALPHABET) for _ in range(8))


def code_paths(text: str) -> str:
    """A QR code (ISO/IEC 18004) that may lose a quarter of its area, with its quiet zone, as the inner part of an SVG
    element whose view box is `0 0 CODE_SIDE CODE_SIDE`."""
    return _drawn(text)[0]


def new_label() -> str:
    """The text of the code on one item's label: not to be guessed, since a scan that bears it joins the item."""
    return "MAILROOM-REG-1-" + "".join(secrets.choice(_ALPHABET) for _ in range(12))


def is_label(text: str) -> bool:
    """Whether a code's text is that of a label, of this municipality or of another one."""
    return bool(_LABEL.fullmatch(text))


def code_svg(text: str) -> str:
    """A QR code with its quiet zone as an SVG element, as large as what stands around it allows."""
    paths, side = _drawn(text)
    return f'<svg viewBox="0 0 {side} {side}" aria-hidden="true">{paths}</svg>'


def _drawn(text: str) -> tuple[str, int]:
    """The paths of a QR code, and how many modules wide it is with its quiet zone."""
    svg = zxingcpp.create_barcode(text, zxingcpp.QRCode, ec_level="Q").to_svg()
    side = re.search(r'width="(\d+)"', svg)
    assert side, "zxing-cpp draws every code with its width"
    return "".join(re.findall(r"<path [^<>]+/>", svg)), int(side[1])


def codes_on(samples: Any) -> list[Barcode]:
    """Every code on these grey samples, whoever printed it."""
    return list(zxingcpp.read_barcodes(samples, formats=_FORMATS, try_invert=False))


def is_own(text: str) -> bool:
    """Whether a code's text is one of ours."""
    return bool(_OWN.fullmatch(text))
