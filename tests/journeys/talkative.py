"""A morning that goes wrong wherever it can, in a process of its own with every log at its most talkative.

    python -m tests.journeys.talkative DATA_DIR IMAP_PORT CA_FILE SMTP_PORT
"""

import contextlib
import logging
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from mailroom import journey
from mailroom.config import MailboxSettings, OcrSettings, OutgoingSettings, Security, Settings, SmtpSettings
from mailroom.engine.attempt import attempt_item, attempt_letter
from mailroom.logs import configure_logs
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.base import ItemId
from mailroom.model.outgoing import OutgoingStatus
from mailroom.office import Office, open_office
from mailroom.sources.imap import ImapMailbox
from mailroom.sources.source import Callbacks
from mailroom.web.public import public_app
from mailroom.web.serve import serving

WORDS = {"name": "Щръкльовеца", "address": "zqxsender", "subject": "Жъгъмъгъл", "body": "Кръкорясване",
         "file": "zqxfile", "inside": "zqxinside", "header": "zqxheader", "number": "7523169263",
         "street": "Кютюкчийница"}
"""In every place of a letter one that stands nowhere else."""
SENDER = f"{WORDS['address']}@citizen.example"
MAILBOX = "talkative@example.bg"


class Poison:
    """Whatever is asked of it ends in an error that repeats the letter."""

    def __getattr__(self, name: str) -> Any:
        raise ValueError(" ".join(WORDS.values()))


def take_everything(office: Office, settings: MailboxSettings) -> list[ItemId]:
    """What lies in the mailbox, and papers that cannot be read."""
    taken: list[ItemId] = []

    def take(incoming: Any) -> None:
        taken.extend(journey.receive(office, one) for one in (
            [incoming] if isinstance(incoming, Incoming) else incoming))

    ImapMailbox(settings, Callbacks(take=take, known=lambda source, keys: set(), report=lambda state: None),
                limits=office.settings.limits).look_once()
    inside = WORDS["inside"].encode() * 99
    for number, content in enumerate((b"%PDF-1.7 " + inside, b"\x89PNG\r\n\x1a\n" + inside)):
        taken.append(journey.receive(office, Incoming(
            source="scans", key=str(number), file=f"{WORDS['file']}.pdf", content=content,
            received_at=datetime(2026, 11, 20, tzinfo=UTC), channel=Channel.PAPER)))
    return taken


def go_wrong(office: Office, item_ids: list[ItemId]) -> None:
    """A step that fails with the letter in its error, until a person must look; then the letters' way to a server that
    repeats their address; then a page."""
    poisoned: Any = Poison()
    for _ in range(office.settings.limits.attempts):
        attempt_item(replace(office, calendar=poisoned), item_ids[0])
    for item_id in item_ids:
        attempt_item(office, item_id)
    with office.store.reading() as register:
        waiting = register.outbox.with_status(OutgoingStatus.QUEUED)
    for outgoing in waiting:
        attempt_letter(office, outgoing.id)
    with serving(public_app(replace(office, store=poisoned))) as port, contextlib.suppress(httpx.HTTPError):
        httpx.post(f"http://127.0.0.1:{port}/", data={
            "number": f"94-{WORDS['number']}", "date": "20.11.2026", "code": WORDS["inside"]})


def main(folder: str, imap_port: str, ca_file: str, smtp_port: str) -> None:
    """The morning."""
    configure_logs(level=logging.DEBUG)
    mailbox = MailboxSettings(name=MAILBOX, user=MAILBOX, host="127.0.0.1", port=int(imap_port), ca_file=Path(ca_file),
                              password_secret="center")
    office = open_office(Settings(
        charter="primerovo", data_dir=Path(folder), ocr=OcrSettings(workers=1), mailboxes=(mailbox,),
        smtp=SmtpSettings(host="127.0.0.1", port=int(smtp_port), security=Security.NONE),
        outgoing=OutgoingSettings(undo_seconds=0)))
    try:
        go_wrong(office, take_everything(office, mailbox))
    finally:
        office.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
