"""What was done: the chain of events, from which every state follows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


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
