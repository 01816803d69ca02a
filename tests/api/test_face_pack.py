"""A pack in insightface's format from end to end: SCRFD and a recogniser, on the photo of the insightface package."""

from __future__ import annotations

import json
import shutil
from datetime import date
from importlib import import_module
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.auth.principal import SYSTEM
from app.demo.pictures import group_photo
from app.imaging.decode import ImageLimits
from app.roster.enrol import enrol
from app.roster.file import parse_roster
from app.roster.gallery import load_gallery
from app.screening.models import Models, load_faces, load_models
from app.screening.offline import choose_contest, field_from_file
from app.screening.pipeline import Screened, screen
from app.settings import settings
from app.vision.face_detector import FaceDetector
from app.vision.observations import Face
from app.vision.other_detectors import SquareDetector
from app.vision.packs import find_pack, pack_version
from tests.api.command import Netra
from tests.api.rosters import BAGUS
from tests.api.world import CONTEST, World
from tests.conftest import MODELS
from tests.made_models import with_named_start
from tests.made_people import made

NAME = "buffalo_like"
SCRFD = "scrfd_500m_bnkps.onnx"
commands = {name: import_module(f"app.cli.{name}") for name in ("calibrate_faces", "evaluate")}
pytestmark = pytest.mark.models


@pytest.fixture
def models_dir(
    netra: Netra, tmp_path: Path, model_folder: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A models folder with a pack as insightface lays it out."""
    folder = tmp_path / "models"
    (folder / NAME).mkdir(parents=True)
    shutil.copy(MODELS / "manifest.toml", folder)
    (folder / "default").symlink_to(model_folder)
    shutil.copy(shared_data / "models" / SCRFD, folder / NAME)
    with_named_start(model_folder / "mobilefacenet_192.onnx", folder / NAME / "w600k_mbf.onnx")
    monkeypatch.setenv("NETRA_MODELS_DIR", str(folder))
    settings.cache_clear()
    return folder


@pytest.fixture
def people(tmp_path: Path, model_folder: Path) -> list[Path]:
    """A photo of each of the six people, left to right."""
    pixels = group_photo()
    found = sorted(FaceDetector(model_folder).detect(pixels), key=lambda face: face.box)
    return [cut(pixels, face, tmp_path / f"person-{index}.jpg") for index, face in enumerate(found)]


def cut(pixels: np.ndarray, face: Face, path: Path) -> Path:
    x0, y0, x1, y1 = face.box
    edge = 0.5 * face.size
    inside = pixels[round(max(0, y0 - edge)) : round(y1 + edge), round(max(0, x0 - edge)) : round(x1 + edge)]
    cv2.imwrite(str(path), cv2.convertScaleAbs(inside, alpha=0.9))
    return path


def roster_of(photos: list[Path]) -> dict[str, object]:
    """Two pairs of one person each."""
    paslon = [
        {"number": n, "candidates": [{"name": f"Calon {n}", "photos": [photo.name]}]}
        for n, photo in enumerate(photos, 1)
    ]
    contest = {"id": "kab", "name": "Kab", "region": {"code": "11", "name": "R"}, "paslon": paslon}
    return {
        "election": {"id": "ele", "name": "Ele", "kind": "pilkada", "voting_day": "2029-11-14"},
        "contests": [contest],
    }


def screened(models: Models, photos: list[Path]) -> Screened:
    roster = parse_roster(roster_of(photos))
    warned: list[str] = []
    field = field_from_file(roster, choose_contest(roster, None), photos[0].parent, models, warned.append, lambda: None)
    assert not warned
    original = cv2.imencode(".jpg", group_photo())[1].tobytes()
    return screen([original], "", field, date(2029, 10, 19), models, ImageLimits())


def test_screening_without_limits_names_nobody_and_with_calibrated_ones_the_right_people(
    netra: Netra, models_dir: Path, people: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    models = load_models(models_dir, NAME)
    assert isinstance(models.detector, SquareDetector)
    before = screened(models, people[:2])
    (picture,) = before.evidence.pictures
    assert [match.band for match in picture.matches] == ["uncalibrated"] * 6
    assert not any(signal.code.startswith("FACE") for signal in before.assessment.signals)

    drawn, shots = made(60, 160, 0.06)
    monkeypatch.setattr(commands["calibrate_faces"], "read_people", lambda folder: tuple(drawn))
    monkeypatch.setattr(commands["calibrate_faces"], "looked", lambda *_: iter(shots))
    done = netra("calibrate", "faces", models_dir, "--pack", NAME, "--write")
    assert done.code == 0, done.said
    limits = (models_dir / NAME / "thresholds.toml").read_text()
    assert find_pack(models_dir, NAME).embedding_id in limits

    models = load_models(models_dir, NAME)
    assert models.pack.startswith(pack_version(find_pack(models_dir, NAME)))
    (picture,) = screened(models, people[:2]).evidence.pictures
    places = sorted(zip(picture.seen.faces, picture.matches, strict=True), key=lambda pair: pair[0].box)
    named = [match.candidate for _, match in places]
    assert None not in named[:2]
    assert len(set(named[:2])) == 2
    assert named[2:] == [None] * 4


def test_evaluating_such_a_pack_with_and_without_limits(
    netra: Netra, models_dir: Path, people: list[Path], tmp_path: Path
) -> None:
    for index, photo in enumerate(people):
        name = f"known/{index}/a.jpg" if index < 4 else f"unknown/{index}.jpg"
        target = tmp_path / "photos" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(photo, target)
        if index < 4:
            shutil.copy(photo, target.with_name("b.jpg"))
    result = netra(
        "evaluate", "faces", tmp_path / "photos", "--pack", NAME, "--split", "all", "--no-degrade", "--json",
        "--plots", tmp_path / "plots",
    )  # fmt: skip
    assert result.code == 0, result.said
    found = json.loads(result.out)
    assert found["pack"].startswith(NAME)
    assert found["detection_rate"] == 1.0
    assert found["images"] == 10


def test_enrolling_with_such_a_pack(sqlite_world: World, models_dir: Path, people: list[Path]) -> None:
    models, services = load_faces(models_dir, NAME), sqlite_world.services
    with services.sessions() as session:
        photo = enrol(session, services.blobs, services.settings, models, SYSTEM, BAGUS, people[0].read_bytes())
        session.commit()
        assert photo.model == find_pack(models_dir, NAME).embedding_id
        assert not {"weak", "drawn"} & set(photo.quality["warnings"])
        gallery = load_gallery(session, services.settings, CONTEST, photo.model)
        other = load_gallery(session, services.settings, CONTEST, "mobilefacenet_192-08020d7aef37")
    assert (gallery.candidates, gallery.matrix.shape[1]) == ((BAGUS,), models.embedder.dimension)
    assert other.candidates == ()


def test_insightface_itself_reads_the_folder_alike(models_dir: Path) -> None:
    """The same embeddings, but for the mirrored face that Netra adds, and for how crops are cut."""
    analysis = pytest.importorskip("insightface.app")
    reader = analysis.FaceAnalysis(name=str(models_dir / NAME), providers=["CPUExecutionProvider"])
    reader.prepare(ctx_id=-1, det_size=(640, 640))
    theirs = sorted(reader.get(group_photo()), key=lambda face: face.bbox[0])
    models = load_models(models_dir, NAME)
    pixels = np.asarray(group_photo(), np.uint8)
    ours = models.embedder.embed(pixels, sorted(models.detector.detect(pixels), key=lambda face: face.box))
    assert len(ours) == len(theirs) == 6
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.embedding is not None
        assert float(mine.embedding @ other.normed_embedding) > 0.9
