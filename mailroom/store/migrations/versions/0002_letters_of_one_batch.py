"""The letters of one scan batch know the item that stands for their file"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but the backup made before it.

    Not by Alembic's batch mode: it would drop and copy a table to which every other refers.
    """
    op.execute("ALTER TABLE item ADD COLUMN batch_id INTEGER REFERENCES item (id)")
    op.create_index("ix_item_batch_id", "item", ["batch_id"])
