"""Screening again with other models or rules: first what would differ, and only then, if somebody wants it, writing."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.db.flag_tables import Flag, Screening
from app.db.gold_tables import ordinary
from app.db.office_tables import Destruction
from app.db.submission_tables import Submission
from app.db.tip_tables import TIP, UNFLAGGED
from app.errors import Conflict, NotFound
from app.rules.ruleset import RuleSet
from app.screening.facts import facts_of
from app.screening.models import Models
from app.screening.pipeline import Screened, pipeline_version, screen
from app.screening.rule_versions import live
from app.screening.service import Services, field_for, versions_of
from app.text.storable import storable

Effect = Literal["same", "appears", "changes", "falls away", "decided", "in hand", "missing"]
EFFECTS: tuple[Effect, ...] = Effect.__args__  # type: ignore[attr-defined]
Value = TypeVar("Value")
DECIDED = frozenset({"confirmed", "dismissed", "closed"})
MOST = 1000
"""Submissions of one run, unless more are asked for: their results are kept until they are written."""


@dataclass(frozen=True, slots=True)
class Side:
    """What people see of an assessment; pair and direction only where it is flagged."""

    band: str
    score: float
    paslon: str | None = None
    direction: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One submission before and after. `effect`, if it is applied: nothing ("same"), a new flag ("appears"), another
    band, pair or direction of an open flag ("changes"), an open flag that the rules no longer raise but people still
    see ("falls away"), a flag that stays as people decided it ("decided") or hold it now ("in hand"); "missing": an
    original is gone, so it was not screened."""

    submission: uuid.UUID
    before: Side
    after: Side | None
    effect: Effect


@dataclass(frozen=True, slots=True)
class Again:
    """A submission screened again, nothing written yet. `result` and `version` are None where there is nothing to
    write: an original is missing, or this version has screened it already."""

    difference: Difference
    result: Screened | None = None
    version: str | None = None
    versions: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The difference of a whole run: how many submissions per effect, and how many went from one band to another, from
    one pair or direction to another (flagged before and after)."""

    submissions: int
    effects: dict[str, int]
    bands: dict[tuple[str, str], int]
    pairs: dict[tuple[str | None, str | None], int]
    directions: dict[tuple[str | None, str | None], int]


def choose(
    session: Session,
    contest: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    flagged: bool | None = None,
    limit: int = MOST,
) -> list[uuid.UUID]:
    """Screened submissions of a contest whose originals are there, newest first; with `flagged` only those that have a
    flag, or have none."""
    query = select(Submission.id).where(
        Submission.contest_id == storable(contest), Submission.state == "screened", ordinary()
    )
    query = query.where(~exists().where(Destruction.submission_id == Submission.id, Destruction.kind == "item"))
    if since is not None:
        query = query.where(Submission.received_at >= since)
    if until is not None:
        query = query.where(Submission.received_at < until)
    if flagged is not None:
        has = select(Flag.id).where(Flag.submission_id == Submission.id).exists()
        query = query.where(has if flagged else ~has)
    return list(session.scalars(query.order_by(Submission.received_at.desc(), Submission.id).limit(limit)))


def again(services: Services, chosen: Iterable[uuid.UUID], models: Models) -> Iterator[Again]:
    """Screen these submissions with `models` (and their rules), one after the other; nothing is written."""
    for submission_id in chosen:
        yield _once(services, submission_id, models)


def _once(services: Services, submission_id: uuid.UUID, models: Models) -> Again:
    with services.sessions() as session:
        submission = session.get_one(Submission, submission_id)
        field = field_for(services, session, submission.contest_id)
        flag = session.scalar(select(Flag).where(Flag.submission_id == submission_id))
        screenings = session.scalars(
            select(Screening).where(Screening.submission_id == submission_id).order_by(Screening.created_at)
        ).all()
        before = side_of(flag, screenings)
        on, text, facts = submission.act_date, submission.text, facts_of(submission)
        digests = [image.sha256 for image in submission.images]
    try:
        originals = [services.blobs.get(digest) for digest in digests]
    except NotFound:
        return Again(Difference(submission_id, before, None, "missing"))
    result = screen(originals, text, field, on, models, services.limits, facts=facts)
    after = side(result)
    difference = Difference(submission_id, before, after, effect(before, after, flag))
    versions = versions_of(models, field)
    version = new_version(pipeline_version(models), versions, screenings)
    return Again(difference, result, version, versions) if version else Again(difference)


def side_of(flag: Flag | None, screenings: Sequence[Screening]) -> Side:
    """How a submission stands: as its flag says, else as its newest screening does."""
    if flag is not None and flag.origin not in UNFLAGGED:
        return Side(flag.band, flag.score, flag.paslon_id, flag.direction)
    return Side("none", screenings[-1].score if screenings else 0.0)


def side(result: Screened) -> Side:
    """What people would see of a result."""
    found = result.assessment
    return Side(found.band, found.score, found.paslon, found.direction) if found.flagged else Side("none", found.score)


def effect(before: Side, after: Side, flag: Flag | None) -> Effect:
    """What applying would do; the score alone is no difference."""
    if (before.band, before.paslon, before.direction) == (after.band, after.paslon, after.direction):
        return "same"
    if flag is not None and flag.state not in {"new", TIP}:
        return "decided" if flag.state in DECIDED else "in hand"
    if before.band == "none":
        return "appears"
    return "changes" if after.band != "none" else "falls away"


def new_version(base: str, versions: dict[str, Any], screenings: Sequence[Screening]) -> str | None:
    """The name of this pipeline for a further screening: with the roster's version where the same code, models and
    rules screened by another roster (of this contest, or of its province); None where exactly this was done before."""
    known = {one.pipeline_version: one.versions for one in screenings}
    if base not in known:
        return base
    if known[base] == versions:
        return None
    named = f"{base}/r{versions['roster']}"
    if any(one == versions for name, one in known.items() if name.startswith(named)):
        return None
    further = (f"{named}.{count}" for count in range(1, len(known) + 1))
    return named if named not in known else next(name for name in further if name not in known)


def report(differences: Iterable[Difference]) -> Report:
    """Everything counted, in the order of EFFECTS and of the largest change."""
    found = list(differences)
    effects = Counter(one.effect for one in found)
    pairs = [(one.before, one.after) for one in found if one.after is not None]
    both = [(old, new) for old, new in pairs if "none" not in (old.band, new.band)]
    return Report(
        len(found),
        {name: effects[name] for name in EFFECTS if effects[name]},
        _moves((old.band, new.band) for old, new in pairs),
        _moves((old.paslon, new.paslon) for old, new in both),
        _moves((old.direction, new.direction) for old, new in both),
    )


def _moves(pairs: Iterable[tuple[Value, Value]]) -> dict[tuple[Value, Value], int]:
    return dict(Counter((old, new) for old, new in pairs if old != new).most_common())


def report_json(found: Report, differences: Iterable[Difference]) -> dict[str, Any]:
    """The report as JSON values, with every submission that differs."""

    def moves(counts: dict[Any, int]) -> list[dict[str, Any]]:
        return [{"before": old, "after": new, "count": count} for (old, new), count in counts.items()]

    return {
        "submissions": found.submissions,
        "effects": found.effects,
        "bands": moves(found.bands),
        "pairs": moves(found.pairs),
        "directions": moves(found.directions),
        "differences": [
            asdict(one) | {"submission": str(one.submission)} for one in differences if one.effect != "same"
        ],
    }  # fmt: skip


def require_live(session: Session, rules: RuleSet) -> None:
    """Raise Conflict unless these are the live rules: what nobody published is looked at, never applied."""
    current = live(session).rules.version
    if rules.version != current:
        raise Conflict(
            f"Aturan {rules.version} belum berlaku ({current}); koordinator menerbitkannya dahulu"
            f" / The rules {rules.version} are not live ({current}): a coordinator publishes them first",
            field="rules",
        )
