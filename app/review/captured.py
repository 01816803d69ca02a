"""How a post was captured: the facts that the capturing browser told, for the item and its export."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.db.capture_tables import Capture
from app.db.submission_tables import Submission

Json = dict[str, Any]


def capture_of(session: Session, submission: Submission) -> Json | None:
    """What the capturing browser told, with the words of the whole page; None where nothing was told."""
    row = session.get(Capture, submission.id)
    if row is None:
        return None
    return {
        "method": submission.capture_method,
        "page_title": row.page_title,
        "captured_at": row.captured_at,
        "posted_at": row.posted_at,
        "note": row.note,
        "evidence": row.evidence,
        "verified": row.verified,
    }
