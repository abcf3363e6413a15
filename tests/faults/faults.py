"""The faults: each a small function that breaks one thing at a random moment, and mends it after a random while.

While it does, letters come in. What it breaks and mends is told in one sentence, which stands in docs/FAULTS.md.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from imapclient import SEEN

from tests.faults.town import FOLDER, FaultyTown, lock_register
from tests.journeys.test_bad_input import MAIL
from tests.journeys.town import scanned_page
from tests.servers.smtp import Fault as SmtpFault


class Place(Enum):
    """Where the town of a fault lives."""

    ORDINARY = "an ordinary disk, SQLite"
    SMALL_DISK = "a disk that can be filled, SQLite"
    OWN_CLOCK = "a clock that can be moved, SQLite"
    SHARE = "its scanner's folder on a share that can hang, SQLite"
    POSTGRESQL = "PostgreSQL"


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

@_fault("SIGKILL at a random moment, started again", seconds=120)
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


@_fault("the share with the originals is unmounted for 1 to 6 seconds: its empty mount point is left")
def originals_unmounted(town: FaultyTown) -> None:
    """What is written into the mount point meanwhile, nobody sees again."""
    there, away = town.here / "originals", town.here / "originals-on-the-share"
    there.rename(away)
    there.mkdir()
    town.pause(1, 6)
    shutil.rmtree(there)
    away.rename(there)


# -- time ------------------------------------------------------------------------------------------------------------

@_fault("the clock is set up to two days ahead, a letter out is refused for now, and the clock is set back again",
        place=Place.OWN_CLOCK)
def clock_jumps(town: FaultyTown) -> None:
    """As on a machine that has started without the time."""
    assert town.clock is not None
    town.clock.move(timedelta(seconds=town.moments.randrange(3600, 172_800)))
    town.around.smtp.fail_next(SmtpFault.GREYLIST)
    town.mail_comes(2)
    town.pause(0.5, 3)
    town.clock.move(timedelta())


@_fault("the clock is set up to two days back, and right again", place=Place.OWN_CLOCK)
def clock_jumps_back(town: FaultyTown) -> None:
    """A mail server's dates are in the future then."""
    assert town.clock is not None
    town.clock.move(-timedelta(seconds=town.moments.randrange(3600, 172_800)))
    town.around.smtp.fail_next(SmtpFault.GREYLIST)
    town.mail_comes(2)
    town.pause(0.5, 3)
    town.clock.move(timedelta())


def _through_the_night(town: FaultyTown, *ends: datetime) -> None:
    """Letters come in some seconds before and after one of these moments."""
    assert town.clock is not None
    town.clock.set(town.moments.choice(ends) - timedelta(seconds=town.moments.uniform(1, 5)))
    town.mail_comes(6, seconds=7)


@_fault("letters come in while summer time ends: the hour from 3 to 4 comes twice", place=Place.OWN_CLOCK)
def night_of_25_hours(town: FaultyTown) -> None:
    """At 1:00 UTC (Directive 2000/84/EC, art. 3)."""
    _through_the_night(town, *(datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC)))


@_fault("letters come in while summer time begins: there is no hour from 3 to 4", place=Place.OWN_CLOCK)
def night_of_23_hours(town: FaultyTown) -> None:
    """At 1:00 UTC (Directive 2000/84/EC, art. 2)."""
    _through_the_night(town, *(datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2028, 3, 26, 1, tzinfo=UTC)))


@_fault("letters come in at the turn of a year: the numbers begin anew", place=Place.OWN_CLOCK)
def new_year(town: FaultyTown) -> None:
    """At midnight in Sofia."""
    _through_the_night(town, *(datetime(year, 12, 31, 22, tzinfo=UTC) for year in (2026, 2027, 2028)))


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


@_fault("PostgreSQL stops as by a power cut, and comes back", place=Place.POSTGRESQL)
def database_gone(town: FaultyTown) -> None:
    """With every connection."""
    assert town.around.postgres is not None
    town.around.postgres.stop()
    town.pause(0.5, 6)
    town.around.postgres.start()


@_fault("PostgreSQL and the service stop together; the service is started before the database is there",
        place=Place.POSTGRESQL, seconds=120)
def database_later_than_we(town: FaultyTown) -> None:
    """As after a power cut in the house."""
    assert town.around.postgres is not None
    town.kill()
    town.around.postgres.stop()
    town.start()
    town.pause(3, 10)
    assert town.lives(), "it must wait for its database"
    town.around.postgres.start()


# -- more than one ---------------------------------------------------------------------------------------------------

@_fault("a second service runs on the same data directory and mailbox, and is stopped or killed")
def two_daemons(town: FaultyTown) -> None:
    """Somebody has started it by hand."""
    town.with_a_second("run")


@_fault("a second service runs on another machine, on the same PostgreSQL and mailbox, and is stopped or killed",
        place=Place.POSTGRESQL, seconds=120)
def two_daemons_on_postgresql(town: FaultyTown) -> None:
    """Both watch, both work."""
    town.with_a_second("run")


@_fault("scans come in, and one of two working machines is lost while it reads", place=Place.POSTGRESQL, seconds=180)
def worker_lost(town: FaultyTown) -> None:
    """SIGKILL; the other does its work."""
    town.with_a_second("work", scans=3)


# -- the scanner -----------------------------------------------------------------------------------------------------

@_fault("the scanner stops in the middle of a file for 1 to 4 seconds")
def scan_half_written(town: FaultyTown) -> None:
    """Longer than a file must be still to be taken."""
    name, text = town.next_scan()
    page = scanned_page(text)
    with (town.scans / name).open("wb", buffering=0) as file:
        cut = town.moments.randrange(1, len(page))
        file.write(page[:cut])
        town.pause(1, 4)
        file.write(page[cut:])


@_fault("the scanner never ends a file: after a minute it comes before a person", seconds=150)
def scan_never_ended(town: FaultyTown) -> None:
    """Its power went."""
    name, text = town.next_scan()
    page = scanned_page(text)
    (town.scans / name).write_bytes(page[:town.moments.randrange(1, len(page) - 8)])


@_fault("the share with the scanner's folder hangs for 1 to 8 seconds, while scans come in", place=Place.SHARE)
def share_hangs(town: FaultyTown) -> None:
    """Who asks it waits in the kernel."""
    assert town.share is not None
    town.share.hang(True)
    town.scan_comes()
    town.pause(1, 8)
    town.share.hang(False)


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


@_fault("a mail that is none, one that the mail server lists and cannot open, and then letters")
def poison_first(town: FaultyTown) -> None:
    """They come before a person; the letters behind them do not wait."""
    town.poison_comes(town.moments.choice(list(MAIL.values())))
    locked = town.poison_comes(b"From: a@example.com\r\nSubject: none\r\n\r\nnone")
    town.around.dovecot.make_unreadable(town.address, locked)
    town.mail_comes(3)
    time.sleep(1)


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
