"""What retention destroys of tips: words, receipt and sheet with the post, and challenges that have expired."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.db.tip_tables import SpentChallenge, Tip
from app.tips import sheet
from app.tips.found import GONE


def forget(session: Session, submission_id: uuid.UUID) -> None:
    """Empty the tip of a submission, where it is one; the caller commits. Its receipt code opens nothing any more."""
    tip = session.scalar(select(Tip).where(Tip.submission_id == submission_id))
    if tip is not None:
        tip.seen, tip.code_hash, tip.state = "", None, GONE
        sheet.remove(session, tip.id)


def forget_challenges(session: Session, moment: datetime) -> None:
    """Delete the spent challenges that have expired: nobody can send them again anyway. The caller commits."""
    session.execute(delete(SpentChallenge).where(SpentChallenge.expires_at <= moment))
