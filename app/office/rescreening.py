"""Screening again as long work: a look that writes nothing, then, if a coordinator wants it, applying what it found."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.auth.users import principal_of
from app.db.contest_tables import ContestRow
from app.db.office_tables import Work, WorkStep
from app.db.people_tables import User
from app.errors import BadInput, Conflict, NotAllowed
from app.jobs import errands
from app.jobs.errands import Errand
from app.review.acts import note_of
from app.rules.ruleset import parse_rules
from app.screening.models import Models
from app.screening.reapply import apply
from app.screening.rescreen import (
    MOST,
    Again,
    Difference,
    Report,
    Side,
    again,
    choose,
    report,
    report_json,
    require_live,
)  # fmt: skip
from app.screening.rule_versions import VERSIONS, live
from app.screening.service import Services, live_models
from app.text.storable import storable

LOOK, APPLY = "rescreen", "rescreen-apply"
MOST_AT_ONCE = 20_000
LEAST_REASON = 10
EXAMPLES = 100


def ask_to_look(
    session: Session,
    principal: Principal,
    contest: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    flagged: bool | None = None,
    limit: int = MOST,
    draft: int | None = None,
) -> Work:
    """Have submissions of a contest screened again by a worker, with the live rules or a draft; the caller commits.

    Nothing changes by it. Raises BadInput, or NotFound for a draft that does not exist."""
    principal.require("flag.coordinate")
    if session.get(ContestRow, storable(contest)) is None:
        raise BadInput("Pemilihan ini tidak terdaftar / No such contest", field="contest")
    if not 1 <= limit <= MOST_AT_ONCE:
        raise BadInput(f"1 – {MOST_AT_ONCE} kiriman / submissions", field="limit")
    if since is not None and until is not None and until <= since:
        raise BadInput("Akhir harus sesudah awal / The end must be after the beginning", field="until")
    params = {
        "contest": storable(contest), "since": since.isoformat() if since else None,
        "until": until.isoformat() if until else None, "flagged": flagged, "limit": limit,
        "draft": None if draft is None else VERSIONS.get(session, draft).id,
    }  # fmt: skip
    return errands.submit(session, principal, principal.user_id, LOOK, params)


def ask_to_apply(session: Session, principal: Principal, look_id: uuid.UUID, reason: str) -> Work:
    """Have a finished look applied by a worker, for a reason; the caller commits. Only what the live rules said is.

    Raises NotFound, BadInput, or Conflict where it is no finished look, was applied before, or rules have changed."""
    principal.require("flag.coordinate")
    kept = note_of(reason, LEAST_REASON, "reason")
    audit.hold(session)  # two coordinators press the button: one of them is told
    look = errands.get_work(session, look_id)
    if look.kind != LOOK or look.state != "done":
        raise Conflict("Hanya laporan yang selesai dapat diterapkan / Only a finished report can be applied")
    if applied(session, look_id) is not None:
        raise Conflict("Laporan ini sudah diterapkan / This report was applied already")
    current = rules_now(session)
    if look.result["rules"] != current:
        raise Conflict(
            f"Aturan {look.result['rules']} bukan yang berlaku ({current}); periksa ulang dengan aturan yang berlaku"
            f" / The rules {look.result['rules']} are not the live ones ({current}): look again with those",
            field="rules",
        )
    params = {"look": str(look_id), "reason": kept, "rules": current, "contest": look.params["contest"]}
    return errands.submit(session, principal, principal.user_id, APPLY, params)


def rules_now(session: Session) -> str:
    """The version of the rules that are live."""
    return live(session).rules.version


def applied(session: Session, look_id: uuid.UUID) -> Work | None:
    """The work that applies or applied this look and was not cancelled."""
    query = select(Work).where(Work.kind == APPLY, Work.state.not_in(("cancelled", "failed")))
    return next((row for row in session.scalars(query) if row.params.get("look") == str(look_id)), None)


# -- in the worker --------------------------------------------------------------------------------------------------


def look(services: Services, errand: Errand) -> dict[str, Any]:
    """Screen the chosen submissions again, one step each; the report counts what differs."""
    params = errand.params
    with services.sessions() as session:
        models = _models(services, session, params.get("draft"))
        chosen = choose(
            session, params["contest"], since=_moment(params["since"]), until=_moment(params["until"]),
            flagged=params["flagged"], limit=params["limit"],
        )  # fmt: skip
    errand.plan([str(one) for one in chosen], rules=models.rules.version)
    _require_same(errand, models)
    for number, subject in errand.waiting():
        found = _again(services, subject, models)
        with services.sessions() as session:
            errand.done(session, number, _stored(found))
            session.commit()
    outcomes = errand.outcomes()
    return {"rules": models.rules.version, "writes": sum(one["write"] for one in outcomes)} | summary_of(outcomes)


def write(services: Services, errand: Errand) -> dict[str, Any]:
    """Apply a look: each submission screened once more and written in the transaction that records its step."""
    with services.sessions() as session:
        principal = _starter(session, errand)
        models = live_models(services, session)
        found = session.scalars(
            select(WorkStep).where(WorkStep.work_id == uuid.UUID(errand.params["look"])).order_by(WorkStep.number)
        )
        chosen = [step.subject for step in found if step.outcome and step.outcome["write"]]
    errand.plan(chosen, rules=errand.params["rules"])
    _require_same(errand, models)
    for number, subject in errand.waiting():
        one = _again(services, subject, models)
        with services.sessions() as session:
            errand.fence(session)  # locks: the work before flags and the chain
            require_live(session, models.rules)
            effect = apply(session, principal, one)
            errand.done(session, number, {"effect": effect or "same", "written": effect is not None})
            session.commit()
    outcomes = errand.outcomes()
    effects = {name: sum(one["effect"] == name for one in outcomes) for name in {one["effect"] for one in outcomes}}
    return {"rules": models.rules.version, "written": sum(one["written"] for one in outcomes), "effects": effects}


def _again(services: Services, subject: str, models: Models) -> Again:
    return next(iter(again(services, [uuid.UUID(subject)], models)))


def _models(services: Services, session: Session, draft: int | None) -> Models:
    if draft is None:
        return live_models(services, session)
    return replace(services.models, rules=parse_rules(VERSIONS.get(session, draft).source.encode()))


def _require_same(errand: Errand, models: Models) -> None:
    """Raise Conflict where the rules are not those with which this work began: half of it would say something else."""
    begun = errand.notes()["rules"]
    if models.rules.version != begun:
        raise Conflict(
            f"Aturan berubah selama pekerjaan ({begun}, kini {models.rules.version}); mulai lagi"
            f" / The rules changed meanwhile ({begun}, now {models.rules.version}): begin again"
        )


def _starter(session: Session, errand: Errand) -> Principal:
    """Who asked, with the role of today."""
    user = session.get(User, errand.user_id) if errand.user_id else None
    if user is None or not user.active:
        raise NotAllowed("Yang memintanya tidak lagi aktif / Whoever asked for it is no longer active")
    principal = principal_of(user)
    principal.require("flag.coordinate")
    return principal


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# -- the report -----------------------------------------------------------------------------------------------------


def _stored(found: Again) -> dict[str, Any]:
    facts = asdict(found.difference)
    return facts | {"submission": str(found.difference.submission), "write": found.version is not None}


def difference_of(stored: Mapping[str, Any]) -> Difference:
    """A difference as a step has kept it."""
    after = stored["after"]
    before = Side(**stored["before"])
    return Difference(uuid.UUID(stored["submission"]), before, Side(**after) if after else None, stored["effect"])


def summary_of(outcomes: list[dict[str, Any]]) -> dict[str, Any]:
    """The report in counts, with some examples."""
    differences = [difference_of(one) for one in outcomes]
    counted: Report = report(differences)
    body = report_json(counted, differences)
    body["examples"] = body.pop("differences")[:EXAMPLES]
    return body
