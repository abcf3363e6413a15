"""Pages to measure with: an A4 letter as a scanner makes it, at 300 dpi, slightly askew, with a little noise."""

import io
import random

from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"
SENTENCES = (
    "Обръщам се към Вас по повод на състоянието на улицата пред нашия вход.",
    "От пролетта насам тротоарът е разкопан и никой не идва да го възстанови.",
    "Възрастните хора от блока заобикалят по платното, където минават автомобили.",
    "На два пъти се обадихме по телефона и ни обещаха, че до седмица ще бъде оправено.",
    "Моля да ни отговорите писмено кога ще бъде извършен ремонтът и кой отговаря за него.",
    "Прилагаме снимки, направени на 12 ноември 2026 г. сутринта.",
)


def a4_page(number: int) -> bytes:
    """A PDF of one page with a picture of some 250 words and no text layer; the same for the same number."""
    chosen = random.Random(number)
    lines = ["До кмета на Община Примерово", "", f"СИГНАЛ № {number}", "", "Уважаеми господин Кмет,", ""]
    for _ in range(4):
        words = " ".join(chosen.sample(SENTENCES, 5)).split()
        lines += [" ".join(words[start:start + 9]) for start in range(0, len(words), 9)] + [""]
    lines += ["Иван Стоянов Колев", f"гр. Примерово, ул. „Роза“ № {number + 1}", "тел. 0888 000 417"]
    page = Image.new("L", (2480, 3508), 255)
    ImageDraw.Draw(page).multiline_text((250, 250), "\n".join(lines), font=ImageFont.truetype(FONT, 46), fill=20,
                                        spacing=22)
    page = page.rotate(chosen.uniform(-1.5, 1.5), fillcolor=255, resample=Image.Resampling.BICUBIC)
    out = io.BytesIO()
    page.save(out, "PDF", resolution=300, quality=80)
    return out.getvalue()
