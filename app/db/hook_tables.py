"""Tables of webhooks: who is told, and what was sent."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base, now


class Webhook(Base):
    """A subscription. `events` are codes of webhooks.kinds, `contests` the only ones it is told of (none: all).
    `state`: active, paused (by a person) or halted (by failures; `halted_for` says which). Secrets are sealed; the one
    before signs too until `old_until`. `cursor` is the last event of the chain that was looked at. `busy`: a round is
    queued or runs; `attempt` is the fence of that round. `failures` counts tries that failed since the last that did
    not."""

    __tablename__ = "webhook"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    name: Mapped[str] = mapped_column(String(120))
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[Any]]
    contests: Mapped[list[Any]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(String(10), default="active")
    halted_for: Mapped[str] = mapped_column(String(20), default="")
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    old_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    old_until: Mapped[datetime | None]
    cursor: Mapped[int]
    attempt: Mapped[int] = mapped_column(default=0)
    busy: Mapped[bool] = mapped_column(default=False)
    failures: Mapped[int] = mapped_column(default=0)
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime] = mapped_column(default=now)


class Delivery(Base):
    """One message to one subscriber; its id is the message's. `number` is that of its event, none for a test message.
    `state`: waiting, delivered or dead. `by_hand`: a person asked for it, so that it is tried once and holds back
    nothing. Status, failure, time and answer are those of the last try."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "number"),
        Index("ix_delivery_log", "webhook_id", "made_at", "id"),
        Index("ix_delivery_waiting", "webhook_id", "state"),
        Index("ix_delivery_made_at", "made_at"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    webhook_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"))
    number: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    by_hand: Mapped[bool] = mapped_column(default=False)
    tries: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(default=now)
    tried_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    status: Mapped[int | None]
    failure: Mapped[str] = mapped_column(String(20), default="")
    milliseconds: Mapped[int | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    webhook: Mapped[Webhook] = relationship()
