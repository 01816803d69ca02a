"""Saved filters; indexes for the orders and filters of the console's lists."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BEST_FIRST = sa.text("priority DESC")
GIVEN = sa.text("assigned_to IS NOT NULL")
REPLACED = {
    "flag": ("ix_flag_contest_id",),
    "event": ("ix_event_object",),
    "submission": (
        "ix_submission_contest_id", "ix_submission_received_at", "ix_submission_state", "ix_submission_submitted_by",
    ),
}  # fmt: skip
INDEXES: dict[str, dict[str, list[str | sa.TextClause]]] = {
    "flag": {
        "ix_flag_priority": [BEST_FIRST, "id"],
        "ix_flag_contest_priority": ["contest_id", BEST_FIRST, "id"],
        "ix_flag_due": ["due_on", "id"],
        "ix_flag_desk_due": ["desk", "due_on", "id"],
        "ix_flag_created": ["created_at", "id"],
        "ix_flag_desk_created": ["desk", "created_at", "id"],
    },
    "event": {
        "ix_event_object": ["object_id", "object_type", "id"],
        "ix_event_actor": ["actor", "id"],
        "ix_event_action": ["action", "id"],
    },
    "submission": {
        "ix_submission_own": ["submitted_by", "received_at", "id"],
        "ix_submission_contest": ["contest_id", "received_at", "id"],
        "ix_submission_state": ["state", "received_at", "id"],
        "ix_submission_received": ["received_at", "id"],
    },
}


def upgrade() -> None:
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_saved_filter_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_saved_filter_user_id")),
    )
    for table, names in REPLACED.items():
        for name in names:
            op.drop_index(name, table_name=table)
    for table, made in INDEXES.items():
        for name, columns in made.items():
            op.create_index(name, table, columns)
    op.create_index(
        "ix_flag_assigned", "flag", ["assigned_to", BEST_FIRST, "id"], sqlite_where=GIVEN, postgresql_where=GIVEN
    )
