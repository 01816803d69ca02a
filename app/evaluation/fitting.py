"""Limits chosen on the tuning half of the people."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from app.evaluation.open_set import Tries, share_of
from app.stats.clusters import Share
from app.vision.gallery import FaceThresholds

STEP = 0.005
"""Limits are chosen in these steps: finer ones would follow the accidents of single photos."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The laxest `threshold` that holds `wanted`, and the share of false names there. `shown` is false where there are
    too few people to show that it holds: then it is the limit that none of them reached."""

    threshold: float
    false_name: Share
    wanted: float
    shown: bool


def fit(found: Tries, wanted: float, limits: FaceThresholds) -> Fitted:
    """The laxest score from which on the upper end of the interval of false names is at most `wanted` (0..1).

    The upper end, because a limit that just holds on one half of the people fails on the other every second time.
    `limits` say from which size on a face is named and from which norm on it is taken for drawn."""
    strangers = found.only(~found.member & (found.size >= limits.flag_size) & (found.norm <= limits.drawn_norm))
    everybody = found.only(~found.member)
    scores = np.arange(0.0, 1.0 + STEP, STEP)
    highest = float(strangers.score.max(initial=0.0))
    for score in scores:
        given = _given(everybody, float(score), limits)
        if score <= highest and given.sum() > wanted * len(given):
            continue
        share = share_of(everybody, given)
        if share.high <= wanted:
            return Fitted(round(float(score), 3), share, wanted, True)
        if score > highest:
            return Fitted(round(float(score), 3), share, wanted, False)
    return Fitted(1.0, share_of(everybody, _given(everybody, 1.1, limits)), wanted, False)


def single(limits: FaceThresholds, threshold: float) -> FaceThresholds:
    """Limits with one score that decides alone, without a margin to the next person."""
    return replace(limits, strong=threshold, possible=threshold, review=threshold, margin=0.0)


def _given(found: Tries, score: float, limits: FaceThresholds) -> np.ndarray:
    return (found.score >= score) & (found.size >= limits.flag_size) & (found.norm <= limits.drawn_norm)
