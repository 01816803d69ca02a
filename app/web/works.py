"""Long work in the console: starting a rescreen, its progress, its report, applying it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.deps import ServicesDep, SessionDep, may, services_of
from app.auth.principal import Principal
from app.db.contest_tables import ContestRow, PaslonRow
from app.db.flag_tables import Flag
from app.db.office_tables import Work
from app.db.rule_tables import RuleVersion
from app.errors import AppError, BadInput
from app.jobs import errands
from app.office import reembedding, rescreening
from app.roster.reembed import model_in_use, states
from app.screening.rescreen import MOST
from app.web.page import language_of, render, see_other
from app.web.words import Words

router = APIRouter(prefix="/pekerjaan")
ZONE = "Asia/Jakarta"
BLANK = {"contest": "", "since": "", "until": "", "flagged": "", "limit": str(MOST), "draft": ""}
FLAGGED = {"": None, "ya": True, "tidak": False}
Text = Annotated[str, Form()]
Manager = Annotated[Principal, may("queue.manage")]
Coordinator = Annotated[Principal, may("flag.coordinate")]
Keeper = Annotated[Principal, may("roster.write")]


@router.get("")
def works(request: Request, session: SessionDep, principal: Manager) -> Response:
    """Coordinators and admins."""
    return _list(request, session, principal, BLANK)


@router.post("/periksa-ulang")
def start(
    request: Request,
    session: SessionDep,
    principal: Coordinator,
    contest: Text = "",
    since: Text = "",
    until: Text = "",
    flagged: Text = "",
    limit: Text = str(MOST),
    draft: Text = "",
) -> Response:
    """Coordinators: screen again, and look at what would differ."""
    given = {
        "contest": contest, "since": since, "until": until, "flagged": flagged, "limit": limit, "draft": draft,
    }  # fmt: skip
    try:
        row = rescreening.ask_to_look(
            session, principal, contest,
            since=_day("since", since), until=_day("until", until, after=True), flagged=FLAGGED.get(flagged),
            limit=_whole("limit", limit) or MOST, draft=_whole("draft", draft),
        )  # fmt: skip
        session.commit()
    except AppError as error:
        session.rollback()
        return _list(request, session, principal, given, error)
    return see_other(f"/pekerjaan/{row.id}")


@router.post("/foto-acuan")
def start_photos(request: Request, session: SessionDep, services: ServicesDep, principal: Keeper) -> Response:
    """Coordinators and admins: embed the reference photos of another pack anew."""
    try:
        row = reembedding.ask_to_reembed(session, services.settings, principal)
        session.commit()
    except AppError as error:
        session.rollback()
        return _list(request, session, principal, BLANK, error)
    return see_other(f"/pekerjaan/{row.id}")


@router.get("/{work_id}")
def one(request: Request, session: SessionDep, principal: Manager, work_id: UUID) -> Response:
    """Coordinators and admins: progress, then the result."""
    return _one(request, session, principal, work_id)


@router.post("/{work_id}/batal")
def cancel(request: Request, session: SessionDep, principal: Manager, work_id: UUID) -> Response:
    """Coordinators and admins: end it."""
    try:
        errands.cancel(session, principal, work_id)
        session.commit()
    except AppError as error:
        session.rollback()
        return _one(request, session, principal, work_id, error)
    return see_other(f"/pekerjaan/{work_id}")


@router.post("/{work_id}/terapkan")
def apply(request: Request, session: SessionDep, principal: Coordinator, work_id: UUID, reason: Text = "") -> Response:
    """Coordinators: write what a finished look found, for a reason."""
    try:
        row = rescreening.ask_to_apply(session, principal, work_id, reason)
        session.commit()
    except AppError as error:
        session.rollback()
        return _one(request, session, principal, work_id, error)
    return see_other(f"/pekerjaan/{row.id}")


@router.post("/{work_id}/dilihat")
def seen(session: SessionDep, principal: Manager, work_id: UUID) -> Response:
    """Whoever started it: the notice has been seen."""
    errands.take_note(session, principal.user_id, work_id)
    session.commit()
    return see_other(f"/pekerjaan/{work_id}")


# -- drawing --------------------------------------------------------------------------------------------------------


def _list(
    request: Request, session: Session, principal: Principal, given: dict[str, str], error: AppError | None = None
) -> Response:
    t = language_of(request)
    rows = [_row(session, row, t) for row in errands.listed(session)]
    drafts = session.scalars(select(RuleVersion).where(RuleVersion.state == "draft").order_by(RuleVersion.id.desc()))
    return render(
        request,
        "works.html",
        principal,
        status=error.status if error else 200,
        rows=rows,
        busy=any(row["open"] for row in rows),
        may_start=principal.may("flag.coordinate"),
        photos=_photos(request, session, t),
        contests=session.scalars(select(ContestRow).order_by(ContestRow.name)).all(),
        drafts=drafts.all(),
        given=given,
        most=rescreening.MOST_AT_ONCE,
        errors={error.field or "form": t.one_of(error.detail)} if error else {},
    )


def _photos(request: Request, session: Session, t: Words) -> dict[str, Any]:
    """Which contests have reference photos of another pack than the one in use."""
    model = model_in_use(services_of(request).settings)
    rows = [one for one in states(session, model) if one.behind] if model else []
    return {
        "model": model,
        "rows": [
            (one.contest, one.name, t("works.photos_of", behind=t.number(one.behind), photos=t.number(one.photos)))
            for one in rows
        ],
    }


def _one(
    request: Request, session: Session, principal: Principal, work_id: UUID, error: AppError | None = None
) -> Response:
    t = language_of(request)
    row = errands.get_work(session, work_id)
    is_look = row.kind == rescreening.LOOK
    follower = rescreening.applied(session, row.id) if is_look else None
    done = is_look and row.state == "done"
    return render(
        request,
        "work.html",
        principal,
        status=error.status if error else 200,
        work=_row(session, row, t),
        report=_report(session, row.result, t) if done else None,
        applied=str(follower.id) if follower else "",
        may_apply=done
        and follower is None
        and principal.may("flag.coordinate")
        and row.result["writes"] > 0
        and row.result["rules"] == rescreening.rules_now(session),
        live=not done or row.result["rules"] == rescreening.rules_now(session),
        look_id=row.params.get("look", ""),
        least_reason=rescreening.LEAST_REASON,
        errors={error.field or "form": t.one_of(error.detail)} if error else {},
    )


def _row(session: Session, row: Work, t: Words) -> dict[str, Any]:
    contest = session.get(ContestRow, row.params["contest"]) if row.params.get("contest") else None
    return {
        "id": str(row.id),
        "kind": row.kind,
        "login": row.login,
        "state": row.state,
        "open": row.state in errands.OPEN,
        "contest": contest.name if contest else "",
        "rules": row.result.get("rules", ""),
        "reason": row.params.get("reason", ""),
        "done": row.done,
        "total": row.total,
        "percent": round(100 * row.done / row.total) if row.total else 0,
        "progress": t("work.progress", done=t.number(row.done), total=t.number(row.total)) if row.total else "",
        "failure": t.one_of(row.failure or ""),
        "made": t.moment(row.made_at, ZONE),
        "ended": t.moment(row.ended_at, ZONE) if row.ended_at else "",
        "result": row.result,
    }


def _report(session: Session, result: dict[str, Any], t: Words) -> dict[str, Any]:
    """The difference report, worded; pairs by their numbers, examples with a link to their item."""
    ids = [UUID(one["submission"]) for one in result["examples"]]
    found = session.execute(select(Flag.submission_id, Flag.id).where(Flag.submission_id.in_(ids)))
    flags: dict[UUID, UUID] = dict(found.all())
    pairs: dict[str, int | None] = dict(session.execute(select(PaslonRow.id, PaslonRow.number)).all())
    named = {"bands": lambda code: t(f"band.{code}"), "directions": lambda code: t.either(f"direction.{code}", code)}
    named["pairs"] = lambda code: str(pairs.get(code) or "–")
    moves = [
        {
            "what": what,
            "before": named[what](move["before"]) if move["before"] else "–",
            "after": named[what](move["after"]) if move["after"] else "–",
            "count": t.number(move["count"]),
        }
        for what in ("bands", "pairs", "directions")
        for move in result[what]
    ]
    examples = [
        {
            "id": one["submission"][:8],
            "flag": flags.get(UUID(one["submission"])),
            "effect": one["effect"],
            "before": t(f"band.{one['before']['band']}"),
            "after": t(f"band.{one['after']['band']}") if one["after"] else "–",
        }
        for one in result["examples"]
    ]
    effects = [(code, t.number(count)) for code, count in result["effects"].items()]
    return {
        "submissions": t.number(result["submissions"]),
        "effects": effects,
        "moves": moves,
        "examples": examples,
        "differing": sum(count for code, count in result["effects"].items() if code != "same"),
    }


def _day(name: str, text: str, *, after: bool = False) -> datetime | None:
    """The beginning of a day in the capital's zone, or of the day after it; None for no day."""
    if not text.strip():
        return None
    try:
        day = datetime.fromisoformat(text.strip()).date() + timedelta(days=after)
    except (ValueError, OverflowError) as error:
        raise BadInput("Tulis tanggal seperti 2029-09-02 / Write a date like 2029-09-02", field=name) from error
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


def _whole(name: str, text: str) -> int | None:
    if not text.strip():
        return None
    try:
        number = int(text)
    except ValueError as error:
        raise BadInput("Tulis bilangan bulat / Write a whole number", field=name) from error
    if not 0 <= number < 2**31:
        raise BadInput("Angka di luar batas / The number is out of range", field=name)
    return number
