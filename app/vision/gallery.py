"""Open-set matching of faces against the registered photos of one contest; "nobody" is an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from app.errors import NotReady
from app.vision.observations import Face, Floats

MatchBand = Literal["strong", "possible", "review", "none", "too_small"]

NAMED: tuple[MatchBand, ...] = ("strong", "possible")
"""The bands in which a face carries a name."""


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """Embeddings of the registered photos of one contest. `matrix`: n x d float32 unit rows; `candidates[i]` and
    `photos[i]` tell whose photo row i is; `model` names the recogniser, `version` counts changes of the roster."""

    matrix: Floats
    candidates: tuple[str, ...]
    photos: tuple[str, ...]
    model: str
    version: int = 0


@dataclass(frozen=True, slots=True)
class FaceThresholds:
    """Cosine limits of a model pack, the smallest face widths (px) that may be flagged and compared, and the norm
    above which a face is rather drawn than photographed."""

    strong: float = 0.64
    possible: float = 0.58
    review: float = 0.50
    margin: float = 0.05
    flag_size: float = 40.0
    compare_size: float = 24.0
    drawn_norm: float = 92.0


@dataclass(frozen=True, slots=True)
class FaceMatch:
    """The best registered person for one face. `candidate` is None for "none" and "too_small"; `score` is the best
    cosine whatever the band, `runner_up` that of the next best *person* (or None); `photo` the closest reference."""

    band: MatchBand
    candidate: str | None = None
    score: float | None = None
    runner_up: float | None = None
    photo: str | None = None


def match_faces(faces: Sequence[Face], gallery: Gallery, thresholds: FaceThresholds) -> tuple[FaceMatch, ...]:
    """One match per face, in order; a face without an embedding was too small (or one too many) to compare.

    A person's score is the best over that person's photos, so that it can be shown beside the photo it belongs to (the
    mean over three photos named as many on LFW and sent fewer unknown faces to review, .8 against 2.0 %).
    Only "strong" and "possible" name somebody. At best "review" gets a face
    * that a second person fits almost as well (within `margin`), unless it is strong;
    * narrower than `flag_size`, where recall falls and reviewers see little;
    * with a norm over `drawn_norm`: drawn faces resemble each other whoever they show (cosine .59-.97, norm 78-114,
      median 97) while photographs stay under it (LFW: median 68, 2 of 885 over 92);
    * whose person is seen better elsewhere in the same picture: nobody stands there twice.
    Raises NotReady where the gallery was made with a recogniser of another dimension.
    """
    rows = _Rows.of(gallery)
    return tuple(_each_person_once(faces, [_match(face, rows, thresholds) for face in faces]))


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The gallery ordered by person; `starts[i]` is the first row of `people[i]`."""

    matrix: Floats
    photos: tuple[str, ...]
    people: tuple[str, ...]
    starts: npt.NDArray[np.intp]

    @classmethod
    def of(cls, gallery: Gallery) -> _Rows:
        """The answer must not depend on the order in which photos were registered."""
        order = sorted(range(len(gallery.candidates)), key=lambda row: (gallery.candidates[row], gallery.photos[row]))
        owners = [gallery.candidates[row] for row in order]
        starts = [row for row, owner in enumerate(owners) if row == 0 or owner != owners[row - 1]]
        photos = tuple(gallery.photos[row] for row in order)
        matrix = np.ascontiguousarray(gallery.matrix[order]) if order else gallery.matrix
        return cls(matrix, photos, tuple(owners[row] for row in starts), np.array(starts, np.intp))

    def scores(self, embedding: Floats) -> Floats:
        """Cosine with every photo, row by row the same whatever the other rows are."""
        if self.matrix.shape[1:] != embedding.shape:
            raise NotReady(
                "Foto acuan didaftarkan dengan model wajah lain; daftarkan ulang foto acuan kontes ini. / "
                "The reference photos were enrolled with another face model; enrol the photos of this contest again."
            )
        result: Floats = np.einsum("nd,d->n", self.matrix, embedding)
        return result


def _match(face: Face, rows: _Rows, limits: FaceThresholds) -> FaceMatch:
    if face.embedding is None or face.size < limits.compare_size:
        return FaceMatch("too_small")
    if not rows.people:
        return FaceMatch("none")
    scores = rows.scores(face.embedding)
    by_person = np.maximum.reduceat(scores, rows.starts)
    best = int(by_person.argmax())
    others = np.delete(by_person, best)
    score, runner_up = float(by_person[best]), float(others.max()) if len(others) else None
    band = _band(face, score, runner_up, limits)
    if band == "none":
        return FaceMatch("none", score=score, runner_up=runner_up)
    end = rows.starts[best + 1] if best + 1 < len(rows.people) else len(scores)
    photo = rows.photos[rows.starts[best] + int(scores[rows.starts[best] : end].argmax())]
    return FaceMatch(band, rows.people[best], score, runner_up, photo)


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
