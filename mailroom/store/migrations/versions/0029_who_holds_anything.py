"""Who holds anything is found by indexes of what is held

Every ten seconds a service asks who holds letters, to take over what a dead one has left. It looked through all letters
and everything that was ever sent: at a million three seconds, in which nothing else could be written.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but the backup made before it."""
    held = sa.text("claimed_by IS NOT NULL")
    for table in ("item", "outgoing"):
        op.create_index(f"ix_{table}_claimed_by", table, ["claimed_by"], sqlite_where=held, postgresql_where=held)
