"""The letters of one sender are found by an index in the order in which they came"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but the backup made before it."""
    op.create_index("ix_item_of_sender", "item", ["sender", "sealed", "received_at", "id"])
    op.create_index("ix_item_of_sender_email", "item", ["sender_email", "sealed", "received_at", "id"])
