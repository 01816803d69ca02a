"""Known cases that are given to reviewers once more."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "gold_trial",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("flag_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("known_to", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_gold_trial_submission_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name=op.f("fk_gold_trial_flag_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_gold_trial")),
        sa.UniqueConstraint("flag_id", name=op.f("uq_gold_trial_flag_id")),
    )
    op.create_index(op.f("ix_gold_trial_case_id"), "gold_trial", ["case_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_gold_trial_case_id"), table_name="gold_trial")
    op.drop_table("gold_trial")
