"""Figures by day, so that dashboard and reports need not look at every letter; filled by the service, in the background
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but the backup made before it."""
    op.create_table(
        "tally",
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("split_by", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("measure", "split_by", "day", "value"),
    )
    op.create_table(
        "tally_item",
        sa.Column("item_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("item_id"),
    )
    state = op.create_table(
        "tally_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rules", sa.String(), nullable=False),
        sa.Column("items_up_to", sa.Integer(), nullable=False),
        sa.Column("lines_up_to", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    # The row is the lock of who counts; there from the first, so that no two make it.
    op.bulk_insert(state, [{"id": 1, "rules": "", "items_up_to": 0, "lines_up_to": 0}])
