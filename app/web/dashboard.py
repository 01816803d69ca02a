"""The dashboard: how much comes and waits, how it is decided, and rates side by side. Reviewers see the volume."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.deps import ServicesDep, SessionDep, may
from app.api.kept import Kept, KeptDep
from app.api.statistics import board_of, volume_of
from app.auth.principal import Principal
from app.db.contest_tables import ContestRow, PaslonRow
from app.errors import NotFound
from app.review.overview import Due
from app.review.period import Period
from app.web.dashboard_view import cards, rate_panels, volume_panels
from app.web.exporting import export
from app.web.figures_page import Panel, PeriodDep, filter_context, kept_values
from app.web.listing import address
from app.web.page import language_of, render
from app.web.words import Words

router = APIRouter()
PATH = "/dasbor"
Reader = Annotated[Principal, may("flag.read")]


@router.get(PATH)
def dashboard(request: Request, session: SessionDep, kept: KeptDep, principal: Reader, period: PeriodDep) -> Response:
    """Reviewers (volume only), coordinators, admins, auditors."""
    t = language_of(request)
    volume = volume_of(kept, session, period)
    board = board_of(kept, session, period) if principal.may("figures.read") else None
    return render(
        request,
        "dashboard.html",
        principal,
        **filter_context(session, PATH, period, t, volume),
        cards=cards(volume.value, board.value if board else None, t),
        panels=panels(session, kept, principal, period, t),
        exports=kept_values(period),
        deadlines=_deadlines(session, volume.value.waiting.nearest, period, t),
        cut=t.plural("figures.cut", board.value.screened, read=t.number(board.value.read))
        if board and board.value.read < board.value.screened
        else "",
        address=address,
    )


@router.post(PATH + "/{bagian}.csv")
def download(
    request: Request,
    session: SessionDep,
    services: ServicesDep,
    kept: KeptDep,
    principal: Reader,
    period: PeriodDep,
    bagian: str,
) -> Response:
    """The data of one chart; reviewers those of the volume."""
    t = language_of(request)
    found = next((one for one in panels(session, kept, principal, period, t) if one.code == bagian), None)
    if found is None:
        raise NotFound("Bagian dasbor ini tidak ada / There is no such part of the dashboard")
    name, filters = f"dasbor-{found.code}", kept_values(period)
    return export(services, session, principal, t, name, found.columns, filters, lambda _: found.plain)


def panels(session: Session, kept: Kept, principal: Principal, period: Period, t: Words) -> list[Panel]:
    """The charts that this person may see."""
    shown = volume_panels(volume_of(kept, session, period).value, t)
    if principal.may("figures.read"):
        shown += rate_panels(board_of(kept, session, period).value, _pair_names(session, period, t), t)
    return shown


def _pair_names(session: Session, period: Period, t: Words) -> dict[str, str]:
    query = select(PaslonRow.id, PaslonRow.number, ContestRow.name).join(ContestRow)
    if period.contest:
        query = query.where(ContestRow.id == period.contest)
    return {
        pair: f"{t('pair.numbered', number=number if number is not None else '–')} · {contest}"
        for pair, number, contest in session.execute(query)
    }


def _deadlines(session: Session, due: tuple[Due, ...], period: Period, t: Words) -> list[dict[str, object]]:
    names = {row.id: row.name for row in session.execute(select(ContestRow.id, ContestRow.name))} if due else {}
    return [
        {
            "id": one.flag,
            "short": str(one.flag)[:8],
            "contest": names.get(one.contest, one.contest),
            "band": one.band,
            "due_on": t.day(one.due_on),
            "late": one.due_on < period.today,
        }
        for one in due
    ]
