"""Choosing the face of a reference photo, and saying how good it is."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from app.errors import BadInput
from app.vision.enrolment import choose_face, quality
from app.vision.face_format import ARCFACE_TEMPLATE
from app.vision.face_quality import turn_of
from app.vision.observations import Face

UNIT = np.eye(1, 8, dtype=np.float32)[0]


def face(size: float = 100.0, left: float = 0.0, norm: float = 68.0, comparable: bool = True) -> Face:
    """A frontal face of this width with its landmarks where the template has them."""
    marks = (ARCFACE_TEMPLATE * size / 112 + [left, 0]).astype(np.float32)
    box = (left, 0.0, left + size, size)
    return Face(box, marks, 0.9, UNIT, norm) if comparable else Face(box, marks, 0.9)


def refused(faces: list[Face], choice: int | None = None) -> BadInput:
    with pytest.raises(BadInput) as caught:
        choose_face(faces, choice)
    return caught.value


def test_the_only_face_needs_no_choice() -> None:
    only = face()
    assert choose_face([only]) is only
    assert choose_face([only], 0) is only


def test_the_chosen_one_of_several() -> None:
    faces = [face(), face(left=200), face(left=400)]
    assert choose_face(faces, 2) is faces[2]


@pytest.mark.parametrize(
    ("faces", "choice", "reason", "field", "words"),
    [
        ([], None, "no-face", "photo", "Tidak ada wajah pada foto"),
        ([], 0, "no-face", "photo", "No face was found"),
        ([face(), face(left=200)], None, "several-faces", "choice", "nomor 0 sampai 1"),
        ([face(), face(left=200)], 2, "no-such-face", "choice", "no face number 2"),
        ([face()], -1, "no-such-face", "choice", "nomor -1"),
        ([face(39.0)], None, "face-too-small", "photo", "39 piksel, perlu 40"),
        ([face(), face(20.0, left=200)], 1, "face-too-small", "photo", "20 px, 40 needed"),
        ([face(comparable=False)], None, "not-comparable", "photo", "cannot be compared"),
    ],
)
def test_a_refusal_says_why_and_what_to_do(
    faces: list[Face], choice: int | None, reason: str, field: str, words: str
) -> None:
    error = refused(faces, choice)
    assert (error.status, error.field, error.extra["reason"], error.extra["count"]) == (422, field, reason, len(faces))
    assert words in error.detail
    assert " / " in error.detail


def test_a_refusal_lists_the_faces_to_choose_from() -> None:
    problem = json.loads(json.dumps(refused([face(), face(50.0, left=200)]).problem()))
    assert problem["faces"] == [
        {"choice": 0, "box": [0.0, 0.0, 100.0, 100.0], "size": 100.0},
        {"choice": 1, "box": [200.0, 0.0, 250.0, 50.0], "size": 50.0},
    ]


def picture(blur: float = 0.0) -> np.ndarray:
    """Random shading, as sharp as a photo and no sharper."""
    shades = np.random.default_rng(1).integers(0, 256, (120, 120, 3), dtype=np.uint8)
    return cv2.GaussianBlur(shades, (0, 0), 1.0 + blur)


def test_a_good_photo_has_no_warnings() -> None:
    result = quality(picture(), face(112.0))
    assert result["warnings"] == []
    assert (result["size"], result["turn"], result["norm"]) == (112.0, pytest.approx(0.0, abs=0.02), 68.0)
    assert json.loads(json.dumps(result)) == result


@pytest.mark.parametrize(
    ("pixels", "seen", "warning"),
    [
        (picture(), face(50.0), "small"),
        (picture(blur=6.0), face(112.0), "blurred"),
        (picture(), face(112.0, norm=50.0), "weak"),
        (picture(), face(112.0, norm=97.0), "drawn"),
    ],
)
def test_each_weakness_has_its_warning(pixels: np.ndarray, seen: Face, warning: str) -> None:
    assert quality(pixels, seen)["warnings"] == [warning]


@pytest.mark.parametrize("angle", [0.0, 0.5, -1.2])
@pytest.mark.parametrize(("shift", "turned"), [(-20.0, True), (-8.0, False), (8.0, False), (20.0, True)])
def test_a_turned_face_is_seen_whatever_its_tilt(angle: float, shift: float, turned: bool) -> None:
    marks = ARCFACE_TEMPLATE.copy()
    marks[2, 0] += shift
    tilt = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    tilted = ((marks - 56) @ tilt.T + 60).astype(np.float32)
    assert turn_of(tilted) == pytest.approx(shift / 35.24, abs=0.02)
    seen = Face((0.0, 0.0, 112.0, 112.0), tilted, 0.9, UNIT, 68.0)
    warnings = quality(picture(), seen)["warnings"]
    assert isinstance(warnings, list)
    assert ("turned" in warnings) == turned


def test_landmarks_in_one_point_are_only_useless() -> None:
    seen = Face((0.0, 0.0, 100.0, 100.0), np.full((5, 2), 7, np.float32), 0.9)
    result = quality(picture(), seen)
    assert (result["sharpness"], result["turn"], result["norm"], result["warnings"]) == (0.0, 0.0, None, ["blurred"])
