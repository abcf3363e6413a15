"""A mail's octets become its header, its words and its files."""

import base64
import hashlib
import quopri
import zipfile
from datetime import UTC, datetime
from email.message import EmailMessage
from io import BytesIO

import pytest

from mailroom.model.arrival import Channel
from mailroom.model.letter import Mailbox
from mailroom.reading.email import parse_mail, safe_name
from mailroom.reading.letter import attachment_bytes
from tests.reading.material import mail, outlook_file, outlook_tree, page, raw_mail, read, saved, typed_pdf


def codes(content: bytes, channel: Channel = Channel.EMAIL) -> set[str]:
    return {fault.code for fault in read(content, channel).faults}


def test_header_of_a_plain_mail() -> None:
    letter = read(mail(In_Reply_To="<0@grad.example.bg>", References="<a@b> <0@grad.example.bg>", Return_Path="<>",
                       Reply_To="Мария <m@mail.example>").as_bytes())
    head = letter.head
    assert head is not None
    assert (letter.subject, letter.text) == ("Сигнал", "Здравейте, лампата пред нас не свети.")
    assert head.from_ == (Mailbox(name="Мария Петрова", address="maria@abv.example"),)
    assert head.reply_to == (Mailbox(name="Мария", address="m@mail.example"),)
    assert (head.message_id, head.in_reply_to) == ("<1@abv.example>", ("<0@grad.example.bg>",))
    assert head.references == ("<a@b>", "<0@grad.example.bg>")
    assert head.return_path == ""
    assert head.date == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    assert letter.legible and not letter.faults


def test_raw_8bit_header_and_body_of_another_charset() -> None:
    raw = ("From: Дамян Пеев <p@abv.example>\r\nSubject: гоце делчев\r\nTo: a@b.bg\r\n"
           "Content-Type: text/plain; charset=us-ascii\r\n\r\nКога ще свърши ремонтът?").encode("windows-1251")
    letter = read(raw)
    assert letter.subject == "гоце делчев" and letter.text == "Кога ще свърши ремонтът?"
    assert letter.head and letter.head.from_[0].name == "Дамян Пеев"
    assert "wrong_charset" in {f.code for f in letter.faults}


@pytest.mark.parametrize("sender", ["", "From: \r\n", "From: Иван без адрес\r\n"])
def test_a_mail_without_a_sender_is_read_and_said_so(sender: str) -> None:
    letter = read((sender + "Subject: x\r\nTo: a@b.bg\r\nDate: x\r\n\r\nтекст").encode())
    assert letter.text == "текст" and "no_sender" in {f.code for f in letter.faults}


def test_a_charset_with_a_nul_in_its_name_is_none() -> None:
    letter = read(raw_mail("Улицата е тъмна, моля за лампа.".encode("cp1251"), "text/plain; charset=\"cp\x001251\""))
    assert letter.text == "Улицата е тъмна, моля за лампа."


def test_nul_octets_are_taken_out_and_told() -> None:
    letter = read(raw_mail("Коко\x00шки и петел".encode(), "text/plain; charset=utf-8"))
    assert letter.text == "Кокошки и петел" and [f.code for f in letter.faults] == ["nul_octets"]


@pytest.mark.parametrize("hiding", [
    ".x {display: none}", ".x{visibility:hidden;height:0}", "div.x { position:absolute; left:-9999px }",
    ".x{max-height:0px;overflow:hidden}", ".x { font-size:0 }"])
def test_what_a_style_sheet_hides_is_left_out(hiding: str) -> None:
    source = f"<html><head><style>{hiding} p {{color:red}}</style></head><body><div class='x'>casino bonus</div>"
    assert read(raw_mail((source + "<p>Спрете шума.</p></body></html>").encode(),
                         "text/html; charset=utf-8")).text == "Спрете шума."


def test_html_alone_becomes_text_without_scripts_and_hidden_parts() -> None:
    html = ("<html><head><style>p{}</style></head><body><div style='display:none'>скрито</div><p>Първи ред</p>"
            "<script>alert(1)</script><table><tr><td>Кога</td><td>утре</td></tr></table><ul><li>едно</li></ul>край<br>"
            "нов ред</body></html>")
    assert read(raw_mail(html.encode(), "text/html; charset=utf-8")).text == (
        "Първи ред\n\nКога\tутре\n\n- едно\n\nкрай\nнов ред")


def test_the_form_that_says_most_is_taken_of_alternatives() -> None:
    message = mail("??????? ?? ????? ???")
    message.add_alternative("<p>Здравейте, не свети лампата пред дома ни.</p>", subtype="html")
    assert read(message.as_bytes()).text == "Здравейте, не свети лампата пред дома ни."
    message = mail("Обикновен текст.")
    message.add_alternative("<p>Обикновен <b>текст</b>.</p>", subtype="html")
    assert read(message.as_bytes()).text == "Обикновен текст."


def test_flowed_lines_are_joined() -> None:
    body = "Това е един \r\nдълъг ред.\r\n> цитат \r\n> продължава\r\n-- \r\nИван\r\n".encode()
    text = parse_mail(raw_mail(body, "text/plain; charset=utf-8; format=flowed")).text
    assert text == "Това е един дълъг ред.\n> цитат продължава\n--\nИван"


@pytest.mark.parametrize("boundary", ["", "; boundary=other"])
def test_a_missing_or_wrong_boundary_still_gives_the_parts(boundary: str) -> None:
    body = ("--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nТекстът.\r\n--x\r\nContent-Type: application/pdf; "
            "name=a.pdf\r\n\r\n%PDF-1.4\r\n").encode()
    letter = read(raw_mail(body, "multipart/mixed" + boundary))
    assert letter.text == "Текстът." and [a.filename for a in letter.attachments] == ["a.pdf"]
    assert "damaged_mail" in {f.code for f in letter.faults}


def test_forty_nested_parts_are_read_and_a_thousand_are_a_fault() -> None:
    def nested(depth: int) -> bytes:
        body = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "дъно".encode()
        for level in range(depth):
            edge = b"b%d" % level
            body = b"Content-Type: multipart/mixed; boundary=" + edge + b"\r\n\r\n--" + edge + b"\r\n" + body
        return b"From: a@b.bg\r\nSubject: x\r\n" + body

    assert read(nested(40)).text == "дъно"
    assert "too_deep" in codes(nested(1500))


def test_names_cannot_climb_folders_and_nameless_files_are_named_by_place() -> None:
    message = mail("Прилагам.")
    message.add_attachment(b"a" * 10, maintype="application", subtype="octet-stream",
                           filename="../../etc/па\u202eрола.txt")
    message.add_attachment(typed_pdf("кратко"), maintype="application", subtype="pdf")
    names = [a.filename for a in read(message.as_bytes()).attachments]
    assert names == ["парола.txt", "приложение-2.pdf"]
    assert [a.filename for a in read(message.as_bytes()).attachments] == names


@pytest.mark.parametrize(("declared", "safe"), [
    ("C:\\Temp\\жалба.doc", "жалба.doc"), ("...скрит", "скрит"), ("a\x00b\n.pdf", "ab.pdf"), ("", "приложение-1.pdf"),
    ("x" * 300 + ".pdf", "x" * 140 + ".pdf"), ("..", "приложение-1.pdf"), ('a<b>:"|?*.txt', "a_b______.txt")])
def test_safe_names(declared: str, safe: str) -> None:
    assert safe_name(declared, 1, "application/pdf") == safe


def test_every_way_to_write_a_file_name_is_read() -> None:
    for field in ("attachment; filename*=utf-8''%D0%A1%D0%BA%D0%B8%D1%86%D0%B0.pdf",
                  "attachment; filename*0*=utf-8''%D0%A1%D0%BA; filename*1*=%D0%B8%D1%86%D0%B0.pdf",
                  "attachment; filename=\"=?utf-8?B?0KHQutC40YbQsC5wZGY=?=\"", "attachment; filename=\"Скица.pdf\"",
                  "attachment; filename=\"=?windows-1251?Q?=D1=EA=E8=F6=E0.pdf?=\""):
        raw = raw_mail(b"--x\r\nContent-Type: text/plain\r\n\r\nabc\r\n--x\r\nContent-Type: application/pdf\r\n"
                       b"Content-Disposition: " + field.encode() + b"\r\n\r\n%PDF-1.4\r\n--x--",
                       "multipart/mixed; boundary=x")
        assert [a.filename for a in read(raw).attachments] == ["Скица.pdf"], field


def test_what_decorates_is_no_attachment() -> None:
    logo, photo = saved(page().resize((300, 60)), "PNG"), saved(page().resize((900, 1200)), "JPEG")
    message = mail("Виж снимката по-долу: дупката на булеварда става все по-голяма и вече две коли пострадаха.")
    message.add_alternative('<p>Дупката <img src="cid:l"><img src="cid:p"></p>' + "а" * 400, subtype="html")
    html = message.get_payload()[1]  # type: ignore[index]
    assert isinstance(html, EmailMessage)
    html.add_related(logo, "image", "png", cid="<l>", filename="image001.png")
    html.add_related(photo, "image", "jpeg", cid="<p>", filename="image002.jpg")
    message.add_attachment(b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR", maintype="text", subtype="calendar",
                           filename="invite.ics")
    message.add_attachment(b"0", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
    letter = read(message.as_bytes())
    assert [(a.filename, a.inline) for a in letter.attachments] == [("image002.jpg", True)]
    assert letter.calendar_method == "REQUEST"


def test_an_empty_body_takes_its_words_from_the_attached_pdf() -> None:
    message = mail("")
    message.add_attachment(typed_pdf(), maintype="application", subtype="pdf", filename="zhalba.pdf")
    letter = read(message.as_bytes())
    assert "уличното осветление" in letter.text and letter.legible
    assert letter.attachments[0].text == letter.text
    assert letter.attachments[0].sha256 == hashlib.sha256(typed_pdf()).hexdigest() or letter.attachments[0].pages


def test_a_body_that_names_the_attached_letter_is_followed_by_it() -> None:
    message = mail("Здравейте, изпращам жалба в прикачения файл.")
    message.add_attachment(_docx("Искам да се оплача от шума под прозорците ни."), maintype="application",
                           subtype="octet-stream", filename="жалба.docx")
    text = read(message.as_bytes()).text
    assert text == "Здравейте, изпращам жалба в прикачения файл.\n\nИскам да се оплача от шума под прозорците ни."


def test_a_short_body_that_names_a_letter_points_to_the_document_with_it() -> None:
    message = mail("Уважаеми, представяме молба от сдружението.")
    message.add_attachment(_docx("Молим за зала за репетиции."), maintype="application", subtype="octet-stream",
                           filename="сканирано0001.docx")
    assert "зала за репетиции" in read(message.as_bytes()).text
    photograph = mail("Изпращам молба да оправите люлката.")
    photograph.add_attachment(saved(page("ТЕКСТ НА ТАБЕЛА"), "PNG"), maintype="image", subtype="png", filename="1.png")
    assert "ТАБЕЛА" not in read(photograph.as_bytes()).text


def _docx(text: str) -> bytes:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{space}"><w:body><w:p><w:r><w:t>{text}</w:t></w:r>'
                                              "</w:p></w:body></w:document>")
    return out.getvalue()


@pytest.mark.parametrize(("name", "content", "code"), [
    ("a.zip", b"PK\x03\x04" + bytes(60), "damaged_archive"),
    ("a.rar", b"Rar!\x1a\x07\x00" + bytes(40), "damaged_archive"),
    ("a.exe", b"MZ" + bytes(200), "unsupported_type"), ("a.pdf", b"%PDF-1.4\nbroken", "damaged_pdf")])
def test_a_letter_that_lies_only_in_an_unreadable_file_goes_to_a_person(name: str, content: bytes, code: str) -> None:
    message = mail("")
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    letter = read(message.as_bytes())
    assert not letter.legible and code in {f.code for f in letter.faults}


def test_attachment_octets_are_found_by_their_digest() -> None:
    message = mail("Прилагам документ.")
    message.add_attachment(b"\x00\x01content", maintype="application", subtype="octet-stream", filename="a.bin")
    content = message.as_bytes()
    attachment = read(content).attachments[0]
    assert attachment_bytes(content, attachment.sha256) == b"\x00\x01content"
    assert attachment_bytes(content, "0" * 64) is None


def test_two_copies_that_differ_in_trace_and_transfer_have_equal_content() -> None:
    one = mail()
    other = mail(Received="from x by y; Mon, 2 Mar 2026 10:00:00 +0200", Delivered_To="other@grad.example.bg")
    other.set_content("Здравейте, лампата пред нас не свети.", cte="quoted-printable")
    assert read(one.as_bytes()).content_sha256 == read(other.as_bytes()).content_sha256
    assert read(one.as_bytes()).content_sha256 != read(mail("Друго писмо.").as_bytes()).content_sha256


def test_an_outlook_file_is_read_like_a_mail() -> None:
    inner = outlook_tree(subject="Жалба", body="Не свети лампата.", sender=("Иван Вазов", "ivan@abv.example"),
                         header=24)
    content = outlook_file(subject="FW: Жалба", body="За завеждане.", sender=("Деловодство", "d@grad.example.bg"),
                           attachment=("скица.txt", "текст".encode()), inner=inner)
    letter = read(content)
    assert letter.media_type == "application/vnd.ms-outlook" and letter.subject == "FW: Жалба"
    assert (letter.text, letter.covering_note) == ("Не свети лампата.", "За завеждане.")
    assert letter.forwarded and letter.forwarded.from_ == (Mailbox(name="Иван Вазов", address="ivan@abv.example"),)
    assert [a.filename for a in letter.attachments] == ["скица.txt"]
    assert attachment_bytes(content, letter.attachments[0].sha256) == "текст".encode()
    assert codes(content[:700]) & {"damaged_outlook", "unsupported_type"} and not read(content[:700]).legible


def test_a_scan_sent_by_mail_is_a_paper_letter() -> None:
    message = mail("Scanned document", from_="scanner@grad.example.bg")
    message.add_attachment(typed_pdf(), maintype="application", subtype="pdf", filename="scan.pdf")
    message.add_attachment(typed_pdf("Приложение: опис на документите, които са представени с жалбата"),
                           maintype="application", subtype="pdf", filename="scan2.pdf")
    letter = read(message.as_bytes(), Channel.PAPER)
    assert [p.number for p in letter.pages] == [1, 2] and letter.text.startswith("ДО КМЕТА")
    assert letter.covering_note == "Scanned document" and letter.channel is Channel.PAPER


LAMP = "Здравейте, не свети лампата на ул. „Петрохан“ № 41. Моля за ремонт."


@pytest.mark.parametrize(("body", "content_type"), [
    (quopri.encodestring(LAMP.encode()), "text/plain; charset=utf-8"),
    (base64.encodebytes(LAMP.encode()), "text/plain; charset=utf-8"),
    ("".join(f"&#{ord(sign)};" if sign > "\x7f" else sign for sign in LAMP).encode(), "text/plain; charset=us-ascii"),
    (f"<html><body><p>{LAMP}</p></body></html>".encode(), "text/plain; charset=utf-8"),
    (f"<p style='font-size:0'>промо</p><i style='opacity:0'>код</i><p>{LAMP}</p>".encode(), "text/html; charset=utf-8"),
])
def test_words_in_the_wrong_clothes_are_read(body: bytes, content_type: str) -> None:
    """Undeclared transfer encodings, character references and pages sent as plain text; hidden text is left out."""
    assert read(raw_mail(body, content_type)).text == LAMP


@pytest.mark.parametrize("text", [
    "Код: =D0 и =D1 са адреси. Моля за отговор.", "abcdEFGH1234abcdEFGH1234abcdEFGH1234abcdEFGH1234",
    "5 &lt; 7 и &#1046; са примери, останалото е обикновен текст за улицата пред нас.",
])
def test_what_only_resembles_an_encoding_is_left_alone(text: str) -> None:
    """A citizen may write an equals sign, a long code or a reference."""
    assert read(raw_mail(text.encode(), "text/plain; charset=utf-8")).text == text


def test_old_macintosh_line_ends_after_an_envelope_line() -> None:
    """A mailbox file's `From ` line and bare carriage returns, together."""
    octets = b"From MAILER-DAEMON Sun Sep  7 21:40:07 2008\n" + mail(LAMP).as_bytes()
    letter = read(octets.replace(b"\n", b"\r"))
    assert (letter.subject, letter.text) == ("Сигнал", LAMP)


def test_a_mail_tells_whether_it_has_an_html_form() -> None:
    attached = mail("Текст")
    attached.add_attachment(b"<p>x</p>", maintype="text", subtype="html", filename="x.html")
    both = mail("Текст")
    both.add_alternative("<p>Текст</p>", subtype="html")
    outer = mail("Препращам")
    outer.add_attachment(both)
    assert [read(each.as_bytes()).has_html for each in (mail("Текст"), attached, both, outer)] == [
        False, False, True, True]


def test_words_that_were_never_encoded_are_read_though_base64_is_declared() -> None:
    header = b"From: a@b.example\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    assert read(header + "Няма ток на улицата.".encode()).text == "Няма ток на улицата."
