"""Tables of what runs while Netra serves: settings, long work and its workers, retention and what it destroyed."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base, now
from app.db.people_tables import User
from app.db.submission_tables import Submission

UNSEEN = text("seen_at IS NULL")
OPEN = text("state IN ('queued', 'running')")


class Setting(Base):
    """A value that an office set over the environment's: with its reason, who, and when. No row: the default."""

    __tablename__ = "setting"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    changed_by: Mapped[str] = mapped_column(String(120))
    changed_at: Mapped[datetime] = mapped_column(default=now)


class LegalHold(Base):
    """A submission whose timers of retention stand still until a coordinator lifts this."""

    __tablename__ = "legal_hold"
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Submission.id, ondelete="CASCADE"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    held_by: Mapped[str] = mapped_column(String(80))
    held_at: Mapped[datetime] = mapped_column(default=now)


class DestructionRun(Base):
    """One run of retention that destroyed something: the record of destruction (berita acara pemusnahan)."""

    __tablename__ = "destruction_run"
    id: Mapped[int] = mapped_column(primary_key=True)
    begun_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    actor: Mapped[str] = mapped_column(String(120))
    sessions: Mapped[int] = mapped_column(default=0)


class Destruction(Base):
    """One thing that was destroyed. `kind`: "item" (originals and words of a post), "working" (its observations),
    "original" (a file that nothing names). `hashes`: {"sha256", "kept"} each; kept: something else names it."""

    __tablename__ = "destruction"
    __table_args__ = (UniqueConstraint("kind", "submission_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("destruction_run.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    submission_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey(Submission.id, ondelete="CASCADE"), index=True)
    rule: Mapped[str] = mapped_column(String(20))
    since: Mapped[datetime]
    hashes: Mapped[list[Any]]
    at: Mapped[datetime] = mapped_column(default=now)


class Condemned(Base):
    """An original that is to go, or went (`gone_at`): whoever stores the same bytes again finds out here."""

    __tablename__ = "condemned"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    rule: Mapped[str] = mapped_column(String(20))
    since: Mapped[datetime] = mapped_column(default=now)
    gone_at: Mapped[datetime | None]


class Work(Base):
    """Long work that runs in a worker. `state`: queued, running, done, failed or cancelled. `attempt` is the fence of
    the worker `executor` that may write; `deaths` counts workers lost over it; `key` is unique where work must not be
    done twice; `seen_at`: when the person who started it took note of its end."""

    __tablename__ = "work"
    __table_args__ = (
        Index("ix_work_open", "made_at", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_work_unseen", "user_id", sqlite_where=UNSEEN, postgresql_where=UNSEEN),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str | None] = mapped_column(String(80), unique=True)
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))
    login: Mapped[str] = mapped_column(String(80))
    params: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(12), default="queued")
    attempt: Mapped[int] = mapped_column(default=0)
    deaths: Mapped[int] = mapped_column(default=0)
    executor: Mapped[str | None] = mapped_column(String(80))
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    failure: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(default=now)
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    steps: Mapped[list[WorkStep]] = relationship(order_by="WorkStep.number", cascade="all, delete-orphan")


class WorkStep(Base):
    """One part of long work; `outcome` is there once it was done, so that nothing is done twice."""

    __tablename__ = "work_step"
    work_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("work.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(String(140))
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Executor(Base):
    """The heartbeat of one worker process; jobs of executors that went silent are taken over."""

    __tablename__ = "executor"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(default=now)
