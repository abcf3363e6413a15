"""What one act has done to several items is taken back by one: divided files, letters after all, our own answers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest

from mailroom import counter, merging, undoing
from mailroom import desk as actions
from mailroom.engine.attempt import attempt_item
from mailroom.errors import BadRequest, Conflict
from mailroom.model.arrival import Channel
from mailroom.model.entry import Due
from mailroom.model.item import Annulment, Item, Status, Step
from mailroom.model.outgoing import LetterType, Outgoing, OutgoingStatus
from mailroom.model.staff import Role, Staff
from mailroom.model.taken_down import Brought
from tests.journeys.conftest import Desk
from tests.journeys.test_batches import IVAN, PETYA, STOYAN, come_in, everything
from tests.journeys.test_cases import SIGNAL, answer
from tests.reading.material import batch_pdf
from tests.servers.smtp import SmtpServer

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


# ---- to which case -------------------------------------------------------------------------------------------------


def test_what_was_joined_is_a_case_of_its_own_again_with_what_follows_it(desk: Desk, mail: Mail, clerk: Staff) -> None:
    first, second, third = (desk.come_in(mail(SIGNAL.replace("5", str(number)), Message_ID=f"<{number}@example.com>"))
                            for number in (5, 6, 7))
    actions.join_case(desk.office, clerk, third.id, third.version, second.id)
    before = desk.item(second.id), desk.item(third.id)
    actions.join_case(desk.office, clerk, second.id, second.version, first.id)
    assert {desk.item(item.id).case_of for item in before} == {first.id}
    assert undo(desk, clerk, second) == "joined_case"
    assert tuple(desk.item(item.id).model_copy(update={"version": item.version}) for item in before) == before
    assert undo(desk, clerk, third) == "joined_case" and desk.item(third.id).case_of is None, "one after the other"


def test_what_left_its_case_is_in_it_again(desk: Desk, mail: Mail, clerk: Staff) -> None:
    first, second = (desk.come_in(mail(SIGNAL, Message_ID=f"<{number}@example.com>", Subject=f"Сигнал {number}"))
                     for number in (5, 6))
    actions.join_case(desk.office, clerk, second.id, second.version, first.id)
    joined = desk.item(second.id)
    actions.leave_case(desk.office, clerk, second.id, joined.version)
    assert undo(desk, clerk, second) == "left_case"
    assert desk.item(second.id).model_copy(update={"version": joined.version}) == joined


# ---- what was to leave -----------------------------------------------------------------------------------------------


def standing(desk: Desk, item: Item) -> dict[LetterType, OutgoingStatus]:
    return {letter.type: letter.status for letter in desk.item(item.id).letters}


def of_type(desk: Desk, item: Item, letter_type: LetterType) -> Outgoing:
    [letter] = [letter for letter in desk.item(item.id).letters if letter.type is letter_type]
    return letter


def confirmed(smtp_server: SmtpServer) -> int:
    return len([received for received in smtp_server.received if "m.petkova@example.com" in received.recipients])


def test_what_a_merger_had_stopped_leaves_as_before_when_it_is_taken_back(desk: Desk, mail: Mail, clerk: Staff,
                                                                          smtp_server: SmtpServer) -> None:
    """An extension that waits with its date, one more letter that waits, and the confirmation that leaves once."""
    item, into = desk.come_in(mail(SIGNAL)), desk.come_in(mail(SIGNAL, Message_ID="<2@example.com>", Subject="Пак",
                                                                From="Иван Колев <kolev@example.com>"))
    actions.extend(desk.office, clerk, item.id, item.version, reason="Чакаме становище.", action="", until=None)
    actions.write(desk.office, clerk, item.id, desk.item(item.id).version, LetterType.FORWARDING, {"body": "РИОСВ"})
    before = desk.item(item.id)
    merging.merge(desk.office, clerk, item.id, before.version, into.id)
    assert standing(desk, item)[LetterType.EXTENSION] is OutgoingStatus.CANCELLED
    assert not of_type(desk, item, LetterType.EXTENSION).may_wait_again, "its date has fallen with it"
    undo(desk, clerk, item)
    assert desk.item(item.id).letters == before.letters
    actions.release(desk.office, clerk, of_type(desk, item, LetterType.EXTENSION).id)
    extended = desk.item(item.id).entry
    assert extended and before.entry and extended.due.date != before.entry.due.date, "and with it the proposed date"
    desk.send()
    assert confirmed(smtp_server) == 2, "one confirmation, one notice"


def test_an_extension_that_was_let_go_already_is_let_go_again(desk: Desk, mail: Mail, clerk: Staff) -> None:
    item, into = desk.come_in(mail(SIGNAL)), desk.come_in(mail(SIGNAL, Message_ID="<2@example.com>", Subject="Пак"))
    actions.release(desk.office, clerk, actions.extend(
        desk.office, clerk, item.id, item.version, reason="Чакаме становище.", action="", until=None))
    before = desk.item(item.id)
    with desk.office.store.transaction() as register:  # its own term is the later one now
        register.entries.set_due(into.id, item.entry.due)  # type: ignore[union-attr]
    merging.merge(desk.office, clerk, item.id, before.version, into.id)
    stopped = desk.item(item.id)
    assert stopped.entry and item.entry and stopped.entry.due.date == item.entry.due.date, "nobody was told of it"
    undo(desk, clerk, item)
    assert standing(desk, item)[LetterType.EXTENSION] is OutgoingStatus.QUEUED
    after = desk.item(item.id)
    assert after.entry and before.entry and after.entry.due.date == before.entry.due.date
    actions.take_back(desk.office, clerk, of_type(desk, item, LetterType.EXTENSION).id)
    assert standing(desk, item)[LetterType.EXTENSION] is OutgoingStatus.DRAFT, "and can be thought better of"


def test_an_annulled_number_that_stands_again_is_confirmed_once(desk: Desk, mail: Mail, clerk: Staff,
                                                               smtp_server: SmtpServer) -> None:
    item = desk.come_in(mail(SIGNAL))
    actions.annul(desk.office, clerk, item.id, item.version, Annulment.NO_LETTER)
    desk.send()
    assert confirmed(smtp_server) == 0
    undo(desk, clerk, item)
    desk.send()
    assert (standing(desk, item), confirmed(smtp_server)) == ({LetterType.ACKNOWLEDGEMENT: OutgoingStatus.SENT}, 1)
    actions.annul(desk.office, clerk, item.id, desk.item(item.id).version, Annulment.NO_LETTER)
    undo(desk, clerk, item)
    desk.send()
    assert confirmed(smtp_server) == 1, "what has left does not leave again"


def test_an_annulled_number_that_is_opened_again_is_confirmed_and_not_where_that_is_taken_back(
        desk: Desk, mail: Mail, clerk: Staff) -> None:
    item = desk.come_in(mail(SIGNAL))
    actions.annul(desk.office, clerk, item.id, item.version, Annulment.NO_LETTER)
    actions.mark(desk.office, clerk, item.id, desk.item(item.id).version, Status.REGISTERED)
    assert standing(desk, item) == {LetterType.ACKNOWLEDGEMENT: OutgoingStatus.QUEUED}
    undo(desk, clerk, item)
    assert desk.item(item.id).status is Status.ANNULLED
    assert standing(desk, item) == {LetterType.ACKNOWLEDGEMENT: OutgoingStatus.CANCELLED}
    undo(desk, clerk, item)
    assert standing(desk, item) == {LetterType.ACKNOWLEDGEMENT: OutgoingStatus.QUEUED}


def test_a_letter_after_all_that_is_one_again_is_confirmed_once(desk: Desk, mail: Mail, clerk: Staff) -> None:
    item = desk.come_in(newsletter(mail))
    for _ in range(2):
        actions.reclassify(desk.office, clerk, item.id, desk.item(item.id).version)
        attempt_item(desk.office, item.id)
        assert standing(desk, item) == {LetterType.ACKNOWLEDGEMENT: OutgoingStatus.HELD}, "who writes to a list?"
        undo(desk, clerk, item)
        assert standing(desk, item) == {LetterType.ACKNOWLEDGEMENT: OutgoingStatus.CANCELLED}
    assert len(desk.item(item.id).letters) == 1


def test_who_was_taken_for_a_whistleblower_by_mistake_is_confirmed(desk: Desk, mail: Mail, clerk: Staff) -> None:
    item = desk.come_in(mail(SIGNAL))
    actions.correct(desk.office, clerk, item.id, item.version, {"matter": "whistleblower"})
    assert standing(desk, item) == {LetterType.ACKNOWLEDGEMENT: OutgoingStatus.CANCELLED}
    undo(desk, clerk, item)
    assert standing(desk, item) == {LetterType.ACKNOWLEDGEMENT: OutgoingStatus.QUEUED}


def test_an_answer_that_was_none_leaves_the_notice_of_a_later_one_as_it_was(desk: Desk, mail: Mail,
                                                                           clerk: Staff) -> None:
    item = desk.come_in(mail(SIGNAL))
    actions.extend(desk.office, clerk, item.id, item.version, reason="Чакаме становище.", action="", until=None)
    actions.mark(desk.office, clerk, item.id, desk.item(item.id).version, Status.ANSWERED)
    assert standing(desk, item)[LetterType.EXTENSION] is OutgoingStatus.CANCELLED
    undo(desk, clerk, item)
    assert standing(desk, item)[LetterType.EXTENSION] is OutgoingStatus.DRAFT


def test_what_a_person_has_stopped_for_itself_stays_stopped(desk: Desk, mail: Mail, clerk: Staff) -> None:
    item = desk.come_in(mail(SIGNAL))
    actions.annul(desk.office, clerk, item.id, item.version, Annulment.NO_LETTER)
    letter = item.letters[0].id
    actions.take_back(desk.office, clerk, letter)
    actions.cancel(desk.office, OTHER, letter)
    undo(desk, clerk, item)
    assert standing(desk, item) == {LetterType.ACKNOWLEDGEMENT: OutgoingStatus.CANCELLED}


def test_a_page_that_was_open_since_then_takes_back_no_later_deed(desk: Desk, mail: Mail, clerk: Staff) -> None:
    item = desk.come_in(mail(SIGNAL))
    seen = []
    for status in (Status.CLOSED, Status.FORWARDED):
        actions.mark(desk.office, clerk, item.id, desk.item(item.id).version, status)
        with desk.office.store.reading() as register:
            seen.append(register.undo.last(item.id))
        if status is Status.CLOSED:
            undo(desk, clerk, item)
    assert seen[0] and seen[1] and seen[0].id != seen[1].id
    with pytest.raises(Conflict, match="вече е върнато"):
        undoing.undo(desk.office, clerk, item.id, item.version, seen[0].id)
    assert desk.item(item.id).status is Status.FORWARDED
