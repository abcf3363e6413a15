"""What a mail tells of a letter of ours that has left: late, returned, answered by a machine.

Which letter it is says the signed return path, where one is used; else the Message-ID that the report, the returned
letter or the thread names. A mail whose return path bears a strange signature is not believed at all.

| told | what happens |
| --- | --- |
| the server still tries | noted |
| returned, and the reason passes (full mailbox) | the same message once more, with growing pauses; then as below |
| returned for good | `bounced`: a person mends the address or prints the letter |
| a machine answered („отсъствам“) | noted: the letter arrived, and nobody has answered |

Runs inside the transaction that sets the mail aside, so that it is done once.
"""

from datetime import timedelta

from mailroom.dispatch.bounces import Bounce, read_bounce
from mailroom.dispatch.return_path import read_return_path
from mailroom.errors import TryAgain
from mailroom.model.base import MACHINE
from mailroom.model.findings import NonCorrespondence
from mailroom.model.item import Item
from mailroom.model.letter import Letter
from mailroom.model.outgoing import DeliveryNews, News, Outgoing, OutgoingStatus
from mailroom.office import Office
from mailroom.store.keys import RETURN_PATH
from mailroom.store.store import Register

SOFT_PAUSES = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
"""After each return for a passing reason; when they are used up the letter is given to a person."""
LEFT = (OutgoingStatus.SENT, OutgoingStatus.HELD)
"""A letter that is held and comes back was handed over after all: nobody was sure of it."""
UNREADABLE = "Писмото се върна, без да се разбира защо: отворете върнатото и проверете адреса."
USED_UP = "Писмото се върна {times} пъти: изпратете го по пощата или се обадете."
AWAY = "Писмото е пристигнало, но още никой не го е прочел."


def hear_of_letter(office: Office, book: Register, item: Item) -> None:
    """What this mail, set aside as a bounce or an automatic reply, tells of a letter of ours."""
    assert item.letter is not None
    returned = read_return_path(item.letter, book.keys.get(RETURN_PATH))
    if returned.forged:
        book.history.note("return_not_believed", who=MACHINE, at=office.now(), item_id=item.id)
        return
    by_path = book.outbox.find(returned.outgoing_id) if returned.outgoing_id else None
    if item.noncorrespondence_type is NonCorrespondence.BOUNCE:
        bounce = read_bounce(item.letter) or (_unreadable(item.letter) if by_path else None)
        if bounce is None:
            return
        letter = by_path or (book.outbox.by_message_id(bounce.message_id) if bounce.message_id else None)
        if letter is not None:
            _confide(book, item, letter)
            _hear_of_return(office, book, item, letter, bounce)
    elif item.noncorrespondence_type is NonCorrespondence.AUTO_REPLY:
        letter = by_path or _answered(book, item.letter)
        if letter is not None:
            _confide(book, item, letter)
            _hear(office, book, item, letter, News.ABSENT, AWAY)


def _confide(book: Register, item: Item, letter: Outgoing) -> None:
    """What comes back from a whistleblower bears their name and our letter: it is as confidential as their report."""
    about = book.items.get(letter.item_id) if letter.item_id is not None else None
    if about is not None and about.sealed and item.findings is not None and item.verdict is not None:
        book.items.keep_judgement(item.id, item.findings, item.verdict.model_copy(update={"sealed": True}))


def _unreadable(letter: Letter) -> Bounce | None:
    """Whatever comes back to a letter's own return path and is no report of success tells that it did not arrive."""
    return None if letter.report else Bounce(message_id=None, recipient=None, permanent=True, given_up=True,
                                             status=None, explanation=UNREADABLE)


def _answered(book: Register, letter: Letter) -> Outgoing | None:
    named = (*letter.head.in_reply_to, *reversed(letter.head.references)) if letter.head else ()
    found = (book.outbox.by_message_id(message_id) for message_id in named)
    return next((outgoing for outgoing in found if outgoing is not None), None)


def _hear_of_return(office: Office, book: Register, item: Item, letter: Outgoing, bounce: Bounce) -> None:
    """Raises TryAgain while the letter is still on the wire: a server may be quicker to return it than to say so."""
    if letter.status is OutgoingStatus.SENDING:
        raise TryAgain("Писмото, което се връща, още се предава.")
    if letter.status not in LEFT:
        return
    if not bounce.given_up:
        _hear(office, book, item, letter, News.DELAYED, bounce.explanation)
        return
    returned_before = sum(news.what is News.SOFT for news in letter.news)
    if not bounce.permanent and returned_before < len(SOFT_PAUSES):
        if _hear(office, book, item, letter, News.SOFT, bounce.explanation):
            book.outbox.send_again(letter.id, office.now() + SOFT_PAUSES[returned_before], bounce.explanation)
        return
    why = bounce.explanation if bounce.permanent else USED_UP.format(times=returned_before + 1)
    if _hear(office, book, item, letter, News.HARD, why):
        book.outbox.mark(letter.id, OutgoingStatus.BOUNCED, trouble=why)


def _hear(office: Office, book: Register, item: Item, letter: Outgoing, what: News, sentence: str) -> bool:
    """Note it with the letter and in the history. False when this very mail has told it before."""
    if not book.outbox.hear(letter.id, DeliveryNews(what=what, at=office.now(), sentence=sentence, told_by=item.id)):
        return False
    book.history.note(HISTORY[what], who=MACHINE, at=office.now(), item_id=letter.item_id, outgoing_id=letter.id,
                      told_by=item.id)
    return True


HISTORY = {News.DELAYED: "letter_delayed", News.SOFT: "letter_returned_soft", News.HARD: "letter_bounced",
           News.ABSENT: "letter_absent"}
"""Names of the history's lines."""
