"""How posts were captured, and the keys under which uploads were sent."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0018"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "capture",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("page_title", sa.Text(), server_default="", nullable=False),
        sa.Column("captured_at", sa.String(length=40), server_default="", nullable=False),
        sa.Column("posted_at", sa.String(length=100), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("evidence", sa.Text(), server_default="", nullable=False),
        sa.Column("verified", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_capture_submission_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_capture")),
    )
    op.create_table(
        "intake_key",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_intake_key_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_intake_key_submission_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_intake_key")),
    )
    op.create_index(op.f("ix_intake_key_submission_id"), "intake_key", ["submission_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_intake_key_submission_id"), table_name="intake_key")
    op.drop_table("intake_key")
    op.drop_table("capture")
