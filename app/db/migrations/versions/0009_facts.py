"""What people state of a post besides its words: channel, account commented on, children, track; lanes of flags."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("submission", sa.Column("public", sa.String(length=8), nullable=False, server_default="unknown"))
    op.add_column("submission", sa.Column("parent", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("submission", sa.Column("children", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("submission", sa.Column("track", sa.String(length=20), nullable=False, server_default=""))
    op.add_column("flag", sa.Column("lane", sa.String(length=20), nullable=False, server_default="netralitas"))
    op.execute("UPDATE submission SET public = 'no' WHERE platform = 'whatsapp'")


def downgrade() -> None:
    op.drop_column("flag", "lane")
    for column in ("track", "children", "parent", "public"):
        op.drop_column("submission", column)
