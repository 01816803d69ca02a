"""The risk class of regions, which orders work and never raises a score; a change re-orders what waits there."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.base import now
from app.db.contest_tables import ContestRow, RegionRisk
from app.db.flag_tables import Flag
from app.errors import BadInput
from app.review.acts import note_of
from app.rules.priority import RISKS, priority
from app.text.storable import storable


def risks(session: Session) -> Sequence[RegionRisk]:
    """All classed regions in the order of their codes."""
    return session.scalars(select(RegionRisk).order_by(RegionRisk.region_code)).all()


def set_risk(session: Session, principal: Principal, region_code: str, risk: str, note: str) -> RegionRisk:
    """Class a region, and move its undecided items in the queue; the caller commits. Raises BadInput."""
    principal.require("queue.manage")
    code = storable(region_code.strip())
    if risk not in RISKS:
        raise BadInput(f"Pilih kelas / Choose a class: {', '.join(RISKS)}", field="risk")
    if not code or len(code) > 20:
        raise BadInput("Kode wilayah 1-20 karakter / The region's code has 1-20 characters", field="region")
    row = session.get(RegionRisk, code) or RegionRisk(region_code=code, risk=risk)
    before = row.risk if row in session else None
    row.risk, row.note, row.updated_at = risk, note_of(note), now()
    session.add(row)
    moved = _move(session, code, before, risk)
    facts = {"risk": risk, "before": before, "note": row.note, "moved": moved}
    audit.append(session, principal, "region.risk", "region", code, facts)
    return row


def _move(session: Session, region_code: str, before: str | None, after: str) -> int:
    """Shift the priority of the region's items by the difference of the classes; how many."""
    day = now().date()
    shift = priority(0, after, "", day) - priority(0, before, "", day)
    contests = select(ContestRow.id).where(ContestRow.region_code == region_code)
    ids = session.scalars(
        select(Flag.id).where(Flag.contest_id.in_(contests)).order_by(Flag.id).with_for_update()
    ).all()
    if ids and shift:
        session.execute(
            update(Flag)
            .where(Flag.contest_id.in_(contests))
            .values(priority=Flag.priority + shift)
            .execution_options(synchronize_session=False)
        )
    return len(ids)
