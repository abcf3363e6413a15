"""Keys do the same on every layout of a Bulgarian keyboard, and nothing while somebody types."""

from playwright.sync_api import Page

from mailroom.model.staff import Role
from tests.web.conftest import Town, Visitor

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
