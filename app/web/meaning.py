"""What days and poses mean in a contest, as its page shows them: stages with their days, and the pairs of each pose."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.election.calendar import calendar, stage_on, standard_span, track
from app.election.contest import Contest
from app.i18n import translator
from app.rules.gestures import read_as
from app.rules.ruleset import RuleSet
from app.rules.wording import stage_name
from app.web.words import Words

Row = dict[str, Any]


def stages(contest: Contest, today: date, t: Words) -> list[Row]:
    """The stages in force, in the order of their days. One whose end is open has no days of its own to change; `again`
    marks a re-opened one."""
    now = stage_on(contest, today)
    made = []
    for stage in calendar(contest):
        usual = standard_span(contest, stage.code)
        later = stage.first is not None and stage.first > contest.voting_day
        made.append(
            {
                "code": stage.code,
                "name": stage_name(stage.code, t.language),
                "first": stage.first,
                "last": stage.last,
                "from": t.day(stage.first) if stage.first else "",
                "to": t.day(stage.last) if stage.last else "",
                "track": t(f"track.{track(stage)}"),
                "own": (stage.first, stage.last) != usual,
                "again": later and (usual[0] is None or usual[0] <= contest.voting_day),
                "fixed": stage.first is None or stage.last is None,
                "now": stage == now,
            }
        )
    return sorted(made, key=lambda row: row["first"] or date.min)


def poses(contest: Contest, rules: RuleSet, t: Words) -> list[Row]:
    """Every pose that means something in this contest: the pairs it is read as, an adopted salute first, or neutral.
    A neutral pose that only people can see is marked so."""
    signals = translator(t.language)
    made = []
    for pose in rules.poses.values():
        readings = read_as(pose, contest)
        if not pose.neutral and not (readings and pose.seen):
            continue
        adopted = "salam" in readings.values()
        pairs = [
            {"pair": contest.by_id(paslon), "salute": how == "salam", "weaker": adopted and how == "number"}
            for paslon, how in sorted(readings.items(), key=lambda item: item[1] != "salam")
        ]
        name, hint = signals(f"gesture.{pose.id}"), pose.strength <= HINT
        made.append({"name": name, "pairs": pairs, "hint": hint, "seen": pose.seen})
    return made


HINT = 0.5
"""Poses of at most this strength are hints, never a flag by themselves."""


def salutes(rules: RuleSet, t: Words) -> list[tuple[str, str, bool]]:
    """All poses as (id, name in words, whether the machine can find it: only such a one may be adopted)."""
    signals = translator(t.language)
    return [(pose.id, signals(f"gesture.{pose.id}"), pose.seen) for pose in rules.poses.values()]
