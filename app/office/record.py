"""Records of destruction (berita acara pemusnahan): what went when, under which rule, with its hashes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db.keyset import Page, Sort, paged
from app.db.office_tables import Destruction, DestructionRun
from app.errors import NotFound

NEWEST = Sort(((DestructionRun.id, True),))
IN_ORDER = Sort(((Destruction.id, False),))


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


def runs(session: Session, after: str = "", limit: int = 100) -> Page[tuple[DestructionRun, int]]:
    """The newest runs that destroyed something, each with the number of things. Raises BadInput for a wrong cursor."""
    something = select(Destruction.id).where(Destruction.run_id == DestructionRun.id).exists()
    page = paged(session, select(DestructionRun).where(something), NEWEST, after, limit)
    shown = [run.id for run in page.items]
    counted = select(Destruction.run_id, func.count()).where(Destruction.run_id.in_(shown)).group_by(Destruction.run_id)
    things = {row[0]: row[1] for row in session.execute(counted)}
    return Page([(run, things[run.id]) for run in page.items], page.next)


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
        yield from _lines(row)


def some_lines(session: Session, run_id: int, after: str, limit: int) -> Page[Line]:
    """The lines of `limit` things of the record, in the order of destruction. Raises BadInput for a wrong cursor."""
    query = select(Destruction).where(Destruction.run_id == run_id)
    page = paged(session, query, IN_ORDER, after, limit)
    return Page([line for row in page.items for line in _lines(row)], page.next)


def _lines(row: Destruction) -> Iterator[Line]:
    for one in row.hashes or [{"sha256": "", "kept": False}]:
        yield Line(row.rule, row.kind, row.submission_id, row.since, row.at, one["sha256"], one["kept"])


def counts(found: Sequence[Line]) -> dict[str, int]:
    """Submissions, or files that went by themselves, by rule."""
    return dict(Counter(rule for rule, _ in {(one.rule, one.submission or one.sha256) for one in found}))
