"""A deed that was taken back leaves its number free no more: an open page may still name it"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but the backup made before it."""
    if op.get_bind().dialect.name != "sqlite":
        return  # PostgreSQL's sequences never go back
    # Nothing refers to this table, so it may be dropped and copied.
    with op.batch_alter_table("undo", recreate="always", table_kwargs={"sqlite_autoincrement": True}):
        pass
