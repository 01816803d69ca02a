"""The loaded model pack: opened once per process, on first use."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from app.rules.ruleset import RuleSet, load_rules
from app.text.learned import TextModel
from app.vision.faces import Detector, FaceEmbedder
from app.vision.gallery import FaceThresholds
from app.vision.hands import HandFinder
from app.vision.other_detectors import detector_id, open_detector
from app.vision.pack_parts import Pack
from app.vision.packs import find_pack, pack_folder, pack_version, repair_of, require_pack
from app.vision.reading import Reader

log = logging.getLogger("netra")
UNCALIBRATED = (
    "Paket model %s belum punya ambang: wajah terlihat tetapi tidak dibandingkan. Jalankan "
    "`netra calibrate faces DIR --pack %s --write`. / Model pack %s has no limits yet: faces are seen, not compared. "
    "Run `netra calibrate faces DIR --pack %s --write`."
)


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """Everything that looks at pictures, with the limits that belong to the pack and the rules that judge;
    `text_model` is the trained score of texts where one is in use."""

    detector: Detector
    embedder: FaceEmbedder
    hands: HandFinder
    reader: Reader
    thresholds: FaceThresholds
    rules: RuleSet
    pack: str
    text_model: TextModel | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FaceModels:
    """The part of the pack that compares faces: all that enrolling and testing a photo takes."""

    detector: Detector
    embedder: FaceEmbedder
    thresholds: FaceThresholds


def load_faces(models_dir: Path, name: str = "default", threads: int = 1, detector: str = "") -> FaceModels:
    """Open the face models of the pack `name` and nothing else; `detector` is a file to use instead of the pack's own.
    Raises NotReady as `load_models` does."""
    pack, base = _required(models_dir, name)
    own, repair = pack_folder(pack, models_dir), repair_of(pack)
    inside = own / pack.detector if pack.detector else pack_folder(base, models_dir)
    finder = open_detector(Path(detector) if detector else inside, threads)
    embedder = FaceEmbedder(own / pack.recogniser.file, threads, pack.embedding_id, pack.format, repair)
    return FaceModels(finder, embedder, pack.thresholds)


def load_models(
    models_dir: Path, name: str = "default", threads: int = 1, faces: FaceModels | None = None, detector: str = ""
) -> Models:
    """Open the pack `name`; `faces` are its face models where they are open already, `detector` is a file to use
    instead of its own. Raises NotReady when the pack is unknown, incomplete or changed."""
    pack, base = _required(models_dir, name)
    folder = pack_folder(base, models_dir)
    faces = faces or load_faces(models_dir, name, threads, detector)
    if not pack.thresholds.calibrated:
        log.warning(UNCALIBRATED, name, name, name, name)
    used = [pack_version(pack), *([pack_version(base)] if base is not pack else [])]
    return Models(
        detector=faces.detector,
        embedder=faces.embedder,
        hands=HandFinder(folder, threads),
        reader=Reader(folder, threads),
        thresholds=pack.thresholds,
        rules=load_rules(),
        pack="+".join([*used, *([detector_id(Path(detector))] if detector else [])]),
    )


def _required(models_dir: Path, name: str) -> tuple[Pack, Pack]:
    """The pack, and the one that lends it what it does not have itself; both intact."""
    pack = find_pack(models_dir, name)
    base = find_pack(models_dir, pack.base) if pack.base else pack
    for needed in {pack.name: pack, base.name: base}.values():
        require_pack(needed, models_dir)
    return pack, base
