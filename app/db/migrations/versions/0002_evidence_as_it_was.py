"""Screenings keep the bias of their sum and the pairs as they were; embeddings can go while the photo stays."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BIAS_UNTIL_NOW = "-3.5"


def upgrade() -> None:
    op.add_column("screening", sa.Column("bias", sa.Double(), nullable=False, server_default=BIAS_UNTIL_NOW))
    op.add_column("screening", sa.Column("pairs", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("reference_photo") as table:
        table.alter_column("embedding", existing_type=sa.LargeBinary(), nullable=True)


def downgrade() -> None:
    with op.batch_alter_table("reference_photo") as table:
        table.alter_column("embedding", existing_type=sa.LargeBinary(), nullable=False)
    op.drop_column("screening", "pairs")
    op.drop_column("screening", "bias")
