"""The texts of decided items, as material from which a score of texts may learn."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.submission_tables import Submission
from app.review.figures import TOGETHER, Scope, load_rows


@dataclass(frozen=True, slots=True)
class DecidedText:
    """The text of a decided item: its contest, the account that posted it ("" where unknown), and the outcome."""

    text: str
    contest: str
    account: str
    confirmed: bool


def decided_texts(session: Session, scope: Scope) -> Iterator[DecidedText]:
    """Every decided item of the scope that still has a text, newest first; trials of known cases are none."""
    outcome = {row.submission: row.confirmed for row in load_rows(session, scope) if row.confirmed is not None}
    ids = list(outcome)
    query = select(Submission.id, Submission.text, Submission.contest_id, Submission.handle)
    for start in range(0, len(ids), TOGETHER):
        part: list[uuid.UUID] = ids[start : start + TOGETHER]
        for one in session.execute(query.where(Submission.id.in_(part), Submission.text != "")):
            yield DecidedText(one.text, one.contest_id, one.handle.strip().casefold(), bool(outcome[one.id]))
