"""Open-set identification on drawn galleries: is a registered person found, and does anybody else get a name?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.evaluation.scorers import SCORERS, Scorer
from app.stats.clusters import Share, share_by_cluster
from app.vision.enrolment import SMALLEST_ENROLLED
from app.vision.gallery import FaceThresholds
from app.vision.observations import Face

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Photos = Mapping[str, Face | None]
"""Photo -> the person's face on it, None where none was found."""

DRAWS = 60
"""Galleries drawn per cell; more only repeat the same people."""


@dataclass(frozen=True, slots=True, eq=False)
class Album:
    """One person's photos: `registered` are those as they are, `shown` those that are looked up (the same, or degraded
    ones under the same names). `known` people may stand in a gallery."""

    name: str
    known: bool
    registered: Photos
    shown: Photos

    @property
    def usable(self) -> list[str]:
        """Photos that enrolment would take."""
        return [name for name, face in self.registered.items() if enrollable(face)]


@dataclass(frozen=True, slots=True, eq=False)
class Tries:
    """Every face that was looked up in every drawn gallery, one entry each. `person`: index of whose face it is;
    `member`: whether that person stands in the gallery; `right`: whether the best fitting person is that one;
    `score`, `runner_up`: of the best fitting person and the next; `size` (px), `norm` and `sharpness` of the face. A
    photo on which no face was found has score -1 and size 0: it is looked up in vain."""

    person: npt.NDArray[np.int64]
    member: Flags
    right: Flags
    score: Values
    runner_up: Values
    size: Values
    norm: Values
    sharpness: Values

    def only(self, rows: Flags) -> Tries:
        """These tries."""
        return Tries(*(getattr(self, name)[rows] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Outcome:
    """`hit`: registered people who get their name; `wrong_name`: registered people who get another's; `false_name`:
    people who are not registered and get one. Intervals are over people."""

    hit: Share
    wrong_name: Share
    false_name: Share


def enrollable(face: Face | None) -> bool:
    """Whether a reference photo with this face would be accepted."""
    return face is not None and face.embedding is not None and face.size >= SMALLEST_ENROLLED


def tries(
    albums: Sequence[Album],
    gallery: int,
    references: int,
    scorer: Scorer = SCORERS["mean"],
    draws: int = DRAWS,
    seed: int = 0,
) -> Tries | None:
    """`draws` random galleries of `gallery` known people with `references` photos each; None where there are too few.

    Photos of members that are not registered are shown, and every photo of everybody else. Who has no photo to spare
    registers all but one and is not looked up, so that the gallery keeps its size."""
    known = [index for index, album in enumerate(albums) if len(album.usable) > 1]
    probed = [index for index in known if len(albums[index].usable) > references]
    if len(known) < gallery or len(probed) < 2:
        return None
    random = np.random.default_rng([seed, gallery, references])
    rounds = []
    for _ in range(draws):
        members = random.permutation(known)[:gallery]
        chosen = {index: random.permutation(albums[index].usable) for index in members}
        count = {index: min(references, len(chosen[index]) - 1) for index in members}
        enrolled = [[albums[index].registered[name] for name in chosen[index][: count[index]]] for index in members]
        held = {index: set(chosen[index][: count[index]]) for index in members}
        spared = {index for index in members if count[index] < references}
        shown = [
            (index, face)
            for index, album in enumerate(albums)
            if index not in spared
            for name, face in album.shown.items()
            if name not in held.get(index, ())
        ]
        rounds.append(_round(members, enrolled, shown, scorer))
    return Tries(*(np.concatenate([getattr(one, name) for one in rounds]) for name in Tries.__slots__))


def _round(
    members: npt.NDArray[np.int64],
    enrolled: Sequence[Sequence[Face | None]],
    shown: Sequence[tuple[int, Face | None]],
    scorer: Scorer,
) -> Tries:
    person = np.array([index for index, _ in shown], np.int64)
    seen = [(row, face) for row, (_, face) in enumerate(shown) if face is not None and face.embedding is not None]
    score, runner_up = np.full(len(shown), -1.0), np.full(len(shown), -1.0)
    best = np.full(len(shown), -1, np.int64)
    if seen:
        rows = np.array([row for row, _ in seen])
        scores = scorer([face for _, face in seen], [[face for face in faces if face] for faces in enrolled])
        order = np.sort(scores, axis=1)
        score[rows], best[rows] = order[:, -1], members[scores.argmax(axis=1)]
        if len(members) > 1:
            runner_up[rows] = order[:, -2]
    size = np.array([0.0 if face is None else face.size for _, face in shown])
    norm = np.array([0.0 if face is None else face.norm or 0.0 for _, face in shown])
    sharpness = np.array([0.0 if face is None else face.sharpness or 0.0 for _, face in shown])
    return Tries(person, np.isin(person, members), best == person, score, runner_up, size, norm, sharpness)


def named(found: Tries, limits: FaceThresholds) -> Flags:
    """Which tries the service would give a name to: the rules of `app.vision.gallery`, all at once."""
    clear = (found.score >= limits.strong) | (found.score - found.runner_up >= limits.margin)
    seen = (found.size >= limits.flag_size) & (found.norm <= limits.drawn_norm)
    return np.asarray((found.score >= limits.possible) & clear & seen)


def for_review(found: Tries, limits: FaceThresholds) -> Flags:
    """Which tries a person would be asked to look at without a name."""
    return np.asarray((found.score >= limits.review) & (found.size >= limits.compare_size) & ~named(found, limits))


def suggested(found: Tries, limits: FaceThresholds) -> tuple[Share, Share]:
    """Registered people who are shown as themselves, with a name or to a reviewer; strangers shown as anybody."""
    shown, inside = named(found, limits) | for_review(found, limits), found.member
    right = share_of(found.only(inside), (shown & found.right)[inside])
    return right, share_of(found.only(~inside), shown[~inside])


def outcome(found: Tries, given: Flags) -> Outcome:
    """The three shares, where `given` says which tries got a name."""
    inside = found.member
    return Outcome(
        hit=share_of(found.only(inside), (given & found.right)[inside]),
        wrong_name=share_of(found.only(inside), (given & ~found.right)[inside]),
        false_name=share_of(found.only(~inside), given[~inside]),
    )


def share_of(found: Tries, hits: Flags) -> Share:
    """The share of tries with `hits`, with its interval over people."""
    cases = np.bincount(found.person)
    return share_by_cluster(np.bincount(found.person, weights=hits, minlength=len(cases)), cases)
