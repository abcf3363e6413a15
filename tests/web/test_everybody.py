"""The pages are for everybody: axe-core finds nothing on any of them, light or dark, wide or on a telephone.

Every page that answers to GET stands in WALKED with an address to look at, or in FILES when it is none.
"""

from collections.abc import Iterator, Sequence

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from mailroom.model.staff import Role
from mailroom.web.app import PAGES
from tests.web.conftest import Town, Visitor

Walked = dict[str, tuple[tuple[Role, str], ...]]
WALKED: Walked = {
    "/queue": ((Role.CLERK, "/queue"), (Role.CLERK, "/queue?view=set_aside"), (Role.SECRETARY, "/queue?q=няма")),
    "/items/{item_id:int}": ((Role.CLERK, "/items/<signal>"), (Role.CLERK, "/items/<anonymous>"),
                             (Role.CLERK, "/items/<waste>"), (Role.CLERK, "/items/<scan>")),
    "/items/{item_id:int}/beside/{other_id:int}": ((Role.CLERK, "/items/<signal>/beside/<waste>"),),
    "/queue/done": ((Role.CLERK, "/queue/done?view=bounced"),),
    "/outbox": ((Role.SECRETARY, "/outbox"),),
    "/print": ((Role.CLERK, "/print"),),
    "/counter": ((Role.CLERK, "/counter"),),
    "/counter/{item_id:int}": ((Role.CLERK, "/counter/<told>"),),
    "/upload": ((Role.CLERK, "/upload"),),
    "/received": ((Role.CLERK, "/received"),),
    "/learning": ((Role.CLERK, "/learning"),),
    "/digest": ((Role.MAYOR, "/digest"),),
    "/figures": ((Role.CLERK, "/figures"), (Role.MAYOR, "/figures?days=365")),
    "/report": ((Role.MAYOR, "/report?year=2026"), (Role.SECRETARY, "/report?year=2026&month=11")),
    "/health": ((Role.ADMIN, "/health"),),
    "/users": ((Role.ADMIN, "/users"),),
    "/users/one": ((Role.ADMIN, "/users/one?login=m.koleva"),),
    "/tokens": ((Role.ADMIN, "/tokens"),),
    "/access-log": ((Role.ADMIN, "/access-log"),),
    "/records": ((Role.SECRETARY, "/records"),),
    "/personal-data": ((Role.SECRETARY, "/personal-data?q=Русе"),),
    "/account": ((Role.CLERK, "/account"),),
    "/account/second-factor": ((Role.CLERK, "/account/second-factor"),),
}
FILES = frozenset({
    "/queue/next", "/places",
    "/", "/items/{item_id:int}/original/{arrival_id:int}", "/items/{item_id:int}/copy.pdf", "/items/{item_id:int}/html",
    "/items/{item_id:int}/pages/{number:int}.png", "/items/{item_id:int}/attachments/{sha256:str}",
    "/items/{item_id:int}/attachments/{sha256:str}/pages/{number:int}.png", "/letters/{outgoing_id:int}.pdf",
    "/print/{run_id:int}/preview.pdf", "/print/{run_id:int}/letters.pdf", "/print/{run_id:int}/posting-list.pdf",
    "/print/{run_id:int}/posting-list.csv",
    "/report/{name:str}", "/records/{act_id:int}.pdf",
    "/counter/{item_id:int}/papers.pdf", "/counter/{item_id:int}/label.pdf",
})
"""What is a download, a picture, a citizen's own page in a sandbox, or only leads on."""
ELSEWHERE = frozenset({"/upload/{form:str}", "/dry-run"})
"""Pages that only an action shows (test_upload.py), or only a dry run."""
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_THE_LOOK = ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"]
"""Rules that hang on colours and width; the others need no second look."""
OPEN_ALL = "document.querySelectorAll('details').forEach(details => { details.open = true; })"
FOCUS_IS_SEEN = """(() => {
    const focused = document.activeElement, box = focused.getBoundingClientRect(), style = getComputedStyle(focused);
    return focused === document.body || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
        && box.bottom > 0 && box.top < innerHeight && box.width > 0);
})()"""
"""An outline of two pixels at least, inside the window (WCAG 2.2, 2.4.7 and 2.4.11)."""
AT_THE_DESK, ON_THE_TELEPHONE = (1440, "light", STANDARD), (390, "dark", OF_THE_LOOK)
EVERY_LOOK = tuple((width, scheme, STANDARD) for width in (1440, 1024, 390) for scheme in ("light", "dark"))
Look = tuple[int, str, list[str]]


def addresses_by_role(town: Town, walked: Walked = WALKED) -> dict[Role, list[str]]:
    """Every address to look at, by who looks."""
    addresses: dict[Role, list[str]] = {}
    for role, address in (pair for pairs in walked.values() for pair in pairs):
        for name, item_id in town.ids.items():
            address = address.replace(f"<{name}>", str(item_id))
        addresses.setdefault(role, []).append(address)
    return addresses


def test_every_page_is_walked() -> None:
    assert {page.path for page in PAGES if page.method == "GET"} == set(WALKED) | FILES | ELSEWHERE


def test_axe_finds_nothing_on_any_page(chromium: Chromium, calm_town: Town) -> None:
    """The first address of each page at the desk, the queue and a letter on a telephone in the dark too."""
    firsts = {path: pairs[:1] for path, pairs in WALKED.items()}
    assert _found(chromium, calm_town, firsts, (AT_THE_DESK,)) == []
    assert _found(chromium, calm_town, dict(list(firsts.items())[:2]), (ON_THE_TELEPHONE,)) == []


@pytest.mark.long
@pytest.mark.parametrize("look", EVERY_LOOK, ids=lambda look: f"{look[0]}-{look[1]}")
def test_axe_finds_nothing_on_any_page_in_any_look(chromium: Chromium, calm_town: Town, look: Look) -> None:
    assert _found(chromium, calm_town, WALKED, (look,)) == []


def test_axe_finds_nothing_on_the_pages_without_log_in(chromium: Chromium, calm_town: Town) -> None:
    page = chromium.new_context(locale="bg-BG").new_page()
    found: list[str] = []
    looks = {f"{calm_town.staff_url}/login": (AT_THE_DESK,), f"{calm_town.staff_url}/none": (AT_THE_DESK,),
             calm_town.public_url: (AT_THE_DESK, ON_THE_TELEPHONE)}
    for address, wanted in looks.items():
        page.goto(address)
        found += [f"{address}: {wrong}" for wrong in looked_at(page, wanted)]
    page.context.close()
    assert found == []


@pytest.mark.long
def test_no_page_scrolls_sideways_when_it_is_enlarged(chromium: Chromium, calm_town: Town) -> None:
    """At 200 % on a small screen, and at 400 % (WCAG 2.2, 1.4.4 and 1.4.10)."""
    wide: list[str] = []
    for role, addresses in addresses_by_role(calm_town).items():
        visitor = Visitor(chromium.new_context(locale="bg-BG").new_page())
        visitor.log_in(calm_town, role)
        for address in addresses:
            visitor.page.goto(calm_town.staff_url + address)
            visitor.page.evaluate(OPEN_ALL)
            for width in (640, 320):
                visitor.page.set_viewport_size({"width": width, "height": 700})
                real = visitor.page.evaluate("document.documentElement.scrollWidth")
                wide += [f"{address}: {real} of {width}"] if real > width else []
        visitor.page.context.close()
    assert wide == []


@pytest.mark.parametrize("path", ["/queue", "/items/<anonymous>"])
def test_by_keyboard_one_skips_to_the_content_and_always_sees_where_one_is(calm_town: Town, visitor: Visitor,
                                                                           path: str) -> None:
    page = visitor.page
    visitor.log_in(calm_town, Role.CLERK)
    page.goto(calm_town.staff_url + path.replace("<anonymous>", str(calm_town.ids["anonymous"])))
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS_IS_SEEN), page.evaluate("document.activeElement.outerHTML")
    page.focus(".skip")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_on_paper_stands_the_letter_and_not_the_menu(calm_town: Town, visitor: Visitor) -> None:
    page = visitor.page
    visitor.log_in(calm_town, Role.CLERK)
    page.goto(f"{calm_town.staff_url}/items/{calm_town.ids['signal']}")
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.is_visible(".top") and not page.is_visible("main button") and page.is_visible("h1")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_what_is_wrong_with_a_form_is_tied_to_its_field(calm_town: Town, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{calm_town.staff_url}/login")
    page.fill("#login", "nobody")
    page.fill("#password", "wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert page.get_by_label("Парола").get_attribute("aria-invalid") == "true"
    described = page.get_by_label("Парола").get_attribute("aria-describedby")
    assert page.inner_text(f"#{described}") == page.inner_text("[role=alert]")


def _found(chromium: Chromium, town: Town, walked: Walked, looks: Sequence[Look]) -> list[str]:
    found: list[str] = []
    for role, addresses in addresses_by_role(town, walked).items():
        visitor = Visitor(chromium.new_context(viewport={"width": 1440, "height": 900}, locale="bg-BG").new_page())
        visitor.log_in(town, role)
        for address in addresses:
            visitor.page.goto(town.staff_url + address)
            found += [f"{address}: {wrong}" for wrong in looked_at(visitor.page, looks)]
        visitor.page.context.close()
    return found


def looked_at(page: Page, looks: Sequence[Look]) -> Iterator[str]:
    """What axe-core finds with everything opened, in each look."""
    page.evaluate(OPEN_ALL)
    for width, scheme, rules in looks:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        options = {"runOnly": rules, "resultTypes": ["violations"], "iframes": False}
        for wrong in Axe().run(page, options=options).response["violations"]:
            for node in wrong["nodes"]:
                yield f"{width} {scheme} {wrong['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
