"""Everything that `netra evaluate faces` reports, put together from the looks at all photos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Literal

import numpy as np

from app.evaluation.covers import COVERS
from app.evaluation.degraded import BLURS, DEGRADATIONS, ORIGINAL
from app.evaluation.fitting import Fitted, fit, single
from app.evaluation.open_set import Album, Outcome, Tries, for_review, named, outcome, share_of, suggested, tries
from app.evaluation.people import Person
from app.evaluation.shots import Shot, matching_ms
from app.evaluation.verification import FALSE_RATES, Accepted, Pairs, accepted, pairs_of
from app.evaluation.ways import Way, ways
from app.stats.clusters import Share, share_by_cluster
from app.vision.gallery import FaceThresholds

Split = Literal["report", "tune", "all"]
GALLERIES, REFERENCES = (10, 22), (1, 2, 3, 5)
USUAL = (22, 3)
"""Gallery and reference photos of the tables by size, degradation and group."""
FALSE_NAMES = 0.02
SPOILED = (*BLURS, *COVERS)
"""Variants that the table by size leaves out: they hide more than pixels."""
SIZES = (0.0, 24.0, 32.0, 40.0, 64.0, float("inf"))
"""Face widths in px where one row ends and the next begins."""

BLUR = (0.0, 5.0, 10.0, 15.0, 30.0, float("inf"))
"""Sharpness (app.vision.face_quality.sharpness_of) where one row ends and the next begins."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One size of gallery and number of reference photos. `fitted` is the limit chosen on the other half, `alone` what
    it gives by itself, `pack` what the pack's own bands give; `review` is the share of strangers whom a person would
    be asked about with the pack's bands. `people` had photos to spare and were looked up."""

    gallery: int
    references: int
    people: int
    fitted: Fitted
    alone: Outcome
    pack: Outcome
    review: Share


@dataclass(frozen=True, slots=True)
class Part:
    """The outcome of a part of the tries at the usual gallery with the pack's bands, and whether faces were found.

    `suggested`: registered people who are shown as themselves, with a name or to a reviewer; `strangers`: others who
    are shown as somebody, at least to a reviewer."""

    name: str
    photos: int
    detected: Share
    pack: Outcome
    suggested: Share
    strangers: Share


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of one half of the people (`split`); limits of `cells` were chosen on the other half, or, where
    `split` is "all", on the same people, which flatters."""

    split: Split
    people: int
    known: int
    images: int
    unreadable: tuple[str, ...]
    detected: Share
    undetected: tuple[str, ...]
    accepted: tuple[Accepted, ...]
    pairs: Pairs
    cells: tuple[Cell, ...]
    usual: Tries | None
    by_size: tuple[Part, ...]
    by_blur: tuple[Part, ...]
    ways: tuple[Way, ...]
    degraded: tuple[Part, ...]
    groups: tuple[Part, ...]
    ms: Mapping[str, float]
    ms_p90: Mapping[str, float]


def report(
    people: Sequence[Person],
    shots: Sequence[Shot],
    limits: FaceThresholds,
    split: Split = "report",
    false_names: float = FALSE_NAMES,
    galleries: Sequence[int] = GALLERIES,
    references: Sequence[int] = REFERENCES,
) -> Report:
    """All figures. `shots` hold every photo of `people` as it is, and degraded ones of those that are reported."""
    inside = [person for person in people if split in ("all", person.half)]
    other = [person for person in people if split == "all" or person.half != split]
    names = {person.name for person in inside}
    kept = [shot for shot in shots if shot.person in names]
    originals = [shot for shot in kept if shot.variant == ORIGINAL and not shot.unreadable]
    pairs = _pairs(originals)
    matched = matching_ms(originals, limits)
    usual = tries(albums(inside, shots), *USUAL)
    variants = {name: tries(albums(inside, shots, name), *USUAL) for name in DEGRADATIONS if _has(kept, name)}
    looked = {name: found for name, found in ((ORIGINAL, usual), *variants.items()) if found}
    resized = [found for name, found in looked.items() if name not in SPOILED]
    unfocused = [found for name, found in looked.items() if name in (ORIGINAL, *BLURS)]
    clean, tuning = albums(inside, shots), albums(other, shots)
    return Report(
        split=split,
        people=len(inside),
        known=sum(person.known for person in inside),
        images=len(originals),
        unreadable=tuple(shot.photo for shot in kept if shot.unreadable),
        detected=_detected(originals),
        undetected=tuple(f"{shot.person}/{shot.photo}" for shot in originals if shot.face is None),
        accepted=tuple(accepted(pairs, rate) for rate in FALSE_RATES),
        pairs=pairs,
        cells=_cells(clean, tuning, limits, false_names, galleries, references),
        usual=usual,
        by_size=_by_size(resized, [shot for shot in kept if shot.variant not in SPOILED], limits),
        by_blur=_by_blur(unfocused, [shot for shot in kept if shot.variant in (ORIGINAL, *BLURS)], limits),
        ways=ways(clean, tuning, spoiled(clean, kept), limits, false_names),
        degraded=tuple(
            _part(name, taken, found, limits)
            for name, found in looked.items()
            if (taken := [shot for shot in kept if shot.variant == name])
        ),
        groups=_groups(inside, usual, originals, limits),
        ms=_milliseconds(originals, 50) | ({} if matched is None else {"match": round(matched, 3)}),
        ms_p90=_milliseconds(originals, 90),
    )


def albums(people: Sequence[Person], shots: Sequence[Shot], variant: str = ORIGINAL) -> list[Album]:
    """The photos of `people` as they are for the gallery, and in `variant` for looking up."""
    taken: dict[tuple[str, str], dict[str, Shot]] = {}
    for shot in shots:
        if not shot.unreadable:
            taken.setdefault((shot.person, shot.variant), {})[shot.photo] = shot
    return [
        Album(
            person.name,
            person.known,
            {name: shot.face for name, shot in taken.get((person.name, ORIGINAL), {}).items()} if person.known else {},
            {name: shot.face for name, shot in taken.get((person.name, variant), {}).items()},
        )
        for person in people
    ]


def _cells(
    inside: Sequence[Album],
    other: Sequence[Album],
    limits: FaceThresholds,
    false_names: float,
    galleries: Sequence[int],
    references: Sequence[int],
) -> tuple[Cell, ...]:
    cells = []
    for gallery in galleries:
        for count in references:
            found, tuning = tries(inside, gallery, count), tries(other, gallery, count)
            if found is None or tuning is None:
                continue
            fitted = fit(tuning, false_names, limits)
            outside = found.only(~found.member)
            cells.append(
                Cell(
                    gallery,
                    count,
                    len(np.unique(found.person[found.member])),
                    fitted,
                    outcome(found, named(found, single(limits, fitted.threshold))),
                    outcome(found, named(found, limits)),
                    share_of(outside, for_review(outside, limits)),
                )
            )
    return tuple(cells)


def _part(name: str, shots: Sequence[Shot], found: Tries, limits: FaceThresholds) -> Part:
    return Part(name, len(shots), _detected(shots), outcome(found, named(found, limits)), *suggested(found, limits))


def spoiled(clean: Sequence[Album], shots: Sequence[Shot]) -> list[Album]:
    """The same people with every third photo that may be registered out of focus; empty where none was degraded."""
    worse = {(shot.person, shot.photo): shot.face for shot in shots if shot.variant == BLURS[-1]}
    if not worse:
        return []
    return [
        replace(
            album,
            registered={
                name: worse.get((album.name, name), face) if place % 3 == 0 else face
                for place, (name, face) in enumerate(sorted(album.registered.items()))
            },
        )
        for album in clean
    ]


def _by_size(found: Sequence[Tries], shots: Sequence[Shot], limits: FaceThresholds) -> tuple[Part, ...]:
    """By the width of the face as found, over all variants together: so nobody is undetected here."""
    return _sliced(found, "size", SIZES, [(shot, shot.face.size) for shot in shots if shot.face], limits)


def _by_blur(found: Sequence[Tries], shots: Sequence[Shot], limits: FaceThresholds) -> tuple[Part, ...]:
    """By the sharpness of the face as found, on photos as they are and out of focus."""
    measured = [(shot, shot.face.sharpness or 0.0) for shot in shots if shot.face]
    return _sliced(found, "sharpness", BLUR, measured, limits)


def _sliced(
    found: Sequence[Tries],
    what: str,
    edges: Sequence[float],
    shots: Sequence[tuple[Shot, float]],
    limits: FaceThresholds,
) -> tuple[Part, ...]:
    if not found:
        return ()
    whole = Tries(*(np.concatenate([getattr(one, name) for one in found]) for name in Tries.__slots__))
    values, parts = getattr(whole, what), []
    for low, high in pairwise(edges):
        rows = whole.only((whole.size >= 1.0) & (values >= low) & (values < high))
        taken = [shot for shot, value in shots if low <= value < high]
        if taken and len(rows.person):
            name = f"{low:.0f}-{high:.0f}" if np.isfinite(high) else f"{low:.0f}+"
            parts.append(_part(name, taken, rows, limits))
    return tuple(parts)


def _groups(
    people: Sequence[Person], found: Tries | None, originals: Sequence[Shot], limits: FaceThresholds
) -> tuple[Part, ...]:
    """One part for every value of every column of groups.csv."""
    parts = []
    for column, value in sorted({item for person in people for item in person.groups.items() if item[1]}):
        chosen = [index for index, person in enumerate(people) if person.groups.get(column) == value]
        names = {people[index].name for index in chosen}
        taken = [shot for shot in originals if shot.person in names]
        if found is not None and taken:
            rows = found.only(np.isin(found.person, chosen))
            parts.append(_part(f"{column}={value}", taken, rows, limits))
    return tuple(parts)


def _pairs(originals: Sequence[Shot]) -> Pairs:
    numbers = {name: number for number, name in enumerate(dict.fromkeys(shot.person for shot in originals))}
    seen = [(face.embedding, numbers[shot.person]) for shot in originals if (face := shot.face)]
    known = [(embedding, number) for embedding, number in seen if embedding is not None]
    return replace(pairs_of([one for one, _ in known], [number for _, number in known]), people=len(numbers))


def _detected(shots: Sequence[Shot]) -> Share:
    people: dict[str, list[bool]] = {}
    for shot in shots:
        people.setdefault(shot.person, []).append(shot.face is not None)
    return share_by_cluster([sum(found) for found in people.values()], [len(found) for found in people.values()])


def _milliseconds(shots: Sequence[Shot], percentile: int) -> dict[str, float]:
    stages = ("decode", "detect", "embed")
    times = {stage: [shot.ms[stage] for shot in shots if stage in shot.ms] for stage in stages}
    return {
        stage: round(median(values) if percentile == 50 else float(np.percentile(values, percentile)), 2)
        for stage, values in times.items()
        if values
    }


def _has(shots: Sequence[Shot], variant: str) -> bool:
    return any(shot.variant == variant for shot in shots)
