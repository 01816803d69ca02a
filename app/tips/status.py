"""What the holder of a receipt code is told: three coarse states with their time, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.db.tip_tables import Tip
from app.errors import NotFound
from app.tips.codes import fingerprint

Stage = Literal["received", "in_review", "done"]
ENDED = frozenset({"confirmed", "dismissed", "closed"})


@dataclass(frozen=True, slots=True)
class Status:
    """`since`: when this stage began. How it ended, and who looked at it, is not told."""

    stage: Stage
    received: datetime
    since: datetime
    zone: str


def status_of(session: Session, code: str) -> Status:
    """Where the tip with this receipt code stands. Raises BadInput for a slip of the pen, and one and the same NotFound
    for codes that never were and for tips that were destroyed."""
    tip = session.scalar(select(Tip).where(Tip.code_hash == fingerprint(code)))
    if tip is None:
        raise NotFound(
            "Kode ini tidak dikenal, atau informasinya sudah dimusnahkan menurut jadwal"
            " / This code is unknown, or what it stood for was destroyed on schedule"
        )
    zone = tip.submission.contest.timezone
    if tip.state == "new":
        return Status("received", tip.made_at, tip.made_at, zone)
    if tip.state == "aside":
        return Status("done", tip.made_at, tip.since, zone)
    ended = select(Event.at).join(Flag, Flag.last_event == Event.id)
    at = session.scalar(ended.where(Flag.submission_id == tip.submission_id, Flag.state.in_(ENDED)))
    if at is None:
        return Status("in_review", tip.made_at, tip.since, zone)
    return Status("done", tip.made_at, datetime.fromisoformat(at), zone)
