"""Webhooks that are told of some contests only."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("webhook", sa.Column("contests", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("webhook", "contests")
