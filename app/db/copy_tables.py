"""Tables of copies: the hashes of pictures, and which submissions show the same."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Float, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, now
from app.db.submission_tables import Submission, SubmissionImage


class PictureHash(Base):
    """Hashes of a picture or of windows into it, never of a face: 256 bits each, those of a `kind` ("whole", "panel",
    "windows") behind each other. Rows are written under the lock of CopyState: their numbers grow as they appear."""

    __tablename__ = "picture_hash"
    __table_args__ = (UniqueConstraint("image_id", "kind"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(primary_key=True)
    image_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(SubmissionImage.id, ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(8))
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class CopyLink(Base):
    """Two submissions that show the same; `other_id` was there before. `how`: bytes, picture, mirror or caption;
    `strength` 0..1: the share of the picture that agrees."""

    __tablename__ = "copy_link"
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Submission.id, ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey(Submission.id, ondelete="CASCADE"), primary_key=True, index=True
    )
    how: Mapped[str] = mapped_column(String(10))
    strength: Mapped[float] = mapped_column(Float)
    made_at: Mapped[datetime] = mapped_column(default=now)


class CopyState(Base):
    """One row that whoever links locks; `generation` counts how often all hashes were made anew."""

    __tablename__ = "copy_state"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    generation: Mapped[int]
