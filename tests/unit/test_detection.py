"""Finding faces where it is hard: small ones, ones that fill the frame, photos on their side; other detectors."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from app.errors import NotReady
from app.evaluation.face_sheets import FACE_SHARE, filling, hits, sheet
from app.imaging.pyramid import Pyramid
from app.vision.face_crops import apart, quarter_turns, turned_back
from app.vision.face_detector import Detector, FaceDetector
from app.vision.face_format import ARCFACE_TEMPLATE
from app.vision.observations import Face
from app.vision.other_detectors import open_detector
from app.vision.proposals import overlap

OWN = ("scrfd_500m_bnkps.onnx", "face_detection_yunet_2026may.onnx")


@pytest.fixture(scope="module")
def detector(model_folder: Path) -> FaceDetector:
    return FaceDetector(model_folder)


@pytest.fixture(scope="module")
def group() -> np.ndarray:
    """The photo of six people that the insightface package installs."""
    package = importlib.util.find_spec("insightface")
    path = Path(package.origin).parent / "data" / "images" / "t1.jpg" if package and package.origin else Path("absent")
    if not path.is_file():
        pytest.skip("the insightface package, and with it its sample photo, is not installed")
    return cv2.imread(str(path))


@pytest.fixture(scope="module")
def six(detector: FaceDetector, group: np.ndarray) -> list[Face]:
    faces = detector.detect(group)
    assert len(faces) == 6
    return faces


def cuts(group: np.ndarray, six: list[Face]) -> list[np.ndarray]:
    return [filling(group, face, FACE_SHARE) for face in six]


class Counted:
    """A session that counts its runs and their pixels."""

    def __init__(self, session: Any) -> None:
        self.session, self.pixels = session, []

    def run(self, outputs: Any, feed: dict[str, np.ndarray]) -> Any:
        self.pixels.append(feed["input"].shape[2] * feed["input"].shape[3])
        return self.session.run(outputs, feed)


# -- geometry ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_face_found_in_a_turned_photo_is_put_back(turns: int) -> None:
    """A bright spot on a dark photo of 300 x 200, looked for at half its size and turned."""
    photo = np.zeros((200, 300), np.uint8)
    cv2.circle(photo, (220, 60), 8, 255, -1)
    small = np.rot90(cv2.resize(photo, (150, 100), interpolation=cv2.INTER_AREA), turns)
    rows, columns = np.nonzero(small > 128)
    box = tuple(float(value) for value in (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))
    spot = np.repeat([[columns.mean() + 0.5, rows.mean() + 0.5]], 5, axis=0).astype(np.float32)
    back = turned_back(Face(box, spot, 0.9), turns, (150, 100), (300, 200))
    assert back.box == pytest.approx((212, 52, 229, 69), abs=2)
    np.testing.assert_allclose(back.landmarks, [[220.5, 60.5]] * 5, atol=1)


@pytest.mark.parametrize(("turns", "needed"), [(0, 0), (1, 3), (2, 0), (3, 1)])
def test_the_eyes_tell_on_which_side_a_photo_lies(turns: int, needed: int) -> None:
    """One of three stands: the photo still lies."""
    angle = -turns * np.pi / 2
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    lying = Face((0, 0, 1, 1), (ARCFACE_TEMPLATE @ turn.T).astype(np.float32), 0.95)
    standing = Face((0, 0, 1, 1), ARCFACE_TEMPLATE.astype(np.float32), 0.95)
    assert quarter_turns([lying, lying, standing]) == needed
    assert quarter_turns([standing, standing, lying]) == 0


def test_a_second_box_with_the_same_eyes_is_no_second_face() -> None:
    upper = ARCFACE_TEMPLATE * np.array([1.0, 0.7]) + np.array([4, 6])
    beside = ARCFACE_TEMPLATE + np.array([90, 0])
    assert apart(np.stack([ARCFACE_TEMPLATE, upper, beside])).tolist() == [0, 2]
    assert apart(np.zeros((0, 5, 2))).tolist() == []


def test_overlap_is_the_highest_with_any() -> None:
    boxes = np.array([[0, 0, 10, 10], [50, 50, 60, 60]], float)
    np.testing.assert_allclose(overlap(boxes, np.array([[0, 0, 10, 5], [1, 0, 11, 10]], float)), [90 / 110, 0])
    assert overlap(boxes, np.zeros((0, 4))).tolist() == [0, 0]


# -- the nets ---------------------------------------------------------------------------------------------------------


@pytest.mark.models
@pytest.mark.parametrize("share", [0.5, 0.7, 0.9, 1.0])
def test_a_face_that_fills_the_frame_is_found(
    detector: FaceDetector, group: np.ndarray, six: list[Face], share: float
) -> None:
    for face in six:
        found = detector.detect(filling(group, face, share))
        assert found, face.box
        assert found[0].size > 0.6 * face.size


@pytest.mark.models
@pytest.mark.parametrize(("width", "least"), [(24, 0.75), (32, 0.9), (48, 1.0), (90, 1.0), (150, 1.0)])
def test_small_faces_among_clutter(
    detector: FaceDetector, group: np.ndarray, six: list[Face], width: float, least: float
) -> None:
    pictures = [sheet(cuts(group, six), width, seed) for seed in (1, 2)]
    found = [detector.detect(pixels) for pixels, _ in pictures]
    assert sum(hits(faces, boxes) for faces, (_, boxes) in zip(found, pictures, strict=True)) >= least * 24
    assert sum(len(faces) for faces in found) <= 24 + 1


@pytest.mark.models
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_photos_on_their_side_or_head(detector: FaceDetector, group: np.ndarray, six: list[Face], turns: int) -> None:
    """The whole group on its side; each person alone also upside down."""
    photos = [filling(group, face, 0.4) for face in six] + ([] if turns == 2 else [group])
    for photo in photos:
        upright = detector.detect(photo)
        turned = np.ascontiguousarray(np.rot90(photo, turns))
        found = detector.detect(turned)
        assert len(found) == len(upright)
        for face in found:
            x0, y0, x1, y1 = face.box
            assert 0 <= x0 < x1 <= turned.shape[1]
            assert 0 <= y0 < y1 <= turned.shape[0]
            eyes, mouth = face.landmarks[:2].mean(axis=0), face.landmarks[3:].mean(axis=0)
            down = (mouth - eyes) / np.linalg.norm(mouth - eyes)
            assert down @ np.array({1: (1, 0), 2: (0, -1), 3: (-1, 0)}[turns]) > 0.7


@pytest.mark.models
def test_the_finer_pass_is_run_only_for_small_faces_and_is_bounded(
    model_folder: Path, group: np.ndarray, six: list[Face]
) -> None:
    looked = FaceDetector(model_folder)
    looked.short = Counted(looked.short)
    looked.detect(group)
    assert len(looked.short.pixels) == 2
    looked.short.pixels.clear()
    looked.detect(sheet(cuts(group, six), 26, 1)[0])
    assert len(looked.short.pixels) == 3
    assert max(looked.short.pixels) < 800_000
    looked.short.pixels.clear()
    looked.detect(np.full((3000, 4000, 3), 90, np.uint8))
    assert sum(looked.short.pixels) < 500_000


# -- detectors that users bring ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=OWN)
def other(request: pytest.FixtureRequest, shared_data: Path) -> Detector:
    path = shared_data / "models" / request.param
    if not path.is_file():
        pytest.skip(f"no ../shared/data/models/{request.param} beside the repository")
    return open_detector(path)


def test_another_detector_finds_the_group_and_faces_that_fill_the_frame(
    other: Detector, group: np.ndarray, six: list[Face]
) -> None:
    for scale in (1.0, 0.5):
        pixels = cv2.resize(group, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        found = other.detect(Pyramid(pixels))
        assert len(found) == 6
        assert [face.score for face in found] == sorted((face.score for face in found), reverse=True)
        for face in found:
            near = min(six, key=lambda one: float(np.abs(one.landmarks * scale - face.landmarks).max()))
            assert np.abs(near.landmarks * scale - face.landmarks).max() < 0.2 * face.size
            assert min(face.box) >= 0
    assert all(other.detect(filling(group, face, 0.9)) for face in six)


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (5000, 2), (64, 64), (700, 900)])
def test_another_detector_makes_no_faces_of_nothing(other: Detector, shape: tuple[int, int]) -> None:
    assert other.detect(np.full((*shape, 3), 128, np.uint8)) == []
    assert other.detect(np.random.default_rng(5).integers(0, 256, (*shape, 3), dtype=np.uint8)) == []


@pytest.mark.models
def test_a_folder_is_the_own_detector_and_any_other_file_is_refused(model_folder: Path, tmp_path: Path) -> None:
    assert isinstance(open_detector(model_folder), FaceDetector)
    with pytest.raises(NotReady, match=r"rnet\.onnx"):
        open_detector(model_folder / "rnet.onnx")
    with pytest.raises(NotReady, match=r"nowhere\.onnx"):
        open_detector(tmp_path / "nowhere.onnx")
