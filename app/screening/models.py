"""The loaded model pack: opened once per process, on first use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.rules.ruleset import RuleSet, load_rules
from app.vision.faces import FaceDetector, FaceEmbedder
from app.vision.gallery import FaceThresholds
from app.vision.hands import HandFinder
from app.vision.packs import find_pack, pack_folder, pack_version, require_pack
from app.vision.reading import Reader


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """Everything that looks at pictures, with the limits that belong to the pack and the rules that judge."""

    detector: FaceDetector
    embedder: FaceEmbedder
    hands: HandFinder
    reader: Reader
    thresholds: FaceThresholds
    rules: RuleSet
    pack: str


@dataclass(frozen=True, slots=True, eq=False)
class FaceModels:
    """The part of the pack that compares faces: all that enrolling and testing a photo takes."""

    detector: FaceDetector
    embedder: FaceEmbedder
    thresholds: FaceThresholds


def load_faces(models_dir: Path, name: str = "default", threads: int = 1) -> FaceModels:
    """Open the face models of the pack `name` and nothing else. Raises NotReady as `load_models` does."""
    pack = find_pack(models_dir, name)
    require_pack(pack, models_dir)
    folder = pack_folder(pack, models_dir)
    return FaceModels(FaceDetector(folder, threads), FaceEmbedder(folder, threads), pack.thresholds)


def load_models(models_dir: Path, name: str = "default", threads: int = 1, faces: FaceModels | None = None) -> Models:
    """Open the pack `name`; `faces` are its face models where they are open already. Raises NotReady when the pack is
    unknown, incomplete or changed."""
    pack = find_pack(models_dir, name)
    require_pack(pack, models_dir)
    folder = pack_folder(pack, models_dir)
    return Models(
        detector=faces.detector if faces else FaceDetector(folder, threads),
        embedder=faces.embedder if faces else FaceEmbedder(folder, threads),
        hands=HandFinder(folder, threads),
        reader=Reader(folder, threads),
        thresholds=pack.thresholds,
        rules=load_rules(),
        pack=pack_version(pack),
    )
