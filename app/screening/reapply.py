"""Writing a second screening: a new version beside the old ones, with its event, and never over people's decisions."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.contest_tables import RegionRisk
from app.db.engine import rows_changed
from app.db.flag_tables import Flag, Screening
from app.db.submission_tables import Submission
from app.rules.priority import priority
from app.screening.pipeline import Screened
from app.screening.record import raise_flag, screening_row
from app.screening.rescreen import Again, Effect, effect, side, side_of


def apply(session: Session, principal: Principal, found: Again) -> Effect | None:
    """Write one submission that was screened again; the caller commits. What was done, judged by the flag as it is now;
    None where there was nothing to write. `require_live` comes before. Raises NotAllowed.

    A flag changes only while it is new and nobody holds it; any other stays exactly as it is."""
    principal.require("flag.coordinate")
    result, version, submission_id = found.result, found.version, found.difference.submission
    if result is None or version is None or found.versions is None:
        return None
    flag = _locked_flag(session, submission_id)
    query = select(Screening).where(Screening.submission_id == submission_id).order_by(Screening.created_at)
    earlier = session.scalars(query).all()
    if version in {one.pipeline_version for one in earlier}:
        return None
    before, after = side_of(flag, earlier), side(result)
    done = effect(before, after, flag)
    screening = screening_row(submission_id, version, found.versions, result)
    session.add(screening)
    session.flush()
    facts = {
        "before": asdict(before), "after": asdict(after), "effect": done, "pipeline": version,
        "earlier": earlier[-1].pipeline_version if earlier else None,
    }  # fmt: skip
    if flag is None:
        if result.assessment.flagged:
            raise_flag(session, session.get_one(Submission, submission_id), screening, result.assessment)
    elif done in {"appears", "changes"}:
        _renew_flag(session, flag, screening, result)
    if flag is not None and done in {"appears", "changes", "falls away"}:
        event = audit.append(session, principal, "flag.rescreened", "flag", flag.id, facts)
        flag.last_event = event.id
    audit.append(session, principal, "submission.rescreened", "submission", submission_id, facts)
    session.flush()
    return done


def _locked_flag(session: Session, submission_id: object) -> Flag | None:
    """The flag, locked and fresh: flags are always locked before the chain of events."""
    touched = update(Flag).where(Flag.submission_id == submission_id).values(last_event=Flag.last_event)
    if rows_changed(session.execute(touched.execution_options(synchronize_session=False))) == 0:
        return None
    query = select(Flag).where(Flag.submission_id == submission_id).execution_options(populate_existing=True)
    return session.scalars(query).one()


def _renew_flag(session: Session, flag: Flag, screening: Screening, result: Screened) -> None:
    """What the flag shows becomes what the new screening says; a sampled one is the rules' own from now on."""
    found = result.assessment
    flag.screening_id, flag.origin = screening.id, "rules"
    flag.band, flag.score = found.band, found.score
    flag.paslon_id, flag.direction, flag.lane = found.paslon, found.direction, found.lane
    flag.stage, flag.track, flag.articles = found.stage, found.track, list(found.articles)
    if flag.due_on is not None:
        region = flag.submission.contest.region_code
        risk = session.scalar(select(RegionRisk.risk).where(RegionRisk.region_code == region))
        flag.priority = priority(found.score, risk, found.stage, flag.due_on)
