"""Open-set matching of faces against the registered photos of one contest; "nobody" is an answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from app.errors import NotReady
from app.vision.observations import Face, Floats

MatchBand = Literal["strong", "possible", "review", "none", "too_small", "not_compared", "uncalibrated"]

NAMED: tuple[MatchBand, ...] = ("strong", "possible")
"""The bands in which a face carries a name."""


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """Embeddings of the registered photos of one contest. `matrix`: n x d float32 unit rows; `candidates[i]` and
    `photos[i]` tell whose photo row i is; `model` names the recogniser, `version` counts changes of the roster.
    `absent` are candidates of whom there are photos, but embedded by another recogniser only."""

    matrix: Floats
    candidates: tuple[str, ...]
    photos: tuple[str, ...]
    model: str
    version: int = 0
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FaceThresholds:
    """Cosine limits of a model pack, the smallest face widths (px) that may be flagged and compared, the norm above
    which a face is rather drawn than photographed, and the one below which a reference photo says little."""

    strong: float = 0.64
    possible: float = 0.58
    review: float = 0.50
    margin: float = 0.05
    flag_size: float = 40.0
    compare_size: float = 24.0
    drawn_norm: float = 92.0
    weak_norm: float = 57.0

    @property
    def calibrated(self) -> bool:
        """Whether any cosine can reach a limit: where not, nobody may be compared yet."""
        return self.review <= 1.0


UNCALIBRATED = FaceThresholds(strong=2.0, possible=2.0, review=2.0, drawn_norm=1e9, weak_norm=0.0)
"""Limits of a pack for which nobody has measured any: out of reach, so that no face gets a name by guesswork."""


@dataclass(frozen=True, slots=True)
class FaceMatch:
    """The best registered person for one face. `candidate` is None for "none", "too_small", "uncalibrated" (the pack
    has no limits yet) and "not_compared" (one face too many, or nobody was found but some people could not be
    compared: see Gallery.absent); `score` is the cosine with the mean of that person's photos (the photo itself where
    there is one), whatever the band; `runner_up` that of the next best *person* (or None); `photo` the closest."""

    band: MatchBand
    candidate: str | None = None
    score: float | None = None
    runner_up: float | None = None
    photo: str | None = None


def match_faces(faces: Sequence[Face], gallery: Gallery, thresholds: FaceThresholds) -> tuple[FaceMatch, ...]:
    """One match per face, in order; a face under `compare_size` was too small, one without embedding one too many.

    A person's score is the cosine with the mean of that person's photos. Compared with the best of three photos (22
    people of LFW) .994 are named for .990, .8 % of unknown faces go to review for 2.2 %, and where one of the three
    shows somebody else by mistake, that somebody is named in 3 % of other pictures for 91 %.
    Only "strong" and "possible" name somebody. At best "review" gets a face
    * that a second person fits almost as well (within `margin`), unless it is strong;
    * narrower than `flag_size`, where recall falls and reviewers see little;
    * with a norm over `drawn_norm`: drawn faces resemble each other whoever they show (cosine .59-.97, norm 78-114,
      median 97) while photographs stay under it (LFW: median 68, 2 of 885 over 92);
    * whose person is seen better elsewhere in the same picture: nobody stands there twice.
    Where people are absent from the gallery, nobody is no answer: such a face was not compared with everybody.
    Raises NotReady where the gallery was made with a recogniser of another dimension.
    """
    people = _people(gallery)
    means = np.stack([person.mean for person in people]) if people else gallery.matrix
    matches = _each_person_once(faces, [_match(face, people, means, thresholds) for face in faces])
    if gallery.absent:
        matches = [FaceMatch("not_compared") if match.band == "none" else match for match in matches]
    return tuple(matches)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much a face or a photo resembles a registered person: the cosine, and that person's closest photo."""

    candidate: str
    score: float
    photo: str


def ranking(face: Face, gallery: Gallery) -> tuple[Likeness, ...]:
    """Every registered person by the cosine with the mean of their photos, as `match_faces` measures it, best first;
    nobody where the face has no embedding."""
    if face.embedding is None:
        return ()
    found = []
    for person in _people(gallery):
        closest = int((person.matrix @ face.embedding).argmax())
        found.append(Likeness(person.candidate, float(person.mean @ face.embedding), person.photos[closest]))
    return tuple(sorted(found, key=lambda likeness: -likeness.score))


def crossed(gallery: Gallery, least: float) -> dict[str, Likeness]:
    """Photo -> the photo of *another* person that it resembles most, for those of cosine `least` or more."""
    found: dict[str, Likeness] = {}
    if not gallery.photos:
        return found
    owners = np.array(gallery.candidates)
    for row, photo in enumerate(gallery.photos):
        scores = np.where(owners == owners[row], -1.0, gallery.matrix @ gallery.matrix[row])
        best = int(scores.argmax())
        if scores[best] >= least:
            found[photo] = Likeness(gallery.candidates[best], float(scores[best]), gallery.photos[best])
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Person:
    """One registered person: the unit mean of the photos, and each photo (n x d) with its name."""

    candidate: str
    mean: Floats
    matrix: Floats
    photos: tuple[str, ...]


def _people(gallery: Gallery) -> list[_Person]:
    """Everybody in the gallery, in an order that does not depend on how photos were registered."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row in sorted(range(len(gallery.photos)), key=lambda row: (gallery.candidates[row], gallery.photos[row])):
        rows[gallery.candidates[row]].append(row)
    return [_person(candidate, gallery, chosen) for candidate, chosen in rows.items()]


def _person(candidate: str, gallery: Gallery, rows: list[int]) -> _Person:
    matrix = gallery.matrix[rows]
    total = matrix.sum(axis=0)
    mean: Floats = total / max(float(np.linalg.norm(total)), 1e-6)
    return _Person(candidate, mean, matrix, tuple(gallery.photos[row] for row in rows))


def _match(face: Face, people: Sequence[_Person], means: Floats, limits: FaceThresholds) -> FaceMatch:
    if face.size < limits.compare_size:
        return FaceMatch("too_small")
    if not limits.calibrated:
        return FaceMatch("uncalibrated")
    if face.embedding is None:
        return FaceMatch("not_compared")
    if not people:
        return FaceMatch("none")
    if means.shape[1:] != face.embedding.shape:
        raise NotReady(
            "Foto acuan didaftarkan dengan model wajah lain; daftarkan ulang foto acuan kontes ini. / "
            "The reference photos were enrolled with another face model; enrol the photos of this contest again."
        )
    scores = np.einsum("nd,d->n", means, face.embedding)
    best = int(scores.argmax())
    others = np.delete(scores, best)
    score, runner_up = float(scores[best]), float(others.max()) if len(others) else None
    band = _band(face, score, runner_up, limits)
    if band == "none":
        return FaceMatch("none", score=score, runner_up=runner_up)
    closest = int((people[best].matrix @ face.embedding).argmax())
    return FaceMatch(band, people[best].candidate, score, runner_up, people[best].photos[closest])


def _band(face: Face, score: float, runner_up: float | None, limits: FaceThresholds) -> MatchBand:
    if not score >= limits.review:
        return "none"
    drawn = face.norm is not None and face.norm > limits.drawn_norm
    if score < limits.possible or face.size < limits.flag_size or drawn:
        return "review"
    if score >= limits.strong:
        return "strong"
    ambiguous = runner_up is not None and score - runner_up < limits.margin
    return "review" if ambiguous else "possible"


def _each_person_once(faces: Sequence[Face], matches: Sequence[FaceMatch]) -> list[FaceMatch]:
    """The best named face keeps its person; ties go to the wider face, then to the one further to the left."""
    named = [index for index, match in enumerate(matches) if match.band in NAMED]
    named.sort(key=lambda index: (-(matches[index].score or 0.0), -faces[index].size, faces[index].box))
    result, taken = list(matches), set[str | None]()
    for index in named:
        if matches[index].candidate in taken:
            result[index] = replace(matches[index], band="review")
        taken.add(matches[index].candidate)
    return result
