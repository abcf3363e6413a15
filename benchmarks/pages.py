"""Pages a minute and character error rate: mailroom, OCRmyPDF and a bare pool of Tesseract processes, side by side.

    .venv/bin/python -m benchmarks.pages [--pages 10 100] [--letters] [--rounds N] [--ocrmypdf PROGRAM]

The same pages on two cores: mailroom's reading processes get a file for each page; OCRmyPDF gets one file of all pages
and two jobs, with --rotate-pages --deskew and the same languages; the pool gets the pictures as PNG, ready on disk.
Pages are drawn (300 dpi, some 250 words, up to 1.5° askew), or with --letters the typed scans of one page among the
labelled letters, as they came: stamps, folds, faxes, photographs, pages on their side. All go into the files as grey or
coloured JPEG. OCRmyPDF is installed by pip into a temporary environment unless a program is named; it is no dependency
of mailroom.
"""

import argparse
import io
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pikepdf
import pypdfium2 as pdfium
from PIL import Image, ImageDraw, ImageFont, ImageOps
from rapidfuzz.distance import Levenshtein

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


class Sheet(NamedTuple):
    """A page and what stands on it."""

    picture: Image.Image
    text: str


def drawn(number: int) -> Sheet:
    """A page of some 250 words; the same for the same number."""
    return Sheet(_picture(number), "\n".join(_lines(random.Random(number), number)))


def scanned() -> list[Sheet]:
    """The typed scans of one page among the labelled letters, upright or not, with square pixels."""
    labels = [json.loads(line) for line in (LETTERS / "paper/labels.jsonl").read_text("utf-8").splitlines()]
    return [Sheet(_scan(LETTERS / "paper" / label["file"]), label["full_text"]) for label in labels
            if label["pages"] == 1 and not label["handwritten"] and label.get("full_text")]


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


def by_mailroom(folder: Path, count: int) -> list[str]:
    """The text of each page, by mailroom's reading processes."""
    reader = Reader(OcrSettings(workers=CORES))

    def read(number: int) -> str:
        return reader.read(folder / f"{number}.pdf", Channel.PAPER).text

    try:
        with ThreadPoolExecutor(CORES) as threads:
            return list(threads.map(read, range(count)))
    finally:
        reader.close()


def by_ocrmypdf(folder: Path, count: int, program: str) -> list[str]:
    """The text of each page, by OCRmyPDF, which reads one file of all of them."""
    sidecar = folder / "sidecar.txt"
    subprocess.run([program, "--quiet", "--rotate-pages", "--deskew", "-l", LANGUAGES, "--jobs", str(CORES),
                    "--output-type", "pdf", "--sidecar", sidecar, folder / f"all-{count}.pdf", folder / "out.pdf"],
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
    """Measure every way on every number of pages, one after the other in each round, and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, nargs="+", default=[10])
    parser.add_argument("--letters", action="store_true", help="the labelled scans, not drawn pages")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ocrmypdf", help="the program; installed for this run when not given")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = asked.ocrmypdf or _installed_ocrmypdf(folder / "ocrmypdf")
        ways: dict[str, Callable[[int], list[str]]] = {
            "mailroom": lambda count: by_mailroom(folder, count),
            "OCRmyPDF": lambda count: by_ocrmypdf(folder, count, program),
            "bare Tesseract": lambda count: by_tesseract(folder, count)}
        for sheets in [scanned()] if asked.letters else [[drawn(at) for at in range(count)] for count in asked.pages]:
            _write_pages(folder, [sheet.picture for sheet in sheets])
            texts = [sheet.text for sheet in sheets]
            rounds = [{way: _timed(read, texts) for way, read in ways.items()} for _ in range(asked.rounds)]
            _report(len(texts), rounds)


def rows(count: int, rounds: int) -> Iterator[Row]:
    """mailroom beside a bare pool of Tesseract processes on drawn pages, for the table."""
    sheets = [drawn(at) for at in range(count)]
    texts = [sheet.text for sheet in sheets]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_pages(folder, [sheet.picture for sheet in sheets])
        found = [(_timed(lambda count: by_mailroom(folder, count), texts),
                  _timed(lambda count: by_tesseract(folder, count), texts)) for _ in range(rounds)]
    ours, bare = (statistics.median(speed for speed, *_ in way) for way in zip(*found, strict=True))
    ratio = statistics.median(one[0] / other[0] for one, other in found)
    yield Row(f"OCR of {count} drawn pages: by a bare pool of Tesseract processes", f"{bare:.1f} pages a minute")
    yield Row("  by mailroom", f"{ours:.1f} pages a minute, {ratio:.2f} times as many", "0.85")
    yield Row("  character error rate", f"{found[0][0][1]:.2%}, bare {found[0][1][1]:.2%}")


def _installed_ocrmypdf(folder: Path) -> str:
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "ocrmypdf"], check=True)
    return str(folder / "bin/ocrmypdf")


def _write_pages(folder: Path, pictures: Sequence[Image.Image]) -> None:
    with pikepdf.new() as together:
        for number, picture in enumerate(pictures):
            picture.save(folder / f"{number}.pdf", resolution=_dpi(picture), quality=80)
            picture.save(folder / f"{number}.png", dpi=(_dpi(picture),) * 2)
            with pikepdf.open(folder / f"{number}.pdf") as page:
                together.pages.extend(page.pages)
        together.save(folder / f"all-{len(pictures)}.pdf")


def _timed(read: Callable[[int], list[str]], texts: Sequence[str]) -> tuple[float, float, float]:
    """Pages a minute, and the mean and the median character error rate."""
    start = time.monotonic()
    got = read(len(texts))
    seconds = time.monotonic() - start
    rates = [_error_rate(wanted, text) for wanted, text in zip(texts, got, strict=True)]
    return 60 * len(texts) / seconds, statistics.mean(rates), statistics.median(rates)


def _error_rate(wanted: str, got: str) -> float:
    wanted, got = (" ".join(words.split()) for words in (wanted, got))
    return min(1.0, Levenshtein.distance(wanted, got) / len(wanted))


def _report(count: int, rounds: Sequence[dict[str, tuple[float, float, float]]]) -> None:
    for way in rounds[0]:
        speed = statistics.median(found[way][0] for found in rounds)
        ratio = statistics.median(found["mailroom"][0] / found[way][0] for found in rounds)
        print(f"{count} pages, {way}: {speed:.1f} pages a minute, mailroom {ratio:.2f} times as many, "
              f"character error rate: mean {rounds[0][way][1]:.2%}, median {rounds[0][way][2]:.2%}", flush=True)


if __name__ == "__main__":
    main()
