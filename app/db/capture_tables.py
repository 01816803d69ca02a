"""How a post was captured, as the capturing browser told it, and the keys under which uploads were sent."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, now
from app.db.people_tables import User
from app.db.submission_tables import Submission


class Capture(Base):
    """What a browser told of one submission besides the post itself. `captured_at` is ISO 8601 with the offset of the
    capturing machine, by its clock; `posted_at` the time as the page showed it; `evidence` the words of the whole page,
    kept and never screened; `verified`: the sender's SHA-256 sums were given and held."""

    __tablename__ = "capture"
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Submission.id, ondelete="CASCADE"), primary_key=True)
    page_title: Mapped[str] = mapped_column(Text, default="", server_default="")
    captured_at: Mapped[str] = mapped_column(String(40), default="", server_default="")
    posted_at: Mapped[str] = mapped_column(String(100), default="", server_default="")
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    evidence: Mapped[str] = mapped_column(Text, default="", server_default="")
    verified: Mapped[bool] = mapped_column(default=False, server_default=false())


class IntakeKey(Base):
    """An Idempotency-Key of one person: `digest` is that of the upload that came with it first."""

    __tablename__ = "intake_key"
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Submission.id, ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime] = mapped_column(default=now)
