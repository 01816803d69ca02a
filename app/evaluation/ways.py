"""Other ways to say how well a face fits a person than the service's, at limits chosen the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.evaluation.fitting import fit, single
from app.evaluation.open_set import Album, Outcome, named, outcome, tries
from app.evaluation.scorers import SCORERS
from app.vision.gallery import FaceThresholds

GALLERY, REFERENCES = 22, 3


@dataclass(frozen=True, slots=True)
class Way:
    """One way (a name of SCORERS). `spoiled`: whether every third reference photo was out of focus; `threshold` was
    chosen on the other half with photos as they are."""

    name: str
    spoiled: bool
    threshold: float
    outcome: Outcome


def ways(
    clean: Sequence[Album], other: Sequence[Album], spoiled: Sequence[Album], limits: FaceThresholds, false_names: float
) -> tuple[Way, ...]:
    """Every way on the photos as they are and, where there are some, with spoiled reference photos."""
    found = []
    for name, scorer in SCORERS.items():
        tuning = tries(other, GALLERY, REFERENCES, scorer)
        if tuning is None:
            continue
        threshold = fit(tuning, false_names, limits).threshold
        for albums in (clean, spoiled):
            looked = tries(albums, GALLERY, REFERENCES, scorer) if albums else None
            if looked is not None:
                result = outcome(looked, named(looked, single(limits, threshold)))
                found.append(Way(name, albums is spoiled, threshold, result))
    return tuple(found)
