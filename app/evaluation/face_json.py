"""A report of faces as plain JSON under keys that stay; docs/evaluation.md says what each means."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.evaluation.face_report import Part, Report
from app.evaluation.open_set import Outcome
from app.stats.clusters import Share
from app.vision.gallery import FaceThresholds

Json = dict[str, Any]


def report_json(found: Report, pack: str, limits: FaceThresholds) -> Json:
    """Everything but the plots. Shares are numbers 0..1 or null; each has its interval beside it."""
    return {
        "pack": pack,
        "thresholds": asdict(limits),
        "split": found.split,
        "people": found.people,
        "known_people": found.known,
        "images": found.images,
        "unreadable": list(found.unreadable),
        **share_json("detection_rate", found.detected),
        "undetected": list(found.undetected),
        "tar": {_rate(one.rate): _rounded(one.value) for one in found.accepted},
        "tar_interval": {_rate(one.rate): [_rounded(one.low), _rounded(one.high)] for one in found.accepted},
        "tar_threshold": {_rate(one.rate): _rounded(one.threshold) for one in found.accepted},
        "open_set": [
            {"gallery": cell.gallery, "references": cell.references, "people": cell.people}
            | outcome_json(cell.alone)
            | {"threshold": cell.fitted.threshold, "threshold_shown": cell.fitted.shown}
            | {"false_name_wanted": cell.fitted.wanted, "false_name_tuning": _rounded(cell.fitted.false_name.value)}
            | {"pack": outcome_json(cell.pack) | share_json("review", cell.review)}
            for cell in found.cells
        ],
        "by_size": [_part(part) for part in found.by_size],
        "by_blur": [_part(part) for part in found.by_blur],
        "scorers": [
            {"name": way.name, "spoiled_references": way.spoiled, "threshold": way.threshold}
            | outcome_json(way.outcome)
            for way in found.ways
        ],
        "degraded": [_part(part) for part in found.degraded],
        "groups": [_part(part) for part in found.groups],
        "ms": dict(found.ms),
        "ms_p90": dict(found.ms_p90),
    }


def _part(part: Part) -> Json:
    detected = share_json("detection_rate", part.detected)
    shown = share_json("suggested", part.suggested) | share_json("strangers_suggested", part.strangers)
    return {"name": part.name, "images": part.photos} | detected | outcome_json(part.pack) | shown


def outcome_json(one: Outcome) -> Json:
    """The three shares with their intervals."""
    return (
        share_json("hit", one.hit) | share_json("wrong_name", one.wrong_name) | share_json("false_name", one.false_name)
    )


def share_json(name: str, share: Share) -> Json:
    """A share under its name and its interval beside it."""
    return {name: _rounded(share.value), f"{name}_interval": [_rounded(share.low), _rounded(share.high)]}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _rate(rate: float) -> str:
    return f"{rate:.0e}".replace("e-0", "e-")
