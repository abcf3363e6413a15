"""Bulgarian first, English for who asks: which language a visit has, and what of the pages is translated."""

import re
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

import httpx
import pytest
from jinja2 import Environment, nodes
from lxml import etree, html

from mailroom.masking import mask_identifiers
from mailroom.web import render
from mailroom.web.language import _SPEECH, COOKIE, ENGLISH, Speech, accepted_language, said
from tests.web.conftest import Town, logged_in
from tests.web.test_everybody import addresses_by_role
from tools.messages import english, gathered

PAGES = Path(render.HERE / "pages")


@pytest.mark.parametrize(("accepted", "language"), [
    ("", "bg"), ("*", "bg"), ("bg-BG,bg;q=0.9,en;q=0.8", "bg"), ("en-GB,en;q=0.9", "en"), ("en;q=0.4, bg;q=0.7", "bg"),
    ("de-DE,de;q=0.9", "en"), ("de, bg;q=0.1", "bg"), (";q=,,x;q=9", "en"),
])
def test_the_browser_says_which_language_the_citizen_reads(accepted: str, language: str) -> None:
    assert accepted_language(accepted) == language


def test_staff_read_bulgarian_until_they_ask_for_english_and_stay_on_their_page(calm_town: Town) -> None:
    with httpx.Client(base_url=calm_town.staff_url, headers={"accept-language": "en"}) as browser:
        assert '<html lang="bg">' in browser.get("/login").text
        turned = browser.get("/login?next=/print&lang=en")
        assert turned.status_code == 303 and turned.headers["location"] == "/login?next=%2Fprint"
        assert '<html lang="en">' in browser.get("/login").text
        browser.get("/login?lang=bg")
        assert '<html lang="bg">' in browser.get("/login").text


def test_the_switch_never_leads_to_another_site(calm_town: Town) -> None:
    turned = httpx.get(f"{calm_town.staff_url}//example.com/?lang=en")
    assert turned.headers["location"] == "/example.com/"


def test_the_citizens_page_speaks_the_browsers_language(calm_town: Town) -> None:
    english, bulgarian = (httpx.get(calm_town.public_url, headers={"accept-language": code}).text
                          for code in ("en-GB", "bg-BG"))
    assert '<html lang="en">' in english and '<html lang="bg">' in bulgarian


def test_only_literals_are_message_ids() -> None:
    """What `_` gives counts as safe HTML: a citizen's text must never come near it."""
    environment = Environment(extensions=["jinja2.ext.i18n"])
    for path in PAGES.glob("**/*.html"):
        for call in environment.parse(path.read_text("utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext", "ngettext"):
                assert isinstance(call.args[0], nodes.Const), f"{path.name}:{call.lineno}"


def test_a_composed_sentence_is_translated_with_what_it_tells() -> None:
    token = _SPEECH.set(Speech(ENGLISH))
    try:
        assert said("Потребителското име „koleva“ вече съществува.") == "The user name “koleva” is taken."
        assert said("непознато изречение") == "непознато изречение"
    finally:
        _SPEECH.reset(token)


def test_every_text_of_the_pages_has_its_english() -> None:
    catalogue = english()
    kept = {entry.id: entry.string for entry in catalogue}
    assert [text for text in (entry.id for entry in gathered()) if text and not all(_forms(kept.get(text)))] == []


def test_every_translation_fills_in_what_its_original_fills_in() -> None:
    for entry in english():
        for wording in _forms(entry.string):
            assert set(_HOLES.findall(wording)) <= set(_HOLES.findall(str(entry.id))), entry.id


def test_no_bulgarian_is_left_on_the_english_pages_but_what_is_bulgarian_by_nature(calm_town: Town) -> None:
    left: list[str] = []
    for role, addresses in addresses_by_role(calm_town).items():
        with logged_in(calm_town, role) as browser:
            browser.cookies.set(COOKIE, ENGLISH)
            for address in addresses:
                left += [f"{address}: {text}" for text in _bulgarian(browser.get(address).text, calm_town)]
    for url in (f"{calm_town.staff_url}/login", f"{calm_town.staff_url}/none", calm_town.public_url):
        source = httpx.get(url, headers={"cookie": f"{COOKIE}={ENGLISH}"}).text
        left += [f"{url}: {text}" for text in _bulgarian(source, calm_town)]
    assert left == []


_HOLES = re.compile(r"\{\w+\}|%\(\w+\)s")
_SPOKEN = ("title", "alt", "placeholder", "aria-label", "aria-description", "data-name", "data-key-name")
"""Attributes that people read or hear."""
_NUMBER = re.compile(r"\b[А-Я0-9]{2}-[А-Я0-9]{1,2}-\d+\b")
"""A registration number: part of it is the initial of the sender."""


def _forms(string: object) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, list | tuple) else (str(string or ""),)


def _bulgarian(source: str, town: Town) -> Iterator[str]:
    """Every text with Cyrillic letters that no element claims to be Bulgarian, and nobody has written or asked for."""
    page = html.document_fromstring(source)
    assert page.get("lang") == "en"
    found = (town.item(name).findings for name in town.ids)
    subjects = [mask_identifiers(facts.subject.value) for facts in found if facts and facts.subject]
    written = ["няма", town.office.pack.contact.name, *subjects]
    written.sort(key=len, reverse=True)
    for element in page.iter(etree.Element):
        if element.tag in ("textarea", "script") or element.xpath("ancestor-or-self::*[@lang='bg']"):
            continue
        texts: list[str | None] = [element.text, *(child.tail for child in element)]
        texts += [element.get(name) for name in _SPOKEN]
        for text in filter(None, texts):
            rest = reduce(lambda left, subject: left.replace(subject, ""), written, text)
            if re.search("[А-Яа-я]", _NUMBER.sub("", rest)):
                yield text.strip()
