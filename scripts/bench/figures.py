"""From measured rounds to the figures that are reported: plain numbers under keys that stay the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean, median
from typing import Any

from material import KINDS, Item
from processor import Round
from resident import Peaks

from app.screening.pipeline import STAGES

GOALS = {"ratio": 1.25, "worker_mb": 1000.0, "api_mb": 250.0}
Json = dict[str, Any]
Measured = Sequence[tuple[Item, Sequence[Round]]]


def figures(measured: Measured, peaks: Peaks) -> Json:
    """Everything that is printed, and that `--json` gives."""
    ratio = ratios([rounds for _, rounds in measured])
    kinds = _by_kind(measured)
    return {
        "pictures": {kind: len(entries) for kind, entries in kinds.items()},
        "rounds": len(measured[0][1]),
        "cpu_seconds": {kind: _stages([r for rounds in entries for r in rounds]) for kind, entries in kinds.items()},
        "ratio": ratio | {"by_kind": {kind: ratios(entries)["median"] for kind, entries in kinds.items()}},
        "memory_mb": {
            "worker_peak": round(peaks.worker, 1),
            "api_peak": round(peaks.api, 1),
            "submissions": peaks.screened,
            "requests": peaks.requests,
        },
        "goals": {
            "ratio": _goal("ratio", ratio["median"]),
            "worker_mb": _goal("worker_mb", peaks.worker),
            "api_mb": _goal("api_mb", peaks.api),
        },
    }


def ratios(pictures: Sequence[Sequence[Round]]) -> dict[str, float]:
    """CPU time of the whole pipeline over that of its model runs, both summed over the pictures.

    `median`, `lowest` and `highest` of the rounds; `of_minima` takes each picture's cheapest pipeline and replay."""
    rounds = [
        sum(each.pipeline for each in turn) / sum(sum(each.models.values()) for each in turn)
        for turn in zip(*pictures, strict=True)
    ]
    cheapest = sum(min(each.pipeline for each in rounds) for rounds in pictures)
    models = sum(min(sum(each.models.values()) for each in rounds) for rounds in pictures)
    return {
        "median": round(median(rounds), 3),
        "lowest": round(min(rounds), 3),
        "highest": round(max(rounds), 3),
        "of_minima": round(cheapest / models, 3),
    }


def _by_kind(measured: Measured) -> Mapping[str, list[Sequence[Round]]]:
    entries: defaultdict[str, list[Sequence[Round]]] = defaultdict(list)
    for item, rounds in sorted(measured, key=lambda pair: KINDS.index(pair[0].kind)):
        entries[item.kind].append(rounds)
    return entries


def _stages(rounds: Sequence[Round]) -> Json:
    """CPU-seconds per picture: whole, by stage, and that stage's models alone."""
    return {
        "pipeline": round(fmean(each.pipeline for each in rounds), 4),
        "models": round(fmean(sum(each.models.values()) for each in rounds), 4),
        "stages": {
            stage: {
                "total": round(fmean(each.stages.get(stage, 0.0) for each in rounds), 4),
                "models": round(fmean(each.models.get(stage, 0.0) for each in rounds), 4),
            }
            for stage in STAGES
        },
    }


def _goal(name: str, value: float) -> Json:
    return {"at_most": GOALS[name], "is": round(value, 3), "met": value <= GOALS[name]}
