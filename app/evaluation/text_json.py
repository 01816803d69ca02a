"""The report on texts as JSON; the keys are promised."""

from __future__ import annotations

from typing import Any

from app.evaluation.text_report import Quality, TextReport
from app.stats.clusters import Share

DECIMALS = 4


def text_json(found: TextReport) -> dict[str, Any]:
    """`n, precision, recall, f1, flagged_rate, direction_accuracy, paslon_accuracy, ms_per_text`, intervals beside
    them, and tables; shares are 0..1, null where the file has no case."""
    value, low, high = found.f1
    return {
        "n": found.n,
        "labelled": found.labelled,
        "groups": found.groups,
        **_share("precision", found.whole.precision),
        **_share("recall", found.whole.recall),
        "f1": None if value is None else round(value, DECIMALS),
        "f1_interval": [round(low, DECIMALS), round(high, DECIMALS)],
        **_share("flagged_rate", found.whole.flagged),
        **_share("direction_accuracy", found.direction),
        **_share("paslon_accuracy", found.paslon),
        "ms_per_text": round(found.ms_per_text, DECIMALS),
        "by_signal": {name: _quality(one) for name, one in found.by_signal.items()},
        "by_kind": {name: _quality(one) for name, one in found.by_kind.items()},
        "by_direction": {name: _quality(one) for name, one in found.by_direction.items()},
    }


def _quality(one: Quality) -> dict[str, Any]:
    shares = {"precision": one.precision, "recall": one.recall, "flagged_rate": one.flagged}
    return {"n": one.n} | {key: value for name, share in shares.items() for key, value in _share(name, share).items()}


def _share(name: str, one: Share) -> dict[str, Any]:
    value = None if one.value is None else round(one.value, DECIMALS)
    return {name: value, f"{name}_interval": [round(one.low, DECIMALS), round(one.high, DECIMALS)]}
