"""The codes on separator sheets: drawn for print, and found on pages (home of zxing-cpp)."""

import re
import secrets
from typing import Any

import zxingcpp

CODE_SIDE = 33
"""Modules of a QR code of version 2, which holds our text, with its quiet zone of four on each side."""
_OWN = re.compile(r"MAILROOM-SEP-1-[A-Z2-7]{8}")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_FORMATS = zxingcpp.barcode_formats_from_str("QRCode,DataMatrix,Aztec,Code39,Code128,Code93,Codabar")


def new_code() -> str:
    """The text of a code for one sheet: no other sheet has it."""
    return "MAILROOM-SEP-1-" + "".join(secrets.choice(_ALPHABET) for _ in range(8))


def code_paths(text: str) -> str:
    """A QR code (ISO/IEC 18004) that may lose a quarter of its area, with its quiet zone, as the inner part of an SVG
    element whose view box is `0 0 CODE_SIDE CODE_SIDE`."""
    svg = zxingcpp.create_barcode(text, zxingcpp.QRCode, ec_level="Q").to_svg()
    return "".join(re.findall(r"<path [^>]+/>", svg))


def codes_on(samples: Any) -> list[zxingcpp.Barcode]:
    """Every code on these grey samples, whoever printed it."""
    return list(zxingcpp.read_barcodes(samples, formats=_FORMATS, try_invert=False))


def is_own(text: str) -> bool:
    """Whether a code's text is one of ours."""
    return bool(_OWN.fullmatch(text))
