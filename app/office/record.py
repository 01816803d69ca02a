"""Records of destruction (berita acara pemusnahan): what went when, under which rule, with its hashes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db.office_tables import Destruction, DestructionRun
from app.errors import NotFound


@dataclass(frozen=True, slots=True)
class Line:
    """One file, or one submission without files, of a record. `kept`: another post names the same file, which stays."""

    rule: str
    kind: str
    submission: UUID | None
    since: datetime
    at: datetime
    sha256: str
    kept: bool


def runs(session: Session, limit: int = 100) -> list[tuple[DestructionRun, int]]:
    """The newest runs that destroyed something, each with the number of things."""
    query = select(DestructionRun, func.count(Destruction.id)).join(
        Destruction, Destruction.run_id == DestructionRun.id
    )
    query = query.group_by(DestructionRun.id).order_by(DestructionRun.id.desc()).limit(limit)
    return [(run, count) for run, count in session.execute(query)]


def get_run(session: Session, run_id: int) -> DestructionRun:
    """One run. Raises NotFound."""
    row = session.get(DestructionRun, run_id)
    if row is None:
        raise NotFound("Berita acara ini tidak ada / There is no such record")
    return row


def lines(session: Session, run_id: int) -> Iterator[Line]:
    """The record, line by line, in the order of destruction."""
    query = select(Destruction).where(Destruction.run_id == run_id).order_by(Destruction.id)
    for row in session.scalars(query.execution_options(yield_per=500)):
        for one in row.hashes or [{"sha256": "", "kept": False}]:
            yield Line(row.rule, row.kind, row.submission_id, row.since, row.at, one["sha256"], one["kept"])


def counts(found: Sequence[Line]) -> dict[str, int]:
    """Submissions, or files that went by themselves, by rule."""
    return dict(Counter(rule for rule, _ in {(one.rule, one.submission or one.sha256) for one in found}))
