"""Calibration: what people's decisions say of scores and signals, and what another threshold would mean."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.deps import SessionDep, may
from app.api.kept import Kept, KeptDep
from app.api.statistics import THRESHOLDS, learning_of
from app.auth.principal import Principal
from app.errors import AppError, BadInput, Conflict
from app.i18n import translator
from app.review.measures import Learning
from app.review.period import Period
from app.rules.revise import with_bands
from app.screening import rule_versions
from app.stats.calibration import Bin
from app.stats.rates import Rate
from app.stats.whatif import Estimate, Point
from app.web.charts import Bar, Format, Mark, bars, reliability
from app.web.figures_page import Card, Panel, PeriodDep, filter_context, kept_values
from app.web.listing import address
from app.web.page import language_of, render, see_other
from app.web.plots import At, curve
from app.web.rates import counted, little, percent, score, share
from app.web.words import Words

router = APIRouter()
PATH = "/kalibrasi"
Reader = Annotated[Principal, may("figures.read")]
Changer = Annotated[Principal, may("rules.change")]
Text = Annotated[str, Form()]


@router.get(PATH)
def calibration(
    request: Request, session: SessionDep, kept: KeptDep, principal: Reader, period: PeriodDep, ambang: str = ""
) -> Response:
    """Coordinators, admins, auditors."""
    return _draw(request, session, kept, principal, period, ambang)


@router.post(PATH + "/rancangan")
def draft(
    request: Request,
    session: SessionDep,
    kept: KeptDep,
    principal: Changer,
    period: PeriodDep,
    ambang: Text = "",
    alasan: Text = "",
) -> Response:
    """Coordinators: a draft of the live rules with this threshold. It applies only once somebody publishes it."""
    try:
        live = rule_versions.live(session)
        threshold = _threshold(ambang)
        if threshold == live.rules.bands["low"]:
            raise Conflict("Ambang ini sudah berlaku / This threshold is live already")
        source = with_bands(live.source, {"low": threshold})
        row = rule_versions.draft(session, principal, source, alasan)
        session.commit()
    except AppError as error:
        session.rollback()
        return _draw(request, session, kept, principal, period, ambang, error, alasan)
    return see_other(f"/aturan/{row.id}")


def _threshold(text: str) -> float:
    """A threshold of two decimals, written with a point or a comma. Raises BadInput."""
    try:
        found = round(float(text.strip().replace(",", ".")), 2)
    except ValueError:
        found = 0.0
    if found not in THRESHOLDS:
        raise BadInput("Pilih ambang antara 0,01 dan 0,99 / Choose a threshold from 0.01 to 0.99", field="ambang")
    return found


def _draw(
    request: Request,
    session: Session,
    kept: Kept,
    principal: Principal,
    period: Period,
    chosen: str,
    error: AppError | None = None,
    reason: str = "",
) -> Response:
    t = language_of(request)
    figures = learning_of(kept, session, period)
    found, bands = figures.value, rule_versions.live(session).rules.bands
    try:
        threshold = _threshold(chosen) if chosen else bands["low"]
    except BadInput as wrong:
        threshold, error = bands["low"], error or wrong
    points = {round(point.threshold * 100): point for point in found.what_if}
    return render(
        request,
        "calibration.html",
        principal,
        status=error.status if error else 200,
        **filter_context(session, PATH, period, t, figures),
        cards=_cards(found, t),
        panels=[_signals(found, t), _reliability(found, t)],
        curves=_curves(found, threshold, t),
        threshold=threshold,
        threshold_text=score(threshold, t),
        now=score(bands["low"], t),
        medium=bands["medium"],
        medium_text=score(bands["medium"], t),
        point=_point(points[round(threshold * 100)], t) if round(threshold * 100) in points else None,
        points=json.dumps({str(key): _point(point, t) for key, point in points.items()}, ensure_ascii=False),
        may_draft=principal.may("rules.change"),
        draft_action=address(f"{PATH}/rancangan", kept_values(period)),
        kept=kept_values(period),
        reason=reason,
        problem=t.one_of(error.detail) if error else "",
        little=little(t),
        cut=t.plural("figures.cut", found.screened, read=t.number(found.read)) if found.read < found.screened else "",
        has_data=bool(found.read),
    )


def _cards(found: Learning, t: Words) -> list[Card]:
    whole, missed = found.calibration.whole, found.recall.missed
    return [
        Card(t("figures.precision"), share(whole, t), t("figures.confirmed_note", counted=counted(whole, t))),
        Card(t("figures.recall"), share(found.recall, t), t("figures.sample_note", counted=counted(missed, t))),
        Card(t("figures.read"), t.number(found.read), t("figures.read_note")),
    ]


def _point(point: Point, t: Words) -> dict[str, str]:
    """What a threshold would mean, in words."""
    return {
        "ambang": score(point.threshold, t),
        "antrean": t.number(point.queued),
        "presisi": share(point.precision, t),
        "recall": share(point.recall, t),
    }


def _signals(found: Learning, t: Words) -> Panel:
    """Precision of every signal that spoke for a decided item."""
    labels = translator(t.language)
    named = [
        (labels(f"label.{code}") if labels.has(f"label.{code}") else code, one)
        for code, one in found.calibration.by_signal.items()
    ]
    drawn = [
        Bar(name, one.value, one.low, one.high, percent(one.value, t))
        if one.enough and one.value is not None
        else Bar(name, None, 0.0, 0.0, t("figures.little_short", hits=one.hits, total=one.total))
        for name, one in named
    ]
    title = t("figures.by_signal")
    head = tuple(t(f"figures.{key}") for key in ("signal", "confirmed", "precision"))
    return Panel(
        "presisi", title, t("figures.by_signal_about"), t("figures.by_signal_empty"),
        bars(drawn, title, "", lambda value: percent(value, t), 1.0), head,
        [(name, counted(one, t), share(one, t)) for name, one in named], (), (),
    )  # fmt: skip


def _reliability(found: Learning, t: Words) -> Panel:
    """Observed share over mean score."""

    def mark(part: Bin) -> Mark:
        one: Rate = part.observed
        return Mark(part.predicted, one.value or 0.0, one.low, one.high, one.total, one.enough)

    title = t("figures.reliability")
    chart = reliability(
        [mark(part) for part in found.calibration.bins], title, "", lambda value: score(value, t),
        (t("figures.mean_score"), t("figures.confirmed_share")),
    )  # fmt: skip
    head = tuple(t(f"figures.{key}") for key in ("span", "mean_score", "confirmed", "confirmed_share"))
    rows = [
        (
            f"{score(part.low, t)}–{score(part.high, t)}", score(part.predicted, t), counted(part.observed, t),
            share(part.observed, t),
        )
        for part in found.calibration.bins
    ]  # fmt: skip
    return Panel(
        "keandalan", title, t("figures.reliability_about"), t("figures.by_signal_empty"), chart, head, rows, (), ()
    )


def _curves(found: Learning, threshold: float, t: Words) -> list[dict[str, Any]]:
    """Queue, precision and recall over the threshold."""
    queued = [At(point.threshold, point.queued, point.queued, point.queued) for point in found.what_if]
    precision = [_at(point.threshold, point.precision) for point in found.what_if]
    recall = [_at(point.threshold, point.recall) for point in found.what_if]

    def drawn(name: str, points: list[At], written: Format, top: float | None) -> dict[str, Any]:
        title = t(f"figures.curve.{name}")
        chart = curve(points, title, written, threshold, lambda value: score(value, t), top)
        return {"title": title, "known": any(point.y is not None for point in points), "chart": chart}

    def shares(value: float) -> str:
        return percent(value, t)

    return [
        drawn("antrean", queued, t.number, None),
        drawn("presisi", precision, shares, 1.0),
        drawn("recall", recall, shares, 1.0),
    ]


def _at(threshold: float, found: Estimate) -> At:
    return At(threshold, found.value if found.enough else None, found.low, found.high)
