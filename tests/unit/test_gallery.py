"""Naming faces: bands, abstention, and properties that must hold whatever the faces are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import NotReady
from app.vision.gallery import NAMED, FaceMatch, FaceThresholds, Gallery, match_faces
from app.vision.observations import Face, Floats

LIMITS = FaceThresholds()
DIMENSION = 16


def axis(index: int) -> Floats:
    vector = np.zeros(DIMENSION, np.float32)
    vector[index] = 1
    return vector


def at(**cosines: float) -> Floats:
    """A unit vector with the given cosine to axis 0 (a), 1 (b) …; the rest lies on the last axis."""
    vector = np.zeros(DIMENSION, np.float32)
    for name, cosine in cosines.items():
        vector["abcd".index(name)] = cosine
    vector[-1] = np.sqrt(1 - float((vector**2).sum()))
    return vector


def face(embedding: Floats | None, size: float = 100.0, norm: float = 68.0, left: float = 0.0) -> Face:
    box = (left, 0.0, left + size, size)
    return Face(box, np.zeros((5, 2), np.float32), 0.9, embedding, None if embedding is None else norm)


def gallery(*people: str) -> Gallery:
    """One photo on its own axis for each person."""
    matrix = np.stack([axis(index) for index in range(len(people))]) if people else np.zeros((0, DIMENSION), np.float32)
    return Gallery(matrix, people, tuple(f"{name}.jpg" for name in people), "test")


def one(embedding: Floats | None, people: Sequence[str] = ("a", "b", "c"), **shape: float) -> FaceMatch:
    return match_faces([face(embedding, **shape)], gallery(*people), LIMITS)[0]


@pytest.mark.parametrize(
    ("cosine", "band"),
    [(0.9, "strong"), (0.641, "strong"), (0.639, "possible"), (0.581, "possible"), (0.579, "review"), (0.501, "review"),
     (0.499, "none"), (0.1, "none")],
)  # fmt: skip
def test_the_cosine_decides_the_band(cosine: float, band: str) -> None:
    match = one(at(a=cosine))
    assert match.band == band
    assert match.candidate == (None if band == "none" else "a")
    assert match.photo == (None if band == "none" else "a.jpg")
    assert match.score == pytest.approx(cosine, abs=1e-5)


def test_a_second_person_almost_as_near_leaves_it_to_the_reviewer() -> None:
    near, clear = one(at(a=0.62, b=0.58)), one(at(a=0.62, b=0.55))
    assert (near.band, near.candidate) == ("review", "a")
    assert clear.band == "possible"
    assert clear.runner_up == pytest.approx(0.55, abs=1e-5)
    assert one(at(a=0.66, b=0.63)).band == "strong"


def test_the_runner_up_is_another_person_and_not_another_photo() -> None:
    two_photos = Gallery(np.stack([at(a=0.95), axis(0)]), ("a", "a"), ("side.jpg", "front.jpg"), "test")
    match = match_faces([face(axis(0))], two_photos, LIMITS)[0]
    assert (match.band, match.runner_up, match.photo) == ("strong", None, "front.jpg")


def test_a_person_is_the_mean_of_the_photos() -> None:
    mean = (axis(0) + axis(1) + axis(2)) / np.sqrt(3)
    person = Gallery(np.stack([axis(0), axis(1), axis(2)]), ("a",) * 3, ("0.jpg", "1.jpg", "2.jpg"), "test")
    match = match_faces([face(mean)], person, LIMITS)[0]
    assert (match.band, match.score) == ("strong", pytest.approx(1.0, abs=1e-5))


def test_one_photo_of_somebody_else_does_not_name_that_somebody() -> None:
    mixed = Gallery(np.stack([axis(0), at(a=0.9), axis(1)]), ("a",) * 3, ("0.jpg", "1.jpg", "wrong.jpg"), "test")
    right, somebody = match_faces([face(axis(0)), face(axis(1), left=200)], mixed, LIMITS)
    assert (right.band, right.candidate) == ("strong", "a")
    assert somebody.band == "none"


@pytest.mark.parametrize(("size", "band"), [(40.0, "strong"), (39.9, "review"), (24.0, "review"), (23.9, "too_small")])
def test_small_faces_name_nobody(size: float, band: str) -> None:
    assert one(axis(0), size=size).band == band


def test_a_face_without_an_embedding_is_not_compared() -> None:
    assert one(None) == FaceMatch("not_compared")


def test_a_drawn_face_is_left_to_the_reviewer() -> None:
    assert one(axis(0), norm=91.0).band == "strong"
    assert one(axis(0), norm=97.0).band == "review"


def test_nobody_is_registered() -> None:
    assert one(axis(0), people=()) == FaceMatch("none")
    empty = Gallery(np.zeros((0, 0), np.float32), (), (), "test")
    assert match_faces([face(axis(0))], empty, LIMITS) == (FaceMatch("none"),)
    assert match_faces([], gallery("a"), LIMITS) == ()


def test_a_gallery_of_another_model_is_refused_with_what_to_do() -> None:
    other = Gallery(np.eye(1, 8, dtype=np.float32), ("a",), ("a.jpg",), "other")
    with pytest.raises(NotReady, match="daftarkan ulang"):
        match_faces([face(axis(0))], other, LIMITS)


def test_one_person_stands_once_in_a_picture() -> None:
    faces = [face(at(a=0.7)), face(at(a=0.9), left=200), face(at(b=0.8), left=400)]
    first, second, third = match_faces(faces, gallery("a", "b"), LIMITS)
    assert (first.band, first.candidate) == ("review", "a")
    assert (second.band, second.candidate) == ("strong", "a")
    assert (third.band, third.candidate) == ("strong", "b")


def test_a_face_too_small_to_flag_does_not_take_the_name_from_a_big_one() -> None:
    small, big = match_faces([face(at(a=0.9), size=30), face(at(a=0.7), left=200)], gallery("a"), LIMITS)
    assert (small.band, big.band) == ("review", "strong")


@st.composite
def scenes(draw: st.DrawFn) -> tuple[list[Face], Gallery]:
    """Up to six faces, some near registered people, and up to five people with one to three photos."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def near(centre: Floats, spread: float) -> Floats:
        vector = centre + random.normal(0, spread, DIMENSION)
        return (vector / np.linalg.norm(vector)).astype(np.float32)

    people = [near(np.zeros(DIMENSION, np.float32), 1.0) for _ in range(draw(st.integers(0, 5)))]
    rows = [
        (f"p{index}", near(person, 0.1)) for index, person in enumerate(people) for _ in range(random.integers(1, 4))
    ]
    matrix = np.stack([row for _, row in rows]) if rows else np.zeros((0, DIMENSION), np.float32)
    names = tuple(name for name, _ in rows)
    faces = []
    for index in range(draw(st.integers(0, 6))):
        centre = people[random.integers(len(people))] if people and random.random() < 0.7 else near(axis(0), 1.0)
        size = float(random.choice([20.0, 30.0, 60.0, 200.0]))
        faces.append(face(near(centre, 0.15), size=size, norm=float(random.uniform(50, 100)), left=300.0 * index))
    return faces, Gallery(matrix, names, tuple(f"{i}.jpg" for i in range(len(rows))), "test")


@settings(max_examples=150, deadline=None)
@given(scenes(), st.randoms())
def test_the_order_of_faces_and_of_photos_changes_nothing(scene: tuple[list[Face], Gallery], random: object) -> None:
    faces, people = scene
    expected = match_faces(faces, people, LIMITS)
    order, rows = list(range(len(faces))), list(range(len(people.candidates)))
    random.shuffle(order)  # type: ignore[attr-defined]
    random.shuffle(rows)  # type: ignore[attr-defined]
    candidates, photos = (tuple(values[row] for row in rows) for values in (people.candidates, people.photos))
    mixed = replace(people, matrix=people.matrix[rows], candidates=candidates, photos=photos)
    assert match_faces([faces[index] for index in order], mixed, LIMITS) == tuple(expected[index] for index in order)


@settings(max_examples=150, deadline=None)
@given(scenes())
def test_nobody_is_named_without_reason(scene: tuple[list[Face], Gallery]) -> None:
    faces, people = scene
    matches = match_faces(faces, people, LIMITS)
    named = [match.candidate for match in matches if match.band in NAMED]
    assert len(named) == len(set(named)), "one person twice"
    for seen, match in zip(faces, matches, strict=True):
        assert seen.embedding is not None
        scores = {name: mean_of(people, name) @ seen.embedding for name in people.candidates}
        best = max(scores.values(), default=-1.0)
        assert (match.candidate is None) == (match.band in {"none", "too_small"})
        if match.candidate is not None:
            assert match.score == pytest.approx(best, abs=1e-5)
            assert scores[match.candidate] == pytest.approx(best, abs=1e-5)
            assert people.candidates[people.photos.index(match.photo or "")] == match.candidate
        if match.band in NAMED:
            assert best >= LIMITS.possible - 1e-5
            assert seen.size >= LIMITS.flag_size
            assert seen.norm is not None
            assert seen.norm <= LIMITS.drawn_norm
        if best < LIMITS.review - 1e-5:
            assert match.band in {"none", "too_small"}


def mean_of(people: Gallery, name: str) -> Floats:
    """The unit mean of a person's rows, computed apart from the code under test."""
    total = np.sum([row for row, owner in zip(people.matrix, people.candidates, strict=True) if owner == name], axis=0)
    return total / np.linalg.norm(total)
