"""Rates per pair, region, platform and agency, side by side, so that a bias would show; counted by the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy import Subquery, case, func, select
from sqlalchemy.orm import Session

from app.db.contest_tables import ContestRow
from app.db.flag_tables import Flag
from app.db.submission_tables import Submission
from app.review.figures import OUTCOMES, Scope, outcomes, within
from app.stats.calibration import Recall, recall
from app.stats.rates import Rate, rate

FEWEST = 5
"""A count of an agency below this is not shown: it could point to a person."""
MOST_AGENCIES = 40
"""Agencies that are shown one by one, those with the most submissions; the others are counted together."""
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Cell:
    """`count` screened submissions that have everything else in common. `flagged`: by the rules; `sampled`: drawn from
    what they did not flag; `confirmed` is None while open."""

    contest: str
    region: str
    platform: str
    agency: str
    paslon: str | None
    flagged: bool
    sampled: bool
    confirmed: bool | None
    count: int


@dataclass(frozen=True, slots=True)
class Group:
    """A platform, region or pair: how much of what was screened the rules flagged, how much of that was confirmed."""

    name: str
    flagged: Rate
    confirmed: Rate


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency as it was typed in, "" for all that are not shown alone. `flagged` and `confirmed` are None where fewer
    than FEWEST cases stand behind them."""

    name: str
    screened: int
    flagged: Rate | None
    confirmed: Rate | None


@dataclass(frozen=True, slots=True)
class GroupRates:
    """The same rates for the whole, and per platform, region, pair and agency."""

    whole: Group
    platforms: tuple[Group, ...]
    regions: tuple[Group, ...]
    pairs: tuple[Group, ...]
    agencies: tuple[Agency, ...]


def group_rates(session: Session, scope: Scope) -> GroupRates:
    """The rates of the scope."""
    return group_rates_of(load_cells(session, scope))


def load_cells(session: Session, scope: Scope) -> list[Cell]:
    """The screened submissions of the scope, its newest `limit`, counted by what they have in common."""
    newest = _newest(scope)
    closed = case((Flag.state == "closed", Flag.id))  # what was decided of these stands in their events only
    columns = (newest.c.contest_id, newest.c.platform, newest.c.agency, Flag.paslon_id, Flag.origin, Flag.state, closed)
    joined = newest.outerjoin(Flag, Flag.submission_id == newest.c.id)
    counted = session.execute(select(*columns, func.count()).select_from(joined).group_by(*columns)).all()
    regions = {row.id: row.region_name for row in session.execute(select(ContestRow.id, ContestRow.region_name))}
    confirmed = outcomes(session, [row[6] for row in counted if row[6] is not None])
    return [
        Cell(
            contest, regions[contest], platform, agency, paslon, origin == "rules", origin == "sample",
            OUTCOMES.get(state) if flag is None else confirmed.get(flag), count,
        )
        for contest, platform, agency, paslon, origin, state, flag, count in counted
    ]  # fmt: skip


def _newest(scope: Scope) -> Subquery:
    columns = (Submission.id, Submission.platform, Submission.contest_id, Submission.agency)
    query = select(*columns).where(*within(scope), Submission.state == "screened")
    return query.order_by(Submission.received_at.desc()).limit(scope.limit).subquery()


def group_rates_of(cells: Sequence[Cell]) -> GroupRates:
    """A pair's rate of flags is counted over everything screened for its contest: all pairs of a contest share it."""
    return GroupRates(
        _group("", cells, sum(cell.count for cell in cells)),
        _groups(cells, lambda cell: cell.platform),
        _groups(cells, lambda cell: cell.region),
        _pairs(cells),
        _agencies(cells),
    )


def recall_of(cells: Iterable[Cell]) -> Recall:
    """The recall that the decided part of the random sample lets expect."""
    counted: Counter[str] = Counter()
    for cell in cells:
        kind = "flagged" if cell.flagged else "unflagged"
        counted[kind] += cell.count
        if cell.confirmed is not None and (cell.flagged or cell.sampled):
            counted[f"{kind} decided"] += cell.count
            counted[f"{kind} confirmed"] += cell.count * cell.confirmed
    return recall(
        confirmed=counted["flagged confirmed"],
        decided=counted["flagged decided"],
        flagged=counted["flagged"],
        unflagged=counted["unflagged"],
        relevant=counted["unflagged confirmed"],
        sampled=counted["unflagged decided"],
    )


def _by(cells: Iterable[Cell], key: Callable[[Cell], Key]) -> dict[Key, list[Cell]]:
    grouped: defaultdict[Key, list[Cell]] = defaultdict(list)
    for cell in cells:
        grouped[key(cell)].append(cell)
    return grouped


def _groups(cells: Iterable[Cell], key: Callable[[Cell], str]) -> tuple[Group, ...]:
    grouped = _by(cells, key)
    return tuple(_group(name, own, _count(own)) for name, own in sorted(grouped.items()))


def _pairs(cells: Sequence[Cell]) -> tuple[Group, ...]:
    screened = {contest: _count(own) for contest, own in _by(cells, lambda cell: cell.contest).items()}
    flagged = [cell for cell in cells if cell.flagged and cell.paslon is not None]
    grouped = _by(flagged, lambda cell: (cell.contest, str(cell.paslon)))
    return tuple(_group(pair, own, screened[contest]) for (contest, pair), own in sorted(grouped.items()))


def _agencies(cells: Iterable[Cell]) -> tuple[Agency, ...]:
    """Spellings that differ only in case or spaces are one agency; small and many ones are counted together."""
    named = [replace(cell, agency=" ".join(cell.agency.split())) for cell in cells]
    grouped = _by((cell for cell in named if cell.agency), lambda cell: cell.agency.casefold())
    ordered = sorted(grouped.items(), key=lambda item: (-_count(item[1]), item[0]))
    alone = [own for _, own in ordered if _count(own) >= FEWEST][:MOST_AGENCIES]
    shown = [_agency(_spelling(own), own) for own in alone]
    rest = [cell for _, own in ordered[len(alone) :] for cell in own]
    return tuple([*shown, _agency("", rest)] if _count(rest) >= FEWEST else shown)


def _spelling(cells: Iterable[Cell]) -> str:
    spelled: Counter[str] = Counter()
    for cell in cells:
        spelled[cell.agency] += cell.count
    return min(spelled, key=lambda name: (-spelled[name], name))


def _agency(name: str, cells: Sequence[Cell]) -> Agency:
    found = _group(name, cells, _count(cells))
    return Agency(name, found.flagged.total, _shown(found.flagged), _shown(found.confirmed))


def _shown(found: Rate) -> Rate | None:
    return found if found.hits >= FEWEST else None


def _count(cells: Iterable[Cell]) -> int:
    return sum(cell.count for cell in cells)


def _group(name: str, cells: Iterable[Cell], screened: int) -> Group:
    flagged = [cell for cell in cells if cell.flagged]
    decided = [cell for cell in flagged if cell.confirmed is not None]
    confirmed = _count(cell for cell in decided if cell.confirmed)
    return Group(name, rate(_count(flagged), screened), rate(confirmed, _count(decided)))
