"""SIGKILL at random moments: nothing lost, nothing twice, no gap in the numbers, never two acknowledgements."""

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.town import Town, citizen_mail, wait_until
from tests.reading.material import batch_pdf
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer

PAGE = "До кмета на Община Примерово\n\nСИГНАЛ № {n}\n\nМоля да отстраните боклука пред блока.\n\n" \
       "Иван Стоянов Колев\nгр. Примерово, ул. Роза № {n}"


@pytest.fixture
def town(tmp_path: Path, dovecot: Dovecot, smtp_server: SmtpServer) -> Iterator[Town]:
    built = Town(tmp_path / "town", dovecot, smtp_server, ("killed-center@example.bg", "killed-mayor@example.bg"))
    yield built
    built.close()


BATCH = 4
"""Letters in the one pile that is scanned at once."""


def pile() -> bytes:
    """Letters with a separator sheet between each two."""
    letters = [PAGE.format(n=1000 + number) for number in range(BATCH)]
    return batch_pdf(*(page for letter in letters for page in (letter, "", None)))


def post_comes_in(town: Town, mails: int, scans: int) -> None:
    """Mails to both mailboxes, every tenth of them to both at once, scans between them, and one pile."""
    center, mayor = town.mailboxes
    town.scan_file("pile.pdf", pile())
    for number in range(mails):
        message = citizen_mail(number)
        town.deliver((center, mayor)[number % 2], message)
        if number % 10 == 0:
            message["Received"] = "from elsewhere by here; Fri, 20 Nov 2026 10:13:00 +0200"
            town.deliver((mayor, center)[number % 2], message)
        if number < scans:
            town.scan(f"scan-{number}.pdf", PAGE.format(n=number))


def kill_now_and_then(town: Town, times: int, moments: random.Random) -> None:
    for _ in range(times):
        time.sleep(moments.uniform(0.8, 5))
        town.kill()
        town.start()


def survives(town: Town, dovecot: Dovecot, smtp: SmtpServer, *, mails: int, scans: int, kills: int,
             seconds: float) -> None:
    moments = random.Random(mails)
    town.start()
    post = threading.Thread(target=post_comes_in, args=(town, mails, scans))
    post.start()
    kill_now_and_then(town, kills, moments)
    post.join()

    def quiet() -> bool:
        items = town.items()
        done = [item for item in items if item["registration_number"]]
        letters = [letter["status"] for item in items for letter in item["letters"] if letter["channel"] == "email"]
        return len(done) == mails + scans + BATCH and "queued" not in letters and "sending" not in letters

    wait_until(quiet, seconds, pause=2)
    town.stop()
    items = town.items()
    came = Counter(re.sub(r"\D", "", item["subject"] or "") for item in items if item["channel"] == "email")
    assert came == {str(number): 1 for number in range(mails)}, "lost or twice"
    scanned = Counter(item["source"]["file"] for item in items if item["channel"] == "paper")
    assert scanned == {"pile.pdf": BATCH, **{f"scan-{number}.pdf": 1 for number in range(scans)}}, "lost or twice"
    parts = sorted((item["source"]["part"], item["source"]["pages"]) for item in items
                   if item["source"]["file"] == "pile.pdf")
    assert parts == [(number, [3 * number - 2]) for number in range(1, BATCH + 1)], "the pile was divided otherwise"
    numbers = sorted(int(item["case_number"].rsplit("-", 1)[1]) for item in items)
    assert numbers == list(range(1, mails + scans + BATCH + 1)), "a gap, or a number twice"
    written = Counter(recipient for received in smtp.received for recipient in received.recipients)
    assert not [address for address, times in written.items() if times > 1], "more than one acknowledgement"
    held = [letter for item in items for letter in item["letters"] if letter["status"] == "held"]
    assert len(written) + len(held) >= mails, "an acknowledgement neither sent nor before a person"
    assert_every_arrival_is_told_once(items, dovecot, delivered=mails + len(range(0, mails, 10)))
    assert sum(len(item["arrivals"]) for item in items if item["channel"] == "paper") == scans + BATCH
    assert "ok" in town.run("verify")


def assert_every_arrival_is_told_once(items: Sequence[dict[str, Any]], dovecot: Dovecot, *, delivered: int) -> None:
    """Every message by the name that its server gave it. A server may give a message another name, and then that is
    another arrival of the same letter (RFC 3501, 2.3.1.1): as many are told as were delivered, or as it gave names."""
    told = Counter((arrival["name"], arrival["file"]) for item in items if item["channel"] == "email"
                   for arrival in item["arrivals"])
    assert set(told.values()) == {1}, "one message noted twice"
    named = {name: Counter(file.rsplit("-", 2)[1] for box, file in told if box == name) for name, _ in told}
    given = 0
    for name, validities in named.items():
        validity, uids = dovecot.uids_given(name)
        given += uids + sum(times for earlier, times in validities.items() if earlier != str(validity))
    assert delivered <= len(told) <= given, dovecot.log()
    if given > delivered:
        print(f"the mail server has given {given} names to {delivered} messages:\n{dovecot.log()}")


@pytest.mark.long
@pytest.mark.timeout(600)
def test_killed_at_random_moments(town: Town, dovecot: Dovecot, smtp_server: SmtpServer) -> None:
    survives(town, dovecot, smtp_server, mails=12, scans=1, kills=2, seconds=90)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_killed_at_random_moments_with_300_mails_and_20_scans(
        town: Town, dovecot: Dovecot, smtp_server: SmtpServer) -> None:
    survives(town, dovecot, smtp_server, mails=300, scans=20, kills=25, seconds=600)
