"""Pictures of pages made fit for reading: opened under a cap, turned upright, scaled, straightened (home of Pillow).

Deskewing is the largest single gain in OCR quality; what jdeskew and OpenCV do is used here and nowhere else.
"""

import io
import math
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeAlias

import cv2
import numpy as np
from jdeskew.estimator import get_angle
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile, ImageOps, UnidentifiedImageError

from mailroom.model.letter import Fault
from mailroom.reading.faults import fault
from mailroom.reading.ink import Box, print_alone
from mailroom.reading.ink import Gray as Gray
from mailroom.reading.places import SAME, Matrix, before_levelling

_Any: TypeAlias = NDArray[np.integer[Any] | np.floating[Any]]
"""What OpenCV says of everything that it returns."""

cv2.setNumThreads(1)

READING_DPI = 300
_A4_INCHES = 11.69
_PLAUSIBLE_DPI = (50, 1300)
_LONGEST_PAGE_INCHES = 17.0
_SKEW_PIXELS = 1200
"""Long side of the picture on which the skew is estimated: 0.05° shows, and the transform stays small."""
_SHEET_PIXELS = 800
_SMALLEST_SHEET = 200
"""Samples of a sheet's shorter side."""
_SURROUNDED = 0.75
"""Share of the picture's edge that must lie outside the sheet; a leaflet's dark bands cover less."""
_TABLE = 0.8
_DISC = 0.7
"""Share of its box that a disc fills (0.79 less its corners in few samples); letters fill 0.3 to 0.6."""
_PICTURED = 0.08
"""From this share of dark samples on a page holds a picture, though no letter."""
_UNEVEN = 50
"""Difference of the paper's brightness over the page, of 255, from which shade is taken away."""
_DARKEST_SCAN, _DARKEST_PHOTOGRAPH = 0.25, 0.06
"""The shade of a hand over a sheet on a table is far deeper than that of a book's fold in a scanner."""
_DUST, _SPECK, _LETTER, _NEAR, _MANY_SPECKS, _MANY_LETTERS, _DUSTY = 10, 40, 150, 61, 30, 60, 4
"""Samples at 300 dpi: dust is smaller than any full stop; a full stop has 20 to 100 and stands beside a letter; a small
letter has 300 and more."""
_SKEW_WORTH_MENDING = 0.15
_STEEPEST = 12.0
_LID, _LID_THICK = 0.5, 0.012
"""Darker than this share of the paper, and at least so thick, as a share of the short side: thicker than any stroke of
print."""
_OFF_GREY = 20
_ENOUGH_PIXELS = 3508
"""Long side of A4 at 300 dpi; a picture of twice the size is halved before it is worked on, for its memory."""
_COLOUR_PIXELS = 25_000_000
"""Pictures that are larger when they are worked on (a telephone's have 12 to 24 million) are looked at in grey."""
_MOST_COLOURED = 16_000_000
"""A larger picture in colour is made so small: a sheet that fills a telephone's picture still has 300 dpi."""
_MOST_OCTETS = 230_000_000
"""Memory that decoding one page may take; a reading process has 500 MB in all."""
_BAND = 256
"""Rows of a picture that are put on white paper at a time."""
_SAMPLE_OCTETS = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}
"""Octets in which Pillow keeps a sample of a mode; of others four."""
_DECODER_OCTETS = {"WEBP": 12, "JPEG2000": 16}
"""Octets a sample that a decoder needs for itself (libwebp: two canvases and a copy; OpenJPEG: integers)."""
_PROGRESSIVE_OCTETS = 2
"""Octets in which libjpeg keeps a coefficient of a progressive picture until the last of it has come; two for a sample
in colour, as most are stored."""
_BAR_PIXELS, _LETTER_PIXELS = 877, 1754
"""Long sides on which a bar of 1 mm, or a letter, still shows."""
_BROKEN = (UnidentifiedImageError, OSError, ValueError, SyntaxError, TypeError, IndexError, KeyError, EOFError,
           OverflowError, ZeroDivisionError, AttributeError, RuntimeError)
"""What Pillow's decoders raise on damaged files."""


def pictures_of(content: bytes, *, pixels: int, limit: int, wanted: Collection[int] | None = None) -> Iterator[
        tuple[int, Image.Image | Fault]]:
    """The wanted pages (null: all) of a picture file (a TIFF has several) with their numbers, counted from 1.

    Each is opened under the cap; a page that fails is a fault. `pixels` is the cap for one page, `limit` for pages.
    """
    try:
        with _quiet():
            picture = Image.open(io.BytesIO(content))
    except Image.DecompressionBombError:
        yield 1, fault("picture_too_large")
        return
    except _BROKEN:
        yield 1, fault("damaged_picture")
        return
    yield from _frames(content, picture, pixels, limit, wanted)


def picture_count(content: bytes) -> int:
    """How many pages a picture file has (a TIFF has several), of a torn one those that are there; 0 when it cannot be
    opened."""
    count = 0
    try:
        with _quiet(), Image.open(io.BytesIO(content)) as picture:
            while count == 0 or picture.format == "TIFF":
                picture.seek(count)
                count += 1
    except (EOFError, Image.DecompressionBombError, *_BROKEN):
        pass
    return count


def png_of(picture: Image.Image, *, rotation: int, width: int) -> bytes:
    """The picture turned clockwise by a multiple of 90 degrees, at most `width` pixels wide, as grey PNG."""
    upright = picture.convert("L").rotate(-rotation, expand=True) if rotation else picture.convert("L")
    if upright.width > width:
        upright = upright.resize((width, max(1, round(upright.height * width / upright.width))))
    out = io.BytesIO()
    upright.save(out, "PNG")
    return out.getvalue()


def _frames(content: bytes, picture: Image.Image, pixels: int, limit: int, wanted: Collection[int] | None) -> Iterator[
        tuple[int, Image.Image | Fault]]:
    for number in range(1, limit + 1):
        try:
            with _quiet():
                picture.seek(number - 1)
        except EOFError:
            return
        except _BROKEN:
            yield number, fault("truncated")
            return
        if wanted is None or number in wanted:
            yield from ((number, opened) for opened in _frame(content, number, pixels))
        if picture.format != "TIFF":  # a GIF's frames are a film
            return
    if getattr(picture, "n_frames", 1) > limit:
        yield limit, fault("too_many_pages", limit=limit)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Pillow's warnings: the cap is our own, and a damaged tag is no reason to speak up."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _frame(content: bytes, number: int, pixels: int) -> list[Image.Image | Fault]:
    """One page, opened for itself, so that what it was decoded to is gone before it is read."""
    try:
        with _quiet(), Image.open(io.BytesIO(content)) as frame:
            frame.seek(number - 1)
            return _opened(frame, pixels)
    except _BROKEN:
        return [fault("damaged_picture")]


def _opened(frame: Image.Image, pixels: int) -> list[Image.Image | Fault]:
    """The frame decoded, upright by its EXIF tag, with its resolution in `info["dpi"]`; or why it cannot be.

    A cut-off picture is as good as its upper part, and comes with the fault that says so.
    """
    whole = max(frame.size)
    if frame.width * frame.height > pixels:
        return [fault("picture_too_large")]
    if whole >= 2 * _ENOUGH_PIXELS:  # a JPEG can be made smaller while it is decoded
        frame.draft(None, (frame.width * _ENOUGH_PIXELS // whole, frame.height * _ENOUGH_PIXELS // whole))
    if _octets_to_decode(frame, whole) > _MOST_OCTETS:
        return [fault("picture_too_large")]
    try:
        with _decoding(cut_off=False):
            return [_upright(frame, whole)]
    except _BROKEN:
        pass
    try:
        with _decoding(cut_off=True):
            return [_upright(frame, whole), fault("truncated")]
    except _BROKEN:
        return [fault("damaged_picture")]


def _octets_to_decode(frame: Image.Image, whole: int) -> int:
    """Memory in which this frame is decoded; `whole` is the long side that it has in its file."""
    sample = _SAMPLE_OCTETS.get(frame.mode, 4) + _DECODER_OCTETS.get(frame.format or "", 0)
    octets = frame.width * frame.height * sample
    if frame.info.get("progressive"):
        stored = frame.width * frame.height * whole * whole // max(frame.size) ** 2
        octets += stored * min(2, len(frame.getbands())) * _PROGRESSIVE_OCTETS
    return octets


@contextmanager
def _decoding(*, cut_off: bool) -> Iterator[None]:
    """Whether Pillow decodes cut-off pictures without a word: a setting of the whole process; others change it."""
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = cut_off
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _upright(frame: Image.Image, whole: int) -> Image.Image:
    """The frame decoded; `whole` is the long side that it has in its file, whose resolution it declares."""
    with _quiet():
        sheet = on_white(frame, times=max(1, max(frame.size) // _ENOUGH_PIXELS))
        turn = Image.Exif()
        turn[ExifTags.Base.Orientation] = frame.getexif().get(ExifTags.Base.Orientation, 1)
        sheet.info["exif"] = turn.tobytes()
        upright = ImageOps.exif_transpose(sheet)
    declared = frame.info.get("dpi")
    share = max(upright.size) / whole
    upright.info["dpi"] = tuple(float(dpi) * share for dpi in declared) if declared else None
    return upright


def on_white(picture: Image.Image, *, times: int = 1) -> Image.Image:
    """Grey, or red, green and blue where there may be colour, at 1/times of the size; transparency is shown on white.

    Band by band, and very large pictures in grey, for their memory.
    """
    width, height = (math.ceil(side / times) for side in picture.size)
    mode = "L" if _is_deep(picture) or picture.mode in ("1", "L", "LA") or width * height > _COLOUR_PIXELS else "RGB"
    brightest = float(np.max(picture.getextrema())) if _is_deep(picture) else 255.0
    sheet = Image.new(mode, (width, height), "white")
    for top in range(0, height, _BAND):
        band = picture.crop((0, top * times, picture.width, min(picture.height, (top + _BAND) * times)))
        sheet.paste(_flat(band, brightest).convert(mode).reduce(times), (0, top))
    return without_idle_colour(sheet)


def without_idle_colour(sheet: Image.Image) -> Image.Image:
    """The sheet in grey where nothing on it is in colour; else in colour, as large as memory allows."""
    if sheet.mode == "L" or not _shows_colour(sheet):
        return sheet.convert("L")
    share = math.sqrt(_MOST_COLOURED / (sheet.width * sheet.height))
    return sheet if share >= 1 else sheet.resize((math.ceil(sheet.width * share), math.ceil(sheet.height * share)))


def _is_deep(picture: Image.Image) -> bool:
    """Whether a sample has more than eight bits."""
    return picture.mode.startswith("I;16") or picture.mode in ("I", "F")


def _flat(picture: Image.Image, brightest: float) -> Image.Image:
    """Eight bits a sample, on white paper; of deeper samples `brightest` becomes white."""
    if _is_deep(picture):
        samples = np.nan_to_num(np.asarray(picture, dtype=np.float32)) * (255.0 / (brightest or 1.0))
        return Image.fromarray(samples.clip(0, 255).astype(np.uint8))
    if "A" in picture.getbands() or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        paper = Image.new("RGBA", picture.size, "white")
        paper.alpha_composite(picture)
        return paper
    return picture


def _shows_colour(picture: Image.Image) -> bool:
    """Whether one sample in eight, across and down, is not grey: a grey page takes a quarter of a second less."""
    few = tuple(math.ceil(side / 8) for side in picture.size)
    samples = np.asarray(picture.resize((few[0], few[1]), Image.Resampling.NEAREST), dtype=np.int16)
    return bool((samples.max(axis=2) - samples.min(axis=2) > _OFF_GREY).any())


def to_reading_size(picture: Image.Image) -> Gray:
    """The print on the sheet as grey samples at about 300 dpi with square pixels (a fax has 204 × 98)."""
    return sheet_of(picture)[0]


def sheet_of(picture: Image.Image, *, all_ink: bool = False) -> tuple[Gray, Matrix]:
    """The samples of `to_reading_size`, and from a place on them to the place on the picture (places.py).

    `all_ink` leaves on it what is no print, in colour: stamps, and what somebody wrote with a ballpoint.
    """
    whole = np.asarray(picture.convert("L") if all_ink else picture, dtype=np.uint8)
    corners = sheet_corners(whole)
    if corners is None:
        return _in_reading_size(picture, whole, whole), SAME
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    size = np.array(whole.shape[1::-1], np.float32)
    matrix: Matrix = np.asarray(cv2.getPerspectiveTransform(unit, corners / size), dtype=np.float64)
    return _in_reading_size(picture, whole, _rectangular(whole, corners)), matrix


def _in_reading_size(picture: Image.Image, whole: Gray, sheet: Gray) -> Gray:
    across, down = _dpi(picture) if sheet is whole else _dpi_of_a4(max(sheet.shape))
    samples = sheet if sheet.ndim == 2 else print_alone(sheet, dpi=down)
    photographed = sheet is not whole or _lies_on_a_table(samples)
    even = without_shade(samples, darkest=_DARKEST_PHOTOGRAPH if photographed else _DARKEST_SCAN)
    height, width = even.shape
    wide, high = (max(1, round(side * min(READING_DPI / dpi, 3.5))) for side, dpi in ((width, across), (height, down)))
    if abs(wide - width) < 0.03 * width and abs(high - height) < 0.03 * height:
        return even
    way = cv2.INTER_AREA if wide * high < width * height else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(even, (wide, high), interpolation=way), dtype=np.uint8)


def _shrunk(samples: Gray, long_side: int) -> Gray:
    """The picture with this many samples on its long side, where it has more."""
    ratio = long_side / max(samples.shape)
    if ratio >= 1:
        return samples
    height, width = (max(1, round(side * ratio)) for side in samples.shape[:2])
    return np.asarray(cv2.resize(samples, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _glimpse(samples: Gray, long_side: int) -> Gray:
    """The same, for what need not be exact, in a quarter of the time."""
    return _shrunk(halved(samples, 2 * long_side), long_side)


def without_shade(samples: Gray, *, darkest: float = _DARKEST_SCAN) -> Gray:
    """The page on evenly white paper, where light fell on it unevenly; an even page is left alone.

    What is darker than `darkest` (a share of the brightest paper) is no paper in the shade but a black picture.
    """
    small = _glimpse(samples, _SHEET_PIXELS)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((7, 7), np.uint8)), 31)
    dark, light = np.percentile(paper[::4, ::4], (3, 97))
    if light - dark < _UNEVEN or dark < darkest * light:  # even, or black pictures that are no shade
        return samples
    height, width = samples.shape
    ground = cv2.resize(cv2.GaussianBlur(paper, (31, 31), 0), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(samples, ground, scale=250), dtype=np.uint8)


def _dpi(picture: Image.Image) -> tuple[float, float]:
    """Resolution across and down: as declared where that gives a page of possible size, else as if the page were A4."""
    declared = picture.info.get("dpi")
    lowest, highest = _PLAUSIBLE_DPI
    if declared and len(declared) == 2 and all(lowest <= float(d) <= highest for d in declared):
        across, down = float(declared[0]), float(declared[1])
        inches = max(picture.width / across, picture.height / down)
        if 5.0 <= inches <= _LONGEST_PAGE_INCHES:
            return across, down
    return _dpi_of_a4(max(picture.size))


def _dpi_of_a4(long_side: int) -> tuple[float, float]:
    supposed = max(long_side / _A4_INCHES, _PLAUSIBLE_DPI[0])
    return supposed, supposed


def sheet_corners(samples: Gray) -> NDArray[np.float32] | None:
    """Where a photograph shows a sheet on a table: its corners, clockwise from the upper left; null elsewhere.

    Believed only when one bright four-cornered region holds much of the picture and all around it is clearly darker.
    """
    small = _glimpse(samples, _SHEET_PIXELS)
    small = small if small.ndim == 2 else np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    ratio = max(small.shape) / max(samples.shape)
    smooth = cv2.GaussianBlur(small, (7, 7), 0)
    _, bright = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    bright = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8))
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    sheet = max(contours, key=cv2.contourArea)
    corners = cv2.approxPolyDP(cv2.convexHull(sheet), 0.02 * cv2.arcLength(sheet, True), True)
    share = cv2.contourArea(corners) / small.size
    if len(corners) != 4 or not 0.2 < share < 0.96 or not _stands_out(smooth, sheet, corners):
        return None
    found = _in_order(corners.reshape(4, 2).astype(np.float32) / ratio)
    return found if min(_size_between(found)) >= _SMALLEST_SHEET else None


def _lies_on_a_table(samples: Gray) -> bool:
    """Whether the edge of the picture is clearly darker than paper on every side."""
    small = _glimpse(samples, _SHEET_PIXELS)
    paper = float(np.percentile(small[::4, ::4], 85))
    return all(float(np.median(side)) < _TABLE * paper for side in (small[0], small[-1], small[:, 0], small[:, -1]))


def _stands_out(picture: _Any, sheet: _Any, corners: _Any) -> bool:
    """Whether the region fills its four corners and is much brighter than what lies outside."""
    inside = np.zeros(picture.shape, np.uint8)
    cv2.fillPoly(inside, [corners], 255)
    outside = cv2.bitwise_not(cv2.dilate(inside, np.ones((9, 9), np.uint8)))
    edge = np.concatenate([outside[0], outside[-1], outside[:, 0], outside[:, -1]])
    if (edge > 0).mean() < _SURROUNDED or cv2.contourArea(sheet) < 0.9 * cv2.contourArea(corners):
        return False
    return cv2.mean(picture, mask=outside)[0] < 0.65 * cv2.mean(picture, mask=inside)[0]


def _in_order(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """Clockwise from the upper left."""
    sums, differences = corners.sum(axis=1), np.diff(corners, axis=1).ravel()
    return np.array([corners[sums.argmin()], corners[differences.argmin()], corners[sums.argmax()],
                     corners[differences.argmax()]], np.float32)


def _size_between(corners: NDArray[np.float32]) -> tuple[int, int]:
    """Width and height of the rectangle that these corners are made to."""
    left_top, right_top, right_bottom, left_bottom = corners
    return (round(float(max(np.linalg.norm(right_top - left_top), np.linalg.norm(right_bottom - left_bottom)))),
            round(float(max(np.linalg.norm(left_bottom - left_top), np.linalg.norm(right_bottom - right_top)))))


def _rectangular(samples: Gray, corners: NDArray[np.float32]) -> Gray:
    """The four-cornered region stretched to a rectangle."""
    width, height = _size_between(corners)
    target = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    return np.asarray(cv2.warpPerspective(samples, matrix, (width, height), flags=cv2.INTER_CUBIC,
                                          borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def without_specks(samples: Gray) -> Gray:
    """Without the dots that faxes, dithering and worn scanners strew over a page.

    A dot near a letter may be its own and stays, unless it is too small even for a full stop.
    """
    ink = (samples < 128).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    areas, is_ink = stats[:, cv2.CC_STAT_AREA], np.arange(count) > 0
    small, dust = (areas <= _SPECK) & is_ink, (areas <= _DUST) & is_ink
    large = (areas > _LETTER) & is_ink
    # Grey print breaks into dots of its own: many, but not several for each letter, or it leaves no whole letters.
    dusty = large.sum() > _MANY_LETTERS and dust.sum() > _DUSTY * large.sum()
    if small.sum() < _MANY_SPECKS or not (dusty or _is_bitonal(samples)):
        return samples
    near = cv2.dilate(large[labels].astype(np.uint8), np.ones((_NEAR, _NEAR), np.uint8))
    lonely = dust[labels] | (small[labels] & (near == 0))
    clean = samples.copy()
    clean[cv2.dilate(lonely.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0] = 255
    return clean


def _is_bitonal(samples: Gray) -> bool:
    """Whether the page was scanned in black and white: grey stands only on the edges that scaling has made."""
    dark = int((samples < 50).sum())
    return int((samples < 200).sum()) - dark < dark


def turned(samples: Gray, degrees: int) -> Gray:
    """Turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(samples, k=-(degrees // 90) % 4))


def straightened(samples: Gray) -> Gray:
    """Turned by the few degrees by which the lines of text are not level; the new corners are paper."""
    return levelled(samples, skew_of(samples))[0]


def skew_of(samples: Gray) -> float:
    """The degrees by which the lines of text are not level; 0 where that is too little or too much to be mended."""
    small = _shrunk(samples, _SKEW_PIXELS)
    if min(small.shape) < 32:
        return 0.0
    angle = float(get_angle(_without_dark_edges(np.asarray(small, dtype=np.uint8)), angle_max=_STEEPEST))
    return angle if _SKEW_WORTH_MENDING <= abs(angle) <= _STEEPEST else 0.0


def levelled(samples: Gray, angle: float) -> tuple[Gray, Matrix]:
    """The samples turned by their skew, and from a place on them to the place on those given (places.py)."""
    if not angle:
        return samples, SAME
    height, width = samples.shape
    matrix = _levelling(samples, angle)
    return _warped(samples, matrix, (0, 0, width, height)), before_levelling(matrix, width, height)


def levelled_piece(samples: Gray, angle: float, box: Box) -> Gray:
    """What the levelled samples have in this box, without levelling all of them."""
    left, top, right, bottom = box
    return _warped(samples, _levelling(samples, angle), box) if angle else samples[top:bottom, left:right]


def _levelling(samples: Gray, angle: float) -> Matrix:
    height, width = samples.shape
    return np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0), dtype=np.float64)


def _warped(samples: Gray, matrix: Matrix, box: Box) -> Gray:
    """What is in this box after the affine transformation (2 × 3)."""
    left, top, right, bottom = box
    paper = float(np.percentile(samples[::8, ::8], 75))
    return np.asarray(cv2.warpAffine(samples, matrix - np.array([[0, 0, left], [0, 0, top]]),
                                     (right - left, bottom - top), flags=cv2.INTER_CUBIC,
                                     borderMode=cv2.BORDER_CONSTANT, borderValue=(paper,)), dtype=np.uint8)


def _without_dark_edges(samples: Gray) -> Gray:
    """Without the solid black that a scanner's lid or the table leaves along the edges: it is level when the sheet is
    not, and longer than any line of print."""
    paper = int(np.percentile(samples[::4, ::4], 75))
    dark = np.asarray(samples < _LID * paper, dtype=np.uint8)
    thick = np.ones((max(3, round(_LID_THICK * min(samples.shape))),) * 2, np.uint8)
    framed = cv2.copyMakeBorder(cv2.morphologyEx(dark, cv2.MORPH_OPEN, thick), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    labels = cv2.connectedComponents(framed)[1]
    edges = np.unique(np.concatenate((labels[0], labels[-1], labels[:, 0], labels[:, -1])))
    lid = cv2.dilate(np.isin(labels[1:-1, 1:-1], edges[edges > 0]).astype(np.uint8), thick)
    return np.where(lid > 0, np.uint8(paper), samples)


def is_blank(samples: Gray) -> bool:
    """Whether the page has no writing: dust, holes, a shadow or the print of the other side shining through are none.

    A median filter takes dust away; what is much darker than the paper around it and has the size of a letter counts,
    but for filled discs, which are larger dust.
    """
    small = _glimpse(samples, 1100)
    small = np.asarray(cv2.medianBlur(small, 3), dtype=np.uint8)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), 41)
    ink = (small.astype(np.float32) < 0.72 * np.maximum(paper, 1)).astype(np.uint8)
    height, width = ink.shape
    margin_y, margin_x = round(0.05 * height), round(0.06 * width)
    ink = np.ascontiguousarray(ink[margin_y:height - margin_y, margin_x:width - margin_x])
    if not ink.size or (small < 0.6 * float(np.percentile(small, 98))).mean() > _PICTURED:
        return False
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    widths, heights, areas = (stats[1:, side] for side in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    dots = (np.abs(widths - heights) <= 1) & (areas >= _DISC * widths * heights)
    letters = int(((heights >= 4) & (heights <= 90) & (areas >= 8) & ~dots).sum())
    return letters < 6


# ---- what separator sheets are told by -------------------------------------------------------------------------------


class Bar(NamedTuple):
    """A solid straight bar; lengths are shares of the page's long side."""

    angle: float
    """Of its axis, degrees, 0 to 180."""
    along: float
    """Where its middle lies in the direction of its axis."""
    across: float
    """Where its middle lies square to that."""
    length: float
    thickness: float


def halved(samples: Gray, long_side: int) -> Gray:
    """The picture halved until it is not much larger than this; far quicker than scaling by an odd ratio."""
    while max(samples.shape) > 1.4 * long_side and min(samples.shape) > 1:
        height, width = (side // 2 for side in samples.shape[:2])
        samples = np.asarray(cv2.resize(samples[:2 * height, :2 * width], (width, height),
                                        interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return samples


def bars_on(samples: Gray) -> list[Bar]:
    """The bars on a page as patch codes have them: 35 mm and longer on A4, 1 to 9 mm thick, without a gap."""
    ink = _ink(samples, _BAR_PIXELS)
    side = max(ink.shape)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    longest = stats[:, (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)].max(axis=1)
    bars = []
    for label in np.flatnonzero((longest >= 0.12 * side) & (stats[:, cv2.CC_STAT_AREA] <= 0.05 * ink.size)):
        if label == 0:  # paper
            continue
        left, top, width, height, area = (int(value) for value in stats[label])
        piece = (labels[top:top + height, left:left + width] == label).astype(np.uint8)
        contours, _ = cv2.findContours(piece, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=(left, top))
        middle, sides, angle = cv2.minAreaRect(max(contours, key=cv2.contourArea))
        length, thickness = max(sides) + 1, min(sides) + 1
        if area < 0.75 * length * thickness or not 0.004 * side <= thickness <= 0.03 * side or length < 5 * thickness:
            continue
        axis = (angle if sides[0] >= sides[1] else angle + 90) % 180
        bars.append(_bar(middle, axis, length / side, thickness / side, side))
    return bars


def _bar(middle: Sequence[float], axis: float, length: float, thickness: float, side: int) -> Bar:
    x, y = middle[0] / side, middle[1] / side
    # One direction of measuring for all bars of a page, so that a bar's small tilt moves it nowhere.
    upright = 45 <= axis < 135
    return Bar(angle=axis, along=y if upright else x, across=x if upright else y, length=length, thickness=thickness)


def letters_on(samples: Gray) -> int:
    """About how many letters of print or handwriting are on a page."""
    ink = _ink(samples, _LETTER_PIXELS)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    heights, areas = stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_AREA]
    return int(((heights >= 6) & (heights <= 140) & (areas >= 16)).sum())


def painted_over(samples: Gray, regions: Iterable[Sequence[tuple[int, int]]]) -> Gray:
    """The page with these four-cornered regions, and a little around them, white."""
    white = samples.copy()
    for corners in regions:
        region = np.array(corners, np.int32)
        cv2.fillPoly(white, [region], 255)
        cv2.polylines(white, [region], isClosed=True, color=255, thickness=round(0.02 * max(samples.shape)))
    return white


def _ink(samples: Gray, long_side: int) -> Gray:
    """1 where the page is clearly darker than its paper."""
    small = halved(samples, long_side)
    return np.asarray(small < 0.6 * float(np.percentile(small[::4, ::4], 90)), dtype=np.uint8)
