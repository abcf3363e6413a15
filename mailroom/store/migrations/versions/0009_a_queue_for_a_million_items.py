"""The queue's facts stand in the item, with an index for every view; the search index; views that people keep

Every letter that is there is taken into the search index: about five milliseconds each.
"""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.engine import Connection, Row
from sqlmodel import Session

from mailroom.folding import number_key
from mailroom.model.findings import Findings
from mailroom.model.letter import Letter
from mailroom.searchwords import findable
from mailroom.store.search import POSTGRESQL_INDEX, POSTGRESQL_TABLE, SQLITE_TABLE, SQLITE_TRIGGER, Search

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_AT_ONCE = 500
_ITEM = sa.table("item", sa.column("id", sa.Integer), sa.column("district", sa.String), sa.column("why", sa.JSON))
_LIVE = "status IN ('arrived', 'registered', 'in_review')"
_ORDERED = ["sealed", "received_at", "id"]
_INDEXES: dict[str, tuple[list[str], str | None]] = {
    "ix_item_newest": (_ORDERED, None),
    "ix_item_kind": (["sealed", "kind", "received_at", "id"], None),
    "ix_item_channel": (["sealed", "channel", "received_at", "id"], None),
    "ix_item_department": (["sealed", "department_id", "received_at", "id"], None),
    "ix_item_district": (["sealed", "district", "received_at", "id"], "district IS NOT NULL"),
    "ix_item_live": (_ORDERED, _LIVE),
    "ix_item_live_due": (["sealed", "work_by", "id"], _LIVE),
    "ix_item_live_officer": (["officer_id", "received_at", "id", "sealed"], _LIVE),
    "ix_item_live_department": (["sealed", "department_id", "received_at", "id", "status", "urgent", "legible",
                                 "work_by", "officer_id", "restricted"], _LIVE),
    "ix_item_view_to_decide": (_ORDERED, "status = 'in_review'"),
    "ix_item_view_urgent": (_ORDERED, f"{_LIVE} AND urgent"),
    "ix_item_view_illegible": (_ORDERED, f"{_LIVE} AND NOT legible"),
    "ix_item_view_set_aside": (_ORDERED, "status = 'not_correspondence' AND NOT noncorrespondence_confirmed"),
    "ix_item_view_bounced": (_ORDERED, "bounced"),
    "ix_item_view_unassigned": (_ORDERED, "status IN ('registered', 'in_review') AND officer_id IS NULL"),
    "ix_item_view_trouble": (_ORDERED, "trouble <> '' AND step <> 'settled'"),
}


def upgrade() -> None:
    """Forward; there is no way back but the backup made before it."""
    connection = op.get_bind()
    _add_columns()
    _add_tables(connection)
    _fill_from_entries(connection)
    _fill_from_documents(connection)
    op.drop_index("ix_item_queue", "item")
    for name, (columns, rows) in _INDEXES.items():
        where = sa.text(rows) if rows else None
        op.create_index(name, "item", columns, sqlite_where=where, postgresql_where=where)
    op.create_index("ix_entry_number_key", "entry", ["number_key"])
    op.create_index("ix_entry_case_key", "entry", ["case_key"])


def _add_columns() -> None:
    for column in (
        sa.Column("work_by", sa.Date(), nullable=False, server_default="9999-12-31"),
        sa.Column("department_id", sa.String(), nullable=True),
        sa.Column("officer_id", sa.String(), nullable=True),
        sa.Column("district", sa.String(), nullable=True),
        sa.Column("bounced", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("why", sa.JSON(), nullable=False, server_default="[]"),
    ):
        op.add_column("item", column)
    op.add_column("entry", sa.Column("number_key", sa.String(), nullable=False, server_default=""))
    op.add_column("entry", sa.Column("case_key", sa.String(), nullable=False, server_default=""))


def _add_tables(connection: Connection) -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(), sa.ForeignKey("staff.login", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("login", "name", name="uq_saved_view"),
    )
    is_sqlite = connection.dialect.name == "sqlite"
    for statement in (SQLITE_TABLE, SQLITE_TRIGGER) if is_sqlite else (POSTGRESQL_TABLE, POSTGRESQL_INDEX):
        op.execute(statement)


def _fill_from_entries(connection: Connection) -> None:
    op.execute("""UPDATE item SET
        work_by = COALESCE((SELECT due_date FROM entry WHERE entry.item_id = item.id), '9999-12-31'),
        department_id = (SELECT department_id FROM entry WHERE entry.item_id = item.id),
        officer_id = (SELECT officer_id FROM entry WHERE entry.item_id = item.id),
        bounced = EXISTS (SELECT 1 FROM outgoing WHERE outgoing.item_id = item.id AND outgoing.status = 'bounced')""")
    for entries in _pages(connection, "SELECT item_id, registration_number, case_number FROM entry"):
        connection.execute(
            sa.text("UPDATE entry SET number_key = :number, case_key = :case WHERE item_id = :id"),
            [{"id": entry.item_id, "number": number_key(entry.registration_number),
              "case": number_key(entry.case_number)} for entry in entries])


def _fill_from_documents(connection: Connection) -> None:
    search = Search(Session(connection))
    for documents in _pages(connection, """SELECT document.item_id, letter, findings, verdict, registration_number,
            case_number FROM item_document AS document LEFT JOIN entry ON entry.item_id = document.item_id"""):
        for document in documents:
            if not document.findings:
                continue
            letter = Letter.model_validate_json(document.letter) if document.letter else None
            findings = Findings.model_validate_json(document.findings)
            numbers = [number for number in (document.registration_number, document.case_number) if number]
            search.put(document.item_id, findable(letter, findings, numbers))
            checks: list[dict[str, Any]] = json.loads(document.verdict)["checks"] if document.verdict else []
            connection.execute(sa.update(_ITEM).where(_ITEM.c.id == document.item_id).values(
                district=findings.district.value if findings.district else None,
                why=[check["name"] for check in checks if check["hit"]]))
        search.write()


def _pages(connection: Connection, query: str) -> Iterator[list[Row[Any]]]:
    """The rows of a query some at a time, in the order of their items."""
    last = 0
    key = "document.item_id" if "AS document" in query else "item_id"
    while rows := list(connection.execute(
            sa.text(f"{query} WHERE {key} > :last ORDER BY {key} LIMIT {_AT_ONCE}"), {"last": last})):
        yield rows
        last = rows[-1].item_id
