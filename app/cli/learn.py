"""`netra calibrate`: what the decisions say of the machine. `netra rescreen`: what other rules would change."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from app.auth.principal import SYSTEM
from app.cli.console import bar, database, err, out
from app.db.contest_tables import ContestRow
from app.errors import BadInput
from app.review.figures import Scope
from app.review.groups import group_rates
from app.review.measures import Learning, Quality, figures_json, learning, quality
from app.rules.ruleset import load_rules, parse_rules
from app.screening.models import Models
from app.screening.reapply import apply as apply_again
from app.screening.rescreen import MOST, Again, Report, again, choose, report, report_json, require_live
from app.screening.rule_versions import VERSIONS
from app.screening.service import Services, live_models
from app.settings import settings
from app.stats.agreement import Kappa
from app.stats.calibration import Recall
from app.stats.durations import Durations
from app.stats.rates import ENOUGH, Rate
from app.stats.whatif import Estimate
from app.text.storable import storable

LITTLE = f"belum cukup data / not enough data (< {ENOUGH})"
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="day in UTC")]


def calibrate(
    context: typer.Context,
    contest: Annotated[str, typer.Option(help="one contest; without it all")] = "",
    since: Day = None,
    until: Day = None,
    limit: Annotated[int, typer.Option(help="the newest submissions and verdicts to count", min=1)] = 20_000,
    as_json: Annotated[bool, typer.Option("--json", help="every figure as one JSON object")] = False,
) -> None:
    """Precision per signal, reliability, recall, what-if and agreement, each with its interval."""
    if context.invoked_subcommand is not None:
        return
    scope = Scope(contest or None, _utc(since), _utc(until), limit)
    with database() as session:
        found, people = learning(session, scope), quality(session, scope)
        groups = group_rates(session, scope) if as_json else None
    if as_json:
        figures = {"learning": found, "quality": people, "groups": groups}
        typer.echo(json.dumps(figures_json(figures), ensure_ascii=False, indent=1))
        return
    _show_learning(found)
    _show_quality(people)


def _utc(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day else None


def _show_learning(found: Learning) -> None:
    read = f"{found.read} dari / of {found.screened} kiriman / submissions"
    table = Table(
        "sinyal / signal", "terkonfirmasi / confirmed", "presisi / precision", title=read, title_justify="left"
    )
    table.add_row("semua / whole", _counts(found.calibration.whole), percent(found.calibration.whole))
    for code, one in found.calibration.by_signal.items():
        table.add_row(code, _counts(one), percent(one))
    out.print(table)
    curve = Table("skor / score", "rata-rata / mean", "terkonfirmasi / confirmed", "bagian / share")
    for part in found.calibration.bins:
        span, mean = f"{part.low:.1f}–{part.high:.1f}", f"{part.predicted:.2f}"
        curve.add_row(span, mean, _counts(part.observed), percent(part.observed))
    out.print(curve)
    sample = _counts(found.recall.missed)
    out.print(f"Recall: {percent(found.recall)}; contoh acak / random sample {sample}", highlight=False)
    points = Table("ambang / threshold", "antrean / queue", "presisi / precision", "recall")
    for point in found.what_if:
        points.add_row(f"{point.threshold:.2f}", str(point.queued), percent(point.precision), percent(point.recall))
    out.print(points)


def _show_quality(found: Quality) -> None:
    table = Table(
        "peninjau / reviewer", "putusan / verdicts", "sepakat / agreement", "acuan / known", "median s", "p90 s",
        title=f"Kappa: {_kappa(found.kappa)}", title_justify="left",
    )  # fmt: skip
    for one in found.reviewers:
        row = (one.login, str(one.verdicts), percent(one.agreement), percent(one.gold))
        table.add_row(*row, *_seconds(one.handling))
    table.add_row("semua / all", "", "", "", *_seconds(found.handling))
    out.print(table)


def percent(one: Rate | Estimate | Recall) -> str:
    """A share with its interval, or that there is not enough to show one."""
    if not one.enough or one.value is None:
        return LITTLE
    return f"{one.value:.1%} ({one.low:.1%}–{one.high:.1%})"


def _counts(one: Rate) -> str:
    return f"{one.hits}/{one.total}"


def _kappa(one: Kappa) -> str:
    if not one.enough:
        return f"{LITTLE}: {one.pairs}"
    return f"{one.value:.2f} ({one.low:.2f}–{one.high:.2f}), n = {one.pairs}"


def _seconds(one: Durations) -> tuple[str, str]:
    if one.median is None or one.p90 is None:
        return "–", "–"
    return f"{one.median:.0f}", f"{one.p90:.0f}" if one.enough else "–"


def rescreen(
    contest: Annotated[str, typer.Option(help="whose submissions")],
    since: Day = None,
    until: Day = None,
    flagged: Annotated[bool | None, typer.Option("--flagged/--unflagged", help="only with a flag, or without")] = None,
    limit: Annotated[int, typer.Option(help="the newest submissions", min=1)] = MOST,
    rules: Annotated[Path | None, typer.Option(help="weights file to look at instead of the live rules")] = None,
    draft: Annotated[int | None, typer.Option(help="number of a draft to look at")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="write the result; only with the live rules")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask before writing")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="the report as JSON, every difference named")] = False,
) -> None:
    """Screen again what was screened, and report what differs. Nothing changes without --apply; decisions never do."""
    from app.main import open_services

    services = open_services(settings())
    try:
        with err.status("Membuka model / Opening the models…"):
            models = _models(services, rules, draft)
        with services.sessions() as session:
            if session.get(ContestRow, storable(contest)) is None:
                raise BadInput("Pemilihan ini tidak terdaftar / No such contest", field="contest")
            if apply:
                require_live(session, models.rules)
            chosen = choose(session, contest, since=_utc(since), until=_utc(until), flagged=flagged, limit=limit)
        with bar() as progress:
            work = progress.track(again(services, chosen, models), total=len(chosen), description="Menapis / Screening")
            results = [one if apply else replace(one, result=None) for one in work]
        differences = [one.difference for one in results]
        if as_json:
            typer.echo(json.dumps(report_json(report(differences), differences), ensure_ascii=False, indent=1))
        else:
            _show_report(report(differences), models.rules.version)
        if apply:
            _write(services, results, models, sure=yes)
    finally:
        services.engine.dispose()


def _models(services: Services, file: Path | None, draft: int | None) -> Models:
    """The models with the rules to look at: those of a file, of a draft, or the live ones."""
    if file is not None and draft is not None:
        raise BadInput("Sebut --rules atau --draft / Name --rules or --draft, not both", field="draft")
    if file is not None:
        return replace(services.models, rules=load_rules(file))
    with services.sessions() as session:
        if draft is not None:
            source = VERSIONS.get(session, draft).source
            return replace(services.models, rules=parse_rules(source.encode()))
        return live_models(services, session)


def _show_report(found: Report, version: str) -> None:
    titles = (("bands", found.bands), ("paslon", found.pairs), ("arah / direction", found.directions))
    table = Table("apa / what", "sebelum / before", "sesudah / after", "kiriman / submissions")
    table.title, table.title_justify = f"{found.submissions} kiriman / submissions, {version}", "left"
    for effect, count in found.effects.items():
        table.add_row(effect, "", "", str(count))
    for title, moves in titles:
        for (old, new), count in moves.items():
            table.add_row(title, old or "–", new or "–", str(count))
    out.print(table)


def _write(services: Services, results: list[Again], models: Models, *, sure: bool) -> None:
    """One transaction per submission: what is interrupted is continued by the same command."""
    waiting = [one for one in results if one.version is not None]
    if waiting and not sure:
        if not sys.stdin.isatty():
            raise BadInput("Tambahkan --yes untuk menulis / Add --yes to write", field="yes")
        typer.confirm(f"Tulis {len(waiting)} hasil? / Write {len(waiting)} results?", abort=True, err=True)
    written = 0
    with bar() as progress:
        for one in progress.track(waiting, description="Menulis / Writing"):
            with services.sessions() as session:
                require_live(session, models.rules)
                written += apply_again(session, SYSTEM, one) is not None
                session.commit()
    err.print(f"{written} hasil ditulis / results written", highlight=False)
