"""The loaded model pack: opened once per process, on first use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.rules.ruleset import RuleSet, load_rules
from app.vision.faces import Detector, FaceEmbedder
from app.vision.gallery import FaceThresholds
from app.vision.hands import HandFinder
from app.vision.other_detectors import detector_id, open_detector
from app.vision.packs import find_pack, pack_folder, pack_version, require_pack
from app.vision.reading import Reader


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """Everything that looks at pictures, with the limits that belong to the pack and the rules that judge."""

    detector: Detector
    embedder: FaceEmbedder
    hands: HandFinder
    reader: Reader
    thresholds: FaceThresholds
    rules: RuleSet
    pack: str


@dataclass(frozen=True, slots=True, eq=False)
class FaceModels:
    """The part of the pack that compares faces: all that enrolling and testing a photo takes."""

    detector: Detector
    embedder: FaceEmbedder
    thresholds: FaceThresholds


def load_faces(models_dir: Path, name: str = "default", threads: int = 1, detector: str = "") -> FaceModels:
    """Open the face models of the pack `name` and nothing else; `detector` is a file to use instead of the pack's own.
    Raises NotReady as `load_models` does."""
    pack = find_pack(models_dir, name)
    require_pack(pack, models_dir)
    folder = pack_folder(pack, models_dir)
    finder = open_detector(Path(detector) if detector else folder, threads)
    return FaceModels(finder, FaceEmbedder(folder, threads), pack.thresholds)


def load_models(
    models_dir: Path, name: str = "default", threads: int = 1, faces: FaceModels | None = None, detector: str = ""
) -> Models:
    """Open the pack `name`; `faces` are its face models where they are open already, `detector` is a file to use
    instead of its own. Raises NotReady when the pack is unknown, incomplete or changed."""
    pack = find_pack(models_dir, name)
    require_pack(pack, models_dir)
    folder = pack_folder(pack, models_dir)
    faces = faces or load_faces(models_dir, name, threads, detector)
    return Models(
        detector=faces.detector,
        embedder=faces.embedder,
        hands=HandFinder(folder, threads),
        reader=Reader(folder, threads),
        thresholds=pack.thresholds,
        rules=load_rules(),
        pack="+".join([pack_version(pack), *([detector_id(Path(detector))] if detector else [])]),
    )
