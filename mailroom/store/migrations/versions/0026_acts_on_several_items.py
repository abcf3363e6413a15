"""Acts that reach several items and are taken back together"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but the backup made before it."""
    op.add_column("undo", sa.Column("act", sa.Integer(), nullable=True))
    op.create_index("ix_undo_act", "undo", ["act"])
