"""The panels of the dashboard: each a chart with its data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from markupsafe import Markup

from app.review.board import Board
from app.review.groups import FEWEST, Agency, Group
from app.review.overview import AGES, Day, Volume
from app.stats.rates import Rate
from app.web.charts import Bar, bars, multiples
from app.web.exporting import Cell
from app.web.figures_page import Card, Panel
from app.web.plots import Column, columns
from app.web.rates import counted, handling, percent, share
from app.web.words import Words

MOST_DAYS = 92
"""With more days than this a column stands for a week."""
MOST_BARS = 12
UNKNOWN = "–"
RATE_COLUMNS = tuple(f"{rate}_{part}" for rate in ("flagged", "confirmed") for part in ("hits", "total", "low", "high"))


def cards(volume: Volume, board: Board | None, t: Words) -> list[Card]:
    """The figures on top; without a board only those of the volume."""
    waiting = volume.waiting
    found = [
        Card(t("figures.waiting"), t.number(waiting.items), t("figures.waiting_now")),
        Card(t("figures.overdue"), t.number(waiting.overdue), t("figures.overdue_note")),
        Card(t("figures.soon"), t.number(waiting.soon), t("figures.soon_note")),
    ]
    if board is not None:
        whole = board.groups.whole.confirmed
        median, slow = handling(board.handling, t)
        found += [
            Card(t("figures.confirmed"), share(whole, t), t("figures.confirmed_note", counted=counted(whole, t))),
            Card(t("figures.median"), median, t("figures.p90", p90=slow)),
        ]
    return found


# -- volume ---------------------------------------------------------------------------------------------------------


def volume_panels(volume: Volume, t: Words) -> list[Panel]:
    """Posts, items and verdicts per day; what waits, by age."""
    days = [one for one in volume.days if one.received or one.raised or one.verdicts]
    spans = _spans(volume.days)
    named = [(_span(span, t), sum(one.received for one in span), sum(one.raised for one in span)) for span in spans]
    posts = [Column(label, received, raised) for label, received, raised in named]
    verdicts = [Column(_span(span, t), sum(one.verdicts or 0 for one in span), None) for span in spans]
    head = tuple(t(f"figures.{key}") for key in ("day", "received", "raised", "verdicts"))
    rows = [(t.day(d.day), t.number(d.received), t.number(d.raised), _number(d.verdicts, t)) for d in reversed(days)]
    plain: list[tuple[Cell, ...]] = [(one.day, one.received, one.raised, one.verdicts) for one in days]
    empty = t("figures.volume_empty")
    legend = (("whole", t("figures.received")), ("part", t("figures.raised")))
    name, done = t("figures.volume"), t("figures.verdicts_per_day")
    decided = [(one.day, one.verdicts) for one in days if one.verdicts]
    return [
        Panel(
            "volume", name, t("figures.volume_about"), empty, columns(posts, name, t.number), head, rows,
            ("day", "received", "raised", "verdicts"), plain, legend,
        ),
        Panel(
            "putusan", done, t("figures.verdicts_about"), t("figures.verdicts_empty"),
            columns(verdicts, done, t.number), (head[0], head[3]),
            [(t.day(day), t.number(count)) for day, count in reversed(decided)], ("day", "verdicts"), decided,
        ),
        _ages(volume, t),
    ]  # fmt: skip


def _spans(days: tuple[Day, ...]) -> list[tuple[Day, ...]]:
    step = 1 if len(days) <= MOST_DAYS else 7
    return [days[start : start + step] for start in range(0, len(days), step)]


def _span(days: tuple[Day, ...], t: Words) -> str:
    return t.short_day(days[0].day)


def _number(value: int | None, t: Words) -> str:
    return UNKNOWN if value is None else t.number(value)


def _ages(volume: Volume, t: Words) -> Panel:
    edges = (0, *AGES)
    names = [t("figures.age_span", low=low, high=high) for low, high in zip(edges, AGES, strict=False)]
    names.append(t("figures.age_over", n=AGES[-1]))
    ages = list(zip(names, volume.waiting.ages, strict=True))
    drawn = [Bar(name, count, count, count, t.number(count)) for name, count in ages]
    title = t("figures.ages")
    rows = [(name, t.number(count)) for name, count in ages] if volume.waiting.items else []
    return Panel(
        "usia", title, t("figures.ages_about"), t("figures.ages_empty"), bars(drawn, title, "", t.number),
        (t("figures.age"), t("figures.items")), rows, ("age", "items"), ages,
    )  # fmt: skip


# -- rates ----------------------------------------------------------------------------------------------------------


def rate_panels(board: Board, pairs: Mapping[str, str], t: Words) -> list[Panel]:
    """Signals, the random sample, and rates side by side, so that a bias would show. `pairs` names pairs by id."""
    groups = board.groups
    named = [Group(pairs.get(one.name, one.name), one.flagged, one.confirmed) for one in groups.pairs]
    return [
        _kinds(board, t),
        _sample(board, t),
        _pairs(named, t),
        _grouped("wilayah", groups.regions, t),
        _grouped("platform", [replace(one, name=_platform(one.name, t)) for one in groups.platforms], t),
        _agencies(groups.agencies, t),
    ]


def _pairs(groups: list[Group], t: Words) -> Panel:
    """A small chart for each pair, all on one axis."""
    shown = sorted(groups, key=lambda one: -one.flagged.hits)[:MOST_BARS]
    drawn = [
        (one.name, [_bar(t("figures.flagged"), one.flagged, t), _bar(t("figures.confirmed"), one.confirmed, t)])
        for one in sorted(shown, key=lambda one: one.name)
    ]
    chart = multiples(drawn, t("figures.pairs"), lambda value: percent(value, t), 1.0)
    return _panel("paslon", groups, chart, t)


def _grouped(code: str, groups: Iterable[Group], t: Words) -> Panel:
    """One chart per rate with a bar for each group, both on the same axis."""
    named = [Group(one.name or t("figures.unnamed"), one.flagged, one.confirmed) for one in groups]
    shown = sorted(named, key=lambda one: -one.flagged.total)[:MOST_BARS]
    drawn = [
        (t("figures.flagged_of"), [_bar(one.name, one.flagged, t) for one in shown]),
        (t("figures.confirmed_of"), [_bar(one.name, one.confirmed, t) for one in shown]),
    ]
    chart = multiples(drawn, t(f"figures.{code}"), lambda value: percent(value, t), 1.0)
    return _panel(code, named, chart, t)


def _platform(code: str, t: Words) -> str:
    return t.either(f"platform.{code}", code)


def _panel(code: str, groups: Iterable[Group], chart: Markup, t: Words) -> Panel:
    found = list(groups)
    rows = [
        (g.name, counted(g.flagged, t), share(g.flagged, t), counted(g.confirmed, t), share(g.confirmed, t))
        for g in found
    ]
    plain = [(one.name, *_plain(one.flagged), *_plain(one.confirmed)) for one in found]
    return Panel(
        code, t(f"figures.{code}"), t(f"figures.{code}_about"), t("figures.rates_empty"), chart, _head(code, t), rows,
        ("name", *RATE_COLUMNS), plain, wide=True,
    )  # fmt: skip


def _head(code: str, t: Words) -> tuple[str, ...]:
    keys = ("flagged", "flagged_of", "confirmed", "confirmed_of")
    return (t(f"figures.{code}_one"), *(t(f"figures.{key}") for key in keys))


def _bar(name: str, found: Rate | None, t: Words) -> Bar:
    if found is None:
        return Bar(name, None, 0.0, 0.0, t("figures.few", n=FEWEST))
    if not found.enough or found.value is None:
        return Bar(name, None, 0.0, 0.0, t("figures.little_short", hits=found.hits, total=found.total))
    return Bar(name, found.value, found.low, found.high, f"{percent(found.value, t)}")


def _plain(found: Rate | None) -> tuple[Cell, ...]:
    if found is None:
        return (None, None, None, None)
    return (found.hits, found.total, round(found.low, 4), round(found.high, 4))


def _agencies(agencies: tuple[Agency, ...], t: Words) -> Panel:
    """Agencies; what could point to a person is left out."""
    named = [
        Agency(one.name or t("figures.other_agencies"), one.screened, one.flagged, one.confirmed) for one in agencies
    ]
    shown = named[:MOST_BARS]
    drawn = [
        (t("figures.flagged_of"), [_bar(one.name, one.flagged, t) for one in shown]),
        (t("figures.confirmed_of"), [_bar(one.name, one.confirmed, t) for one in shown]),
    ]
    few = t("figures.few", n=FEWEST)
    rows = [
        (one.name, t.number(one.screened), *(few if found is None else f"{counted(found, t)} · {share(found, t)}"
                                             for found in (one.flagged, one.confirmed)))
        for one in named
    ]  # fmt: skip
    head = tuple(t(f"figures.{key}") for key in ("instansi_one", "screened", "flagged_of", "confirmed_of"))
    return Panel(
        "instansi", t("figures.instansi"), t("figures.instansi_about", n=FEWEST), t("figures.rates_empty"),
        multiples(drawn, t("figures.instansi"), lambda value: percent(value, t), 1.0), head, rows,
        ("name", "screened", *RATE_COLUMNS),
        [(one.name, one.screened, *_plain(one.flagged), *_plain(one.confirmed)) for one in named], wide=True,
    )  # fmt: skip


def _kinds(board: Board, t: Words) -> Panel:
    found = board.kinds
    named = [(t.either(f"kind.{kind}", kind), count) for kind, count in found.counts.items()]
    drawn = [Bar(name, count, count, count, t.number(count)) for name, count in named]
    title = t("figures.kinds")
    return Panel(
        "sinyal", title, t.plural("figures.kinds_about", found.items), t("figures.kinds_empty"),
        bars(drawn, title, "", t.number), (t("figures.kind"), t("figures.items")),
        [(name, t.number(count)) for name, count in named], ("kind", "items"), named,
    )  # fmt: skip


def _sample(board: Board, t: Words) -> Panel:
    """What the random sample of unflagged posts says: how much is missed, and the recall to expect."""
    found, missed = board.recall, board.recall.missed
    drawn = [
        _bar(t("figures.missed"), missed, t),
        Bar(t("figures.recall"), found.value, found.low, found.high, percent(found.value, t))
        if found.enough and found.value is not None
        else Bar(t("figures.recall"), None, 0.0, 0.0, t("figures.little")),
    ]
    title = t("figures.sample")
    rows = [
        (t("figures.missed"), counted(missed, t), share(missed, t)),
        (t("figures.recall"), UNKNOWN, share(found, t)),
    ]
    recall = (round(found.value, 4) if found.value is not None and found.enough else None, None)
    plain: list[tuple[Cell, ...]] = [
        ("missed", *_plain(missed)),
        ("recall", *recall, round(found.low, 4), round(found.high, 4)),
    ]
    return Panel(
        "contoh-acak", title, t("figures.sample_about"), t("figures.sample_empty"),
        bars(drawn, title, "", lambda value: percent(value, t), 1.0),
        (t("figures.what"), t("figures.cases"), t("figures.estimate")), rows if missed.total else [],
        ("figure", "hits", "total", "low", "high"), plain, wide=True,
    )  # fmt: skip
