"""What the public sent as informasi awal: tips, the challenges spent on them, and the sheets about reporters."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, LargeBinary, String, Text, exists
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base, now
from app.db.submission_tables import Submission

TIP = "tip"
"""The origin of the flag of a tip that the rules did not flag, and how its submission was captured."""
UNFLAGGED = frozenset({"sample", TIP})
"""Origins of items that the rules did not flag."""


class Tip(Base):
    """One tip: its post is the submission, `seen` what its sender wrote about it, `code_hash` the sha256 of the receipt
    code (None: it opens nothing any more). `state`: new, converted or aside, and `kind`: "", temuan or laporan, mirror
    what the events of its flag say; `since`: when that began."""

    __tablename__ = "tip"
    __table_args__ = (Index("ix_tip_made", "made_at", "id"), Index("ix_tip_state", "state", "made_at", "id"))
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Submission.id, ondelete="CASCADE"), unique=True)
    code_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    seen: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12), default="new", server_default="new")
    kind: Mapped[str] = mapped_column(String(12), default="", server_default="")
    made_at: Mapped[datetime] = mapped_column(default=now)
    since: Mapped[datetime] = mapped_column(default=now)
    submission: Mapped[Submission] = relationship(lazy="joined")


class SpentChallenge(Base):
    """A challenge with which a tip was sent: it serves no second time. The row goes when the challenge has expired."""

    __tablename__ = "spent_challenge"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ReporterSheet(Base):
    """Who reports (pelapor), sealed with the deployment's key: apart from the case, read by coordinators alone."""

    __tablename__ = "reporter_sheet"
    tip_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tip.id", ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime] = mapped_column(default=now)


def informal() -> ColumnElement[bool]:
    """Whether a submission is a tip that nobody made a temuan or a laporan, as a condition on Submission."""
    return exists().where(Tip.submission_id == Submission.id, Tip.kind == "")
