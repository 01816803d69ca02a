"""What came in: posts and their pictures."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base, now
from app.db.contest_tables import ContestRow
from app.db.people_tables import User

BY_TOKEN = text("token_id IS NOT NULL")


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
    contest_id: Mapped[str] = mapped_column(ForeignKey(ContestRow.id))
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
    submitted_by: Mapped[uuid.UUID] = mapped_column(ForeignKey(User.id))
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
