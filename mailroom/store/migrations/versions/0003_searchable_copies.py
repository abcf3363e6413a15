"""An item knows its searchable copy, and whether one is still to be made"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but the backup made before it."""
    op.add_column("item", sa.Column("copy_due", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("item", sa.Column("copy_sha256", sa.String(), nullable=True))
    op.create_index("ix_item_copy_due", "item", ["copy_due", "id"])
