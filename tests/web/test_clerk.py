"""A clerk's morning by keyboard alone: mixed items decided one after the other, each with a key or two."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page

from mailroom.model.item import DecisionState, Status
from mailroom.model.outgoing import LetterType, OutgoingStatus
from mailroom.model.staff import Role
from tests.web.conftest import Town, Visitor, take
from tests.web.letters import mail

STREETS = ("Роза", "Липа", "Бор", "Явор", "Бреза", "Ела", "Дъб", "Кестен", "Върба", "Акация", "Чинар", "Габър")


@dataclass
class Hands:
    """Two hands on a keyboard, and nothing else; what they press is counted."""

    page: Page
    pressed: list[str] = field(default_factory=list)

    def press(self, *keys: str) -> None:
        """Some keys; the last of them leads to another page."""
        for key in keys[:-1]:
            self.page.keyboard.press(key)
        with self.page.expect_navigation():
            self.page.keyboard.press(keys[-1])
        self.pressed += keys


def anonymous(town: Town, count: int) -> Iterator[int]:
    """Signals without a name, each about another street: to be decided."""
    for street in STREETS[:count]:
        yield take(town.office, f"anonymous-{street}", mail(
            f"Сигнализирам, че на ул. „{street}“ съседите хвърлят боклук през балкона. Не желая да посоча името си.",
            sender=f"nobody.{STREETS.index(street)}@example.com", subject=f"Боклук на ул. „{street}“").as_bytes())


def spam(town: Town, count: int) -> Iterator[int]:
    """Offers that nobody asked for: to be set aside."""
    for number in range(count):
        yield take(town.office, f"spam-{number}", mail(
            f"Congratulations! You have won lottery number {number}. Send us your bank details and claim your prize. "
            "Viagra casino bonus 100% free.", sender=f"Lucky <win{number}@example.net>", subject="You won $1,000,000!",
            Precedence="bulk", List_Unsubscribe="<mailto:u@example.net>").as_bytes())


@pytest.mark.parametrize(("letters", "offers", "most"), [
    (3, 2, 16),
    pytest.param(12, 8, 45, marks=pytest.mark.long),
])
def test_mixed_items_are_decided_by_keys_alone(town: Town, visitor: Visitor, letters: int, offers: int,
                                               most: int) -> None:
    to_decide, to_set_aside = [*anonymous(town, letters)], [*spam(town, offers)]
    page, hands = visitor.page, Hands(visitor.page)
    visitor.log_in(town, Role.CLERK)
    page.goto(f"{town.staff_url}/queue?view=to_decide")
    hands.press("Enter")
    overridden: list[int] = []
    while "/items/" in page.url and "view=to_decide" in page.url:
        item_id = int(page.url.partition("/items/")[2].partition("?")[0])
        if len(overridden) < letters // 4 + 1 and item_id in to_decide:
            overridden.append(item_id)
            hands.press("r", "Enter")
        else:
            hands.press("p")
    assert "/queue/done?view=to_decide" in page.url
    for _ in range(6):
        if "Не е кореспонденция" in page.evaluate("document.activeElement.innerText"):
            break
        page.keyboard.press("Tab")
        hands.pressed.append("Tab")
    hands.press("Enter")
    hands.press("t")
    while "/items/" in page.url:
        hands.press("p")
    items = [town.office.store.item(item_id) for item_id in (*to_decide, *to_set_aside)]
    decided = [item for item in items if item and (
        item.noncorrespondence_confirmed or item.status is Status.ARRIVED
        or (item.decision and item.decision.state is DecisionState.CONFIRMED))]
    assert len(decided) == letters + offers and len(overridden) == letters // 4 + 1
    assert len(hands.pressed) <= most, hands.pressed
    assert visitor.said == []


def test_from_the_due_list_one_key_and_enter_extend_a_term(town: Town, visitor: Visitor) -> None:
    item = town.item("signal")
    assert item.entry is not None and item.entry.due.date is not None
    town.clock.at = town.clock.at.replace(month=12, day=18)
    visitor.log_in(town, Role.CLERK)
    page = visitor.page
    page.goto(f"{town.staff_url}/queue?view=due_soon")
    page.locator("[data-row]", has_text=item.entry.registration_number).locator("a[data-open]").focus()
    hands = Hands(page)
    hands.press("u")
    page.wait_for_function("document.activeElement.innerText.includes('Състави писмото')")
    assert page.input_value("#until") == "20.01.2027" and page.input_value("#reason") != ""
    hands.press("Enter")
    letter = town.item("signal").letters[-1]
    assert (letter.type, letter.status) == (LetterType.EXTENSION, OutgoingStatus.DRAFT)
    assert "20 януари 2027" in letter.text and hands.pressed == ["u", "Enter"]
    assert visitor.said == []
