"""The desk in real Chromium: with the mouse, with the keyboard alone, and with stored mail that wants to be active."""

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from mailroom.model.item import DecisionState, Status
from mailroom.model.outgoing import OutgoingStatus
from mailroom.model.staff import Role
from tests.web.conftest import LOGIN, PASSWORD, Town, Visitor


def test_a_clerk_decides_extends_and_the_secretary_approves(chromium: Chromium, town: Town, visitor: Visitor) -> None:
    page = visitor.page
    visitor.log_in(town, Role.CLERK)
    page.click("text=За решение")
    page.click("text=stranger77@example.com")
    page.click("button:has-text('Потвърди')")
    page.wait_for_selector("text=Решението е потвърдено.")
    page.goto(f"{town.staff_url}/items/{town.ids['signal']}")
    page.click("text=Удължи срока")
    page.fill("#reason", "Нужен е оглед на място.")
    page.click("text=Състави писмото")
    page.wait_for_selector("text=Чака одобрение от секретаря.")
    other = Visitor(chromium.new_context().new_page())
    other.log_in(town, Role.SECRETARY)
    other.page.click("text=Изходящи")
    other.page.click("text=Одобри и пусни")
    other.page.wait_for_selector("text=Писмото е пуснато.")
    other.page.context.close()
    assert visitor.said == [] and other.said == []
    decision = town.item("anonymous").decision
    assert decision and decision.state is DecisionState.CONFIRMED
    assert town.item("signal").letters[-1].status is OutgoingStatus.QUEUED


def _tab_to(page: Page, text: str) -> None:
    """Press Tab until what bears this text has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if text in page.evaluate("document.activeElement.innerText || ''"):
            return
    raise AssertionError(f"„{text}“ is not reached by Tab")


def _wait_for_focus(page: Page, selector: str) -> None:
    """Autofocus comes with a page's first rendering, maybe after its load event: keys typed before it are lost."""
    page.wait_for_function("selector => document.activeElement.matches(selector)", arg=selector)


def test_the_keyboard_alone_is_enough(town: Town, visitor: Visitor) -> None:
    page, keys = visitor.page, visitor.page.keyboard
    page.goto(f"{town.staff_url}/login")
    _wait_for_focus(page, "#login")
    keys.type(LOGIN[Role.CLERK])
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    page.wait_for_url("**/queue")
    entry = town.item("anonymous").entry
    assert entry is not None
    _tab_to(page, entry.registration_number)
    keys.press("Enter")
    page.wait_for_url(f"**/items/{town.ids['anonymous']}*")
    _tab_to(page, "Реши друго")
    keys.press("Enter")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("ControlOrMeta+a")
    keys.type("Подателят е ясен.")
    _tab_to(page, "Запиши решението")
    keys.press("Enter")
    page.wait_for_selector("text=Вашето решение е записано.")
    decision = town.item("anonymous").decision
    assert decision and decision.reason == "Подателят е ясен." and decision.outcome == "consider"
    page.goto(f"{town.staff_url}/queue?view=set_aside")
    _wait_for_focus(page, "button")
    keys.press("Enter")
    page.wait_for_selector("text=Потвърдени: 2.")
    assert visitor.said == []


def test_stored_mail_runs_nothing_and_loads_nothing(calm_town: Town, visitor: Visitor) -> None:
    page = visitor.page
    visitor.log_in(calm_town, Role.CLERK)
    page.goto(f"{calm_town.staff_url}/items/{calm_town.ids['waste']}")
    page.click("text=Имейлът, както е оформен")
    frame = page.frame_locator("iframe")
    frame.locator("text=не са извозвани").wait_for()
    assert frame.locator("body").evaluate("body => getComputedStyle(body).fontSize") == "17px", "our style sheet"
    assert all(url.startswith(calm_town.staff_url) for url in visitor.fetched)
    assert "hacked" not in page.title() and visitor.said == []


def test_no_page_is_wider_than_the_screen_or_breaks_the_policy(calm_town: Town, visitor: Visitor) -> None:
    page = visitor.page
    visitor.log_in(calm_town, Role.SECRETARY)
    wide = []
    for path in ("/queue", "/queue?view=set_aside", *(f"/items/{item_id}" for name, item_id in calm_town.ids.items()
                                                      if name != "whistle"), "/outbox", "/print", "/digest"):
        page.goto(calm_town.staff_url + path)
        page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")
        for width in (1440, 1024, 390):
            page.set_viewport_size({"width": width, "height": 844})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wide.append((path, width))
    assert wide == [] and visitor.said == []


def test_every_input_has_a_label_and_every_button_a_name(calm_town: Town, visitor: Visitor) -> None:
    page = visitor.page
    visitor.log_in(calm_town, Role.CLERK)
    nameless = """[...document.querySelectorAll('input:not([type=hidden]):not([hidden]), select, textarea, button')]
        .filter(e => !(e.labels && e.labels.length) && !e.ariaLabel && !e.innerText.trim())
        .map(e => e.outerHTML)"""
    for path in ("/queue", "/queue?view=set_aside", f"/items/{calm_town.ids['proposal']}", "/outbox", "/print"):
        page.goto(calm_town.staff_url + path)
        page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")
        assert page.evaluate(nameless) == [], path


def test_a_citizen_finds_the_letter_without_javascript(chromium: Chromium, calm_town: Town) -> None:
    entry = calm_town.item("signal").entry
    assert entry is not None
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844}, locale="bg-BG")
    page = context.new_page()
    page.goto(calm_town.public_url)
    page.fill("#number", entry.registration_number)
    page.fill("#date", "20.11.2026")
    page.fill("#code", entry.access_code)
    page.click("text=Покажи")
    page.wait_for_selector("text=Работим по писмото Ви.")
    context.close()


def test_a_field_in_hand_lights_up_where_it_was_seen(calm_town: Town, visitor: Visitor) -> None:
    """On the picture of a scan and in the words of a mail, with the mouse and by keyboard; enlarged too."""
    page = visitor.page
    visitor.log_in(calm_town, Role.CLERK)
    for letter, place in (("scan", "rect"), ("signal", "mark")):
        page.goto(f"{calm_town.staff_url}/items/{calm_town.ids[letter]}")
        lit = page.locator(f"{place}.on")
        assert lit.count() == 0
        page.hover("[data-field=sender_name]")
        assert lit.count() >= 1 and all("sender_name" in one.split() for one in lit.evaluate_all(
            "all => all.map(one => one.dataset.seen)"))
        page.mouse.move(0, 0)
        assert lit.count() == 0
        if letter == "scan":
            page.keyboard.press("+")
            page.keyboard.press("+")
        page.focus("[data-field=address] summary")
        assert lit.count() >= 1 and lit.first.evaluate("""one => {
            const frame = (one.closest('.sheets') || document.documentElement).getBoundingClientRect();
            const at = one.getBoundingClientRect();
            return at.top >= frame.top - 1 && at.bottom <= frame.bottom + 1 && at.width > 5; }"""), letter
    assert visitor.said == []


def test_two_clerks_on_one_letter_see_each_other_and_the_later_save_is_told(chromium: Chromium, town: Town,
                                                                            visitor: Visitor) -> None:
    page = visitor.page
    visitor.log_in(town, Role.CLERK)
    other = Visitor(chromium.new_context().new_page())
    other.log_in(town, Role.SECRETARY)
    address = f"{town.staff_url}/items/{town.ids['signal']}"
    with page.expect_response("**/here"):
        page.goto(address)
    other.page.goto(address)
    other.page.wait_for_selector("text=Мария Колева също гледа тази преписка сега.")
    other.page.click("button:has-text('Препратено')")
    other.page.wait_for_selector("text=Състоянието е променено.")
    page.keyboard.press("5")
    page.fill("#c-phone", "0888 000 418")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert "Николай Радев" in page.inner_text(".changes") and page.input_value("#c-phone") == "0888 000 418"
    with page.expect_navigation():
        page.press("#c-phone", "Enter")
    item = town.item("signal")
    assert item.status is Status.FORWARDED and item.findings and item.findings.phone
    assert item.findings.phone.value == "0888 000 418"
    other.page.context.close()
