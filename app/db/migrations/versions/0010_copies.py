"""Hashes of pictures, and which submissions show the same."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "picture_hash",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("image_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"], ["submission_image.id"], name=op.f("fk_picture_hash_image_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture_hash")),
        sa.UniqueConstraint("image_id", "kind", name=op.f("uq_picture_hash_image_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "copy_link",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("strength", sa.Float(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_copy_link_submission_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["submission.id"], name=op.f("fk_copy_link_other_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("submission_id", "other_id", name=op.f("pk_copy_link")),
    )
    op.create_index(op.f("ix_copy_link_other_id"), "copy_link", ["other_id"])
    state = op.create_table(
        "copy_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy_state")),
    )
    op.bulk_insert(state, [{"id": 1, "generation": 1}])
    op.add_column("submission", sa.Column("caption_key", sa.String(length=64), nullable=True))
    op.add_column("submission", sa.Column("copy_group", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_submission_caption_key"), "submission", ["caption_key"])
    op.create_index(op.f("ix_submission_copy_group"), "submission", ["copy_group"])
    op.add_column("flag", sa.Column("copy_group", sa.Uuid(), nullable=True))
    copied = sa.text("copy_group IS NOT NULL")
    columns: list[str | sa.TextClause] = ["copy_group", "state", sa.text("priority DESC"), "id"]
    op.create_index("ix_flag_copy_group", "flag", columns, sqlite_where=copied, postgresql_where=copied)
