"""The loaded model pack: opened once per process, on first use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.errors import NotReady
from app.rules.ruleset import RuleSet, load_rules
from app.vision.face_detector import FaceDetector
from app.vision.face_embedder import FaceEmbedder
from app.vision.gallery import FaceThresholds
from app.vision.hands import HandFinder
from app.vision.packs import load_manifest, pack_folder, pack_thresholds, pack_version
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
    """Open the pack `name`. Raises NotReady when it is unknown or its files are missing."""
    packs = {pack.name: pack for pack in load_manifest(models_dir)}
    if name not in packs:
        known = ", ".join(sorted(packs))
        raise NotReady(f"Paket model “{name}” tidak dikenal / Unknown model pack; manifest.toml lists: {known}")
    pack, folder = packs[name], pack_folder(packs[name], models_dir)
    return Models(
        detector=FaceDetector(folder, threads),
        embedder=FaceEmbedder(folder, threads),
        hands=HandFinder(folder, threads),
        reader=Reader(folder, threads),
        thresholds=pack_thresholds(pack),
        rules=load_rules(),
        pack=f"{pack.name}@{pack_version(pack)}",
    )
