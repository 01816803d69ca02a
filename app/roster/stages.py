"""The calendar of a contest as its office sets it: stages that were moved, and those re-opened for a repeat vote."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.contest_tables import ContestRow
from app.election.calendar import repeat_vote, stage_codes, standard_span
from app.errors import BadInput, Conflict, NotFound
from app.roster.closing import changed
from app.roster.file import Span, StageFile
from app.roster.gallery import outline
from app.text.storable import storable

MOST = 60
"""Stages that one contest may name: its calendar and a few repeat votes."""


def save_stages(session: Session, principal: Principal, contest_id: str, stages: Sequence[StageFile]) -> ContestRow:
    """Set the stages that differ from the standard calendar; those that do not are left out. The caller commits.

    What was screened keeps its stage until it is screened again. Raises NotFound, BadInput (a stage unknown, named
    twice for the same vote, or too many), Conflict (the election is closed)."""
    principal.require("roster.write")
    audit.hold(session)
    row = _open_contest(session, contest_id)
    core = outline(row)
    unknown = {one.stage for one in stages} - set(stage_codes(core.kind))
    if unknown:
        known = ", ".join(stage_codes(core.kind))
        raise BadInput(f"Tahapan tidak dikenal / Unknown stage: {sorted(unknown)[0]}; {known}", field="stages")
    if len(stages) > MOST:
        raise BadInput(f"Paling banyak {MOST} tahapan / At most {MOST} stages", field="stages")
    kept = [(one.stage, one.first, one.last) for one in stages]
    kept = [span for span in kept if span[1:] != standard_span(core, span[0])]
    _require_distinct(kept, core.voting_day)
    stored = [[code, first.isoformat(), last.isoformat()] for code, first, last in kept]
    if stored == row.stage_overrides:
        return row
    before, row.stage_overrides = row.stage_overrides, stored
    session.flush()
    changed(session, row.id)
    audit.append(session, principal, "contest.calendar", "contest", row.id, {"before": before, "after": stored})
    return row


def reopen(session: Session, principal: Principal, contest_id: str, day: date) -> ContestRow:
    """Add quiet period, voting and counting of a repeat vote (pemungutan suara ulang) on `day`; the caller commits.

    Raises as `save_stages`, BadInput where `day` is not after voting day."""
    row = _open_contest(session, contest_id)
    core = outline(row)
    if day <= core.voting_day:
        raise BadInput(
            "Pemungutan suara ulang harus sesudah hari pemungutan suara / A repeat vote is after voting day",
            field="voting_day",
        )
    spans = [*core.stage_overrides, *repeat_vote(core, day)]
    return save_stages(session, principal, contest_id, [stage_of(span) for span in spans])


def stage_of(span: Span) -> StageFile:
    """A span as the roster file writes it."""
    code, first, last = span
    return StageFile(stage=code, first=first, last=last)


def _open_contest(session: Session, contest_id: str) -> ContestRow:
    row = session.get(ContestRow, storable(contest_id))
    if row is None:
        raise NotFound("Pemilihan ini tidak terdaftar / There is no such contest")
    if row.election.closed_at is not None:
        raise Conflict("Pemilu ini sudah ditutup / This election is closed")
    return row


def _require_distinct(spans: Sequence[Span], voting_day: date) -> None:
    """Raise BadInput where one stage is moved twice, or two re-openings of it overlap."""
    seen: list[Span] = []
    for code, first, last in spans:
        for other, begin, end in seen:
            both_moved = begin <= voting_day and first <= voting_day
            if other == code and (both_moved or (first <= end and begin <= last)):
                raise BadInput(f"Tahapan disebut dua kali / A stage is named twice: {code}", field="stages")
        seen.append((code, first, last))
