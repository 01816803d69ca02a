"""Finding faces: geometry without models, then the real nets on made pictures, a group photo and LFW."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.imaging.pyramid import Pyramid
from app.vision.enrolment import choose_face
from app.vision.face_crops import aligned, alignment, squares
from app.vision.face_detector import FINER_PIXELS, LONGEST_SIDE, MOST_ENLARGED, pass_scales
from app.vision.face_format import ALIGNED_SIDE, ARCFACE_TEMPLATE
from app.vision.faces import MOST_EMBEDDED, FaceDetector, FaceEmbedder, find_faces
from app.vision.gallery import NAMED, FaceThresholds, Gallery, match_faces
from app.vision.observations import Face
from app.vision.proposals import best_boxes, log_odds, probability_of

LIMITS = FaceThresholds()
REPOSITORY = Path(__file__).parents[2]
Find = Callable[[np.ndarray], tuple[Face, ...]]


# -- geometry ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("angle", [0.0, 0.7, -2.0])
@pytest.mark.parametrize("scale", [0.2, 1.0, 9.0])
def test_alignment_undoes_any_similarity(angle: float, scale: float) -> None:
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    marks = ARCFACE_TEMPLATE @ turn.T + [300, 40]
    matrix = alignment(marks.astype(np.float32))
    assert matrix is not None
    np.testing.assert_allclose(marks @ matrix[:, :2].T + matrix[:, 2], ARCFACE_TEMPLATE, atol=1e-3)


def test_alignment_is_that_of_scikit_image_and_so_of_insightface() -> None:
    transform = pytest.importorskip("skimage.transform")
    random = np.random.default_rng(3)
    for _ in range(20):
        marks = ((ARCFACE_TEMPLATE + random.normal(0, 8, (5, 2))) * random.uniform(0.3, 4) + 50).astype(np.float32)
        wanted = transform.SimilarityTransform.from_estimate(marks, ARCFACE_TEMPLATE)
        np.testing.assert_allclose(alignment(marks), wanted.params[:2], atol=1e-3)


def test_landmarks_that_say_nothing_have_no_alignment() -> None:
    assert alignment(np.full((5, 2), 9, np.float32)) is None
    assert alignment(np.full((5, 2), np.nan, np.float32)) is None
    assert aligned(Pyramid(np.zeros((9, 9, 3), np.uint8)), np.zeros((5, 2), np.float32)) is None


def ramp(height: int, width: int) -> np.ndarray:
    """Blue grows to the right, green downwards: a pixel's colour tells its place."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.linspace(0, 255, width)[None]
    pixels[..., 1] = np.linspace(0, 255, height)[:, None]
    return pixels


@pytest.mark.parametrize("size", [20.0, 60.0, 300.0, 900.0])
def test_a_crop_shows_its_place_whichever_halving_it_is_cut_from(size: float) -> None:
    pixels = ramp(1001, 1403)
    matrix = squares(np.array([[700.0, 500.0]]), np.array([size]), np.array([0.0]), 32)[0]
    crop = Pyramid(pixels).crop(matrix, 32).astype(float)
    inside = np.array([[x, y] for y in range(32) for x in range(32)], float)
    places = (inside - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T
    np.testing.assert_allclose(crop[..., 0].ravel(), places[:, 0] / 1402 * 255, atol=2.0)
    np.testing.assert_allclose(crop[..., 1].ravel(), places[:, 1] / 1000 * 255, atol=2.0)


def test_a_crop_far_along_a_very_long_picture() -> None:
    pixels = ramp(40, 45_000)
    matrix = squares(np.array([[40_000.0, 20.0]]), np.array([32.0]), np.array([0.0]), 32)[0]
    assert abs(float(Pyramid(pixels).crop(matrix, 32)[16, 16, 0]) - 40_000 / 45_000 * 255) < 2


def test_a_crop_outside_the_picture_is_filled() -> None:
    matrix = squares(np.array([[-500.0, 5.0]]), np.array([20.0]), np.array([0.3]), 8)[0]
    assert (Pyramid(np.zeros((10, 10, 3), np.uint8)).crop(matrix, 8) == 127).all()


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 50_000_000), (7000, 7000), (3000, 40), (250, 250), (5, 9)])
def test_every_pass_is_bounded(height: int, width: int) -> None:
    scales = pass_scales(height, width)
    for scale in scales:
        assert max(height, width) * scale <= LONGEST_SIDE + 1e-6
        assert height * width * scale**2 <= FINER_PIXELS + 1e-6
        assert scale <= max(MOST_ENLARGED, scales.coarse)
    assert scales.fine <= scales.finer


def test_suppression_keeps_the_best_of_what_overlaps() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [50, 50, 60, 60], [52, 52, 55, 55]], float)
    scores = np.array([0.5, 0.9, 0.8, 0.95])
    assert best_boxes(boxes, scores, 0.3).tolist() == [3, 1, 2]
    assert best_boxes(boxes, scores, 0.3, inside=0.6).tolist() == [3, 1]
    assert best_boxes(np.zeros((0, 4)), np.zeros(0), 0.3).tolist() == []


def test_both_ways_of_suppression_agree() -> None:
    random = np.random.default_rng(4)
    for count in (0, 1, 40, 200):
        corners = random.uniform(0, 300, (count, 2))
        boxes = np.concatenate([corners, corners + random.uniform(5, 90, (count, 2))], axis=1)
        scores = random.normal(size=count).round(1)
        assert best_boxes(boxes, scores, 0.3).tolist() == best_boxes(boxes, scores, 0.3, inside=2.0).tolist()


def test_log_odds_and_back() -> None:
    values = np.array([0.01, 0.5, 0.97])
    np.testing.assert_allclose(probability_of(log_odds(values)), values)
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()


def test_faces_load_without_scikit_image_and_scipy() -> None:
    code = "import sys, app.vision.faces; print(sorted({'scipy', 'skimage', 'insightface'} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert result.stdout.strip() == "[]"


# -- the nets ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def detector(model_folder: Path) -> FaceDetector:
    return FaceDetector(model_folder)


@pytest.fixture(scope="module")
def embedder(model_folder: Path) -> FaceEmbedder:
    return FaceEmbedder(model_folder)


@pytest.fixture(scope="module")
def find(detector: FaceDetector, embedder: FaceEmbedder) -> Find:
    return lambda pixels: find_faces(pixels, detector, embedder, LIMITS)


@pytest.fixture(scope="module")
def group() -> np.ndarray:
    """The photo of six people that the insightface package installs."""
    package = importlib.util.find_spec("insightface")
    path = Path(package.origin).parent / "data" / "images" / "t1.jpg" if package and package.origin else Path("absent")
    if not path.is_file():
        pytest.skip("the insightface package, and with it its sample photo, is not installed")
    return cv2.imread(str(path))


@pytest.mark.models
@pytest.mark.parametrize(
    "shape", [(1, 1), (2, 3), (1, 5000), (5000, 1), (16, 40_000), (40_000, 3), (33, 31), (3000, 3000)]
)
@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_picture_of_nothing_has_no_faces(find: Find, shape: tuple[int, int], shade: int) -> None:
    assert find(np.full((*shape, 3), shade, np.uint8)) == ()


@pytest.mark.models
@pytest.mark.parametrize("shape", [(1, 900), (64, 64), (700, 900), (20_000, 9)])
def test_noise_neither_fails_nor_makes_faces(find: Find, shape: tuple[int, int]) -> None:
    assert find(np.random.default_rng(5).integers(0, 256, (*shape, 3), dtype=np.uint8)) == ()


@pytest.mark.models
@pytest.mark.parametrize("scale", [1.0, 0.5, 0.25])
def test_all_six_of_the_group_photo_are_found_down_to_a_quarter(find: Find, group: np.ndarray, scale: float) -> None:
    pixels = cv2.resize(group, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    faces = find(pixels)
    assert len(faces) == 6
    assert [face.size for face in faces] == sorted((face.size for face in faces), reverse=True)
    for face in faces:
        x0, y0, x1, y1 = face.box
        assert 0 <= x0 < x1 <= pixels.shape[1]
        assert 0 <= y0 < y1 <= pixels.shape[0]
        assert face.embedding is not None
        assert face.embedding.dtype == np.float32
        assert np.linalg.norm(face.embedding) == pytest.approx(1.0, abs=1e-5)
        assert ((face.landmarks > [x0, y0]) & (face.landmarks < [x1, y1])).all()
        left_eye, right_eye = face.landmarks[0], face.landmarks[1]
        assert left_eye[0] < right_eye[0]


@pytest.mark.models
def test_boxes_stay_inside_when_faces_are_cut_by_the_edge(find: Find, group: np.ndarray) -> None:
    biggest = find(group)[0]
    x0, y0, x1, y1 = (round(value) for value in biggest.box)
    cut = np.ascontiguousarray(group[y0 + 10 : y1 + 40, x0 + 25 : x1 + 40])
    for face in find(cut):
        assert min(face.box) >= 0
        assert face.box[2] <= cut.shape[1]
        assert face.box[3] <= cut.shape[0]


@pytest.mark.models
def test_two_enrolled_from_crops_are_named_and_the_other_four_are_not(find: Find, group: np.ndarray) -> None:
    faces = find(group)
    for first in range(6):
        second = (first + 1) % 6
        rows = [choose_face(find(crop_around(group, faces[index]))) for index in (first, second)]
        gallery = Gallery(np.stack([row.embedding for row in rows]), ("satu", "dua"), ("1.jpg", "2.jpg"), "test")
        for scale in (1.0, 0.5):
            seen = find(cv2.resize(group, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
            matches = match_faces(seen, gallery, LIMITS)
            for face, match in zip(seen, matches, strict=True):
                truth = nearest(faces, face, scale)
                if truth == first:
                    assert (match.band, match.candidate) == ("strong", "satu")
                elif truth == second:
                    assert (match.band, match.candidate) == ("strong", "dua")
                else:
                    assert match.band in {"none", "review"}


def crop_around(pixels: np.ndarray, face: Face) -> np.ndarray:
    """The face with some of its surroundings, but nobody else's face."""
    x0, y0, x1, y1 = face.box
    margin = 0.35 * face.size
    top, left = round(max(0, y0 - margin)), round(max(0, x0 - margin))
    return np.ascontiguousarray(pixels[top : round(y1 + margin), left : round(x1 + margin)])


def nearest(faces: tuple[Face, ...], face: Face, scale: float) -> int:
    """Which of `faces` stands where `face` was found in the picture resized by `scale`."""
    centre = face.landmarks.mean(axis=0) / scale
    return int(np.argmin([np.linalg.norm(other.landmarks.mean(axis=0) - centre) for other in faces]))


@pytest.mark.models
def test_the_same_picture_gives_the_same_faces(find: Find, group: np.ndarray) -> None:
    for left, right in zip(find(group), find(group), strict=True):
        assert (left.box, left.score, left.norm) == (right.box, right.score, right.norm)
        assert left.embedding is not None
        assert right.embedding is not None
        assert (left.embedding == right.embedding).all()


@pytest.mark.models
def test_mirroring_a_face_leaves_its_embedding(embedder: FaceEmbedder, find: Find, group: np.ndarray) -> None:
    crop = aligned(Pyramid(group), find(group)[0].landmarks)
    assert crop is not None
    assert crop.shape == (ALIGNED_SIDE, ALIGNED_SIDE, 3)
    np.testing.assert_allclose(embedder.vector(crop), embedder.vector(crop[:, ::-1]), atol=1e-3)
    assert embedder.vector(crop).shape == (embedder.dimension,)
    assert embedder.model.startswith("mobilefacenet_192-")


class Crowd:
    """A detector that reports the same face many times, in falling sizes."""

    def __init__(self, face: Face, sizes: list[float]) -> None:
        self.faces = [Face((0.0, 0.0, size, size), face.landmarks, 0.9) for size in sizes]

    def detect(self, picture: object) -> list[Face]:
        return self.faces


@pytest.mark.models
def test_a_crowd_and_small_faces_are_not_all_embedded(embedder: FaceEmbedder, group: np.ndarray, find: Find) -> None:
    sizes = [20.0, 23.9, 24.0] + [30.0 + index for index in range(70)]
    faces = find_faces(group, Crowd(find(group)[0], sizes), embedder, LIMITS)
    assert [face.size for face in faces] == sorted(sizes, reverse=True)
    assert [face.embedding is not None for face in faces] == [True] * MOST_EMBEDDED + [False] * (len(sizes) - 60)
    few = find_faces(group, Crowd(find(group)[0], sizes[:4]), embedder, LIMITS)
    assert [face.embedding is not None for face in few] == [True, True, False, False]


# -- photos beside the repository -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def people(shared_data: Path) -> list[Path]:
    folder = shared_data / "faces" / "known"
    if not folder.is_dir():
        pytest.skip("no ../shared/data/faces beside the repository")
    return sorted(folder.iterdir())


def central(faces: tuple[Face, ...]) -> Face:
    """LFW's person stands in the middle of 250 x 250 pixels; bystanders are possible."""
    return min(faces, key=lambda face: float(np.abs(face.landmarks.mean(axis=0) - 125).sum()))


@pytest.mark.models
def test_rosters_of_five_on_twenty_photos(find: Find, people: list[Path], shared_data: Path) -> None:
    """Two rosters with three photos a person: nobody is ever named wrongly; one of the twenty may go to review."""
    roster = [person for person in people if len(list(person.iterdir())) >= 5][:10]
    unknown = sorted((shared_data / "faces" / "unknown").iterdir())
    missed = 0
    for start in (0, 5):
        chosen = roster[start : start + 5]
        gallery = enrolled(find, chosen)
        probes = [(person.name, photo) for person in chosen for photo in sorted(person.iterdir())[3:5]]
        probes += [(None, photo) for photo in unknown[2 * start : 2 * start + 10]]
        assert len(probes) == 20
        for truth, photo in probes:
            matches = match_faces(find(cv2.imread(str(photo))), gallery, LIMITS)
            named = {match.candidate for match in matches if match.band in NAMED}
            assert named <= {truth}, photo.name
            if truth and not named:
                missed += 1
                assert truth in {match.candidate for match in matches if match.band == "review"}, photo.name
    assert missed <= 1


def enrolled(find: Find, people: list[Path]) -> Gallery:
    """The first three photos of each."""
    photos = [photo for person in people for photo in sorted(person.iterdir())[:3]]
    vectors = [central(find(cv2.imread(str(photo)))).embedding for photo in photos]
    return Gallery(np.stack(vectors), tuple(p.parent.name for p in photos), tuple(p.name for p in photos), "test")


@pytest.mark.models
def test_nearly_every_lfw_face_is_found(detector: FaceDetector, people: list[Path]) -> None:
    photos = [sorted(person.iterdir())[0] for person in people[::3]]
    found = sum(
        any(face.box[0] < 125 < face.box[2] and face.box[1] < 125 < face.box[3] for face in detector.detect(pixels))
        for pixels in (cv2.imread(str(photo)) for photo in photos)
    )
    assert found >= len(photos) - 1
