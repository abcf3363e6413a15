"""Letters of our own writing to the invented town, one for each thing that the pages must show."""

import io
from email.message import EmailMessage

from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"

NASTY_HTML = """<html><head><style>body{background:url(http://evil.example.com/a.png)}</style></head><body onload="x()">
<p>Здравейте, <b>моля</b> <a href="javascript:alert(1)">натиснете</a> или <a href="http://evil.example.com/">тук</a>.</p>
<script>document.title='hacked'</script>
<img src="http://evil.example.com/pixel.png" onerror="document.title='hacked'">
<form action="http://evil.example.com/"><input name="q"><button>Вход</button></form>
<svg onload="document.title='hacked'"><circle r="9"/></svg><iframe src="http://evil.example.com/"></iframe>
<meta http-equiv="refresh" content="0;url=http://evil.example.com/">
<link rel="stylesheet" href="http://evil.example.com/a.css"><link rel="prefetch" href="http://evil.example.com/p">
<style>@import url("http://evil.example.com/i.css");
p { background: image-set("http://evil.example.com/s.png" 1x) }</style>
<base href="http://evil.example.com/"><img srcset="//evil.example.com/b.png 2x"><input type="image" src="b.png">
<video poster="b.png" src="b.mp4"></video><audio src="b.mp3" autoplay></audio><object data="b.swf"></object>
<embed src="b.swf"><body background="b.png"><table background="b.png"></table>
<svg xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="http://evil.example.com/v.png"/>
<use href="http://evil.example.com/v.svg#a"/><foreignObject><img src="b.png"></foreignObject>
<animate attributeName="href" values="javascript:alert(1)"/></svg>
<math><maction xlink:href="javascript:x()">.</maction></math>
<table><tr><td style="position:fixed;top:0;background:url(b.png);behavior:url(b.htc);width:expression(x())">
Контейнерите на ул. „Липа“ № 3 не са извозвани от две седмици.</td></tr></table>
<p>Стефан Начев, гр. Примерово, ул. „Липа“ № 3</p></body></html>"""


def mail(text: str, *, sender: str, subject: str, **fields: str) -> EmailMessage:
    """A citizen's mail."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "delovodstvo@example.bg", subject
    message["Message-ID"] = f"<{abs(hash((text, subject)))}@example.com>"
    message["Date"] = "Fri, 20 Nov 2026 10:12:00 +0200"
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def _with_html() -> EmailMessage:
    message = mail("Контейнерите на ул. „Липа“ № 3 не са извозвани от две седмици.\n\nСтефан Начев\n"
                   "гр. Примерово, ул. „Липа“ № 3", sender="Стефан Начев <s.nachev@example.com>",
                   subject="Сигнал за неизвозен боклук")
    message.add_alternative(NASTY_HTML, subtype="html")
    return message


def _with_attachment() -> EmailMessage:
    message = mail("Уважаеми господа,\n\nпредлагам да се засадят липи по улица „Роза“. Прилагам скица на местата. "
                   "За справка: ЕГН 7523169263.\n\nВеселина Маринова\n"
                   "гр. Примерово, ул. „Роза“ № 12, вх. А, ет. 2, ап. 5\n"
                   "тел. 0888 000 421", sender="Веселина Маринова <v.marinova@example.com>",
                   subject="Предложение за озеленяване, ЕГН 7523169263")
    message.add_attachment(page_of_text(), maintype="image", subtype="png", filename="../../скица\u202egnp.exe.png")
    return message


def page_of_text() -> bytes:
    """A typed letter as a scanned page, small enough for a quick OCR."""
    page = Image.new("L", (1240, 1754), "white")
    text = ("До кмета на Община Примерово\n\nСИГНАЛ\n\nот Петър Ангелов Димов\nгр. Примерово 9999, ул. Явор № 4\n"
            "тел. 0888 000 433\n\nНа улица Явор уличните лампи не светят\nот една седмица. Моля да бъдат поправени.\n\n"
            "19 ноември 2026 г.\n\nПетър Димов")
    ImageDraw.Draw(page).multiline_text((130, 150), text, fill="black", font=ImageFont.truetype(FONT, 38), spacing=18)
    out = io.BytesIO()
    page.save(out, "PNG", dpi=(150, 150))
    return out.getvalue()


LETTERS = {
    "signal": mail(
        "Здравейте,\n\nна ул. „Роза“ пред № 5 има голяма дупка в асфалта. Сигнализирам за трети път, моля да вземете "
        "мерки.\n\nМария Петкова\nгр. Примерово, ул. „Роза“ № 7\nтел. 0888 000 417",
        sender="Мария Петкова <m.petkova@example.com>", subject="Дупка на ул. „Роза“"),
    "anonymous": mail(
        "Сигнализирам, че съседите хвърлят боклук през балкона. Не желая да посоча името си, страх ме е.",
        sender="stranger77@example.com", subject="Сигнал"),
    "danger": mail(
        "На тротоара пред училището на ул. „Извор“ има отворена шахта без капак, ще падне дете!",
        sender="x.y@example.com", subject="СПЕШНО"),
    "waste": _with_html(),
    "conduct": mail(
        "Оплаквам се от служителя Иван Тодоров от отдел „Чистота“, който се държа грубо с мен на 18 ноември и отказа "
        "да приеме сигнала ми.\n\nДимитър Колев\nгр. Примерово, ул. „Бор“ № 2\nтел. 0888 000 425",
        sender="Димитър Колев <d.kolev@example.com>", subject="Жалба срещу служител"),
    "whistle": mail(
        "Подавам сигнал по Закона за защита на лицата, подаващи сигнали или публично оповестяващи информация за "
        "нарушения. Работя в дирекция „Финанси“ на общината и при изпълнение на работата си установих, че се подписват "
        "фактури за неизвършени ремонти.\n\nИлия Савов\nтел. 0888 000 429",
        sender="Илия Савов <i.savov@example.com>", subject="Сигнал за нарушение по ЗЗЛПСПОИН"),
    "proposal": _with_attachment(),
    "spam": mail(
        "Congratulations! You have won the lottery. Send us your bank details and claim your prize now. Viagra casino "
        "bonus 100% free.", sender="Lucky <win@example.net>", subject="You won $1,000,000!!!", Precedence="bulk",
        List_Unsubscribe="<mailto:u@example.net>"),
    "reply": mail("В отпуск съм до 1 декември.", sender="Ани Бонева <a.boneva@example.com>",
                  subject="Автоматичен отговор: Вашето писмо", Auto_Submitted="auto-replied"),
}
