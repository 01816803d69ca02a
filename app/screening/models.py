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


def load_models(models_dir: Path, name: str = "default", threads: int = 1) -> Models:
    """Open the pack `name`. Raises NotReady when it is unknown, incomplete or changed."""
    pack = find_pack(models_dir, name)
    require_pack(pack, models_dir)
    folder = pack_folder(pack, models_dir)
    return Models(
        detector=FaceDetector(folder, threads),
        embedder=FaceEmbedder(folder, threads),
        hands=HandFinder(folder, threads),
        reader=Reader(folder, threads),
        thresholds=pack.thresholds,
        rules=load_rules(),
        pack=pack_version(pack),
    )
