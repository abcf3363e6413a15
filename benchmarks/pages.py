"""Pages a minute and character error rate: mailroom, OCRmyPDF and a bare pool of Tesseract processes, side by side.

    .venv/bin/python -m benchmarks.pages [--pages 10 100] [--rounds N] [--ocrmypdf PROGRAM]

The same A4 scans (300 dpi, grey JPEG in a PDF, some 250 words, up to 1.5° askew) on two cores: mailroom's reading
processes get a file for each page; OCRmyPDF gets one file of all pages and two jobs, with --rotate-pages --deskew and
the same languages; the pool gets the pictures as PNG, ready on disk. OCRmyPDF is installed by pip into a temporary
environment unless a program is named; it is no dependency of mailroom.
"""

import argparse
import io
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from rapidfuzz.distance import Levenshtein

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
CORES = 2


def page_text(number: int) -> str:
    """What stands on a page; the same for the same number."""
    return "\n".join(_lines(random.Random(number), number))


def a4_page(number: int) -> bytes:
    """A PDF of one page with a picture of some 250 words and no text layer; the same for the same number."""
    out = io.BytesIO()
    _picture(number).save(out, "PDF", resolution=300, quality=80)
    return out.getvalue()


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
        for count in asked.pages:
            _write_pages(folder, count)
            rounds = [{way: _timed(read, count) for way, read in ways.items()} for _ in range(asked.rounds)]
            _report(count, rounds)


def _installed_ocrmypdf(folder: Path) -> str:
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "ocrmypdf"], check=True)
    return str(folder / "bin/ocrmypdf")


def _write_pages(folder: Path, count: int) -> None:
    for number in range(count):
        (folder / f"{number}.pdf").write_bytes(a4_page(number))
        _picture(number).save(folder / f"{number}.png", dpi=(300, 300))
    pictures = (_picture(number) for number in range(1, count))
    _picture(0).save(folder / f"all-{count}.pdf", resolution=300, quality=80, save_all=True, append_images=pictures)


def _timed(read: Callable[[int], list[str]], count: int) -> tuple[float, float]:
    """Pages a minute, and the mean character error rate."""
    start = time.monotonic()
    texts = read(count)
    seconds = time.monotonic() - start
    return 60 * count / seconds, statistics.mean(_error_rate(number, text) for number, text in enumerate(texts))


def _error_rate(number: int, text: str) -> float:
    wanted, got = (" ".join(words.split()) for words in (page_text(number), text))
    return Levenshtein.distance(wanted, got) / len(wanted)


def _report(count: int, rounds: Sequence[dict[str, tuple[float, float]]]) -> None:
    for way in rounds[0]:
        speed = statistics.median(found[way][0] for found in rounds)
        ratio = statistics.median(found["mailroom"][0] / found[way][0] for found in rounds)
        print(f"{count} pages, {way}: {speed:.1f} pages a minute, mailroom {ratio:.2f} times as many, "
              f"character error rate {rounds[0][way][1]:.2%}", flush=True)


if __name__ == "__main__":
    main()
