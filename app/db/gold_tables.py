"""Known cases that were given to reviewers once more: which item is such a trial, and of what."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, String, Text, exists
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, now
from app.db.flag_tables import Flag
from app.db.submission_tables import Submission

GOLD = "gold"
"""The origin of a trial's flag."""


class GoldCase(Base):
    """A known case: the verdict that a coordinator expects of it. Reviewers are not shown which items these are."""

    __tablename__ = "gold_case"
    flag_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Flag.id, ondelete="CASCADE"), primary_key=True)
    verdict: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text, default="")
    marked_by: Mapped[str] = mapped_column(String(80))
    marked_at: Mapped[datetime] = mapped_column(default=now)


class GoldTrial(Base):
    """One trial: an item that shows a known case again. `case_id` is the flag of that case (no foreign key: checking it
    would wait for that row's lock at the end of the chain), `verdict` what was expected when the trial was made,
    `known_to` the logins of those who had decided on the case or on an earlier trial of it."""

    __tablename__ = "gold_trial"
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Submission.id, ondelete="CASCADE"), primary_key=True)
    flag_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Flag.id, ondelete="CASCADE"), unique=True)
    case_id: Mapped[uuid.UUID] = mapped_column(index=True)
    verdict: Mapped[str] = mapped_column(String(10))
    known_to: Mapped[list[Any]]
    made_at: Mapped[datetime] = mapped_column(default=now)


def ordinary() -> ColumnElement[bool]:
    """Whether a submission is a case of its own and not a trial, as a condition on Submission."""
    return ~exists().where(GoldTrial.submission_id == Submission.id)
