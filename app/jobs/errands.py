"""Long work seen from outside a worker: putting it in, its steps, the fence, cancelling, and taking note of its end.

Work is a row; its steps are rows, written before the first is done. Each step is recorded in one transaction with what
it did, where the attempt still owns the work: so it is continued after a crash and nothing is done twice."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import audit
from app.db.base import now
from app.db.engine import rows_changed
from app.db.office_tables import Work, WorkStep
from app.errors import Conflict, NotFound
from app.jobs.outcome import MACHINE
from app.jobs.queue import live_executors

OPEN = ("queued", "running")
KEEP_SCHEDULED = timedelta(days=60)
GIVEN_UP = "Dihentikan setelah {deaths} proses mati mengerjakannya / Given up: {deaths} workers died over it"


class Stopped(Exception):
    """The work was cancelled, taken over by another worker, or this one is to end: leave everything as it is."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One piece of work in the hands of one worker."""

    id: UUID
    attempt: int
    kind: str
    params: Mapping[str, Any]
    login: str
    user_id: UUID | None
    engine: Engine
    stopping: threading.Event = field(default_factory=threading.Event)

    def plan(self, subjects: Sequence[str], **notes: Any) -> None:
        """Write the steps and what is to be remembered, once: an earlier attempt's plan stays."""
        with Session(self.engine) as session, session.begin():
            self.fence(session)
            planned = session.scalar(select(func.count()).where(WorkStep.work_id == self.id)) or 0
            row = session.get_one(Work, self.id)
            if planned or row.result.get("planned"):
                return
            for number, subject in enumerate(subjects):
                session.add(WorkStep(work_id=self.id, number=number, subject=subject))
            row.total, row.result = len(subjects), dict(notes) | {"planned": True}

    def notes(self) -> dict[str, Any]:
        """What was remembered when the steps were written; empty before."""
        with Session(self.engine) as session:
            return dict(session.get_one(Work, self.id).result)

    def waiting(self) -> list[tuple[int, str]]:
        """The steps that are still to be done: number and subject, in order."""
        undone = select(WorkStep.number, WorkStep.subject).where(
            WorkStep.work_id == self.id, WorkStep.outcome.is_(None)
        )
        with Session(self.engine) as session:
            return [(number, subject) for number, subject in session.execute(undone.order_by(WorkStep.number))]

    def outcomes(self) -> list[dict[str, Any]]:
        """What the steps that were done found, in order."""
        query = select(WorkStep.outcome).where(WorkStep.work_id == self.id, WorkStep.outcome.is_not(None))
        with Session(self.engine) as session:
            return [found for found in session.scalars(query.order_by(WorkStep.number)) if found is not None]

    def done(self, session: Session, number: int, outcome: Mapping[str, Any]) -> None:
        """Record a step in the caller's transaction, with whatever it wrote. Raises Stopped."""
        self.fence(session, done=Work.done + 1)
        step = update(WorkStep).where(
            WorkStep.work_id == self.id, WorkStep.number == number, WorkStep.outcome.is_(None)
        )
        if rows_changed(session.execute(step.values(outcome=dict(outcome)))) != 1:
            raise Stopped

    def progress(self, done: int, total: int) -> None:
        """Say how far work without steps is. Raises Stopped."""
        with Session(self.engine) as session, session.begin():
            self.fence(session, done=done, total=total)

    def fence(self, session: Session, **changes: Any) -> None:
        """Lock the work's row where this attempt still owns it, and change it. Raises Stopped."""
        if self.stopping.is_set() or not settle(session, self.id, self.attempt, **(changes or {"state": "running"})):
            raise Stopped


def settle(session: Session, work_id: UUID, attempt: int, /, **changes: Any) -> bool:
    """Change the row of running work if this attempt owns it; False: it was cancelled or another took over."""
    mine = update(Work).where(Work.id == work_id, Work.attempt == attempt, Work.state == "running")
    return rows_changed(session.execute(mine.values(**changes).execution_options(synchronize_session=False))) == 1


# -- putting it in, and ending it -----------------------------------------------------------------------------------


def submit(session: Session, actor: audit.Actor, user_id: UUID | None, kind: str, params: Mapping[str, Any]) -> Work:
    """Put work in, in the caller's transaction, with its event."""
    work = Work(kind=kind, params=dict(params), login=actor.login, user_id=user_id)
    session.add(work)
    session.flush()
    audit.append(session, actor, "work.asked", "work", work.id, {"kind": kind, "params": dict(params)})
    return work


def schedule(engine: Engine, kind: str, key: str) -> bool:
    """Put work in that nobody asked for, once per `key`; False when it is there already. Old ones are forgotten."""
    with Session(engine) as session:
        if session.scalar(select(Work.id).where(Work.key == key)) is not None:
            return False
        old = Work.key.is_not(None), Work.state.not_in(OPEN), Work.made_at < now() - KEEP_SCHEDULED
        session.execute(delete(Work).where(*old).execution_options(synchronize_session=False))
        session.add(Work(kind=kind, key=key, params={}, login=MACHINE.login, seen_at=now()))
        try:
            session.commit()
        except IntegrityError:
            return False  # another worker was a moment earlier
    return True


def cancel(session: Session, actor: audit.Actor, work_id: UUID) -> None:
    """End work that waits or runs, in the caller's transaction; what it has done stays. Raises NotFound or Conflict."""
    row = get_work(session, work_id)
    ended = update(Work).where(Work.id == work_id, Work.state.in_(OPEN))
    values = {"state": "cancelled", "ended_at": now()}
    if rows_changed(session.execute(ended.values(values).execution_options(synchronize_session=False))) != 1:
        raise Conflict("Pekerjaan ini sudah berakhir / This work has ended already", state=row.state)
    session.refresh(row)
    audit.append(session, actor, "work.cancelled", "work", work_id, {"kind": row.kind, "done": row.done})


def get_work(session: Session, work_id: UUID) -> Work:
    """One piece of work. Raises NotFound."""
    row = session.get(Work, work_id)
    if row is None:
        raise NotFound("Pekerjaan ini tidak ada / There is no such work")
    return row


def listed(session: Session, limit: int = 50) -> list[Work]:
    """The newest work of everybody."""
    return list(session.scalars(select(Work).order_by(Work.made_at.desc(), Work.id).limit(limit)))


def unseen(session: Session, user_id: UUID) -> list[Work]:
    """What this person started and has not taken note of, the newest first: work under way, and work that ended."""
    query = select(Work).where(Work.user_id == user_id, Work.seen_at.is_(None))
    return list(session.scalars(query.order_by(Work.made_at.desc()).limit(5)))


def take_note(session: Session, user_id: UUID | None, work_id: UUID) -> Work:
    """Its starter has seen the end; work under way stays a notice. The caller commits. Raises NotFound."""
    row = get_work(session, work_id)
    if row.user_id == user_id and row.state not in OPEN and row.seen_at is None:
        row.seen_at = now()
    return row


# -- claiming, for workers ------------------------------------------------------------------------------------------


def claim(engine: Engine, executor: str, silence_seconds: float, most_deaths: int) -> Errand | None:
    """The oldest work that waits, or that a silent worker held; None when there is none.

    Work over which `most_deaths` workers died is failed, visibly."""
    with Session(engine) as session, session.begin():
        waiting = session.scalars(select(Work).where(Work.state.in_(OPEN)).order_by(Work.made_at)).all()
        if not waiting:
            return None
        alive = live_executors(session, silence_seconds) - {executor}  # one that runs here would not ask
        for row in waiting:
            if row.state == "running" and row.executor in alive:
                continue
            deaths = row.deaths + (row.state == "running")
            given_up = deaths >= most_deaths
            taken = update(Work).where(Work.id == row.id, Work.attempt == row.attempt, Work.state == row.state)
            values = {
                "state": "failed" if given_up else "running", "attempt": row.attempt + 1, "deaths": deaths,
                "executor": executor, "begun_at": row.begun_at or now(),
                "failure": GIVEN_UP.format(deaths=deaths) if given_up else None,
                "ended_at": now() if given_up else None,
            }  # fmt: skip
            if rows_changed(session.execute(taken.values(values).execution_options(synchronize_session=False))) != 1:
                continue
            if given_up:
                audit.append(session, MACHINE, "work.failed", "work", row.id, {"kind": row.kind, "deaths": deaths})
                continue
            return Errand(row.id, row.attempt + 1, row.kind, dict(row.params), row.login, row.user_id, engine)
    return None


def finish(errand: Errand, result: Mapping[str, Any]) -> bool:
    """The work is done; False when it was cancelled or taken over meanwhile."""
    with Session(errand.engine) as session, session.begin():
        values = {"state": "done", "ended_at": now(), "executor": None, "result": dict(result)}
        ended = settle(session, errand.id, errand.attempt, **values)
        if ended and errand.user_id is not None:
            audit.append(session, MACHINE, "work.done", "work", errand.id, {"kind": errand.kind})
    return ended


def fail(errand: Errand, failure: str) -> bool:
    """The work cannot be done; `failure` is kept and shown: it must hold no personal data."""
    with Session(errand.engine) as session, session.begin():
        values = {"state": "failed", "ended_at": now(), "executor": None, "failure": failure}
        ended = settle(session, errand.id, errand.attempt, **values)
        if ended:
            facts = {"kind": errand.kind, "failure": failure}
            audit.append(session, MACHINE, "work.failed", "work", errand.id, facts)
    return ended


def give_back(errand: Errand) -> None:
    """A worker that ends leaves its work to the next one; that is no death."""
    with Session(errand.engine) as session, session.begin():
        settle(session, errand.id, errand.attempt, state="queued", executor=None)
