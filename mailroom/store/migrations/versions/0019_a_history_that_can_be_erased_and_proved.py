"""The history is chained over salted hashes of what its lines say; a verification keeps all that it found

The chain of before stays provable: each line keeps the hash by which it was chained, under the new chain. Nothing is
mended here: a line that was changed before still shows it.
"""

import hashlib
import json
import secrets
from datetime import UTC

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

PAGE = 2000
GENESIS = "0" * 64
HISTORY = sa.table(
    "history", sa.column("sequence", sa.Integer), sa.column("at", sa.DateTime), sa.column("who", sa.String),
    sa.column("what", sa.String), sa.column("item_id", sa.Integer), sa.column("details", sa.String),
    sa.column("salt", sa.String), sa.column("details_hash", sa.String), sa.column("old_hash", sa.String),
    sa.column("previous_hash", sa.String), sa.column("hash", sa.String))
MILESTONE = sa.table(
    "milestone", sa.column("name", sa.String), sa.column("day", sa.Date), sa.column("at", sa.DateTime),
    sa.column("result", sa.String))


def upgrade() -> None:
    """Forward; there is no way back but the backup made before it."""
    for name in ("salt", "details_hash", "old_hash"):
        op.add_column("history", sa.Column(name, sa.String(), nullable=False, server_default=""))
    _chain_anew()
    _keep_verifications()


def _chain_anew() -> None:
    connection, last, previous = op.get_bind(), 0, GENESIS
    change = sa.update(HISTORY).where(HISTORY.c.sequence == sa.bindparam("number")).values(
        {name: sa.bindparam(f"new_{name}") for name in ("salt", "details_hash", "old_hash", "previous_hash", "hash")})
    page = sa.select(HISTORY).order_by(HISTORY.c.sequence).limit(PAGE)
    while lines := connection.execute(page.where(HISTORY.c.sequence > last)).all():
        changed = []
        for line in lines:
            salt = secrets.token_hex(16)
            details_hash = hashlib.sha256(f"{salt}\n{line.details}".encode()).hexdigest()
            said = [previous, line.sequence, line.at.replace(tzinfo=UTC).isoformat(), line.who, line.what, line.item_id,
                    details_hash, line.hash]
            new = hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
            changed.append({"number": line.sequence, "new_salt": salt, "new_details_hash": details_hash,
                            "new_old_hash": line.hash, "new_previous_hash": previous, "new_hash": new})
            previous, last = new, line.sequence
        connection.execute(change, changed)


def _keep_verifications() -> None:
    """What was kept of each was its sentences alone."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(MILESTONE).where(MILESTONE.c.name == "verify")).all():
        kept = {"at": row.at.replace(tzinfo=UTC).isoformat(), "faults": row.result.splitlines()}
        connection.execute(
            sa.update(MILESTONE).where(MILESTONE.c.name == "verify", MILESTONE.c.day == row.day)
            .values(result=json.dumps(kept, ensure_ascii=False)))
