"""Elections, their contests with pairs and candidates, and what an office states about a contest or region."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base, now
from app.db.people_tables import User


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


class ConflictOfInterest(Base):
    """A person's declaration of an interest in a contest: they give no verdict there."""

    __tablename__ = "conflict_of_interest"
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
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
