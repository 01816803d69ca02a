"""Rotation of tokens with an overlap; which token handed in; indexes to count its day and the pace of screening."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("api_token") as table:
        table.add_column(sa.Column("previous_hash", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True))
        table.create_unique_constraint(op.f("uq_api_token_previous_hash"), ["previous_hash"])
    op.add_column("submission", sa.Column("token_id", sa.Uuid(), nullable=True))
    by_token = sa.text("token_id IS NOT NULL")
    op.create_index(
        "ix_submission_token",
        "submission",
        ["token_id", "received_at"],
        sqlite_where=by_token,
        postgresql_where=by_token,
    )
    op.create_index("ix_screening_created", "screening", ["created_at"])


def downgrade() -> None:
    op.drop_index("ix_screening_created", table_name="screening")
    op.drop_index("ix_submission_token", table_name="submission")
    op.drop_column("submission", "token_id")
    with op.batch_alter_table("api_token") as table:
        table.drop_constraint(op.f("uq_api_token_previous_hash"), type_="unique")
        table.drop_column("previous_until")
        table.drop_column("previous_hash")
