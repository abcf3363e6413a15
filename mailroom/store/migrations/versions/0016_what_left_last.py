"""The outbox shows what left last"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but the backup made before it."""
    op.create_index("ix_outgoing_sent_at", "outgoing", ["sent_at"])
