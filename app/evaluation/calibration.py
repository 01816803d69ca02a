"""Limits of a recogniser from labelled photos: chosen on one half of the people, checked on the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.errors import BadInput
from app.evaluation.face_report import GALLERIES, REFERENCES, albums
from app.evaluation.fitting import STEP, Fitted, fit, single
from app.evaluation.open_set import Album, Outcome, Tries, for_review, named, outcome, share_of, tries
from app.evaluation.people import Half, Person
from app.evaluation.scorers import SCORERS, normalised
from app.evaluation.shots import Shot
from app.evaluation.verification import Accepted, Pairs, accepted, limit_interval, pairs_of
from app.stats.clusters import Share
from app.vision.gallery import FaceThresholds
from app.vision.observations import Face

POSSIBLE_RATE, STRONG_RATE = 1e-3, 1e-4
REVIEWED = 0.05
"""Share of strangers that reviewers may be asked about without a name."""
LOST_TO_MARGIN = 0.005
MARGINS = tuple(round(0.01 * step, 2) for step in range(16))
DRAWN_ABOVE = 0.997
"""Share of photographs whose embedding is shorter than `drawn_norm`."""
WEAK_BELOW = 0.07
"""Share of photographs whose embedding is shorter than `weak_norm`; 57 is that share of LFW for the default pack."""
ENOUGH_IN_GROUP = 20
FEWEST_PEOPLE, FEWEST_STRANGERS = 12, 40


@dataclass(frozen=True, slots=True)
class Calibration:
    """`limits` for a thresholds file, what they rest on in the tuning half, and what they do in the other.

    `possible`, `strong`: cosines at few false pairs, with intervals; `by_group` those of each group with 20 people or
    more; `fitted`: the limit for false names by number of reference photos; `scorers`: hits of every way to compare at
    the same share of false names; `checked`, `review`: the other half with the new limits."""

    limits: FaceThresholds
    possible: Accepted
    strong: Accepted
    by_group: Mapping[str, tuple[float | None, float | None]]
    fitted: Mapping[int, Fitted]
    scorers: Mapping[str, Outcome]
    gallery: int
    checked: Mapping[int, Outcome]
    before: Mapping[int, Outcome]
    review: Share
    people: int
    images: int


def calibrate(
    people: Sequence[Person], shots: Sequence[Shot], before: FaceThresholds, false_names: float
) -> Calibration:
    """New limits instead of `before`; at most `false_names` (0..1) of strangers get a name, as far as can be shown.

    * possible: the highest of the cosine that 1 in 1,000 false pairs reach (upper end of its interval, in the group
      where it is highest) and the limits fitted for false names with 1, 2, 3 and 5 reference photos;
    * strong: the same with 1 in 10,000;
    * review: at most 5 % of strangers are shown to a reviewer;
    * margin: as wide as it may be without losing more than half a percent of the hits.

    Sizes stay as they were. Raises BadInput where the folder has too few people."""
    tuning, checking = (_albums(people, shots, half) for half in ("tune", "report"))
    gallery = _gallery(tuning, checking)
    found = {count: drawn for count in REFERENCES if (drawn := tries(tuning, gallery, count))}
    base = replace(before, drawn_norm=_norm(tuning, DRAWN_ABOVE), weak_norm=_norm(tuning, WEAK_BELOW))
    fitted = {count: fit(drawn, false_names, base) for count, drawn in found.items()}
    pairs = _pairs(tuning)
    far = {rate: limit_interval(pairs, rate) for rate in (POSSIBLE_RATE, STRONG_RATE)}
    groups = _groups(people, tuning)
    possible = _highest(far[POSSIBLE_RATE][1], *(one.threshold for one in fitted.values()), *_column(groups, 0))
    strong = _highest(possible, far[STRONG_RATE][1], *_column(groups, 1))
    usual = found.get(3) or next(iter(found.values()))
    review = min(possible, fit(usual, REVIEWED, replace(base, flag_size=base.compare_size)).threshold)
    limits = replace(base, strong=strong, possible=possible, review=review)
    limits = replace(limits, margin=_margin(usual, limits))
    held = {count: drawn for count in found if (drawn := tries(checking, gallery, count))}
    outside = next(iter(held.values()))
    outside = outside.only(~outside.member)
    return Calibration(
        limits=limits,
        possible=accepted(pairs, POSSIBLE_RATE),
        strong=accepted(pairs, STRONG_RATE),
        by_group=groups,
        fitted=fitted,
        scorers=_scorers(tuning, checking, gallery, false_names, limits),
        gallery=gallery,
        checked={count: outcome(drawn, named(drawn, limits)) for count, drawn in held.items()},
        before={count: outcome(drawn, named(drawn, before)) for count, drawn in held.items()},
        review=share_of(outside, for_review(outside, limits)),
        people=len(people),
        images=sum(not shot.unreadable for shot in shots),
    )


def _albums(people: Sequence[Person], shots: Sequence[Shot], half: Half) -> list[Album]:
    return albums([person for person in people if person.half == half], shots)


def _gallery(*halves: Sequence[Album]) -> int:
    """The largest usual gallery that both halves can fill."""
    fewest = min(sum(len(album.usable) > 1 for album in half) for half in halves)
    strangers = min(sum(not album.known for album in half) for half in halves)
    if fewest < FEWEST_PEOPLE or strangers < FEWEST_STRANGERS:
        raise BadInput(
            f"Terlalu sedikit orang: tiap paruh perlu {FEWEST_PEOPLE} orang dengan dua foto (ada {fewest}) dan "
            f"{FEWEST_STRANGERS} orang di unknown/ (ada {strangers}). / Too few people: either half needs "
            f"{FEWEST_PEOPLE} with two photos (there are {fewest}) and {FEWEST_STRANGERS} in unknown/ ({strangers}).",
            field="DIR",
        )
    return max(size for size in GALLERIES if size <= fewest)


def _faces(half: Sequence[Album]) -> list[tuple[int, Face]]:
    return [
        (index, face)
        for index, album in enumerate(half)
        for face in album.shown.values()
        if face is not None and face.embedding is not None
    ]


def _pairs(half: Sequence[Album]) -> Pairs:
    faces = [(index, face.embedding) for index, face in _faces(half) if face.embedding is not None]
    return pairs_of([vector for _, vector in faces], [index for index, _ in faces])


def _norm(half: Sequence[Album], share: float) -> float:
    """The length of embedding that `share` of the faces stay under; two decimals, as some recognisers' are short."""
    return round(float(np.quantile([face.norm or 0.0 for _, face in _faces(half)], share)), 2)


def _groups(people: Sequence[Person], tuning: Sequence[Album]) -> dict[str, tuple[float | None, float | None]]:
    """The upper ends of both limits among the people of each group alone: where mistakes are most frequent."""
    of = {person.name: person.groups for person in people}
    found = {}
    for column, value in sorted({item for album in tuning for item in of[album.name].items() if item[1]}):
        inside = [album for album in tuning if of[album.name].get(column) == value]
        if len(inside) >= ENOUGH_IN_GROUP:
            pairs = _pairs(inside)
            found[f"{column}={value}"] = (
                limit_interval(pairs, POSSIBLE_RATE)[1],
                limit_interval(pairs, STRONG_RATE)[1],
            )
    return found


def _column(groups: Mapping[str, tuple[float | None, float | None]], index: int) -> list[float | None]:
    return [limits[index] for limits in groups.values()]


def _highest(*limits: float | None) -> float:
    """Up to the next step."""
    known = [limit for limit in limits if limit is not None]
    return min(1.0, round(float(np.ceil(max(known) / STEP - 1e-6) * STEP), 3))


def _margin(found: Tries, limits: FaceThresholds) -> float:
    """The widest margin that loses hardly a hit."""
    right = found.member & found.right
    free = (named(found, replace(limits, margin=0.0)) & right).sum()
    lost = {width: 1 - (named(found, replace(limits, margin=width)) & right).sum() / max(free, 1) for width in MARGINS}
    return max(width for width, share in lost.items() if share <= LOST_TO_MARGIN)


def _scorers(
    tuning: Sequence[Album], other: Sequence[Album], gallery: int, false_names: float, limits: FaceThresholds
) -> dict[str, Outcome]:
    """Each way to compare on the tuning half, at its own limit for the same share of false names."""
    strangers = [face for index, face in _faces(other) if not other[index].known]
    found = {}
    for name, scorer in {**SCORERS, "s-norm": normalised(strangers)}.items():
        drawn = tries(tuning, gallery, 3, scorer) or tries(tuning, gallery, 1, scorer)
        if drawn is not None:
            level = float(np.quantile(drawn.score[~drawn.member], 1 - false_names))
            found[name] = outcome(drawn, named(drawn, single(limits, level)))
    return found
