"""What the dashboard shows besides the volume: rates side by side, what was missed, signals, handling times."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.review.figures import count_screened, load_verdicts
from app.review.groups import GroupRates, group_rates_of, load_cells, recall_of
from app.review.overview import VERDICTS_READ, Kinds, kinds
from app.review.period import Period
from app.stats.calibration import Recall
from app.stats.durations import Durations, durations

COUNTED = 10_000
"""Newest submissions whose rates are counted."""


@dataclass(frozen=True, slots=True)
class Board:
    """Figures of a period. `read` of its `screened` submissions were counted, the newest."""

    read: int
    screened: int
    groups: GroupRates
    recall: Recall
    kinds: Kinds
    handling: Durations


def board(session: Session, period: Period) -> Board:
    """All of it, from one counting of the submissions."""
    cells = load_cells(session, period.scope(COUNTED))
    judged = load_verdicts(session, period.scope(VERDICTS_READ))
    return Board(
        sum(cell.count for cell in cells),
        count_screened(session, period.scope()),
        group_rates_of(cells),
        recall_of(cells),
        kinds(session, period.scope()),
        durations(one.seconds for one in judged if one.seconds is not None),
    )
