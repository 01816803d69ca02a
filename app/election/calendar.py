"""The stage of a day in a contest: the same act is judged by other rules before and after candidates are confirmed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal

from app.election.contest import Contest

Status = Literal["bakal_calon", "calon"]
Track = Literal["kode_etik", "disiplin"]
Span = tuple[str, date | None, date | None]

CONFIRMATION = "penetapan_paslon"
DRAWING = "pengundian_nomor_urut"
REPEATED = ("masa_tenang", "pemungutan_suara", "hitung_rekap")
"""What a repeat vote (pemungutan suara ulang) opens again."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage (tahapan) as it lies in a contest's calendar. `first` or `last` is None where the end is open;
    `candidate_status` is what the pairs are during it: prospective or confirmed."""

    code: str
    first: date | None
    last: date | None
    candidate_status: Status

    def holds_on(self, day: date) -> bool:
        """Whether the day lies within."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Offset:
    """A stage as days from voting day, None where it is open."""

    code: str
    from_day: int | None
    to_day: int | None


@cache
def standard_offsets(kind: str) -> tuple[Offset, ...]:
    """The standard calendar of a kind of election ("pilkada", "pemilu"); an unknown kind has the pilkada's."""
    calendars = json.loads(files("app.election").joinpath("data/stages.json").read_text(encoding="utf-8"))["calendars"]
    rows = calendars.get(kind, calendars["pilkada"])["stages"]
    return tuple(Offset(row["code"], row["from_day"], row["to_day"]) for row in rows)


def stage_codes(kind: str = "pilkada") -> tuple[str, ...]:
    """The codes that an override may name, in order."""
    return tuple(offset.code for offset in standard_offsets(kind))


def calendar(contest: Contest) -> tuple[Stage, ...]:
    """Every stage of the contest; where two hold on a day, the earlier in this list is meant.

    An override replaces the standard days of its stage; one that begins after voting day is a re-opening (repeat
    vote, pemungutan suara ulang) and is added to them."""
    moved = {code for code, first, _ in contest.stage_overrides if first <= contest.voting_day}
    spans: list[Span] = [*contest.stage_overrides]
    spans += [
        (offset.code, _day(contest, offset.from_day), _day(contest, offset.to_day))
        for offset in standard_offsets(contest.kind)
        if offset.code not in moved
    ]
    confirmed = _first_day(spans, CONFIRMATION)
    return tuple(Stage(code, first, last, _status(first, confirmed)) for code, first, last in spans)


def standard_span(contest: Contest, code: str) -> tuple[date | None, date | None]:
    """First and last day of a stage in the standard calendar; (None, None) where that has no such stage."""
    found = next((offset for offset in standard_offsets(contest.kind) if offset.code == code), None)
    return (None, None) if found is None else (_day(contest, found.from_day), _day(contest, found.to_day))


def repeat_vote(contest: Contest, day: date) -> tuple[tuple[str, date, date], ...]:
    """The stages that a repeat vote on `day` opens again, as long as the standard ones."""
    offsets = {offset.code: offset for offset in standard_offsets(contest.kind)}
    return tuple(
        (code, day + timedelta(days=offsets[code].from_day or 0), day + timedelta(days=offsets[code].to_day or 0))
        for code in REPEATED
    )


def stage_on(contest: Contest, day: date) -> Stage:
    """The stage that holds on a day. A gap left by moved stages belongs to the stage that ended last before it."""
    stages = calendar(contest)
    found = next((stage for stage in stages if stage.holds_on(day)), None)
    if found is not None:
        return found
    before = [stage for stage in stages if stage.last is not None and stage.last < day]
    after = [stage for stage in stages if stage.first is not None and stage.first > day]
    following = min(after, key=lambda stage: stage.first or date.max, default=None)
    until = following.first - timedelta(days=1) if following and following.first else None
    if not before and following:
        return replace(following, first=None, last=until)
    return replace(max(before, key=lambda stage: stage.last or date.min), last=until)


def numbers_drawn(contest: Contest, day: date) -> bool:
    """Whether ballot numbers (nomor urut) meant anything on that day: from the day of the drawing on."""
    drawing = _first_day([(stage.code, stage.first, stage.last) for stage in calendar(contest)], DRAWING)
    return drawing is not None and day >= drawing and any(pair.number is not None for pair in contest.paslon)


def track(stage: Stage) -> Track:
    """The lane of the SKB: code of ethics while the pairs are prospective, discipline once they are confirmed."""
    return "kode_etik" if stage.candidate_status == "bakal_calon" else "disiplin"


def _day(contest: Contest, offset: int | None) -> date | None:
    return None if offset is None else contest.voting_day + timedelta(days=offset)


def _first_day(spans: Sequence[Span], code: str) -> date | None:
    return min((first for name, first, _ in spans if name == code and first is not None), default=None)


def _status(first: date | None, confirmed: date | None) -> Status:
    if first is None or confirmed is None or first < confirmed:
        return "bakal_calon"
    return "calon"
