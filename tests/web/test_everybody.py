"""The pages are for everybody: axe-core finds nothing on any of them, light or dark, wide or on a telephone.

Every page that answers to GET stands in WALKED with an address to look at, or in FILES when it is none.
"""

from collections.abc import Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from mailroom.model.staff import Role
from mailroom.web.app import PAGES
from tests.web.conftest import Town, Visitor

WALKED: dict[str, tuple[tuple[Role, str], ...]] = {
    "/queue": ((Role.CLERK, "/queue"), (Role.CLERK, "/queue?view=set_aside"), (Role.SECRETARY, "/queue?q=няма")),
    "/items/{item_id:int}": ((Role.CLERK, "/items/<signal>"), (Role.CLERK, "/items/<anonymous>"),
                             (Role.CLERK, "/items/<waste>"), (Role.CLERK, "/items/<scan>")),
    "/items/{item_id:int}/beside/{other_id:int}": ((Role.CLERK, "/items/<signal>/beside/<waste>"),),
    "/queue/done": ((Role.CLERK, "/queue/done?view=bounced"),),
    "/outbox": ((Role.SECRETARY, "/outbox"),),
    "/print": ((Role.CLERK, "/print"),),
    "/counter": ((Role.CLERK, "/counter"),),
    "/counter/{item_id:int}": ((Role.CLERK, "/counter/<told>"),),
    "/learning": ((Role.CLERK, "/learning"),),
    "/digest": ((Role.MAYOR, "/digest"),),
    "/figures": ((Role.CLERK, "/figures"), (Role.MAYOR, "/figures?days=365")),
    "/report": ((Role.MAYOR, "/report?year=2026"), (Role.SECRETARY, "/report?year=2026&month=11")),
    "/health": ((Role.ADMIN, "/health"),),
    "/users": ((Role.ADMIN, "/users"),),
    "/users/one": ((Role.ADMIN, "/users/one?login=m.koleva"),),
    "/tokens": ((Role.ADMIN, "/tokens"),),
    "/access-log": ((Role.ADMIN, "/access-log"),),
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
    "/report/{name:str}",
    "/counter/{item_id:int}/papers.pdf", "/counter/{item_id:int}/label.pdf",
})
"""What is a download, a picture, a citizen's own page in a sandbox, or only leads on."""
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_THE_LOOK = ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"]
"""Rules that hang on colours and width; the others need no second look."""
LOOKS = ((1440, "light", STANDARD), (390, "dark", OF_THE_LOOK))


def test_every_page_is_walked() -> None:
    assert {page.path for page in PAGES if page.method == "GET"} == set(WALKED) | FILES


def test_axe_finds_nothing_on_any_page(chromium: Chromium, calm_town: Town) -> None:
    found: list[str] = []
    for role, addresses in _by_role(calm_town).items():
        visitor = Visitor(chromium.new_context(viewport={"width": 1440, "height": 900}, locale="bg-BG").new_page())
        visitor.log_in(calm_town, role)
        for address in addresses:
            visitor.page.goto(calm_town.staff_url + address)
            found += [f"{address}: {wrong}" for wrong in _looked_at(visitor.page)]
        visitor.page.context.close()
    assert found == []


def test_axe_finds_nothing_on_the_pages_without_log_in(chromium: Chromium, calm_town: Town) -> None:
    page = chromium.new_context(locale="bg-BG").new_page()
    found: list[str] = []
    for address in (f"{calm_town.staff_url}/login", f"{calm_town.staff_url}/none", calm_town.public_url):
        page.goto(address)
        found += [f"{address}: {wrong}" for wrong in _looked_at(page)]
    page.context.close()
    assert found == []


def _by_role(town: Town) -> dict[Role, list[str]]:
    addresses: dict[Role, list[str]] = {}
    for role, address in (pair for pairs in WALKED.values() for pair in pairs):
        for name, item_id in town.ids.items():
            address = address.replace(f"<{name}>", str(item_id))
        addresses.setdefault(role, []).append(address)
    return addresses


def _looked_at(page: Page) -> Iterator[str]:
    """What axe-core finds with everything opened, in each look."""
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")
    for width, scheme, rules in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        options = {"runOnly": rules, "resultTypes": ["violations"], "iframes": False}
        for wrong in Axe().run(page, options=options).response["violations"]:
            for node in wrong["nodes"]:
                yield f"{width} {scheme} {wrong['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
