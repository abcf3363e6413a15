"""`make screens`: pictures of every page into docs/screens, as wide as a desk, a tablet and a telephone, from a demo.

    python -m tools.screens [--into FOLDER] [--only NAME …]

Works after `make setup`; takes some minutes, since the demo's letters come in and are read first.
"""

import argparse
import io
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import pyotp
from PIL import Image
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from mailroom.config import CONFIG_NAME, load_settings
from mailroom.demo.mails import samples
from mailroom.model.arrival import Channel
from mailroom.model.item import Item, Status
from mailroom.model.staff import Role
from mailroom.model.verdict import Outcome
from mailroom.store.store import Store
from mailroom.understanding.likeness import likeness

ROOT = Path(__file__).resolve().parent.parent
WIDTHS = (1440, 1024, 390)
TALLEST = 2600
"""Pixels of a picture's height; the rest of a long page looks like its beginning."""
COLOURS = 128
LETTERS_WITHIN_SECONDS = 600
LOGINS = {Role.CLERK: "delovoditel", Role.OFFICER: "ekolog", Role.SECRETARY: "sekretar", Role.MAYOR: "kabinet",
          Role.CONFIDENTIAL: "doverie", Role.ADMIN: "admin"}


@dataclass(frozen=True)
class Demo:
    """A running demo with every letter in."""

    staff_url: str
    public_url: str
    password: str
    items: tuple[Item, ...]
    store: Store


@dataclass(frozen=True)
class Screen:
    """One page to take."""

    name: str
    role: Role | None
    """Null: nobody is logged in."""
    address: Callable[[Demo], str]
    """Path, or a whole address of the citizens' page."""
    act: Callable[[Page, Demo], None] | None = None
    """What to do there before the picture is taken."""
    dark: bool = False
    english: bool = False


def at(path: str) -> Callable[[Demo], str]:
    """A fixed path."""
    return lambda _demo: path


def item(wanted: Callable[[Item], bool]) -> Callable[[Demo], str]:
    """The page of the first letter of this sort."""
    return lambda demo: f"/items/{next(found for found in demo.items if wanted(found)).id}"


def is_doubted(found: Item) -> bool:
    """The program proposes not to consider it, and a person decides."""
    return found.status is Status.IN_REVIEW and found.decision is not None \
        and found.decision.outcome is not Outcome.CONSIDER


def prepare_the_run(page: Page, _demo: Demo) -> None:
    """Letters lie ready for the printer."""
    if page.is_visible(".prepare button"):
        page.click(".prepare button")


def status_of(page: Page, demo: Demo) -> None:
    """Ask for a letter as a citizen does."""
    entry = next(found.entry for found in demo.items if found.entry and found.status is Status.REGISTERED)
    assert entry is not None
    page.fill("#number", entry.registration_number)
    page.fill("#date", f"{entry.registered_at.astimezone():%d.%m.%Y}")
    page.fill("#code", entry.access_code)
    page.click("main form button.main")


def side_by_side(demo: Demo) -> str:
    """The two letters that say most nearly the same."""
    texts = {found.id: found.letter.text for found in demo.items if found.letter and found.entry and not found.sealed}
    one, other = max(combinations(texts, 2), key=lambda pair: likeness(texts[pair[0]], texts[pair[1]]))
    return f"/items/{one}/beside/{other}"


def rating_link(demo: Demo) -> str:
    """The link that stands in the mail which asks whether the citizen is content."""
    with demo.store.transaction() as register:
        token = register.satisfaction.ask(next(found.id for found in demo.items if found.entry))
    return f"{demo.public_url.rstrip('/')}/r/{token}"


def tell_at_the_counter(page: Page, _demo: Demo) -> None:
    """Somebody comes in person, and the clerk takes it down."""
    page.fill("#sender_name", "Елена Бонева")
    page.fill("#address", "ул. „Роза“ № 5")
    page.fill("#text", "Пейката пред читалището е счупена от пролетта. Моля да бъде поправена.")
    page.click("main form.counter button.main")
    page.wait_for_url(re.compile(r"/counter/\d+"))


def turn_on_the_second_factor(page: Page, _demo: Demo) -> None:
    """The telephone shows its first code, and the page the codes for the day on which it is lost."""
    code = pyotp.TOTP(page.get_attribute("input[name=secret]", "value") or "").at(datetime.now(UTC))
    page.fill("#code", code)
    page.click("main form button.main")
    page.wait_for_selector("main li code")


def fill_and_send(page: Page, act: str, **fields: str) -> None:
    """Send one of the forms of an item's page, wherever it is folded away."""
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")
    for name, value in fields.items():
        page.fill(f"form[action*='/{act}'] [name={name}]", value)
    page.eval_on_selector(f"form[action*='/{act}']", "form => form.requestSubmit()")
    page.wait_for_selector("[role=status].told, [role=alert]")
    assert page.is_visible("[role=status].told"), page.inner_text("[role=alert]")


def divide(page: Page, demo: Demo) -> None:
    """Each page is a letter."""
    here = int(page.url.partition("/items/")[2])
    letter = next(found.letter for found in demo.items if found.id == here)
    assert letter is not None
    fill_and_send(page, "split", parts="; ".join(str(one.number) for one in letter.content_pages))


def join(page: Page, demo: Demo) -> None:
    """The letter belongs to a case that began earlier."""
    here = int(page.url.partition("/items/")[2])
    entry = next(found.entry for found in demo.items if found.entry and found.id != here and not found.sealed)
    assert entry is not None
    fill_and_send(page, "join", number=entry.registration_number)


def take_back(page: Page, _demo: Demo) -> None:
    """What was done last."""
    page.click("form[action*='/undo'] button")
    page.wait_for_selector("[role=status].told")


def call_it_a_letter(page: Page, _demo: Demo) -> None:
    """It was set aside, and is a letter after all."""
    fill_and_send(page, "reclassify")


def confirm_many(page: Page, _demo: Demo) -> None:
    """All that was set aside is."""
    page.click("button[formaction='/queue/set-aside']")
    page.wait_for_selector("form[action='/queue/undo']")


def is_divisible(found: Item) -> bool:
    """A scan of several pages."""
    return found.letter is not None and len(found.letter.content_pages) == 2 and found.channel is Channel.PAPER


def is_joinable(found: Item) -> bool:
    """A mail that is a case of its own."""
    return found.entry is not None and found.channel is Channel.EMAIL and found.case_of is None and not found.sealed \
        and found.status is Status.REGISTERED


SCREENS = (
    Screen("login", None, at("/login")),
    Screen("queue", Role.CLERK, at("/queue")),
    Screen("queue-dark", Role.CLERK, at("/queue"), dark=True),
    Screen("queue-english", Role.CLERK, at("/queue"), english=True),
    Screen("queue-set-aside", Role.CLERK, at("/queue?view=set_aside")),
    Screen("item", Role.CLERK, item(lambda found: bool(found.verdict and found.verdict.urgent))),
    Screen("item-scan", Role.CLERK, item(lambda found: found.channel is Channel.PAPER)),
    Screen("item-decide", Role.CLERK, item(is_doubted)),
    Screen("item-dark", Role.CLERK, item(is_doubted), dark=True),
    Screen("item-english", Role.CLERK, item(is_doubted), english=True),
    Screen("done", Role.CLERK, at("/queue/done?view=bounced")),
    Screen("counter", Role.CLERK, at("/counter")),
    Screen("counter-receipt", Role.CLERK, at("/counter"), act=tell_at_the_counter),
    Screen("beside", Role.CLERK, side_by_side),
    Screen("upload", Role.CLERK, at("/upload")),
    Screen("outbox", Role.SECRETARY, at("/outbox")),
    Screen("print", Role.CLERK, at("/print"), act=prepare_the_run),
    Screen("learning", Role.CLERK, at("/learning")),
    Screen("digest", Role.MAYOR, at("/digest")),
    Screen("figures", Role.MAYOR, at("/figures")),
    Screen("report", Role.MAYOR, at("/report")),
    Screen("health", Role.ADMIN, at("/health")),
    Screen("users", Role.ADMIN, at("/users")),
    Screen("user", Role.ADMIN, at("/users/one?login=delovoditel")),
    Screen("tokens", Role.ADMIN, at("/tokens")),
    Screen("access-log", Role.ADMIN, at("/access-log")),
    Screen("account", Role.CLERK, at("/account")),
    Screen("second-factor", Role.CLERK, at("/account/second-factor")),
    Screen("recovery-codes", Role.OFFICER, at("/account/second-factor"), act=turn_on_the_second_factor),
    Screen("status", None, lambda demo: demo.public_url),
    Screen("status-found", None, lambda demo: demo.public_url, act=status_of),
    Screen("rating", None, rating_link),
    # What follows changes the demo.
    Screen("split-done", Role.CLERK, item(is_divisible), act=divide),
    Screen("split-undone", Role.CLERK, item(is_divisible), act=take_back),
    Screen("join-done", Role.CLERK, item(is_joinable), act=join),
    Screen("join-undone", Role.CLERK, item(is_joinable), act=take_back),
    Screen("reclassify-done", Role.CLERK, item(lambda found: not found.correspondence), act=call_it_a_letter),
    Screen("reclassify-undone", Role.CLERK, item(lambda found: not found.correspondence), act=take_back),
    Screen("queue-undo", Role.CLERK, at("/queue?view=set_aside"), act=confirm_many),
)


def main() -> int:
    """Take the pictures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--into", type=Path, default=ROOT / "docs" / "screens")
    options.add_argument("--only", nargs="*", default=[])
    chosen = options.parse_args()
    chosen.into.mkdir(parents=True, exist_ok=True)
    with (tempfile.TemporaryDirectory() as folder, demo(Path(folder) / "town") as running,
          sync_playwright() as playwright):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        wanted = [screen for screen in SCREENS if not chosen.only or screen.name in chosen.only]
        roles = {screen.role for screen in wanted if screen.role}
        states = {role: logged_in(browser, running, role) for role in roles}
        for screen in wanted:
            take(browser, running, screen, states[screen.role] if screen.role else None, chosen.into)
        browser.close()
    return 0


@contextmanager
def demo(folder: Path) -> Iterator[Demo]:
    """The demo, as everybody starts it, with all its letters read."""
    program = Path(sys.executable).with_name("mailroom")
    process = subprocess.Popen([program, "demo", "--port", "0", "--folder", str(folder)], stdout=subprocess.PIPE,
                               text=True)
    try:
        assert process.stdout is not None
        said = ""
        while "Ctrl-C" not in said and (line := process.stdout.readline()):
            said += line
        settings = load_settings(folder / CONFIG_NAME)
        store = Store(settings.url, settings.originals_dir)
        yield Demo(staff_url=_told(r"pages\s+(http\S+)/", said), public_url=_told(r"status page (\S+)", said),
                   password=_told(r"Password of all\s+(\S+)", said), items=_all_read(store), store=store)
    finally:
        process.terminate()
        process.wait()


def _told(pattern: str, said: str) -> str:
    found = re.search(pattern, said)
    assert found, said
    return found[1]


def _all_read(store: Store) -> tuple[Item, ...]:
    """Every letter, after the last has been read."""
    letters, end = samples(), time.monotonic() + LETTERS_WITHIN_SECONDS
    while time.monotonic() < end:
        with store.reading() as register:
            ids = [found for number in range(1, 200) if (found := register.items.get(number)) is not None]
            if len(ids) >= len(letters.mail) + len(letters.scan) and not register.items.unfinished():
                return tuple(ids)
        time.sleep(2)
    raise TimeoutError("the demo's letters were not read in time")


def logged_in(browser: Browser, running: Demo, role: Role) -> StorageState:
    """The cookies of somebody of this role."""
    context = browser.new_context(locale="bg-BG")
    page = context.new_page()
    page.goto(f"{running.staff_url}/login")
    page.fill("#login", LOGINS[role])
    page.fill("#password", running.password)
    page.click("main form button.main")
    page.wait_for_url(lambda url: "/login" not in url)
    state = context.storage_state()
    context.close()
    return state


def take(browser: Browser, running: Demo, screen: Screen, state: StorageState | None, into: Path) -> None:
    """One page at every width."""
    context = browser.new_context(locale="en-GB" if screen.english else "bg-BG", reduced_motion="reduce",
                                  color_scheme="dark" if screen.dark else "light", storage_state=state)
    page = context.new_page()
    address = screen.address(running)
    page.goto(address if address.startswith("http") else running.staff_url + address)
    if screen.english:
        page.click(".languages a[lang=en]")
    if screen.act:
        screen.act(page, running)
        page.wait_for_load_state()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900 if width > 500 else 844})
        page.wait_for_timeout(200)
        keep(page.screenshot(full_page=True), into / f"{screen.name}-{width}.png")
    context.close()


def keep(png: bytes, file: Path) -> None:
    """The picture, in few colours and not endless."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.crop((0, 0, picture.width, min(picture.height, TALLEST))).quantize(
        COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
