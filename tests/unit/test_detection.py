"""Finding faces where it is hard: small ones, ones that fill the frame, photos on their side; other detectors."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from app.errors import NotReady
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


def filling(pixels: np.ndarray, face: Face, share: float) -> np.ndarray:
    """The photo cut so that the face takes `share` of its width."""
    x0, y0, x1, y1 = face.box
    half = face.size / share / 2
    middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
    top, left = max(0, round(middle_y - half)), max(0, round(middle_x - half))
    return np.ascontiguousarray(pixels[top : round(middle_y + half), left : round(middle_x + half)])


def sheet(pixels: np.ndarray, faces: list[Face], width: float, seed: int) -> tuple[np.ndarray, list[tuple[float, ...]]]:
    """Twelve of the faces, `width` px wide and a little tinted, on clutter; the picture and their boxes."""
    random = np.random.default_rng(seed)
    rough = random.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    canvas = cv2.resize(rough, (1280, 960), interpolation=cv2.INTER_CUBIC)
    for _ in range(50):
        colour = tuple(int(value) for value in random.integers(0, 256, 3))
        place = int(random.integers(1280)), int(random.integers(960))
        size = int(random.integers(8, 80))
        if random.random() < 0.5:
            cv2.circle(canvas, place, size, colour, -1)
        else:
            cv2.rectangle(canvas, place, (place[0] + 2 * size, place[1] + size), colour, 3)
    boxes = []
    for index in range(12):
        face = faces[index % len(faces)]
        cut = filling(pixels, face, 0.6)
        side = round(width / 0.6)
        small = cv2.resize(cut, (side, side), interpolation=cv2.INTER_AREA) * random.uniform(0.7, 1.1)
        x, y = 60 + 310 * (index % 4), 40 + 310 * (index // 4)
        mask = np.zeros((side, side, 1), np.float32)
        cv2.ellipse(mask, (side // 2, side // 2), (round(side * 0.42), round(side * 0.48)), 0, 0, 360, 1, -1)
        part = canvas[y : y + side, x : x + side]
        part[:] = np.clip(part * (1 - mask) + small * mask, 0, 255).astype(np.uint8)
        boxes.append((x + side * 0.2, y + side * 0.2, x + side * 0.8, y + side * 0.8))
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", canvas)[1], cv2.IMREAD_COLOR)), boxes


def recall(found: list[Face], boxes: list[tuple[float, ...]]) -> float:
    """The share of boxes with a face whose middle lies in their inner part."""
    hits = 0
    for x0, y0, x1, y1 in boxes:
        middle, reach = np.array([(x0 + x1) / 2, (y0 + y1) / 2]), 0.35 * (x1 - x0)
        hits += any(np.abs(face.landmarks.mean(axis=0) - middle).max() < reach for face in found)
    return hits / len(boxes)


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
    pictures = [sheet(group, six, width, seed) for seed in (1, 2)]
    found = [detector.detect(pixels) for pixels, _ in pictures]
    shares = [recall(faces, boxes) for faces, (_, boxes) in zip(found, pictures, strict=True)]
    assert sum(shares) / 2 >= least
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
    looked.detect(sheet(group, six, 26, 1)[0])
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
