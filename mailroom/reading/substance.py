"""Which files of a mail are part of what the citizen sends, and which only decorate it."""

import io
import re
import warnings

from PIL import Image

from mailroom.reading.email import File

_DECORATION = re.compile(r"logo|banner|signature|podpis|icon|facebook|twitter|linkedin|instagram|youtube|spacer|pixel|"
                         r"footer|header|лого|подпис|баннер|банер", re.I)
_SMALL_SIDE = 120
_SMALL_AREA = 120_000
"""Pixels; the smallest photographs that telephones send by mail have three times as many."""
_FLAT_RATIO = 3.0


def is_substance(file: File) -> bool:
    """Whether a file counts as an attachment. What was attached on purpose always does; a picture shown inside the text
    does unless it looks like a logo: by its name, its size or its shape."""
    if not file.content.strip():
        return bool(file.content) or not file.inline
    if not file.media_type.startswith("image/"):
        return True
    if not (file.inline or file.referenced):
        return True
    size = _pixels(file.content)
    if size is None:
        return not file.referenced
    width, height = size
    if min(width, height) < _SMALL_SIDE or max(width, height) > _FLAT_RATIO * min(width, height):
        return False
    if file.referenced:
        return not _DECORATION.search(file.filename) and width * height >= _SMALL_AREA
    return not (_DECORATION.search(file.filename) and width * height < 2 * _SMALL_AREA)


def _pixels(content: bytes) -> tuple[int, int] | None:
    """Width and height from the file's head, without decoding it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as picture:
                return picture.size
    except (OSError, ValueError, SyntaxError, TypeError, Image.DecompressionBombError):
        return None
