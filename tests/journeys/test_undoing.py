"""What one act has done to several items is taken back by one: divided files, letters after all, our own answers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest

from mailroom import counter, undoing
from mailroom import desk as actions
from mailroom.engine.attempt import attempt_item
from mailroom.errors import BadRequest, Conflict
from mailroom.model.arrival import Channel
from mailroom.model.entry import Due
from mailroom.model.item import Item, Status, Step
from mailroom.model.outgoing import LetterType, OutgoingStatus
from mailroom.model.staff import Role, Staff
from mailroom.model.taken_down import Brought
from tests.journeys.conftest import Desk
from tests.journeys.test_batches import IVAN, PETYA, STOYAN, come_in, everything
from tests.journeys.test_cases import SIGNAL, answer
from tests.reading.material import batch_pdf

Mail = Callable[..., EmailMessage]
OTHER = Staff(login="n.radev", name="Николай Радев", role=Role.SECRETARY)


def number_of(item: Item) -> str:
    assert item.entry is not None
    return item.entry.registration_number


def undo(desk: Desk, who: Staff, item: Item) -> str:
    return undoing.undo(desk.office, who, item.id, desk.item(item.id).version)


def divided(desk: Desk, clerk: Staff, *pages: str) -> tuple[Item, list[Item]]:
    """A pile without sheets, as it was and as a person has divided it."""
    [pile] = come_in(desk, batch_pdf(*pages))
    assert pile.letter is not None
    actions.split(desk.office, clerk, pile.id, pile.version, pile.letter.suggested_parts)
    return pile, everything(desk)


def leave(desk: Desk, item: Item) -> None:
    """Its confirmation goes to the post."""
    with desk.office.store.transaction() as register:
        register.outbox.mark(item.letters[0].id, OutgoingStatus.POSTED)


# ---- a divided file --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [0, 1], ids=["at the first letter", "at the other"])
def test_a_divided_file_is_one_letter_again_and_the_number_leads_to_it(desk: Desk, clerk: Staff, asked: int) -> None:
    pile, parts = divided(desk, clerk, IVAN, "", PETYA)
    undo(desk, clerk, parts[asked])
    first, second = everything(desk)
    assert (first.letter, first.findings, first.entry, first.status) == (
        pile.letter, pile.findings, pile.entry, pile.status)
    assert (second.status, second.merged_into, number_of(second)) == (Status.MERGED, first.id, number_of(parts[1]))
    assert {letter.status for letter in second.letters} == {OutgoingStatus.CANCELLED}, "one letter, one confirmation"
    assert first.letters == pile.letters
    with desk.office.store.reading() as register:
        assert register.history.of(first.id)[-1].what == "undone" and register.history.faults() == []
        assert number_of(first) in {line.details.get("number") for line in register.history.of(second.id)}
    with pytest.raises(BadRequest, match="няма какво"):
        undo(desk, clerk, first)


def test_who_divides_again_after_an_undo_goes_on_counting(desk: Desk, clerk: Staff) -> None:
    _, (first, _) = divided(desk, clerk, IVAN, PETYA)
    undo(desk, clerk, first)
    actions.split(desk.office, clerk, first.id, desk.item(first.id).version, [(1,), (2,)])
    items = everything(desk)
    assert [(item.part, item.part_pages) for item in items] == [(1, (1,)), (2, (2,)), (3, (2,))]
    assert [item.status for item in items] == [Status.REGISTERED, Status.MERGED, Status.REGISTERED]


def test_what_has_no_number_yet_gets_none_any_more(desk: Desk, clerk: Staff) -> None:
    [pile] = come_in(desk, batch_pdf(IVAN, PETYA))
    actions.split(desk.office, clerk, pile.id, pile.version, [(1,), (2,)])
    undo(desk, clerk, pile)
    first, second = everything(desk)
    assert first.letter == pile.letter
    assert (second.entry, second.step, second.status, second.letters) == (None, Step.SETTLED, Status.MERGED, ())


def test_who_has_the_file_at_heart_is_who_had_it(desk: Desk, clerk: Staff) -> None:
    [pile] = come_in(desk, batch_pdf(IVAN, PETYA))
    actions.give_to(desk.office, clerk, pile.id, pile.version, "environment", "ganeva")
    given = desk.item(pile.id)
    actions.split(desk.office, clerk, pile.id, given.version, [(1,), (2,)])
    undo(desk, clerk, everything(desk)[0])
    assert desk.item(pile.id).entry == given.entry


def test_that_it_is_one_letter_is_taken_back_too(desk: Desk, clerk: Staff) -> None:
    [pile] = come_in(desk, batch_pdf(IVAN, PETYA))
    actions.split(desk.office, clerk, pile.id, pile.version, [(1, 2)])
    assert desk.item(pile.id).status is Status.REGISTERED
    assert undo(desk, clerk, pile) == "kept_whole"
    after = desk.item(pile.id)
    assert (after.letter, after.status) == (pile.letter, Status.IN_REVIEW)


def test_a_confirmed_part_is_merged_unless_it_was_promised_an_earlier_day(desk: Desk, clerk: Staff) -> None:
    _, (first, second) = divided(desk, clerk, IVAN, PETYA)
    leave(desk, second)
    assert second.entry is not None and second.entry.due.charter is not None
    due, clock = second.entry.due, second.entry.due.charter
    earlier = clock.model_copy(update={"date": clock.date - timedelta(days=5)})
    with desk.office.store.transaction() as register:
        register.entries.set_due(second.id, Due(charter=earlier, statute=due.statute))
    with pytest.raises(BadRequest, match=f"Слейте № {number_of(first)} с № {number_of(second)}"):
        undo(desk, clerk, first)
    assert desk.item(first.id).part_pages == (1,) and desk.item(second.id).status is Status.REGISTERED
    with desk.office.store.transaction() as register:
        register.entries.set_due(second.id, due)
    undo(desk, clerk, first)
    after = desk.item(second.id)
    assert (after.status, after.letters[0].status) == (Status.MERGED, OutgoingStatus.POSTED)


def test_nothing_is_taken_back_where_somebody_has_gone_on(desk: Desk, clerk: Staff) -> None:
    _, (first, second, third) = divided(desk, clerk, IVAN, PETYA, STOYAN)
    actions.confirm(desk.office, OTHER, second.id, second.version)
    with pytest.raises(BadRequest, match=f"По № {number_of(second)} е работено"):
        undo(desk, clerk, first)
    with pytest.raises(BadRequest, match=f"По № {number_of(second)} е работено"):
        undo(desk, clerk, third)
    undo(desk, OTHER, second)
    with pytest.raises(BadRequest, match="друг служител"):
        undo(desk, OTHER, first)
    seen = desk.item(third.id).version
    undo(desk, clerk, first)
    with pytest.raises(Conflict):
        actions.confirm(desk.office, OTHER, third.id, seen)


def test_a_part_that_proved_confidential_is_not_taken_back_by_others(desk: Desk, clerk: Staff) -> None:
    _, (first, second) = divided(desk, clerk, IVAN, PETYA)
    with desk.office.store.transaction() as register:
        assert second.findings is not None and second.verdict is not None
        register.items.keep_judgement(second.id, second.findings, second.verdict.model_copy(update={"sealed": True}))
    with pytest.raises(BadRequest, match="не е за Вас"):
        undo(desk, clerk, first)
    assert desk.item(second.id).sealed and desk.item(second.id).status is Status.REGISTERED


def test_an_erased_part_takes_the_undo_of_the_whole_with_it(desk: Desk, clerk: Staff) -> None:
    _, (first, second) = divided(desk, clerk, IVAN, PETYA)
    with desk.office.store.transaction() as register:
        register.undo.forget(second.id)
    with pytest.raises(BadRequest, match="няма какво"):
        undo(desk, clerk, first)


def test_what_was_typed_at_the_counter_stays_however_its_paper_is_divided(desk: Desk, clerk: Staff) -> None:
    item_id = counter.take_down(desk.office, clerk, form="1", brought=Brought.COUNTER, in_hand=True,
                                text="Молба за ремонт на уличната лампа.", fields={"sender_name": "Иван Колев"})
    entered = desk.item(item_id)
    pile, _ = come_in(desk, batch_pdf(IVAN, PETYA))
    assert entered.letter is not None and pile.letter is not None
    paper = pile.letter.model_copy(update={"channel": Channel.COUNTER,
                                           "text": f"{entered.letter.text}\n\n{pile.letter.text}"})
    with desk.office.store.transaction() as register:
        register.items.keep_part(item_id, paper)
    actions.split(desk.office, clerk, item_id, desk.item(item_id).version, [(1,), (2,)])
    first = desk.item(item_id).letter
    assert first is not None and "уличната лампа." in first.text and "Петя" not in first.text
    undo(desk, clerk, entered)
    whole = desk.item(item_id).letter
    assert whole is not None and whole.text == paper.text


# ---- a letter after all ----------------------------------------------------------------------------------------------


def newsletter(mail: Mail) -> EmailMessage:
    return mail("Новини за бизнеса", List_Id="<news.example.com>", List_Unsubscribe="<https://example.com/u>",
                Precedence="bulk", Subject="Бюлетин")


def learned_of(desk: Desk, item: Item) -> list[str]:
    with desk.office.store.reading() as register:
        return [one.field for one in register.examples.all() if one.item_id == item.id]


def test_a_letter_after_all_is_none_again_before_it_has_a_number(desk: Desk, mail: Mail, clerk: Staff) -> None:
    item = desk.come_in(newsletter(mail))
    actions.set_aside(desk.office, clerk, [item.id])
    confirmed = desk.item(item.id)
    actions.reclassify(desk.office, clerk, item.id, confirmed.version)
    undo(desk, clerk, item)
    attempt_item(desk.office, item.id)
    after = desk.item(item.id)
    assert after.model_copy(update={"version": confirmed.version}) == confirmed and learned_of(desk, item) == []
    assert undo(desk, clerk, item) == "set_aside_confirmed", "one after the other"


def test_its_number_is_annulled_and_stays_used(desk: Desk, mail: Mail, clerk: Staff) -> None:
    item = desk.come_in(newsletter(mail))
    actions.reclassify(desk.office, clerk, item.id, item.version)
    attempt_item(desk.office, item.id)
    number = number_of(desk.item(item.id))
    undo(desk, clerk, item)
    after = desk.item(item.id)
    assert (after.status, number_of(after), after.correspondence) == (Status.ANNULLED, number, False)
    assert {letter.status for letter in after.letters} == {OutgoingStatus.CANCELLED} and learned_of(desk, item) == []
    with desk.office.store.reading() as register:
        annulled = [line for line in register.history.of(item.id) if line.what == "annulled"]
        assert annulled[0].details["why"] == "no_letter" and register.entries.faults() == []
    with pytest.raises(BadRequest, match="анулирана"):
        actions.write(desk.office, clerk, item.id, after.version, LetterType.FORWARDING, {"body": "РИОСВ"})
    actions.reclassify(desk.office, clerk, item.id, after.version)
    attempt_item(desk.office, item.id)
    again = desk.item(item.id)
    assert (number_of(again), again.correspondence) == (number, True) and again.status is not Status.ANNULLED


def test_what_was_confirmed_to_the_sender_only_a_person_annuls(desk: Desk, mail: Mail, clerk: Staff) -> None:
    item = desk.come_in(newsletter(mail))
    actions.reclassify(desk.office, clerk, item.id, item.version)
    attempt_item(desk.office, item.id)
    leave(desk, desk.item(item.id))
    with pytest.raises(BadRequest, match="Анулирай номера"):
        undo(desk, clerk, item)
    assert desk.item(item.id).status in (Status.REGISTERED, Status.IN_REVIEW)


def test_the_confirmation_of_a_letter_after_all_waits_until_it_was_thought_over(desk: Desk, mail: Mail,
                                                                               clerk: Staff) -> None:
    settings = desk.office.settings
    outgoing = settings.outgoing.model_copy(update={"undo_seconds": 600})
    desk.office = replace(desk.office, settings=settings.model_copy(update={"outgoing": outgoing}))
    assert desk.come_in(mail(SIGNAL)).letters[0].not_before is None, "nobody waits for a letter that is one"
    aside = desk.come_in(newsletter(mail))
    actions.reclassify(desk.office, clerk, aside.id, aside.version)
    attempt_item(desk.office, aside.id)
    [letter] = desk.item(aside.id).letters
    assert letter.not_before is not None and letter.not_before > desk.office.now() + timedelta(minutes=9)


# ---- our own answer --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["the mail", "what it answers"])
def test_what_was_no_answer_runs_on_and_the_mail_is_what_it_was(desk: Desk, mail: Mail, officer: str, clerk: Staff,
                                                               asked: str) -> None:
    item = desk.come_in(mail(SIGNAL))
    copy = desk.come_in(answer(mail, officer))
    item = desk.item(item.id)
    assert copy.suggested_case == item.id
    actions.take_as_answer(desk.office, clerk, copy.id, copy.version)
    assert undo(desk, clerk, copy if asked == "the mail" else item) == "answer_filed"
    mail_now, item_now = desk.item(copy.id), desk.item(item.id)
    assert mail_now.model_copy(update={"version": copy.version}) == copy
    assert item_now.model_copy(update={"version": item.version}) == item
    with desk.office.store.reading() as register:
        assert register.history.of(item.id)[-1].what == "undone" and register.history.faults() == []


def test_an_answer_that_somebody_has_gone_on_with_is_not_taken_back(desk: Desk, mail: Mail, officer: str,
                                                                   clerk: Staff) -> None:
    item = desk.come_in(mail(SIGNAL))
    copy = desk.come_in(answer(mail, officer))
    actions.take_as_answer(desk.office, clerk, copy.id, copy.version)
    actions.mark(desk.office, OTHER, item.id, desk.item(item.id).version, Status.CLOSED)
    with pytest.raises(BadRequest, match=f"По № {number_of(item)} е работено"):
        undo(desk, clerk, copy)
    assert desk.item(item.id).status is Status.CLOSED and desk.item(copy.id).status is Status.MERGED
