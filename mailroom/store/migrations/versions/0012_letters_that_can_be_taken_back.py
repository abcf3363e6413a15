"""A letter can be taken back; what is heard of it afterwards is kept; the town has a key of its own"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but the backup made before it."""
    op.add_column("outgoing", sa.Column("not_before", sa.DateTime(), nullable=True))
    op.add_column("outgoing", sa.Column("released_from", sa.JSON(), nullable=True))
    op.create_table(
        "delivery_news",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outgoing_id", sa.Integer(), sa.ForeignKey("outgoing.id", ondelete="CASCADE"), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("told_by", sa.Integer(), sa.ForeignKey("item.id", ondelete="SET NULL"), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("outgoing_id", "told_by", name="uq_delivery_news"),
    )
    op.create_index("ix_delivery_news_outgoing_id", "delivery_news", ["outgoing_id"])
    keys = op.create_table(
        "town_key",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.bulk_insert(keys, [{"name": "return_path", "value": secrets.token_hex(32)}])
