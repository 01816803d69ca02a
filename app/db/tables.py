"""All tables. Rows are facts; what people did to them is the `event` chain, from which every state follows."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    false,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


HELD = text("claimed_by IS NOT NULL")
GIVEN = text("assigned_to IS NOT NULL")
COPIED = text("copy_group IS NOT NULL")
BY_TOKEN = text("token_id IS NOT NULL")


class UtcTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC on every database (SQLite forgets the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments, store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give UTC back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """Declarative base with named constraints, so that migrations are the same on every database."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcTime, dict[str, Any]: JSON, list[Any]: JSON, uuid.UUID: Uuid}


# -- who ------------------------------------------------------------------------------------------------------------


class User(Base):
    """A person who signs in to the console. `role`: monitor, reviewer, coordinator, admin or auditor."""

    __tablename__ = "user"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    region_code: Mapped[str] = mapped_column(String(20), default="")
    password_hash: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class UserSession(Base):
    """A signed-in browser; only the hash of its cookie is kept."""

    __tablename__ = "user_session"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    user: Mapped[User] = relationship(lazy="joined")


class ApiToken(Base):
    """An opaque token for a program; only its hash is kept. `scopes`: submit, read-own, review, roster, admin. After a
    rotation the secret before it may go on to `previous_until`."""

    __tablename__ = "api_token"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    name: Mapped[str] = mapped_column(String(120))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    previous_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    previous_until: Mapped[datetime | None]
    scopes: Mapped[list[Any]]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    user: Mapped[User] = relationship(lazy="joined")


# -- the contests ---------------------------------------------------------------------------------------------------


class Election(Base):
    """A voting day and the kind of election held on it: pilkada or pemilu."""

    __tablename__ = "election"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20), default="pilkada")
    voting_day: Mapped[date]
    closed_at: Mapped[datetime | None]
    contests: Mapped[list[ContestRow]] = relationship(back_populates="election", order_by="ContestRow.id")


class ContestRow(Base):
    """One contest of an election in one region. `roster_version` counts changes that concern matching."""

    __tablename__ = "contest"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    election_id: Mapped[str] = mapped_column(ForeignKey("election.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    region_code: Mapped[str] = mapped_column(String(20), index=True)
    region_name: Mapped[str] = mapped_column(String(200))
    timezone: Mapped[str] = mapped_column(String(40), default="Asia/Jakarta")
    stage_overrides: Mapped[list[Any]] = mapped_column(default=list)
    roster_version: Mapped[int] = mapped_column(default=1)
    election: Mapped[Election] = relationship(back_populates="contests", lazy="joined")
    paslon: Mapped[list[PaslonRow]] = relationship(
        back_populates="contest", order_by="PaslonRow.number", cascade="all, delete-orphan"
    )


class PaslonRow(Base):
    """A candidate pair with everything that names it."""

    __tablename__ = "paslon"
    __table_args__ = (UniqueConstraint("contest_id", "number"), CheckConstraint("number > 0", name="number_positive"))
    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    contest_id: Mapped[str] = mapped_column(ForeignKey("contest.id", ondelete="CASCADE"), index=True)
    number: Mapped[int | None]
    aliases: Mapped[list[Any]] = mapped_column(default=list)
    slogans: Mapped[list[Any]] = mapped_column(default=list)
    hashtags: Mapped[list[Any]] = mapped_column(default=list)
    parties: Mapped[list[Any]] = mapped_column(default=list)
    accounts: Mapped[list[Any]] = mapped_column(default=list)
    salam: Mapped[list[Any]] = mapped_column(default=list)
    contest: Mapped[ContestRow] = relationship(back_populates="paslon")
    candidates: Mapped[list[CandidateRow]] = relationship(
        back_populates="paslon", order_by="CandidateRow.position", cascade="all, delete-orphan"
    )


class CandidateRow(Base):
    """One registered person of a pair; `position` 1 is the head, 2 the deputy."""

    __tablename__ = "candidate"
    __table_args__ = (UniqueConstraint("paslon_id", "position"),)
    id: Mapped[str] = mapped_column(String(140), primary_key=True)
    paslon_id: Mapped[str] = mapped_column(ForeignKey("paslon.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    nicknames: Mapped[list[Any]] = mapped_column(default=list)
    paslon: Mapped[PaslonRow] = relationship(back_populates="candidates")
    photos: Mapped[list[ReferencePhoto]] = relationship(
        back_populates="candidate", order_by="ReferencePhoto.created_at", cascade="all, delete-orphan"
    )


class ReferencePhoto(Base):
    """A registered photo of a candidate: the only faces whose embeddings are ever stored, sealed, until the election
    is closed."""

    __tablename__ = "reference_photo"
    __table_args__ = (UniqueConstraint("candidate_id", "sha256"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    candidate_id: Mapped[str] = mapped_column(ForeignKey("candidate.id", ondelete="CASCADE"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    mime: Mapped[str] = mapped_column(String(40))
    box: Mapped[list[Any]]
    quality: Mapped[dict[str, Any]]
    model: Mapped[str] = mapped_column(String(120))
    embedding: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=now)
    candidate: Mapped[CandidateRow] = relationship(back_populates="photos")


# -- what came in ---------------------------------------------------------------------------------------------------


class Submission(Base):
    """One post as it was handed in. `key` is the digest of bytes and context: the same again is the same row.
    `state`: queued, screened or failed. `attempt` is the fence of the job that may write the result. `deaths`: workers
    lost over it; `troubled_since`: when a fault that is not its own began to hold it up. `public`: yes, no or unknown;
    `parent` is the account commented on. Day, subject, channel, `children` and `track` are as a reviewer last corrected
    them; the event of a correction holds what was handed in. `token_id`: the token that handed it in, null in the
    console. `caption_key` knows the text of a post without pictures again; submissions that show the same share a
    `copy_group`."""

    __tablename__ = "submission"
    __table_args__ = (
        Index("ix_submission_account", "platform", "handle"),
        Index("ix_submission_own", "submitted_by", "received_at", "id"),
        Index("ix_submission_contest", "contest_id", "received_at", "id"),
        Index("ix_submission_state", "state", "received_at", "id"),
        Index("ix_submission_received", "received_at", "id"),
        Index("ix_submission_token", "token_id", "received_at", sqlite_where=BY_TOKEN, postgresql_where=BY_TOKEN),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    contest_id: Mapped[str] = mapped_column(ForeignKey("contest.id"))
    text: Mapped[str] = mapped_column(Text, default="")
    platform: Mapped[str] = mapped_column(String(40), default="")
    url: Mapped[str] = mapped_column(Text, default="")
    handle: Mapped[str] = mapped_column(String(200), default="")
    subject_type: Mapped[str] = mapped_column(String(40), default="unknown")
    agency: Mapped[str] = mapped_column(String(200), default="")
    act_date: Mapped[date]
    known_date: Mapped[date]
    capture_method: Mapped[str] = mapped_column(String(40), default="upload")
    public: Mapped[str] = mapped_column(String(8), default="unknown", server_default="unknown")
    parent: Mapped[str] = mapped_column(String(200), default="", server_default="")
    parent_text: Mapped[str] = mapped_column(Text, default="", server_default="")
    account: Mapped[str] = mapped_column(String(10), default="unknown", server_default="unknown")
    children: Mapped[bool] = mapped_column(default=False, server_default=false())
    track: Mapped[str] = mapped_column(String(20), default="", server_default="")
    submitted_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    token_id: Mapped[uuid.UUID | None]
    received_at: Mapped[datetime] = mapped_column(default=now)
    state: Mapped[str] = mapped_column(String(20), default="queued")
    attempt: Mapped[int] = mapped_column(default=1)
    deaths: Mapped[int] = mapped_column(default=0, server_default="0")
    troubled_since: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(Text)
    caption_key: Mapped[str | None] = mapped_column(String(64), index=True)
    copy_group: Mapped[uuid.UUID | None] = mapped_column(index=True)
    contest: Mapped[ContestRow] = relationship()
    images: Mapped[list[SubmissionImage]] = relationship(
        back_populates="submission", order_by="SubmissionImage.position", cascade="all, delete-orphan"
    )


class SubmissionImage(Base):
    """One original picture of a submission; the bytes lie in the blob store under their hash."""

    __tablename__ = "submission_image"
    __table_args__ = (UniqueConstraint("submission_id", "position"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    mime: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    submission: Mapped[Submission] = relationship(back_populates="images")


# -- what was found -------------------------------------------------------------------------------------------------


class Screening(Base):
    """One run of the pipeline over a submission: observations without any embedding, timings and versions.
    `bias` is what the sum of weights began with; `pairs` are those that the signals speak of, as they were then."""

    __tablename__ = "screening"
    __table_args__ = (
        UniqueConstraint("submission_id", "pipeline_version"),
        Index("ix_screening_created", "created_at"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
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
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), unique=True)
    screening_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("screening.id"))
    contest_id: Mapped[str] = mapped_column(ForeignKey("contest.id"))
    band: Mapped[str] = mapped_column(String(10))
    score: Mapped[float]
    paslon_id: Mapped[str | None] = mapped_column(ForeignKey("paslon.id", ondelete="SET NULL"))
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


# -- who reviews what -----------------------------------------------------------------------------------------------


class ConflictOfInterest(Base):
    """A person's declaration of an interest in a contest: they give no verdict there."""

    __tablename__ = "conflict_of_interest"
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    contest_id: Mapped[str] = mapped_column(ForeignKey("contest.id", ondelete="CASCADE"), primary_key=True)
    note: Mapped[str] = mapped_column(Text, default="")
    declared_at: Mapped[datetime] = mapped_column(default=now)
    user: Mapped[User] = relationship(lazy="joined")


class RegionRisk(Base):
    """The risk class of a region (high, medium, low), as an office decided it. It orders work and nothing else."""

    __tablename__ = "region_risk"
    region_code: Mapped[str] = mapped_column(String(20), primary_key=True)
    risk: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime] = mapped_column(default=now)


class GoldCase(Base):
    """A known case: the verdict that a coordinator expects of it. Reviewers are not shown which items these are."""

    __tablename__ = "gold_case"
    flag_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("flag.id", ondelete="CASCADE"), primary_key=True)
    verdict: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text, default="")
    marked_by: Mapped[str] = mapped_column(String(80))
    marked_at: Mapped[datetime] = mapped_column(default=now)


# -- what was done --------------------------------------------------------------------------------------------------


class Event(Base):
    """One act, chained to the one before it: `hash` = sha256 over `previous` and the canonical content.
    Rows are only ever appended. `at` is kept as the ISO text that was hashed."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_object", "object_id", "object_type", "id"),
        Index("ix_event_actor", "actor", "id"),
        Index("ix_event_action", "action", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(60))
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(140))
    data: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class ChainHead(Base):
    """The end of the event chain; the row that an appender locks."""

    __tablename__ = "chain_head"
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class Executor(Base):
    """The heartbeat of one worker process; jobs of executors that went silent are taken over."""

    __tablename__ = "executor"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(default=now)
