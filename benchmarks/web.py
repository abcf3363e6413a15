"""How long a clerk and a citizen wait for a page, with few and with many letters, alone and among others.

    .venv/bin/python -m benchmarks.web [--items 10000 1000000] [--database sqlite postgresql] [--registers DIRECTORY]
        [--seconds 60]

The staff's and the citizens' applications run in a process of their own on real sockets, with a clerk's session, while
a mail a second comes in, is read, judged and registered beside them. Users click as people do: a page, then a second or
so (exponential) of looking, and nobody waits for the others to begin; the first user looks at each page for a tenth of
that. `--registers` keeps the SQLite registers that benchmarks/many.py makes, which takes long for a million.
"""

import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from sqlmodel import Session, col, select

from benchmarks.many import fill, open_town
from benchmarks.processes import Processes
from benchmarks.row import Row
from mailroom import journey
from mailroom.engine.attempt import attempt_item
from mailroom.model.access import Stage
from mailroom.model.arrival import Channel, Incoming
from mailroom.office import Office
from mailroom.store.tables import EntryTable, ItemTable
from mailroom.web.app import staff_app
from mailroom.web.public import public_app
from mailroom.web.serve import serving
from mailroom.web.visit import digest_of
from tests.servers.postgres import Postgres

USERS = (1, 20)
SHORT = 20
"""Seconds for each number of users, for the one table of all benchmarks."""
THINKING = 1.0
"""Seconds between two pages of a user, on average."""
TOKEN = "benchmark"
VIEWS = ("open", "to_decide", "urgent", "due_soon", "overdue", "mine", "unassigned", "set_aside", "bounced", "all")
QUERIES = ("дупка", "контейнерите", "voda", "Иван Петров", "Мария Колева", "осветление улица", "кучета", "z17",
           "z25000", "boklukyt", "Стефка*")
FILTERS = ("kind=signal", "kind=praise&department=legal", "department=environment",
           "since=01.09.2026&until=30.09.2026", "sort=due", "sort=oldest")


def main() -> None:
    """Measure and print a table for each register."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--database", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"])
    parser.add_argument("--registers", type=Path)
    parser.add_argument("--seconds", type=int, default=60, help="for each number of users")
    parser.add_argument("--serve", nargs=2, metavar=("DIRECTORY", "URL"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        serve(Path(asked.serve[0]), asked.serve[1])
        return
    with ExitStack() as stack:
        folder = asked.registers or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for database in asked.database:
            server = stack.enter_context(Postgres()) if database == "postgresql" else None
            for items in asked.items:
                measure(f"{database}, {items} items", folder / f"{database}-{items}", items,
                        server.url(f"many{items}") if server else "", asked.seconds)


# ---- the server's process -------------------------------------------------------------------------------------------


def serve(directory: Path, url: str) -> None:
    """Both applications and the mail that comes in, until standard input ends. Tells ports and examples in one line."""
    office = open_town(directory, url)
    with office.store.transaction() as register:
        register.sessions.end(digest_of(TOKEN))
        register.sessions.start("clerk", digest_of(TOKEN), "-", stage=Stage.OPEN, now=office.now(),
                                ends_at=office.now() + timedelta(days=1), address="127.0.0.1", agent="benchmark")
    stop = threading.Event()
    with serving(staff_app(office)) as staff, serving(public_app(office)) as public:
        thread = threading.Thread(target=_mail_comes, args=(office, stop))
        thread.start()
        print(json.dumps({"staff": staff, "public": public, **_examples(office)}), flush=True)
        sys.stdin.read()
        stop.set()
        thread.join()
    office.close()


def _mail_comes(office: Office, stop: threading.Event) -> None:
    start = time.time_ns()
    while not stop.wait(1):
        message = EmailMessage()
        message["From"], message["To"] = "Ана Белева <a.beleva@example.com>", "delovodstvo@example.bg"
        message["Subject"], message["Message-ID"] = "Сигнал за тъмна улица", f"<{time.time_ns()}@example.com>"
        message.set_content("Лампите не светят от седмица.\n\nАна Белева\nгр. Примерово, ул. „Липа“ № 5")
        item_id = journey.receive(office, Incoming(
            source="delovodstvo@example.bg", key=f"web-{start}-{time.time_ns()}", file="web.eml",
            content=message.as_bytes(), received_at=office.now(), channel=Channel.EMAIL))
        attempt_item(office, item_id)


def _examples(office: Office) -> dict[str, Any]:
    """Items and entries from all over the register."""
    chosen = random.Random(3)
    with Session(office.store._engine) as session:
        last = session.exec(select(ItemTable.id).order_by(col(ItemTable.id).desc()).limit(1)).one() or 1
        ids = sorted(chosen.sample(range(1, last), 300))
        entries = session.exec(select(EntryTable).where(col(EntryTable.item_id).in_(ids))).all()
    return {"items": [entry.item_id for entry in entries],
            "entries": [(entry.registration_number, f"{entry.registered_at:%d.%m.%Y}", entry.access_code)
                        for entry in entries if entry.registered_at.hour < 20]}


# ---- the users ------------------------------------------------------------------------------------------------------


def measure(name: str, directory: Path, items: int, url: str, duration: float) -> None:
    """One register: made where it is missing, then looked at by one user and by many."""
    with _server(directory, items, url) as (told, server):
        print(f"\n{name}; first paint {first_paint(told) / 1024:.0f} KB")
        for users in USERS:
            before = server.cpu_seconds()
            taken = looked_at(told, users, duration)
            pages = sum(map(len, taken.values()))
            report(users, taken)
            used = (server.cpu_seconds() - before) / pages
            print(f"{users:3} users  server's CPU a page, the mail that comes in with it: {used * 1000:.0f} ms; "
                  f"load of the machine {os.getloadavg()[0]:.0f}", flush=True)


def rows(sizes: Sequence[int]) -> Iterator[Row]:
    """All pages together, on SQLite, for the table."""
    with tempfile.TemporaryDirectory() as folder:
        for items in sizes:
            with _server(Path(folder) / str(items), items, "") as (told, server):
                for users, wanted in zip(USERS, ("95 of 100 within 100 ms", "95 of 100 within 250 ms"), strict=True):
                    before = server.cpu_seconds()
                    seconds = sorted(one.seconds for kind in looked_at(told, users, SHORT).values() for one in kind)
                    used = (server.cpu_seconds() - before) / len(seconds)
                    yield Row(f"pages, {items:,} letters, {users} {'user' if users == 1 else 'users'}",
                              f"median {1000 * statistics.median(seconds):.0f} ms, 95 of 100 within "
                              f"{1000 * seconds[int(0.95 * len(seconds))]:.0f} ms, CPU {1000 * used:.0f} ms", wanted)


@contextmanager
def _server(directory: Path, items: int, url: str) -> Iterator[tuple[dict[str, Any], Processes]]:
    """The applications over a register of so many letters, which is made where it is missing: what they tell of
    themselves, and their process."""
    if url or not directory.exists():
        office = open_town(directory, url)
        fill(office, items)
        office.close()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.web", "--serve", str(directory), url],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin and process.stdout
    try:
        yield json.loads(process.stdout.readline()), Processes(process.pid)
    finally:
        process.stdin.close()
        process.wait()


class Look(NamedTuple):
    """One page that somebody waited for."""

    seconds: float
    octets: int
    """With few letters many views do not fill a page: a page with more on it takes longer, however it was found."""


def looked_at(told: dict[str, Any], users: int, duration: float) -> dict[str, list[Look]]:
    """By kind of page, of so many users during so many seconds."""
    taken: dict[str, list[Look]] = defaultdict(list)
    until = time.monotonic() + duration
    threads = [threading.Thread(target=_user, args=(told, number, until, taken)) for number in range(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def _user(told: dict[str, Any], number: int, until: float, taken: dict[str, list[Look]]) -> None:
    chosen = random.Random(number)
    doors = {name: http.client.HTTPConnection("127.0.0.1", told[name], timeout=60) for name in ("staff", "public")}
    pause = THINKING if number else THINKING / 10
    time.sleep(chosen.uniform(0, pause))
    while time.monotonic() < until:
        kind, door, ask = PAGES[chosen.choices(range(len(PAGES)), weights=(3, 1, 3, 2, 1))[0]]
        request, start = ask(chosen, told), time.monotonic()
        status, octets = _send(doors[door], request)
        taken[kind].append(Look(time.monotonic() - start, octets))
        assert status == 200, (request, status)
        time.sleep(chosen.expovariate(1 / pause))


def _send(connection: http.client.HTTPConnection, request: "Request") -> tuple[int, int]:
    """Ask, once more where the server has closed an idle connection, as browsers do; status and size of the answer."""
    for last in (False, True):
        try:
            connection.request(*request, {"Cookie": f"mailroom={TOKEN}",
                                          "Content-Type": "application/x-www-form-urlencoded"})
            answer = connection.getresponse()
            return answer.status, len(answer.read())
        except (BrokenPipeError, http.client.RemoteDisconnected):
            connection.close()
            if last:
                raise
    raise AssertionError


Request = tuple[str, str, str | None]


def _queue(chosen: random.Random, told: dict[str, Any]) -> Request:
    before = f"&before={chosen.choice(told['items'])}" if chosen.random() < 0.3 else ""
    return "GET", f"/queue?view={chosen.choice(VIEWS)}{before}", None


def _filtered(chosen: random.Random, _told: dict[str, Any]) -> Request:
    return "GET", f"/queue?view={chosen.choice(('all', 'open'))}&{chosen.choice(FILTERS)}", None


def _item(chosen: random.Random, told: dict[str, Any]) -> Request:
    return "GET", f"/items/{chosen.choice(told['items'])}", None


def _search(chosen: random.Random, told: dict[str, Any]) -> Request:
    query = chosen.choice((*QUERIES, chosen.choice(told["entries"])[0]))
    return "GET", f"/queue?view={chosen.choice(('all', 'all', 'open'))}&q={quote(query)}", None


def _status(chosen: random.Random, told: dict[str, Any]) -> Request:
    number, date, code = chosen.choice(told["entries"])
    return "POST", "/", urlencode({"number": number, "date": date, "code": code})


PAGES: tuple[tuple[str, str, Callable[[random.Random, dict[str, Any]], Request]], ...] = (
    ("queue", "staff", _queue), ("queue, filtered", "staff", _filtered), ("item", "staff", _item),
    ("search", "staff", _search), ("status", "public", _status),
)


def first_paint(told: dict[str, Any]) -> int:
    """Octets of the queue page and of what it loads, with headers, as a browser asks for them."""
    connection, total, wanted = http.client.HTTPConnection("127.0.0.1", told["staff"], timeout=60), 0, ["/queue"]
    for path in wanted:
        connection.request("GET", path, headers={"Cookie": f"mailroom={TOKEN}", "Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        content = answer.read()
        total += len(content) + len(str(answer.headers))
        if path == "/queue":
            wanted += {part.partition('"')[0] for mark in ('href="/static/', 'src="/static/')
                       for part in ("/static/" + rest for rest in content.decode().split(mark)[1:])}
    return total


def report(users: int, taken: dict[str, list[Look]]) -> None:
    """A line for each kind of page."""
    for kind, looks in sorted(taken.items()):
        ordered = sorted(look.seconds for look in looks)
        size = statistics.mean(look.octets for look in looks) / 1000
        p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        p50 = statistics.median(ordered)
        print(f"{users:3} users  {kind:16} p50 {p50 * 1000:6.0f} ms   p95 {p95 * 1000:6.0f} ms   n {len(ordered):4} "
              f"  {size:.0f} kB a page", flush=True)


if __name__ == "__main__":
    main()
