"""Letters on paper are laid together for the printer"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but the backup made before it.

    Letters that were printed before and wait for the post are a run of their own.
    """
    op.create_table(
        "print_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(), nullable=False),
        sa.Column("prepared_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute("ALTER TABLE outgoing ADD COLUMN print_run_id INTEGER REFERENCES print_run (id)")
    op.create_index("ix_outgoing_print_run_id", "outgoing", ["print_run_id"])
    op.execute("INSERT INTO print_run (prepared_at, prepared_by) SELECT CURRENT_TIMESTAMP, 'mailroom' "
               "WHERE EXISTS (SELECT 1 FROM outgoing WHERE status = 'printed')")
    op.execute("UPDATE outgoing SET print_run_id = (SELECT max(id) FROM print_run) WHERE status = 'printed'")
