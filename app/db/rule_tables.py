"""The tables of rule-set versions and of trained text scores: what judges, as data that people change with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, now

ONLY_LIVE = text("state = 'live'")


class RuleVersion(Base):
    """One version of the weights file (`source`, TOML). `state`: draft, live or retired; at most one is live, and
    without one the project's own file applies. `version` is that of the parsed rule set, so equal texts are one row."""

    __tablename__ = "rule_version"
    __table_args__ = (
        Index("uq_rule_version_live", "state", unique=True, sqlite_where=ONLY_LIVE, postgresql_where=ONLY_LIVE),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(String(40), unique=True)
    source: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    reason: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime] = mapped_column(default=now)
    live_since: Mapped[datetime | None]


class TextModelVersion(Base):
    """One trained score of texts. `body` is the model file, `report` its cross-validated figures; `state` is draft,
    live or retired; at most one is live, and without one no score is used."""

    __tablename__ = "text_model_version"
    __table_args__ = (
        Index("uq_text_model_version_live", "state", unique=True, sqlite_where=ONLY_LIVE, postgresql_where=ONLY_LIVE),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(String(40), unique=True)
    body: Mapped[str] = mapped_column(Text, deferred=True)
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    reason: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime] = mapped_column(default=now)
    live_since: Mapped[datetime | None]
