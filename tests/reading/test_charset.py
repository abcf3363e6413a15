"""Octets become the text that was written, whatever charset was declared."""

import pytest

from mailroom.reading.charset import clean_line, decode, decode_header, without_mojibake

TEXTS = ["Здравейте, не свети лампата на ул. „Петрохан“ № 41.", "ЖАЛБА ОТ ЖИВУЩИТЕ В БЛОК 6", "Няма осветление",
         "Уважаема госпожо Кмет, боклукът не е извозен от петък.", "Гергана Щерева", "ще дойда утре"]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("real", ["utf-8", "windows-1251", "koi8-r", "iso-8859-5", "mac-cyrillic"])
@pytest.mark.parametrize("declared", [None, "us-ascii", "iso-8859-1", "utf-8", "x-unknown", "right"])
def test_bulgarian_is_recognised_under_any_declared_charset(text: str, real: str, declared: str | None) -> None:
    plain = real in ("koi8-r", "iso-8859-5", "mac-cyrillic")
    written = text.replace("„", '"').replace("“", '"').replace("№", "N") if plain else text
    octets = written.encode(real)
    assert decode(octets, real if declared == "right" else declared).text == written


def test_a_wrong_declaration_is_told() -> None:
    assert decode("Добър ден".encode("windows-1251"), "us-ascii").misdeclared
    assert not decode("Добър ден".encode("windows-1251"), "windows-1251").misdeclared


@pytest.mark.parametrize("text", [*TEXTS, "Кога?"])
@pytest.mark.parametrize("real", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("declared", [None, "utf-8", "windows-1251", "utf-16", "right"])
def test_utf16_is_recognised_with_and_without_its_mark(text: str, real: str, declared: str | None) -> None:
    assert decode(text.encode(real), real if declared == "right" else declared).text == text


@pytest.mark.parametrize("real", ["utf-8", "windows-1251", "koi8-r", "iso-8859-5", "mac-cyrillic", "cp866"])
@pytest.mark.parametrize("declared", ["utf-16", "utf-16le"])
def test_a_text_that_is_no_utf16_is_not_read_as_one(real: str, declared: str) -> None:
    for text in ("Няма ток на ул. Рила 4.", "МОЛЯ ДА СЕ ПОЧИСТИ УЛИЦАТА"):
        assert decode(text.encode(real), declared).text == text


def test_a_long_text_outweighs_its_declaration() -> None:
    text = "МОЛЯ ДА СЕ ПОЧИСТИ УЛИЦА ШИПКА"
    assert decode(text.encode("windows-1251"), "koi8-r").text == text


def test_a_footer_in_another_charset_is_read_by_itself() -> None:
    body, footer = "Добър ден, няма вода на ул. „Рила“.\n", "Проверено за вируси от сървъра"
    found = decode(body.encode() + footer.encode("windows-1251"), "utf-8")
    assert found.text == body + footer and found.misdeclared


def test_a_line_of_noise_is_no_other_charset() -> None:
    body, noise = "Добър ден, няма вода.\n".encode(), bytes.fromhex("c4a8fe19b3e7ed9bcc4c5ae9db5e31e8a5eb5ec4ed")
    assert decode(body + noise, "utf-8").charset == "utf-8" and decode(body + noise, "utf-8").lossy


def test_one_broken_octet_is_no_other_charset() -> None:
    assert len(decode(b"\x98", None).text) == 1


@pytest.mark.parametrize(("text", "charset"), [
    ("かきくえこ、お知らせ", "shift_jis"),
    ("안녕하세요 시장님", "euc-kr"),
    ("您好，我的房子没有水", "gb2312"),
    ("Konuş köyünde yaşıyorum, öğlen otobüsü gelmiyor.", "iso-8859-9"),
    ("Grüße aus München, schöne Straßen", "iso-8859-1"),
    ("Здравствуйте, мы купили дом в селе и ищем документы", "koi8-r"),
    ("お知らせ", "iso-2022-jp"),
    ("Здравейте", "utf-16"),
])
def test_other_languages_keep_their_declared_charset(text: str, charset: str) -> None:
    assert decode(text.encode(charset), charset).text == text


def test_utf8_with_a_few_broken_octets_stays_utf8() -> None:
    octets = TEXTS[0].encode() + b"\xd0" + TEXTS[3].encode()
    found = decode(octets, "utf-8")
    assert TEXTS[3] in found.text and found.lossy


@pytest.mark.parametrize(("raw", "text"), [
    ("=?utf-8?Q?=D0=90=D0?= =?utf-8?Q?=BD=D0=B3=D0=B5=D0=BB?=", "Ангел"),
    ("=?utf-8?B?0JbQsNC70LHQ?=\r\n =?utf-8?B?sA==?=", "Жалба"),
    ("=?windows-1251?B?xuDr4eA=?= №5".encode().decode("ascii", "surrogateescape"), "Жалба №5"),
    ("=?KOI8-R?Q?=F6=C1=CC=C2=C1?= plain =?utf-8?Q?=D0=B8?=", "Жалба plain и"),
    ("Жалба".encode("windows-1251").decode("ascii", "surrogateescape"), "Жалба"),
    ("=?utf-8?Q?one?= =?iso-8859-1?Q?two?=", "onetwo"),
    ("=?utf-8?B?!!!?=", ""),
    ("=?utf-8?B?0JYNCkJjYzogYUBi?=", "Ж Bcc: a@b"),
    ("=?x?Q?a?= b", "a b"),
    ("=?utf-8?B?0JbQsNC70LHQsA", "Жалба"),
    ("=?utf-8?B?0JbQsNC70LHQsA?", "Жалба"),
    ("=??B?0JbQsNC70LHQsA==?=", "Жалба"),
    ("=?utf-8?Q?=D0=9A=D0=BE=D0=B3=D0=B0?_?=", "Кога?"),
    ("=?utf-8?B?PT91dGYtOD9CPzBKYlFzTkM3MExIUXNBPT0/PQ==?=", "Жалба"),
    ("&#1046;&#1072;&#1083;&#1073;&#1072;", "Жалба"),
    ("AT&amp;T &#8211; план", "AT&amp;T &#8211; план"),
])
def test_header_words_are_decoded(raw: str, text: str) -> None:
    assert decode_header(raw) == text


def test_a_line_has_no_controls_and_no_line_ends() -> None:
    assert clean_line("a\r\nBcc: b\x00\x1b") == "a Bcc: b"


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("right", "wrong"), [
    ("utf-8", "latin-1"), ("utf-8", "cp1251"), ("windows-1251", "latin-1"),
])
def test_what_was_read_wrongly_on_the_way_is_turned_back(text: str, right: str, wrong: str) -> None:
    """A program that read one charset as another and wrote it out again is undone."""
    written = text.encode(right).decode(wrong, "ignore").encode()
    whole = len(written.decode().encode(wrong, "ignore")) == len(text.encode(right))
    assert not whole or decode(written, "utf-8").text == text


@pytest.mark.parametrize("text", [
    *TEXTS, "Château d’Île-de-France, déjà vu à Nîmes", "Größe, Straße, Übung, Äpfel", "Привет, как дела? Это письмо.",
    "ÖĞRENCİ YURDU ŞİKÂYETİ", "naïve café – “quoted” €5", "Р.С. Р-н Север, Св. Св.",
])
def test_a_sound_text_is_left_alone(text: str) -> None:
    """Accents, quotation marks and capitals are no damage."""
    assert without_mojibake(text) == text


def test_cyrillic_in_utf7_is_read_undeclared() -> None:
    """RFC 2152 under the charset us-ascii, as some gateways send it."""
    assert decode(TEXTS[0].encode("utf-7"), "us-ascii").text == TEXTS[0]
