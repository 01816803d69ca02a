"""Trained scores of texts; whose account posted, and the text that a comment answers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "text_model_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("live_since", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_model_version")),
        sa.UniqueConstraint("version", name=op.f("uq_text_model_version_version")),
    )
    only_live = sa.text("state = 'live'")
    op.create_index(
        "uq_text_model_version_live",
        "text_model_version",
        ["state"],
        unique=True,
        sqlite_where=only_live,
        postgresql_where=only_live,
    )
    op.add_column("submission", sa.Column("account", sa.String(length=10), nullable=False, server_default="unknown"))
    op.add_column("submission", sa.Column("parent_text", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("submission", "parent_text")
    op.drop_column("submission", "account")
    op.drop_index("uq_text_model_version_live", table_name="text_model_version")
    op.drop_table("text_model_version")
