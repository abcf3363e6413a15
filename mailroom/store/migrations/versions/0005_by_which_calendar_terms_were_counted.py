"""An entry knows by which calendar and rules its terms were counted"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but the backup made before it. What is open is counted once more by itself."""
    op.add_column("entry", sa.Column("counted_by", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_entry_counted_by", "entry", ["counted_by"])
