"""Pages a minute and character error rate: mailroom, OCRmyPDF and a bare pool of Tesseract processes, side by side.

    .venv/bin/python -m benchmarks.pages [--pages 10 100 1000] [--others N] [--letters] [--ocrmypdf PROGRAM]

The same pages on two cores, in turns of ten. mailroom's reading processes, which stay the same from the first page to
the last, get a file for each page. Some of the turns, spread evenly, are read by the others too: OCRmyPDF gets one file
of the ten pages and two jobs, with --rotate-pages --deskew and the same languages (its start, a second or so, counts);
the pool gets the pictures as PNG, ready on disk. Ratios are of such turns, which stand side by side. A hundred
different pages are drawn (300 dpi, some 250 words, up to 1.5° askew) and come over and over; or with --letters the
typed scans of one page among the labelled letters, as they came: stamps, folds, faxes, photographs, pages on their
side. All go into the files as grey or coloured JPEG. OCRmyPDF is installed by pip into a temporary environment unless a
program is named; it is no dependency of mailroom.
"""

import argparse
import io
import json
import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pikepdf
import pypdfium2 as pdfium
from PIL import Image, ImageDraw, ImageFont, ImageOps
from rapidfuzz.distance import Levenshtein

from benchmarks.processes import Processes, most_memory
from benchmarks.row import Row
from mailroom.config import OcrSettings
from mailroom.model.arrival import Channel
from mailroom.reading.reader import Reader

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"
SENTENCES = (
    "Обръщам се към Вас по повод на състоянието на улицата пред нашия вход.",
    "От пролетта насам тротоарът е разкопан и никой не идва да го възстанови.",
    "Възрастните хора от блока заобикалят по платното, където минават автомобили.",
    "На два пъти се обадихме по телефона и ни обещаха, че до седмица ще бъде оправено.",
    "Моля да ни отговорите писмено кога ще бъде извършен ремонтът и кой отговаря за него.",
    "Прилагаме снимки, направени на 12 ноември 2026 г. сутринта.",
)
LANGUAGES = "bul+eng"
LETTERS = Path(__file__).parent / "letters"
CORES = 2
TURN = 10
"""Pages that one way reads before the next one does."""
DIFFERENT = 100
"""Drawn pages; then the first one comes again."""
OURS, OCRMYPDF, BARE = "mailroom", "OCRmyPDF", "bare Tesseract"


class Sheet(NamedTuple):
    """A page and what stands on it."""

    picture: Image.Image
    text: str


class Turn(NamedTuple):
    """Some pages, how long each way took for them, and how well it read them."""

    pages: int
    seconds: dict[str, float]
    rates: dict[str, list[float]]
    """Character error rate of each page."""
    memory: int
    """The most that a reading process has held, in octets, what it shares with others included."""


Ways = dict[str, Callable[[Path, int], list[str]]]
"""Each way by its name: from the folder with so many pages to their texts."""


def drawn(number: int) -> Sheet:
    """A page of some 250 words; the same for the same number."""
    return Sheet(_picture(number), "\n".join(_lines(random.Random(number), number)))


def labelled() -> list[dict[str, str]]:
    """The labels of the typed scans of one page among the labelled letters, upright or not."""
    labels = [json.loads(line) for line in (LETTERS / "paper/labels.jsonl").read_text("utf-8").splitlines()]
    return [label for label in labels if label["pages"] == 1 and not label["handwritten"] and label.get("full_text")]


def scanned(label: dict[str, str]) -> Sheet:
    """A labelled scan, with square pixels."""
    return Sheet(_scan(LETTERS / "paper" / label["file"]), label["full_text"])


def _scan(path: Path) -> Image.Image:
    if path.read_bytes().startswith(b"%PDF"):
        with closing(pdfium.PdfDocument(path.read_bytes())) as document, closing(document[0]) as page:
            picture: Image.Image = page.render(scale=300 / 72).to_pil()
            return picture.convert("RGB")
    with Image.open(path) as file:
        across, down = file.info.get("dpi") or (1, 1)
        upright = ImageOps.exif_transpose(file).convert("RGB")
    return upright.resize((upright.width, round(upright.height * float(across) / float(down))))


def a4_page(number: int) -> bytes:
    """A PDF of one page with a picture of some 250 words and no text layer; the same for the same number."""
    out = io.BytesIO()
    _picture(number).save(out, "PDF", resolution=300, quality=80)
    return out.getvalue()


def _dpi(picture: Image.Image) -> float:
    """As if the long side were that of A4."""
    return max(picture.size) / 11.69


def _lines(chosen: random.Random, number: int) -> list[str]:
    lines = ["До кмета на Община Примерово", "", f"СИГНАЛ № {number}", "", "Уважаеми господин Кмет,", ""]
    for _ in range(4):
        words = " ".join(chosen.sample(SENTENCES, 5)).split()
        lines += [" ".join(words[start:start + 9]) for start in range(0, len(words), 9)] + [""]
    return [*lines, "Иван Стоянов Колев", f"гр. Примерово, ул. „Роза“ № {number + 1}", "тел. 0888 000 417"]


def _picture(number: int) -> Image.Image:
    chosen = random.Random(number)
    text = "\n".join(_lines(chosen, number))
    page = Image.new("L", (2480, 3508), 255)
    ImageDraw.Draw(page).multiline_text((250, 250), text, font=ImageFont.truetype(FONT, 46), fill=20, spacing=22)
    return page.rotate(chosen.uniform(-1.5, 1.5), fillcolor=255, resample=Image.Resampling.BICUBIC)


def by_mailroom(reader: Reader, folder: Path, count: int) -> list[str]:
    """The text of each page, by mailroom's reading processes."""
    def read(number: int) -> str:
        return reader.read(folder / f"{number}.pdf", Channel.PAPER).text

    with ThreadPoolExecutor(CORES) as threads:
        return list(threads.map(read, range(count)))


def by_ocrmypdf(program: str, folder: Path, count: int) -> list[str]:
    """The text of each page, by OCRmyPDF, which reads one file of all of them."""
    sidecar = folder / "sidecar.txt"
    subprocess.run([program, "--quiet", "--rotate-pages", "--deskew", "-l", LANGUAGES, "--jobs", str(CORES),
                    "--output-type", "pdf", "--sidecar", sidecar, folder / "all.pdf", folder / "out.pdf"],
                   check=True)
    return sidecar.read_text("utf-8").split("\f")[:count]


def by_tesseract(folder: Path, count: int) -> list[str]:
    """The text of each page, by one Tesseract process a page, two at a time."""
    def read(number: int) -> str:
        done = subprocess.run(["tesseract", folder / f"{number}.png", "-", "-l", LANGUAGES], check=True,
                              capture_output=True, text=True, env={**os.environ, "OMP_THREAD_LIMIT": "1"})
        return done.stdout

    with ThreadPoolExecutor(CORES) as threads:
        return list(threads.map(read, range(count)))


def main() -> None:
    """Have pages read, and tell how it stands after each number of them that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--others", type=int, default=40, help="about so many pages are read by the others too")
    parser.add_argument("--letters", action="store_true", help="the labelled scans, each once, not drawn pages")
    parser.add_argument("--ocrmypdf", help="the program; installed for this run when not given")
    asked = parser.parse_args()
    sheets = [partial(scanned, label) for label in labelled()] if asked.letters else _drawn_pages(max(asked.pages))
    with tempfile.TemporaryDirectory() as name:
        program = asked.ocrmypdf or _installed_ocrmypdf(Path(name))
        read: list[Turn] = []
        for turn in turns(sheets, {OCRMYPDF: partial(by_ocrmypdf, program), BARE: by_tesseract}, asked.others):
            read.append(turn)
            count = sum(one.pages for one in read)
            if count in (*asked.pages, len(sheets)):
                print("\n".join(_told(count, read)), flush=True)


def rows(count: int, others: int) -> Iterator[Row]:
    """mailroom beside a bare pool of Tesseract processes on drawn pages, for the table."""
    read = list(turns(_drawn_pages(count), {BARE: by_tesseract}, others))
    yield Row(f"OCR of {count} drawn pages", f"{_speed(read, OURS):.1f} pages a minute")
    yield Row("  for one page of a bare pool of Tesseract processes", f"{_ratio(read, BARE):.2f}", "0.85")
    ours, bare = (statistics.mean(_rates(read, way)) for way in (OURS, BARE))
    yield Row("  character error rate", f"{ours:.2%}, bare {bare:.2%}")
    yield Row("  memory of a reading process", f"{read[-1].memory / 1e6:.0f} MB", "500 MB")


def turns(sheets: Sequence[Callable[[], Sheet]], others: Ways, most: int) -> Iterator[Turn]:
    """Have the sheets read, ten at a time; about `most` of them by the others too."""
    every = max(1, math.ceil(len(sheets) / max(TURN, most)))
    with closing(Reader(OcrSettings(workers=CORES))) as reader, tempfile.TemporaryDirectory() as name:
        ours: Ways = {OURS: partial(by_mailroom, reader)}
        for number, start in enumerate(range(0, len(sheets), TURN)):
            together = [sheet() for sheet in sheets[start:start + TURN]]
            ways = ours if number % every else ours | others
            _write_pages(Path(name), [sheet.picture for sheet in together], as_png=BARE in ways)
            yield _turn(Path(name), [sheet.text for sheet in together], ways)


def _turn(folder: Path, texts: Sequence[str], ways: Ways) -> Turn:
    seconds, rates = dict[str, float](), dict[str, list[float]]()
    for name, read in ways.items():
        start = time.monotonic()
        got = read(folder, len(texts))
        seconds[name] = time.monotonic() - start
        rates[name] = [_error_rate(wanted, text) for wanted, text in zip(texts, got, strict=True)]
    return Turn(len(texts), seconds, rates, max(map(most_memory, Processes(os.getpid()).pids()[1:])))


def _drawn_pages(count: int) -> list[Callable[[], Sheet]]:
    return [partial(drawn, at % DIFFERENT) for at in range(count)]


def _installed_ocrmypdf(folder: Path) -> str:
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "ocrmypdf"], check=True)
    return str(folder / "bin/ocrmypdf")


def _write_pages(folder: Path, pictures: Sequence[Image.Image], *, as_png: bool) -> None:
    with pikepdf.new() as together:
        for number, picture in enumerate(pictures):
            picture.save(folder / f"{number}.pdf", resolution=_dpi(picture), quality=80)
            if as_png:
                picture.save(folder / f"{number}.png", dpi=(_dpi(picture),) * 2)
            with pikepdf.open(folder / f"{number}.pdf") as page:
                together.pages.extend(page.pages)
        together.save(folder / "all.pdf")


def _error_rate(wanted: str, got: str) -> float:
    wanted, got = (" ".join(words.split()) for words in (wanted, got))
    return min(1.0, Levenshtein.distance(wanted, got) / len(wanted))


def _told(count: int, read: Sequence[Turn]) -> Iterator[str]:
    """What there is to say after so many pages."""
    yield f"{count} pages; a reading process has held {read[-1].memory / 1e6:.0f} MB at most"
    for way in read[0].seconds:
        rates = _rates(read, way)
        yield (f"  {way}: {_speed(read, way):.1f} pages a minute (mailroom {_ratio(read, way):.2f} times as many), "
               f"character error rate of {len(rates)}: mean {statistics.mean(rates):.2%}, "
               f"median {statistics.median(rates):.2%}")


def _speed(read: Iterable[Turn], way: str) -> float:
    """Pages a minute, the median of the turns."""
    return statistics.median(60 * turn.pages / turn.seconds[way] for turn in read if way in turn.seconds)


def _ratio(read: Iterable[Turn], way: str) -> float:
    """Pages of mailroom's for one of the other way's, the median of the turns that both have read."""
    return statistics.median(turn.seconds[way] / turn.seconds[OURS] for turn in read if way in turn.seconds)


def _rates(read: Iterable[Turn], way: str) -> list[float]:
    return [rate for turn in read for rate in turn.rates.get(way, ())]


if __name__ == "__main__":
    main()
