"""How well a face can be seen: pose against a turned model of a head, blur, and what is said of it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from app.imaging.pyramid import Pyramid
from app.review.seen_faces import faces_of, said_of
from app.vision.enrolment import same_face
from app.vision.face_quality import pose_of, quality_json, seen_as, with_sharpness
from app.vision.observations import Face, Floats
from tests.copying import drawn

HEAD = np.array([[-0.5, -0.5, 0], [0.5, -0.5, 0], [0, 0, 0.5], [-0.4, 0.5, 0], [0.4, 0.5, 0]])
"""Eyes, nose and mouth corners, in eye distances; the nose looks at the camera."""


def turned(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0, size: float = 60.0) -> Floats:
    """The five points of a head turned by so many degrees, seen from far away."""
    y, p, r = np.radians([yaw, pitch, roll])
    around_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    around_x = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    around_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return ((HEAD @ (around_z @ around_x @ around_y).T)[:, :2] * size + 200).astype(np.float32)


def face(marks: Floats, left: float = 0.0, **more: float) -> Face:
    return Face((left, 0.0, left + 100.0, 100.0), marks, 0.9, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("yaw", [-40, -20, 0, 20, 40])
@pytest.mark.parametrize("roll", [-30, 0, 15])
def test_yaw_and_roll(yaw: float, roll: float) -> None:
    found = pose_of(turned(yaw=yaw, roll=roll))
    assert found.yaw == pytest.approx(yaw, abs=5)
    assert found.roll == pytest.approx(roll, abs=3)
    assert found.pitch == pytest.approx(0, abs=3)


@pytest.mark.parametrize("pitch", [-25, -10, 0, 10, 25])
def test_pitch(pitch: float) -> None:
    found = pose_of(turned(pitch=pitch))
    assert found.pitch == pytest.approx(pitch, abs=5)
    assert found.yaw == pytest.approx(0, abs=1)


def test_a_face_without_width_has_no_pose() -> None:
    assert pose_of(np.zeros((5, 2), np.float32)) == pose_of(np.full((5, 2), 7, np.float32))
    found = quality_json(face(np.zeros((5, 2), np.float32)))
    assert (found["yaw"], found["blur"], found["norm"]) == (0, None, None)


def test_blur_lowers_sharpness_whatever_the_size() -> None:
    values = []
    for blur in (0, 2, 5):
        pixels = drawn(4) if not blur else np.asarray(cv2.GaussianBlur(drawn(4), (0, 0), blur), np.uint8)
        (seen,) = with_sharpness(Pyramid(pixels), [face(turned(size=50))])
        assert seen.sharpness is not None
        values.append(seen.sharpness)
    assert values[0] > 3 * values[1] > 9 * values[2]
    assert with_sharpness(Pyramid(drawn(4)), [face(np.zeros((5, 2), np.float32))])[0].sharpness == 0.0


def test_what_is_said_of_faces() -> None:
    def stored(band: str, candidate: str | None = None, blur: float | None = 50.0) -> dict[str, object]:
        return {"box": [0, 0, 9, 9], "size": 9, "band": band, "candidate": candidate, "quality": {"blur": blur}}

    old = {"box": [0, 0, 9, 9], "size": 9, "band": "none", "candidate": None}
    picture = {"faces": [stored("strong", "a"), stored("review", "b"), stored("none"), stored("none", blur=3.0), old]}
    (said,) = said_of([picture, {"faces": []}])
    assert said["kinds"] == {"matched": 2, "none": 2, "blurred": 1}
    assert said["text_id"].startswith("5 wajah terlihat: 2 mirip calon terdaftar")
    assert said["text_en"].startswith("5 faces seen: 2 resemble registered candidates, 2 fit")
    (small,) = said_of([{"faces": [stored("too_small")]}])
    assert "terlihat, terlalu kecil untuk dibandingkan" in small["text_id"]
    assert "seen, too small to compare" in small["text_en"]
    assert [one["face"] for one in faces_of([picture])] == [1, 2, 3, 4, 5]
    assert seen_as("none", None) == "none"
    assert seen_as("too_small", 1.0) == "too_small"


def test_the_same_face_again() -> None:
    faces = [face(turned()), face(turned(), left=300.0)]
    assert same_face(faces, (290.0, 0.0, 390.0, 110.0)) == 1
    assert same_face(faces, (150.0, 0.0, 250.0, 100.0)) is None
    assert same_face([], (0.0, 0.0, 9.0, 9.0)) is None
