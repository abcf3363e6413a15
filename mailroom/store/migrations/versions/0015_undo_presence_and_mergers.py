"""What people did and can take back, who has an item open, and which item stands for another"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but the backup made before it."""
    op.create_table(
        "undo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), sa.ForeignKey("item.id", ondelete="CASCADE"), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("assigned_to", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_undo_item_id", "undo", ["item_id"])
    op.create_table(
        "presence",
        sa.Column("item_id", sa.Integer(), sa.ForeignKey("item.id", ondelete="CASCADE"), nullable=False),
        sa.Column("login", sa.String(), sa.ForeignKey("staff.login", ondelete="CASCADE"), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", "login"),
    )
    op.create_index("ix_presence_at", "presence", ["at"])
    # Not by Alembic's batch mode: it would drop and copy a table to which every other refers.
    op.execute("ALTER TABLE item ADD COLUMN merged_into INTEGER REFERENCES item (id)")
    op.create_index("ix_item_merged_into", "item", ["merged_into"])
    op.create_index("ix_item_sender", "item", ["sender"])
