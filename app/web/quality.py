"""The quality of reviewing: agreement, known cases, kappa, handling times. Reviewers see their own row only."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.api.deps import ServicesDep, SessionDep, may
from app.api.kept import KeptDep
from app.api.statistics import LEARNED, own, quality_of
from app.auth.principal import Principal
from app.review.measures import Reviewer
from app.web.exporting import Cell, export
from app.web.figures_page import PeriodDep, filter_context, kept_values
from app.web.listing import address
from app.web.page import language_of, render
from app.web.rates import counted, handling, kappa, little, percent, share
from app.web.words import Words

router = APIRouter()
PATH = "/mutu"
Reader = Annotated[Principal, may("quality.read")]
COLUMNS = (
    "reviewer", "verdicts", "agreement_hits", "agreement_total", "known_hits", "known_total", "timed", "median_seconds",
    "p90_seconds",
)  # fmt: skip


@router.get(PATH)
def quality(request: Request, session: SessionDep, kept: KeptDep, principal: Reader, period: PeriodDep) -> Response:
    """Reviewers (their own row), coordinators, auditors."""
    t = language_of(request)
    kept_figures = quality_of(kept, session, period)
    found = own(kept_figures.value, principal)
    median, slow = handling(found.handling, t)
    return render(
        request,
        "quality.html",
        principal,
        **filter_context(session, PATH, period, t, kept_figures),
        rows=[_row(one, t) for one in found.reviewers],
        kappa=kappa(found.kappa, t),
        pairs=t.plural("figures.pairs_of_verdicts", found.kappa.pairs),
        observed=percent(found.kappa.observed, t) if found.kappa.enough else "–",
        by_chance=percent(found.kappa.by_chance, t) if found.kappa.enough else "–",
        median=median,
        slow=slow,
        little=little(t),
        most=t.number(LEARNED),
        alone=principal.role == "reviewer",
        export=address(f"{PATH}.csv", kept_values(period)),
    )


@router.post(PATH + ".csv")
def download(
    request: Request,
    session: SessionDep,
    services: ServicesDep,
    kept: KeptDep,
    principal: Reader,
    period: PeriodDep,
) -> Response:
    """The rows that this person may see, as counts."""
    found = own(quality_of(kept, session, period).value, principal)
    rows = [_plain(one) for one in found.reviewers]
    t, filters = language_of(request), kept_values(period)
    return export(services, session, principal, t, "mutu", COLUMNS, filters, lambda _: rows)


def _row(one: Reviewer, t: Words) -> dict[str, str]:
    median, slow = handling(one.handling, t)
    return {
        "login": one.login,
        "verdicts": t.number(one.verdicts),
        "agreement": share(one.agreement, t),
        "agreement_of": counted(one.agreement, t),
        "gold": share(one.gold, t),
        "gold_of": counted(one.gold, t),
        "median": median,
        "slow": slow,
    }


def _plain(one: Reviewer) -> tuple[Cell, ...]:
    times = one.handling
    return (
        one.login, one.verdicts, one.agreement.hits, one.agreement.total, one.gold.hits, one.gold.total, times.count,
        times.median, times.p90 if times.enough else None,
    )  # fmt: skip
