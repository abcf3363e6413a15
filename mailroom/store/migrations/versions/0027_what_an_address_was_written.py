"""What an address was written lately is found by an index

Before a machine writes to an address it asks what went there before. It looked through all letters of the last day, for
every letter that came in: the more a town gets in a day, the longer for each.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but the backup made before it."""
    op.create_index("ix_outgoing_to", "outgoing", [sa.text('lower("to")'), "created_at"])
