"""Submissions count the deaths of their workers and know since when a passing fault has held them up."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("submission", sa.Column("deaths", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("submission", sa.Column("troubled_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("submission", "troubled_since")
    op.drop_column("submission", "deaths")
