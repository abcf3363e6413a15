"""A letter knows the case to which it belongs, and its mail's name by which answers find it"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

PAGE = 500
LONGEST = 250


def upgrade() -> None:
    """Forward; there is no way back but the backup made before it."""
    op.execute("ALTER TABLE item ADD COLUMN case_of INTEGER REFERENCES item (id)")
    op.execute("ALTER TABLE item ADD COLUMN suggested_case INTEGER REFERENCES item (id)")
    op.add_column("item", sa.Column("message_id", sa.String(), nullable=False, server_default=""))
    op.add_column("entry", sa.Column("joined_case", sa.String(), nullable=False, server_default=""))
    _fill_message_ids()
    op.create_index("ix_item_case_of", "item", ["case_of"])
    op.create_index("ix_item_message_id", "item", ["message_id"])


def _fill_message_ids() -> None:
    """From the letters that were read before."""
    connection, last = op.get_bind(), 0
    page = sa.text("SELECT item_id, letter FROM item_document WHERE item_id > :last ORDER BY item_id LIMIT :page")
    while rows := connection.execute(page, {"last": last, "page": PAGE}).all():
        last = rows[-1].item_id
        found = [{"id": row.item_id, "name": name} for row in rows if (name := _message_id(row.letter))]
        if found:
            connection.execute(sa.text("UPDATE item SET message_id = :name WHERE id = :id"), found)


def _message_id(letter: str | None) -> str:
    read = json.loads(letter) if letter else {}
    head = read.get("forwarded") or read.get("head") or {}
    name = head.get("message_id") or ""
    return name if len(name) <= LONGEST else ""
