"""A town hall for trying out: an invented town whose mail and scans come in while one watches.

Everything is real but the town: a Maildir and a scan folder are watched, letters are read, decided, registered and
answered, the answers lie in a folder instead of leaving.
"""

import mailbox
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from mailroom import service
from mailroom.config import CONFIG_NAME, Settings, load_settings
from mailroom.datadir import is_empty, private_folder, write_config
from mailroom.demo.mails import as_eml, samples
from mailroom.demo.scans import scan
from mailroom.errors import BadRequest
from mailroom.leaving import leave_in_time
from mailroom.model.staff import Role, Staff
from mailroom.office import Office, open_office
from mailroom.web.passwords import hash_password

TOWN = "primerovo"
INBOX, SCANS, OUTBOX = "inbox", "scans", "outbox"
CONFIG = """# Настройки на пробното деловодство.
charter = "{town}"

[[maildirs]]
name = "delovodstvo@example.bg"
path = "{inbox}"
poll_seconds = 1

[[scan_folders]]
name = "Скенер в деловодството"
path = "{scans}"
poll_seconds = 1
stable_seconds = 0.5

[outgoing]
folder = "{outbox}"

[web]
port = {port}
public_port = {public_port}
staff_url = "http://127.0.0.1:{port}"
public_url = "http://127.0.0.1:{public_port}"
secure_cookies = false

[digest]
recipients = ["kmet@example.bg"]
"""
STAFF = (
    Staff(login="delovoditel", name="Мария Колева", role=Role.CLERK, officer_id="koleva", department_id="registry"),
    Staff(login="ekolog", name="Иван Тодоров", role=Role.OFFICER, officer_id="todorov", department_id="environment"),
    Staff(login="sekretar", name="Николай Радев", role=Role.SECRETARY, officer_id="radev", department_id="secretary"),
    Staff(login="kabinet", name="Кабинет на кмета", role=Role.MAYOR),
    Staff(login="doverie", name="Анна Василева", role=Role.CONFIDENTIAL, officer_id="vasileva"),
    Staff(login="admin", name="Администратор", role=Role.ADMIN),
)
LETTER_EVERY_SECONDS = 0.6
WEB_STARTS_WITHIN_SECONDS = 20.0


def run_demo(*, port: int, folder: Path | None = None) -> None:
    """Run until Ctrl-C. Raises BadRequest when the port is taken or the folder is not empty."""
    port, public_port = _free_ports(port)
    data = folder or Path(tempfile.mkdtemp(prefix="mailroom-demo-"))
    settings = make_town(data, port=port, public_port=public_port)
    password = secrets.token_urlsafe(9)
    office = open_office(settings)
    stop = threading.Event()
    try:
        _hire(office, password)
        sending = threading.Thread(target=_bring_letters, args=(data, stop), name="mailroom-demo-letters", daemon=True)

        def ready() -> None:
            _wait_for(port, stop)
            print(_welcome(settings, password), flush=True)
            sending.start()

        service.run(office, public=True, on_ready=ready, stop=stop, on_stopping=leave_in_time)
    finally:
        office.close()
    print(f"The demo has ended; its data stay in {data}", flush=True)


def make_town(folder: Path, *, port: int, public_port: int) -> Settings:
    """A data directory of the sample town, with its inboxes and its outbox as folders inside."""
    if not is_empty(folder):
        raise BadRequest(f"{folder} is not empty: name a new folder for the demo")
    private_folder(folder)
    for box in ("cur", "new", "tmp"):
        (folder / INBOX / box).mkdir(parents=True)
    for name in (SCANS, OUTBOX):
        (folder / name).mkdir()
    write_config(folder, CONFIG.format(town=TOWN, inbox=INBOX, scans=SCANS, outbox=OUTBOX, port=port,
                                       public_port=public_port))
    return load_settings(folder / CONFIG_NAME)


def bring(folder: Path, now: datetime) -> Iterator[str]:
    """Deliver the sample letters one after the other, mail and paper in turn; yields the name of each."""
    inbox = mailbox.Maildir(folder / INBOX)
    letters = samples()
    for number in range(max(len(letters.mail), len(letters.scan) * 2)):
        if number < len(letters.mail):
            inbox.add(as_eml(letters.mail[number], now))
            yield letters.mail[number].name
        if number % 2 == 0 and number // 2 < len(letters.scan):
            paper = letters.scan[number // 2]
            drop(folder / SCANS, paper.name, scan(paper.name, paper.pages, skew=paper.skew,
                                                  blank_back=paper.blank_back))
            yield paper.name


def drop(folder: Path, name: str, content: bytes) -> None:
    """Put a file into a watched folder as a whole."""
    hidden = folder / f".{name}.part"
    hidden.write_bytes(content)
    hidden.rename(folder / name)


def _hire(office: Office, password: str) -> None:
    password_hash = hash_password(password)
    with office.store.transaction() as register:
        for staff in STAFF:
            register.people.add(staff, password_hash)


def _bring_letters(folder: Path, stop: threading.Event) -> None:
    for _ in bring(folder, datetime.now(UTC)):
        if stop.wait(LETTER_EVERY_SECONDS):
            return


def _free_ports(port: int) -> tuple[int, int]:
    """The port that was asked for (0: any) and another one for the public page. Raises BadRequest when it is taken."""
    with socket.socket() as staff, socket.socket() as public:
        staff.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            staff.bind(("127.0.0.1", port))
        except OSError as error:
            raise BadRequest(f"port {port} is taken: choose another with --port ({error.strerror})") from error
        public.bind(("127.0.0.1", 0))
        return int(staff.getsockname()[1]), int(public.getsockname()[1])


def _wait_for(port: int, stop: threading.Event) -> None:
    """Until the pages answer, or the service stops."""
    end = time.monotonic() + WEB_STARTS_WITHIN_SECONDS
    while time.monotonic() < end and not stop.is_set():
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        stop.wait(0.1)


def _welcome(settings: Settings, password: str) -> str:
    """What one needs to look around."""
    data, web = settings.data_dir, settings.web
    logins = "\n".join(f"    {staff.login:12} {staff.role:13} {staff.name}" for staff in STAFF)
    return f"""
mailroom demo: the invented town of Примерово

  Staff's pages         http://127.0.0.1:{web.port}/
  Citizens' status page {web.public_url}/
  Password of all       {password}
{logins}

  Drop an .eml file into  {data / INBOX / 'new'}
  Drop a PDF, TIFF or JPEG into  {data / SCANS}
  Letters that leave are files in  {data / OUTBOX}
  Data directory (kept)   {data}

Ctrl-C ends the demo."""
