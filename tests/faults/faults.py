"""The faults: each a small function that breaks one thing at a random moment, and mends it after a random while.

While it does, letters come in. What it breaks and mends is told in one sentence, which stands in docs/FAULTS.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from imapclient import SEEN

from tests.faults.town import FOLDER, FaultyTown, lock_register
from tests.servers.smtp import Fault as SmtpFault


class Place(Enum):
    """Where the town of a fault lives."""

    ORDINARY = "an ordinary disk, SQLite"
    SMALL_DISK = "a disk that can be filled, SQLite"


Strike = Callable[[FaultyTown], None]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way in which things break."""

    name: str
    told: str
    """What is done, for people."""
    strike: Strike
    """Breaks and mends; returns when everything that was broken is well again."""
    place: Place = Place.ORDINARY
    seconds: float = 60
    """Within so long after that everything must be through."""
    quick: bool = False
    """Once in every run of the tests, and not only in the long ones."""


FAULTS: dict[str, Fault] = {}


def _fault(told: str, *, place: Place = Place.ORDINARY, seconds: float = 60,
           quick: bool = False) -> Callable[[Strike], Strike]:
    def enter(strike: Strike) -> Strike:
        name = strike.__name__.replace("_", "-")
        FAULTS[name] = Fault(name=name, told=told, strike=strike, place=place, seconds=seconds, quick=quick)
        return strike

    return enter


# -- the machine -----------------------------------------------------------------------------------------------------

@_fault("SIGKILL at a random moment, started again")
def killed(town: FaultyTown) -> None:
    """Whatever it is just doing."""
    town.kill()
    town.start()


@_fault("the disk is full to the last octets for some seconds, then somebody clears up", place=Place.SMALL_DISK)
def disk_full(town: FaultyTown) -> None:
    """Of the data directory: register and originals alike."""
    assert town.disk is not None
    town.disk.fill(town.moments)
    town.pause(1, 5)
    town.disk.free()


# -- the database ----------------------------------------------------------------------------------------------------

@_fault("somebody's database tool holds the register for 1 to 4 seconds", quick=True)
def register_locked(town: FaultyTown) -> None:
    """As long as SQLite is ready to wait."""
    tool = lock_register(town.here)
    town.pause(1, 4)
    tool.close()


@_fault("the same for 32 to 40 seconds, which is longer than SQLite waits")
def register_locked_long(town: FaultyTown) -> None:
    """Then every transaction fails."""
    tool = lock_register(town.here)
    town.pause(32, 40)
    tool.close()


# -- the mailbox -----------------------------------------------------------------------------------------------------

@_fault("the line to the mail server is cut one to four times, each in the middle of an answer", quick=True)
def imap_cut_mid_fetch(town: FaultyTown) -> None:
    """After a random number of octets."""
    town.around.wire.cut_after(town.moments.randrange(20, 900), times=town.moments.randint(1, 4))
    town.pause(0.5, 2)
    town.around.wire.cut_after(0, times=0)


@_fault("the line swallows everything without closing, so that IDLE stays silent, for 1 to 6 seconds")
def idle_silent(town: FaultyTown) -> None:
    """As a firewall that has forgotten the connection."""
    town.around.wire.swallow(True)
    town.pause(1, 6)
    town.around.wire.swallow(False)


@_fault("the mail server stops and comes back")
def imap_gone(town: FaultyTown) -> None:
    """With every connection."""
    town.around.dovecot.stop()
    town.pause(0.5, 4)
    town.around.dovecot.start()


@_fault("the mailbox is made anew: every message has a new UID under a new UIDVALIDITY")
def uidvalidity_changed(town: FaultyTown) -> None:
    """As after a restore of the mail server."""
    town.around.dovecot.bump_uidvalidity(town.address, FOLDER)


@_fault("a colleague renames the folder, and puts it back after a while")
def mailbox_moved(town: FaultyTown) -> None:
    """What comes meanwhile goes into a folder of the old name, and is put into it again."""
    with town.around.dovecot.mailbox(town.address, None) as colleague:
        away = f"Стара {town.moments.random()}"
        colleague.rename_folder(FOLDER, away)
        town.pause(0.5, 4)
        if not colleague.folder_exists(FOLDER):
            colleague.create_folder(FOLDER)
        colleague.select_folder(away)
        colleague.move(colleague.search(), FOLDER)


@_fault("a colleague marks everything as read, again and again", quick=True)
def marked_seen_by_a_colleague(town: FaultyTown) -> None:
    """Whether we have seen it or not."""
    with town.around.dovecot.mailbox(town.address, FOLDER) as colleague:
        for _ in range(10):
            colleague.noop()
            messages = colleague.search()
            if messages:
                colleague.add_flags(messages, [SEEN], silent=True)
            town.pause(0, 0.2)


# -- the way out -----------------------------------------------------------------------------------------------------

@_fault("the citizen's server refuses one to three letters for good (550): they come before a person")
def smtp_refuses(town: FaultyTown) -> None:
    """At RCPT TO."""
    town.around.smtp.fail_next(SmtpFault.REFUSE_RECIPIENT, times=town.moments.randint(1, 3))


@_fault("the mail server asks to come back later (451), one to four times", quick=True)
def smtp_greylists(town: FaultyTown) -> None:
    """At RCPT TO, as the first time from an unknown sender."""
    town.around.smtp.fail_next(SmtpFault.GREYLIST, times=town.moments.randint(1, 4))


@_fault("the mail server takes one or two letters and dies before it says so: they come before a person", quick=True)
def smtp_dies_before_the_reply(town: FaultyTown) -> None:
    """The case in which a sender cannot know."""
    town.around.smtp.fail_next(SmtpFault.CLOSE_BEFORE_REPLY, times=town.moments.randint(1, 2))


@_fault("the mail server does not take one or two letters and dies before it says so")
def smtp_dies_before_taking(town: FaultyTown) -> None:
    """Which looks the same from here."""
    town.around.smtp.fail_next(SmtpFault.CLOSE_BEFORE_ACCEPTING, times=town.moments.randint(1, 2))


@_fault("the mail server falls silent after the text")
def smtp_silent(town: FaultyTown) -> None:
    """Longer than we wait."""
    town.around.smtp.fail_next(SmtpFault.SILENCE)


@_fault("the mail server for outgoing mail stops and comes back")
def smtp_gone(town: FaultyTown) -> None:
    """Nobody listens meanwhile."""
    town.around.smtp.stop()
    town.pause(0.5, 4)
    town.around.smtp.start()
