"""Keys do the same on every layout of a Bulgarian keyboard, and nothing while somebody types."""

import re

import pytest
from playwright.sync_api import Page

from mailroom.model.outgoing import OutgoingChannel, OutgoingStatus
from mailroom.model.staff import Role
from mailroom.web.render import HERE
from tests.web.conftest import Town, Visitor
from tests.web.test_outgoing_pages import bounced, follow_up, held

PRESS = """([key, code, more]) => document.activeElement.dispatchEvent(
    new KeyboardEvent('keydown', {key, code, bubbles: true, cancelable: true, ...more}))"""


def press(page: Page, key: str, code: str, **more: bool) -> None:
    """A key as a browser tells it under the layout in use."""
    page.evaluate(PRESS, [key, code, more])


def marked(page: Page) -> None:
    """A button with a key, beside whatever the page has."""
    page.evaluate("""() => {
        const button = document.createElement('button');
        button.dataset.key = 'п'; button.type = 'button'; button.textContent = 'Проба';
        button.onclick = () => { document.title += '!'; };
        document.querySelector('main').append(button);
        document.title = '';
        document.activeElement.blur(); }""")


TYPED = {
    "БДС": ("п", "KeyM", True), "phonetic": ("п", "KeyP", True), "a capital": ("П", "KeyP", True),
    "Latin": ("p", "KeyP", True), "by its place": ("Unidentified", "KeyP", True),
    "another letter": ("м", "KeyP", False), "another key": ("m", "KeyM", False),
}


def test_a_key_is_known_on_every_layout(calm_town: Town, visitor: Visitor) -> None:
    visitor.log_in(calm_town, Role.CLERK)
    marked(visitor.page)
    acted = {}
    for name, (key, code, _) in TYPED.items():
        visitor.page.evaluate("document.title = ''")
        press(visitor.page, key, code)
        acted[name] = visitor.page.title() == "!"
    assert acted == {name: acts for name, (_, _, acts) in TYPED.items()} and visitor.said == []


def test_no_key_acts_while_somebody_types_or_holds_another_one(calm_town: Town, visitor: Visitor) -> None:
    page = visitor.page
    visitor.log_in(calm_town, Role.CLERK)
    marked(page)
    press(page, "п", "KeyP", ctrlKey=True)
    press(page, "п", "KeyP", repeat=True)
    page.focus("input[type=search]")
    press(page, "п", "KeyP")
    assert page.title() == ""


def test_help_lists_the_keys_and_turns_them_off(calm_town: Town, visitor: Visitor) -> None:
    page = visitor.page
    visitor.log_in(calm_town, Role.CLERK)
    marked(page)
    page.keyboard.press("?")
    help_ = page.locator("dialog[data-keys]")
    told = help_.inner_text()
    assert "Проба" in told and "следващият ред" in told and "П" in told
    page.click("text=Изключи клавишите")
    page.keyboard.press("Escape")
    press(page, "п", "KeyP")
    assert not help_.is_visible() and page.title() == ""


def test_rows_are_walked_and_opened(calm_town: Town, visitor: Visitor) -> None:
    page = visitor.page
    visitor.log_in(calm_town, Role.CLERK)
    rows = page.locator("[data-row]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    press(page, "т", "KeyJ")  # the same key under БДС
    press(page, "н", "KeyK")
    wanted = rows.nth(1).locator("a[data-open]")
    assert wanted.evaluate("link => link === document.activeElement")
    address = wanted.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")
    assert visitor.said == []


PLACES = {"[": "BracketLeft", "]": "BracketRight", "\\": "Backslash", "`": "Backquote"}
"""Where phonetic layouts have ш, щ, ю and ч, whose Latin signs are no letters."""


@pytest.mark.long
def test_every_letter_that_a_page_uses_has_a_key_while_the_latin_layout_is_on(calm_town: Town,
                                                                              visitor: Visitor) -> None:
    """БДС and phonetic alike: the help names both signs, and both act."""
    source = "".join(path.read_text("utf-8") for path in (HERE / "pages").glob("**/*.html"))
    marks = re.findall(r'data-(?:row-)?key="([а-я])"|key\("([а-я])"|"([а-я])"\)', source)
    letters = sorted({letter for found in marks for letter in found if letter})
    assert {*"пярюшщьъйн"} <= {*letters}
    visitor.log_in(calm_town, Role.CLERK)
    page, silent = visitor.page, []
    marked(page)
    page.evaluate("""() => {
        document.querySelector('main > [data-key]').id = 'probe';
        document.querySelectorAll('[data-key]:not(#probe)').forEach(one => one.removeAttribute('data-key')); }""")
    for letter in letters:
        page.evaluate("letter => { document.getElementById('probe').dataset.key = letter; }", letter)
        page.keyboard.press("?")
        caps = page.locator("dialog[data-keys] dl > div", has_text="Проба").locator("kbd").all_inner_texts()
        page.keyboard.press("Escape")
        latin = caps[1].lower() if len(caps) == 2 else ""
        page.evaluate("document.title = ''; document.activeElement.blur()")
        press(page, latin, PLACES.get(latin) or f"Key{latin.upper()}")
        press(page, letter, "KeyM")  # wherever БДС has it
        silent += [] if page.title() == "!!" else [(letter, caps, page.title())]
    assert silent == [] and visitor.said == []


def test_letters_are_let_go_stopped_and_taken_back_by_keys_on_their_items_page(town: Town, visitor: Visitor) -> None:
    """Я, ⌫, Del and ⌫ again: the view from which the item was opened stays."""
    letter, page = held(town, "signal"), visitor.page
    visitor.log_in(town, Role.CLERK)
    page.goto(f"{town.staff_url}/items/{letter.item_id}?view=open")
    states = []
    for key, code in (("я", "KeyQ"), ("Backspace", "Backspace"), ("Delete", "Delete"), ("Backspace", "Backspace")):
        with page.expect_navigation():
            press(page, key, code)
        states.append(town.item("signal").letters[0].status)
        assert "view=open" in page.url
    assert states == [OutgoingStatus.QUEUED, OutgoingStatus.HELD, OutgoingStatus.CANCELLED, OutgoingStatus.HELD]
    assert town.item("signal").letters[0].hold_reason == "Подателят може да е подправен." and visitor.said == []


def test_in_the_outbox_a_key_first_goes_to_the_letter_and_then_acts(town: Town, visitor: Visitor) -> None:
    """What was stopped by a slip of the finger is taken back where that is told."""
    letter, page = held(town, "signal"), visitor.page
    visitor.log_in(town, Role.CLERK)
    page.goto(f"{town.staff_url}/outbox")
    page.keyboard.press("Delete")
    assert page.evaluate("document.activeElement.dataset.rowKey") == "Delete"
    assert town.item("signal").letters[0].status is OutgoingStatus.HELD
    with page.expect_navigation():
        page.keyboard.press("Delete")
    assert town.item("signal").letters[0].status is OutgoingStatus.CANCELLED
    with page.expect_navigation():
        page.click("text=Върни писмото")
    assert town.item("signal").letters[0].status is OutgoingStatus.HELD and letter.id and visitor.said == []


def test_what_came_back_goes_another_way_by_a_key(town: Town, visitor: Visitor) -> None:
    """Ш to the mended address, Ю to the printer, each under the Latin layout; Ь takes a letter out of its case."""
    page = visitor.page
    visitor.log_in(town, Role.CLERK)
    bounced(town, "signal")
    page.goto(f"{town.staff_url}/items/{town.ids['signal']}?view=bounced")
    press(page, "[", "BracketLeft")
    page.wait_for_selector("text=Адресът е същият")
    assert page.locator("#original-title").is_visible(), "told on the letter's own page"
    with page.expect_navigation():
        press(page, "\\", "Backslash")
    sent = town.item("signal").letters[0]
    assert (sent.channel, sent.status) == (OutgoingChannel.PRINT, OutgoingStatus.QUEUED)
    follower = follow_up(town, "waste", "Стефан Начев <s.nachev@example.com>")
    item = town.office.store.item(follower)
    assert item is not None and item.case_of == town.ids["waste"]
    page.goto(f"{town.staff_url}/items/{follower}")
    with page.expect_navigation():
        press(page, "x", "KeyX")
    item = town.office.store.item(follower)
    assert item is not None and item.case_of is None
    assert [said for said in visitor.said if "400" not in said] == []


COMMANDS = """[...document.querySelectorAll('main button, main summary, main a.button')].filter(one =>
    one.checkVisibility() && !one.matches('[data-key], [data-row-key], .drop, .edit > *, .more > *')
    && !one.closest('.batch [data-enter-sends]')
    && !one.closest('form')?.querySelector('input:not([type=hidden], [type=checkbox], [type=radio]), textarea')
    && !(one.matches('summary') && !one.parentElement.matches('.act'))).map(one => one.innerText.trim())"""
"""Every command that is in sight: what only unfolds text is none, and a form that is typed in is sent with Enter."""


@pytest.mark.long
def test_every_command_at_the_desk_has_a_key_and_stands_in_the_help(town: Town, visitor: Visitor) -> None:
    page, keyless = visitor.page, []
    held(town, "signal")
    visitor.log_in(town, Role.CLERK)
    for path in ("/queue", "/queue?view=set_aside", "/queue?view=open&kind=signal", "/outbox", "/print", "/counter",
                 f"/counter/{town.ids['told']}", "/upload", "/received",
                 *(f"/items/{town.ids[name]}?view=open" for name in ("signal", "anonymous", "scan", "spam", "waste"))):
        page.goto(town.staff_url + path)
        page.evaluate("document.activeElement.blur()")
        keyless += [(path, command) for command in page.evaluate(COMMANDS)]
        page.keyboard.press("?")
        told = page.locator("dialog[data-keys] dl").inner_text()
        page.keyboard.press("Escape")
        shown = page.evaluate("""[...document.querySelectorAll('main [data-key], main [data-row] [data-row-key]')]
            .filter(one => one.checkVisibility())
            .map(one => (one.dataset.keyName || one.ariaLabel || one.innerText).trim().replace(/\\s+/g, ' '))""")
        assert [name for name in shown if name and name not in told] == [], path
    assert keyless == [] and visitor.said == []
