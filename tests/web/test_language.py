"""Bulgarian first, English for who asks: which language a visit has, and what of the pages is translated."""

import re
from pathlib import Path

import httpx
import pytest
from jinja2 import Environment, nodes

from mailroom.web import render
from mailroom.web.language import _SPEECH, ENGLISH, Speech, accepted_language, said
from tests.web.conftest import Town
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


_HOLES = re.compile(r"\{\w+\}|%\(\w+\)s")

def _forms(string: object) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, list | tuple) else (str(string or ""),)
