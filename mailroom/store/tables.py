"""The tables of the register, as SQLModel classes.

Lists read the narrow `item` and `entry` rows; letters, findings and verdicts lie as JSON documents in `item_document`,
so that a queue page never reads a citizen's text.
"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, DateTime, Dialect, Index, Text, TypeDecorator, UniqueConstraint, text
from sqlmodel import Field, SQLModel


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC (НОИИСРЕАУ 46); a naive one is a programming error."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: UTC without zone, which both databases keep alike."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database: aware, in UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


LIVE = "status IN ('arrived', 'registered', 'in_review')"
"""Items with which somebody still has something to do."""
VIEW_ROWS = {
    "to_decide": "status = 'in_review'",
    "urgent": f"{LIVE} AND urgent",
    "illegible": f"{LIVE} AND NOT legible",
    "set_aside": "status = 'not_correspondence' AND NOT noncorrespondence_confirmed",
    "bounced": "bounced",
    "unassigned": "status IN ('registered', 'in_review') AND officer_id IS NULL",
    "trouble": "trouble <> '' AND step <> 'settled'",
}
"""View → its rows, for the index and for the question (store/queue.py)."""
NO_TERM = date(9999, 12, 31)
"""Stands in `work_by` where nothing is to be done by any day: behind everything else."""


def _rows_of(name: str, *columns: str, rows: str) -> Index:
    """An index of some rows only."""
    return Index(name, *columns, sqlite_where=text(rows), postgresql_where=text(rows))


def moment(*, nullable: bool = False, index: bool = False) -> Any:
    """A column that holds a moment."""
    return Field(sa_column=Column(UtcDateTime(), nullable=nullable, index=index))


def document(*, nullable: bool = True) -> Any:
    """A column that holds a model value as JSON text."""
    return Field(default=None, sa_column=Column(Text, nullable=nullable))


class ItemTable(SQLModel, table=True):
    """One letter; the fields that lists and the engine need."""

    __tablename__ = "item"
    __table_args__ = (
        Index("ix_item_ready", "step", "heavy", "id"),
        Index("ix_item_copy_due", "copy_due", "id"),
        # What else a sender has written, the latest first.
        Index("ix_item_of_sender", "sender", "sealed", "received_at", "id"),
        Index("ix_item_of_sender_email", "sender_email", "sealed", "received_at", "id"),
        # The queue's views and filters (store/queue.py), each in the order in which it is shown.
        Index("ix_item_newest", "sealed", "received_at", "id"),
        Index("ix_item_kind", "sealed", "kind", "received_at", "id"),
        Index("ix_item_channel", "sealed", "channel", "received_at", "id"),
        Index("ix_item_department", "sealed", "department_id", "received_at", "id"),
        _rows_of("ix_item_district", "sealed", "district", "received_at", "id", rows="district IS NOT NULL"),
        # Every few seconds it is asked whether somebody who held anything is gone.
        _rows_of("ix_item_claimed_by", "claimed_by", rows="claimed_by IS NOT NULL"),
        _rows_of("ix_item_live", "sealed", "received_at", "id", rows=LIVE),
        _rows_of("ix_item_live_due", "sealed", "work_by", "id", rows=LIVE),
        _rows_of("ix_item_live_officer", "officer_id", "received_at", "id", "sealed", rows=LIVE),
        # Wide, so that a department's counts are taken from it alone.
        _rows_of("ix_item_live_department", "sealed", "department_id", "received_at", "id", "status", "urgent",
                 "legible", "work_by", "officer_id", "restricted", rows=LIVE),
        *(_rows_of(f"ix_item_view_{view}", "sealed", "received_at", "id", rows=rows)
          for view, rows in VIEW_ROWS.items()),
        *(_rows_of(f"ix_item_{other}", other, rows=f"{other} IS NOT NULL")
          for other in ("batch_id", "case_of", "merged_into")),
    )

    id: int | None = Field(default=None, primary_key=True)
    version: int = 1
    step: str
    status: str
    channel: str
    received_at: datetime = moment(index=True)
    work_by: date = NO_TERM
    """The nearest term, as in the entry."""
    department_id: str | None = None
    officer_id: str | None = None
    """As in the entry."""
    district: str | None = None
    bounced: bool = False
    """A letter to its citizen came back."""
    why: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """Names of the checks for which a person should look."""
    batch_id: int | None = Field(default=None, foreign_key="item.id")
    case_of: int | None = Field(default=None, foreign_key="item.id")
    """The item that began the case to which this one belongs; null for one that begins its own."""
    suggested_case: int | None = Field(default=None, foreign_key="item.id")
    message_id: str = Field(default="", index=True)
    """Of the citizen's own mail, where it has one that can be searched for."""
    part: int = 1
    part_pages: list[int] | None = Field(default=None, sa_column=Column(JSON))
    merged_into: int | None = Field(default=None, foreign_key="item.id")
    heavy: bool = False
    attempts: int = 0
    next_attempt_at: datetime | None = moment(nullable=True)
    claimed_by: str | None = None
    claimed_until: datetime | None = moment(nullable=True)
    trouble: str = ""
    twin_key: str | None = Field(default=None, unique=True)
    kind: str | None = None
    noncorrespondence_type: str | None = None
    noncorrespondence_confirmed: bool = False
    subject: str = ""
    sender: str = Field(default="", index=True)
    sender_email: str = Field(default="", index=True)
    urgent: bool = False
    needs_review: bool = False
    sealed: bool = False
    restricted: bool = False
    legible: bool = True
    copy_due: bool = False
    copy_sha256: str | None = None
    outcome: str | None = None
    decision_state: str | None = None
    decision_by: str | None = None
    decision_at: datetime | None = moment(nullable=True)
    decision_reason: str = ""
    corrections: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class DocumentTable(SQLModel, table=True):
    """What was read, understood and decided, as JSON."""

    __tablename__ = "item_document"

    item_id: int = Field(primary_key=True, foreign_key="item.id")
    letter: str | None = document()
    findings: str | None = document()
    verdict: str | None = document()


class UndoTable(SQLModel, table=True):
    """How an item stood before a person did something with it (store/undo.py)."""

    __tablename__ = "undo"
    # A page that was open since then names a deed by its number: no later deed may have that number again.
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="item.id", index=True, ondelete="CASCADE")
    what: str
    who: str
    at: datetime = moment()
    before: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    assigned_to: str | None = document()
    act: int | None = Field(default=None, index=True)
    """The first deed of the same act; null for that first itself."""


class PresenceTable(SQLModel, table=True):
    """Who has an item open, and when that was last heard."""

    __tablename__ = "presence"

    item_id: int = Field(primary_key=True, foreign_key="item.id", ondelete="CASCADE")
    login: str = Field(primary_key=True, foreign_key="staff.login", ondelete="CASCADE")
    at: datetime = moment(index=True)


class PlacesTable(SQLModel, table=True):
    """Where the words of a page stand (model/places.py), for the letters of one file under the first of them."""

    __tablename__ = "page_places"

    item_id: int = Field(primary_key=True, foreign_key="item.id", ondelete="CASCADE")
    file: str = Field(primary_key=True)
    page: int = Field(primary_key=True)
    places: bytes


class ArrivalTable(SQLModel, table=True):
    """Every time a letter came."""

    __tablename__ = "arrival"
    __table_args__ = (
        UniqueConstraint("source", "key", name="uq_arrival_key"),
        # When a source was last heard of.
        Index("ix_arrival_noted", "source", "noted_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="item.id", index=True)
    source: str
    key: str
    file: str
    sha256: str = Field(index=True)
    size: int
    media_type: str
    received_at: datetime = moment()
    noted_at: datetime = moment()
    fault: str | None = None


class UnscannedTable(SQLModel, table=True):
    """Files that came while the antivirus was away (looking_later.py)."""

    __tablename__ = "unscanned"

    sha256: str = Field(primary_key=True)
    since: datetime = moment(index=True)


class TakenDownTable(SQLModel, table=True):
    """What was entered at the counter, with the code on its label."""

    __tablename__ = "taken_down"

    item_id: int = Field(primary_key=True, foreign_key="item.id", ondelete="CASCADE")
    label: str = Field(unique=True)
    document: str = Field(sa_column=Column(Text, nullable=False))


class JoinedScanTable(SQLModel, table=True):
    """Scans that are the paper of items entered at the counter."""

    __tablename__ = "joined_scan"

    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="item.id", index=True, ondelete="CASCADE")
    sha256: str = Field(index=True)
    pages: list[int] = Field(sa_column=Column(JSON, nullable=False))
    joined_at: datetime = moment()


class SeriesTable(SQLModel, table=True):
    """The last number given in a yearly series; its row is the lock that keeps the series free of gaps."""

    __tablename__ = "series"

    series: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    last: int = 0


class EntryTable(SQLModel, table=True):
    """One line of the register."""

    __tablename__ = "entry"
    __table_args__ = (UniqueConstraint("series", "year", "sequence", name="uq_entry_sequence"),)

    item_id: int = Field(primary_key=True, foreign_key="item.id")
    registration_number: str = Field(unique=True)
    case_number: str = Field(index=True)
    number_key: str = Field(default="", index=True)
    case_key: str = Field(default="", index=True)
    """Both numbers as they are compared with what a citizen types."""
    joined_case: str = ""
    """Number of the case that this line belongs to, where it is not its own."""
    series: str
    year: int
    sequence: int
    registered_at: datetime = moment(index=True)
    access_code: str
    due_date: date | None = Field(default=None, index=True)
    due: str
    proposed_due: str | None = document()
    department_id: str = Field(index=True)
    officer_id: str | None = Field(default=None, index=True)
    assigned_to: str
    inspection_needed: bool = False
    counted_by: str = Field(default="", index=True)


class PrintRunTable(SQLModel, table=True):
    """Letters that were laid together for the printer; how far they are, their own states say."""

    __tablename__ = "print_run"

    id: int | None = Field(default=None, primary_key=True)
    prepared_at: datetime = moment()
    prepared_by: str


class OutgoingTable(SQLModel, table=True):
    """The outbox."""

    __tablename__ = "outgoing"
    __table_args__ = (
        Index("ix_outgoing_ready", "status", "channel", "id"),
        _rows_of("ix_outgoing_claimed_by", "claimed_by", rows="claimed_by IS NOT NULL"),
        # One acknowledgement an item, whatever runs twice.
        Index("uq_outgoing_acknowledgement", "item_id", unique=True,
              sqlite_where=text("type = 'acknowledgement'"), postgresql_where=text("type = 'acknowledgement'")),
        # A printed page has no Message-ID.
        Index("uq_outgoing_message_id", "message_id", unique=True,
              sqlite_where=text("message_id != ''"), postgresql_where=text("message_id != ''")),
        # Before a machine writes to an address it asks what went there lately.
        Index("ix_outgoing_to", text('lower("to")'), "created_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    item_id: int | None = Field(default=None, foreign_key="item.id", index=True)
    type: str
    channel: str
    status: str
    to: str
    subject: str
    text: str
    html: str = ""
    page_html: str = ""
    message_id: str = ""
    in_reply_to: str = ""
    references: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    auto_submitted: bool = True
    hold_reason: str = ""
    number: str = ""
    created_at: datetime = moment(index=True)
    sent_at: datetime | None = moment(nullable=True, index=True)
    attempts: int = 0
    next_attempt_at: datetime | None = moment(nullable=True)
    claimed_by: str | None = None
    claimed_until: datetime | None = moment(nullable=True)
    trouble: str = ""
    print_run_id: int | None = Field(default=None, foreign_key="print_run.id", index=True)
    not_before: datetime | None = moment(nullable=True)
    released_from: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))


class DeliveryNewsTable(SQLModel, table=True):
    """What was heard of a letter after it had left; one mail tells one thing of one letter."""

    __tablename__ = "delivery_news"
    __table_args__ = (UniqueConstraint("outgoing_id", "told_by", name="uq_delivery_news"),)

    id: int | None = Field(default=None, primary_key=True)
    outgoing_id: int = Field(foreign_key="outgoing.id", ondelete="CASCADE", index=True)
    what: str
    at: datetime = moment()
    sentence: str = ""
    told_by: int | None = Field(default=None, foreign_key="item.id", ondelete="SET NULL")


class TownKeyTable(SQLModel, table=True):
    """Keys of the town's own that every process must share."""

    __tablename__ = "town_key"

    name: str = Field(primary_key=True)
    value: str


class HistoryTable(SQLModel, table=True):
    """The append-only history; each line carries the hash of the one before."""

    __tablename__ = "history"

    sequence: int = Field(primary_key=True)
    at: datetime = moment()
    who: str
    what: str
    item_id: int | None = Field(default=None, index=True)
    details: str
    salt: str = ""
    """Both empty where the item was erased."""
    details_hash: str = ""
    old_hash: str = ""
    previous_hash: str
    hash: str


class ErasedTable(SQLModel, table=True):
    """The items whose content is gone, and why (store/erasure.py)."""

    __tablename__ = "erased"

    item_id: int = Field(primary_key=True, foreign_key="item.id", sa_column_kwargs={"autoincrement": False})
    at: datetime = moment()
    by: str
    ground: str
    basis: str
    files: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """SHA-256 of files that are still to be removed from the disk."""
    letters: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """Letters of ours of which a file may lie in the folder of outgoing mail, still to be removed."""
    clean: bool = False
    """Nothing of it is left in files, or in what the database keeps of removed rows."""


class ActTable(SQLModel, table=True):
    """Acts of destruction: proposed by one person, approved by another (store/retention.py)."""

    __tablename__ = "destruction_act"

    id: int | None = Field(default=None, primary_key=True)
    class_id: str
    class_name: str
    year: int
    item_ids: list[int] = Field(sa_column=Column(JSON, nullable=False))
    sealed: bool
    state: str
    proposed_by: str
    proposed_at: datetime = moment()
    number: str = ""
    dated: date | None = None
    approver: str = ""
    approved_by: str = ""
    approved_at: datetime | None = moment(nullable=True)
    left_out: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class BackupTable(SQLModel, table=True):
    """The backups that were made, so that it is known in which of them an erased letter still lies."""

    __tablename__ = "backup"

    id: int | None = Field(default=None, primary_key=True)
    file: str
    made_at: datetime = moment(index=True)
    size: int = Field(sa_type=BigInteger)
    sha256: str
    encrypted: bool
    whole: bool
    rotated: bool
    removed_at: datetime | None = moment(nullable=True)


class StaffTable(SQLModel, table=True):
    """People with a log-in."""

    __tablename__ = "staff"

    login: str = Field(primary_key=True)
    name: str
    role: str
    officer_id: str | None = None
    department_id: str | None = None
    email: str = ""
    password_hash: str
    """Empty for who comes in by the municipality's single sign-on alone."""
    active: bool = True
    must_change_password: bool = False
    last_login_at: datetime | None = moment(nullable=True)
    totp_secret: str | None = None
    totp_step: int = 0
    """The last time step whose code was taken: no code is taken twice (RFC 6238, 5.2)."""
    oidc_subject: str | None = Field(default=None, unique=True, index=True)
    """Issuer and subject of the single sign-on that this log-in is tied to."""


class SessionTable(SQLModel, table=True):
    """Log-ins that have not ended. The cookie's token is kept only as its SHA-256."""

    __tablename__ = "session"

    token_sha256: str = Field(primary_key=True)
    login: str = Field(foreign_key="staff.login", index=True)
    csrf_token: str
    stage: str
    started_at: datetime = moment()
    ends_at: datetime = moment()
    seen_at: datetime = moment()
    address: str = ""
    agent: str = ""


class RecoveryCodeTable(SQLModel, table=True):
    """Codes for who has lost the telephone, each good once; kept as SHA-256."""

    __tablename__ = "recovery_code"

    login: str = Field(primary_key=True, foreign_key="staff.login")
    code_sha256: str = Field(primary_key=True)


class DemandTable(SQLModel, table=True):
    """Roles that need a second factor."""

    __tablename__ = "second_factor_demand"

    role: str = Field(primary_key=True)


class AccessTable(SQLModel, table=True):
    """Every look at an ЕГН or at a whistleblower's report; outlives its item."""

    __tablename__ = "access_log"
    __table_args__ = (
        Index("ix_access_log_item", "item_id", "login", "at"),
        Index("ix_access_log_login", "login", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = moment(index=True)
    login: str
    what: str
    item_id: int
    number: str = Field(default="", index=True)
    sealed: bool = Field(default=False, index=True)


class ApiTokenTable(SQLModel, table=True):
    """Keys of the town's other systems."""

    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True)
    name: str
    token_sha256: str = Field(unique=True)
    scopes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    department_id: str | None = None
    created_by: str
    created_at: datetime = moment()
    expires_at: datetime = moment()
    revoked_at: datetime | None = moment(nullable=True)
    last_used_at: datetime | None = moment(nullable=True)


class AttemptTable(SQLModel, table=True):
    """Failed log-ins and status look-ups, by whom they came from: for the rate limits."""

    __tablename__ = "failed_attempt"
    __table_args__ = (Index("ix_failed_attempt", "door", "subject", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    door: str
    subject: str
    at: datetime = moment()


class MilestoneTable(SQLModel, table=True):
    """What is done once a day (digest, nightly verification), so that it is done once."""

    __tablename__ = "milestone"

    name: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    at: datetime = moment()
    result: str = ""


class SavedViewTable(SQLModel, table=True):
    """A view of the queue with its filters, kept by one person under a name."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("login", "name", name="uq_saved_view"),)

    id: int | None = Field(default=None, primary_key=True)
    login: str = Field(foreign_key="staff.login", ondelete="CASCADE")
    name: str
    query: str


class ReminderTable(SQLModel, table=True):
    """What the staff was reminded of: once for each clock, its date and how near it was."""

    __tablename__ = "reminder"

    item_id: int = Field(primary_key=True, foreign_key="item.id", ondelete="CASCADE")
    clock: str = Field(primary_key=True)
    due: date = Field(primary_key=True)
    stage: str = Field(primary_key=True)
    at: datetime = moment()


class SatisfactionTable(SQLModel, table=True):
    """One figure from 1 to 5 for the answer to one letter."""

    __tablename__ = "satisfaction"

    item_id: int = Field(primary_key=True, foreign_key="item.id", ondelete="CASCADE")
    score: int
    at: datetime = moment()


class SatisfactionAskedTable(SQLModel, table=True):
    """Who was asked by mail: the link's token, kept only as its SHA-256, opens the rating of one letter."""

    __tablename__ = "satisfaction_asked"

    token_sha256: str = Field(primary_key=True)
    item_id: int = Field(foreign_key="item.id", ondelete="CASCADE", index=True)


class ExampleTable(SQLModel, table=True):
    """A field that a person put right: what the program said, and what is right. Goes with its item."""

    __tablename__ = "example"

    item_id: int = Field(primary_key=True, foreign_key="item.id", ondelete="CASCADE")
    field: str = Field(primary_key=True)
    found: Any = Field(default=None, sa_column=Column(JSON))
    meant: Any = Field(default=None, sa_column=Column(JSON))
    at: datetime = moment()


class LessonTable(SQLModel, table=True):
    """What was last learned from the examples, as JSON; made anew every night from the items that are still there."""

    __tablename__ = "lesson"

    name: str = Field(primary_key=True)
    at: datetime = moment()
    document: str = Field(sa_column=Column(Text, nullable=False))


class SourceStateTable(SQLModel, table=True):
    """How each source does: for the health page and `mailroom check`."""

    __tablename__ = "source_state"

    source: str = Field(primary_key=True)
    seen_at: datetime | None = moment(nullable=True)
    trouble: str = ""
    since: datetime | None = moment(nullable=True)


class TroubleTable(SQLModel, table=True):
    """What is wrong with the mailroom itself, until it is over and that was told (store/troubles.py)."""

    __tablename__ = "trouble"

    key: str = Field(primary_key=True)
    sentence: str = ""
    since: datetime = moment()
    told_at: datetime | None = moment(nullable=True)
    over_at: datetime | None = moment(nullable=True)
    tried_at: datetime | None = moment(nullable=True)
    """Who tells it is at it since then."""


class TallyTable(SQLModel, table=True):
    """One figure of one day, for the dashboard, the digest and the reports (model/figures.py)."""

    __tablename__ = "tally"

    measure: str = Field(primary_key=True)
    split_by: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    value: str = Field(primary_key=True)
    number: int


class TallyItemTable(SQLModel, table=True):
    """To which figures a letter counts now, as JSON without a word of it. Outlives the letter: figures are not erased.
    """

    __tablename__ = "tally_item"

    item_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    facts: str = Field(sa_column=Column(Text, nullable=False))


class TallyStateTable(SQLModel, table=True):
    """How far letters and history have been counted, and by which rules; its row is the lock of who counts."""

    __tablename__ = "tally_state"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    rules: str = ""
    items_up_to: int = 0
    lines_up_to: int = 0
