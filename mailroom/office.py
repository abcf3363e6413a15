"""The office: every collaborator, built once from the settings and handed down."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from mailroom.charter.pack import load_pack
from mailroom.config import Settings
from mailroom.correspondence.templates import Templates
from mailroom.dispatch.transport import Transport, transport_for
from mailroom.model.pack import Pack
from mailroom.reading.reader import Reader
from mailroom.registration.calendar import WorkingCalendar
from mailroom.store.store import Store
from mailroom.understanding.knowledge import Knowledge, load_knowledge

LETTERS_OFF = "Изпращането на писма е изключено в настройките."


def utc_now() -> datetime:
    """The server's clock, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Office:
    """What the journey works with. One per process; safe to share between threads."""

    settings: Settings
    pack: Pack
    knowledge: Knowledge
    calendar: WorkingCalendar
    templates: Templates
    store: Store
    reader: Reader
    transport: Transport | None
    """Null when no letters can leave: nothing is configured, or letters are switched off."""
    letters_off_reason: str = ""
    """In Bulgarian; not empty: every letter is written and kept as `held`."""
    now: Callable[[], datetime] = utc_now

    @cached_property
    def own_addresses(self) -> frozenset[str]:
        """Every address of the municipality, in lower case; never answered by a machine."""
        known = {self.from_address, *self.pack.contact.emails, *self.settings.outgoing.own_addresses}
        known.update(mailbox.name for mailbox in self.settings.mailboxes)
        known.update(maildir.name for maildir in self.settings.maildirs)
        return frozenset(address.lower() for address in known if "@" in address)

    @cached_property
    def from_address(self) -> str:
        """The address from which letters go out."""
        named = [mailbox.name for mailbox in self.settings.mailboxes if "@" in mailbox.name]
        choice = [self.settings.outgoing.from_address, *self.pack.contact.emails, *named]
        return next((address for address in choice if address), f"mailroom@{self.pack.id}.invalid")

    @property
    def from_name(self) -> str:
        """The name that stands before it."""
        return self.settings.outgoing.from_name or self.pack.contact.name

    def close(self) -> None:
        """End the reading processes and the database connections."""
        self.reader.close()
        self.store.close()


def open_office(settings: Settings, *, letters: bool = True, now: Callable[[], datetime] = utc_now) -> Office:
    """Build everything, after checking it: rule pack, lexicon, templates, database.

    Raises Misconfigured before anything is touched.
    """
    pack = load_pack(settings.rules, settings.charter)
    knowledge = load_knowledge(settings.rules, settings.local_lexicon)
    templates = Templates(settings.templates, settings.templates_dir)
    off = "" if letters and settings.outgoing.enabled else LETTERS_OFF
    store = Store(settings.url, settings.originals_dir)
    store.migrate()
    return Office(
        settings=settings, pack=pack, knowledge=knowledge, templates=templates, store=store, now=now,
        calendar=WorkingCalendar((*pack.extra_non_working, *settings.extra_non_working)),
        reader=Reader(settings.ocr), letters_off_reason=off,
        transport=None if off else transport_for(settings),
    )
