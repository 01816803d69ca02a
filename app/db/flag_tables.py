"""What was found: runs of the pipeline, and the items that people review."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base, now
from app.db.contest_tables import ContestRow, PaslonRow
from app.db.submission_tables import Submission

HELD = text("claimed_by IS NOT NULL")
GIVEN = text("assigned_to IS NOT NULL")
COPIED = text("copy_group IS NOT NULL")


class Screening(Base):
    """One run of the pipeline over a submission: observations without any embedding, timings and versions.
    `bias` is what the sum of weights began with; `pairs` are those that the signals speak of, as they were then."""

    __tablename__ = "screening"
    __table_args__ = (
        UniqueConstraint("submission_id", "pipeline_version"),
        Index("ix_screening_created", "created_at"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Submission.id, ondelete="CASCADE"))
    pipeline_version: Mapped[str] = mapped_column(String(80))
    versions: Mapped[dict[str, Any]]
    band: Mapped[str] = mapped_column(String(10))
    score: Mapped[float]
    observations: Mapped[list[Any]]
    signals: Mapped[list[Any]]
    bias: Mapped[float]
    pairs: Mapped[list[Any]]
    timings: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    submission: Mapped[Submission] = relationship()


class Flag(Base):
    """The one item that people review for a submission. Everything from `state` on mirrors what its events say.

    `state` is one of review.workflow.STATES and `resume` the state under a claim; `desk` is the pile on which it waits:
    "review", "coordinator" or "". `barred` lists the logins that may not give a verdict now, as "|a|b|"; `last_event`
    is the newest event that a verdict must know of. `lane` is the desk it belongs to
    (rules.lanes). `origin` is "rules", or "sample" for one drawn from what the rules did not flag: reviewers are not
    told, statistics keep them apart; "gold" is a trial of a known case (gold_tables). `copy_group` is that of the
    submission."""

    __tablename__ = "flag"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Submission.id, ondelete="CASCADE"), unique=True)
    screening_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("screening.id"))
    contest_id: Mapped[str] = mapped_column(ForeignKey(ContestRow.id))
    band: Mapped[str] = mapped_column(String(10))
    score: Mapped[float]
    paslon_id: Mapped[str | None] = mapped_column(ForeignKey(PaslonRow.id, ondelete="SET NULL"))
    direction: Mapped[str | None] = mapped_column(String(10))
    stage: Mapped[str] = mapped_column(String(40))
    track: Mapped[str] = mapped_column(String(20))
    articles: Mapped[list[Any]]
    lane: Mapped[str] = mapped_column(String(20), default="netralitas", server_default="netralitas")
    origin: Mapped[str] = mapped_column(String(10), default="rules", server_default="rules")
    due_on: Mapped[date | None]
    priority: Mapped[float] = mapped_column(default=0.0, server_default="0")
    state: Mapped[str] = mapped_column(String(20), default="new")
    resume: Mapped[str] = mapped_column(String(20), default="", server_default="")
    desk: Mapped[str] = mapped_column(String(12), default="review", server_default="review")
    claimed_by: Mapped[str | None] = mapped_column(String(80))
    claimed_until: Mapped[datetime | None]
    assigned_to: Mapped[str | None] = mapped_column(String(80))
    barred: Mapped[str] = mapped_column(Text, default="", server_default="")
    last_event: Mapped[int] = mapped_column(default=0)
    copy_group: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    submission: Mapped[Submission] = relationship(lazy="joined")
    screening: Mapped[Screening] = relationship(lazy="joined")
    paslon: Mapped[PaslonRow | None] = relationship(lazy="joined")
    __table_args__ = (
        Index("ix_flag_next", "desk", priority.desc(), "id"),
        Index("ix_flag_state", "state", priority.desc(), "id"),
        Index("ix_flag_contest_next", "contest_id", "desk", priority.desc(), "id"),
        Index("ix_flag_priority", priority.desc(), "id"),
        Index("ix_flag_contest_priority", "contest_id", priority.desc(), "id"),
        Index("ix_flag_assigned", "assigned_to", priority.desc(), "id", sqlite_where=GIVEN, postgresql_where=GIVEN),
        Index("ix_flag_due", "due_on", "id"),
        Index("ix_flag_desk_due", "desk", "due_on", "id"),
        Index("ix_flag_created", "created_at", "id"),
        Index("ix_flag_desk_created", "desk", "created_at", "id"),
        Index(
            "ix_flag_copy_group",
            "copy_group",
            "state",
            priority.desc(),
            "id",
            sqlite_where=COPIED,
            postgresql_where=COPIED,
        ),
        Index("ix_flag_claimed_until", "claimed_until", sqlite_where=HELD, postgresql_where=HELD),
        Index("ix_flag_claimed_by", "claimed_by", sqlite_where=HELD, postgresql_where=HELD),
    )
