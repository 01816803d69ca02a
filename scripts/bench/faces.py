"""Faces per second: our stage against its own model runs, and a pack of insightface against insightface itself.

usage: python scripts/bench/faces.py [--json] [--rounds N] [--photos N] [--data DIR]

CPU time of one thread, ways taking turns picture by picture, so that whatever else the machine does falls on all. The
second part needs an SCRFD file in DIR/models; its folder is made of that and of the default pack's recogniser.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
import onnx
import onnxruntime as ort
from figures import Json
from processor import Call, recording, replay
from rich.console import Console
from rich.progress import Progress

from app.demo.pictures import group_photo
from app.imaging.decode import Pixels
from app.imaging.pyramid import Pyramid
from app.screening.models import FaceModels, load_faces
from app.settings import REPOSITORY, Settings
from app.vision.face_crops import aligned
from app.vision.face_embedder import DEFAULT_FILE, FaceEmbedder
from app.vision.faces import find_faces
from app.vision.packs import MANIFEST, find_pack, pack_folder
from app.vision.runtime import session_options

SCRFD = "scrfd_500m_bnkps.onnx"
NAME = "insightface_like"
BATCHES = (1, 2, 6)
Way = Callable[[Pixels], object]
notes = Console(stderr=True)


def main() -> int:
    """Measure, then print lines or JSON."""
    options = _options()
    chosen = Settings()
    pixels = photos(options.data, options.photos)
    faces = load_faces(chosen.models_dir)
    with Progress(console=notes, transient=True) as progress:
        task = progress.add_task("", total=3)
        found: Json = {"photos": len(pixels), "stage": stage(faces, pixels, options.rounds)}
        progress.advance(task)
        found["batches"] = batches(faces, group_photo(), options.rounds)
        progress.advance(task)
        scrfd = options.data / "models" / SCRFD
        if scrfd.is_file():
            with tempfile.TemporaryDirectory() as folder:
                pack = insightface_folder(chosen.models_dir, scrfd, Path(folder))
                found["insightface"] = against_insightface(pack, pixels, options.rounds)
    print(json.dumps(found, indent=1) if options.json else _worded(found))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="JSON with stable keys")
    parser.add_argument("--rounds", type=int, default=5, help="turns of every way per picture (default %(default)s)")
    parser.add_argument("--photos", type=int, default=12, help="portraits beside the group photo (default %(default)s)")
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data", help="real pictures")
    return parser.parse_args()


def photos(data: Path, count: int) -> list[Pixels]:
    """The group photo of the insightface package, and portraits where there are any."""
    paths = sorted(data.glob("faces/known/*/*.jpg"))
    chosen = paths[:: max(1, len(paths) // count)][:count] if count else []
    return [group_photo(), *(np.asarray(cv2.imread(str(path)), np.uint8) for path in chosen)]


def stage(faces: FaceModels, pictures: Sequence[Pixels], rounds: int) -> Json:
    """The whole stage (find, align, embed) and its model runs alone on the tensors it fed them."""
    calls: dict[int, list[Call]] = {}
    seen = 0
    for index, pixels in enumerate(pictures):
        with recording(lambda: "faces") as recorded:
            seen += len(_ours(faces, pixels))
        calls[index] = recorded
    spent = []
    for _ in range(rounds):
        for index, pixels in enumerate(pictures):
            spent.append((_cpu(partial(_ours, faces, pixels)), _cpu(partial(replay, calls[index]))))
    by_round = [spent[start : start + len(pictures)] for start in range(0, len(spent), len(pictures))]
    ratios = [sum(ours for ours, _ in one) / sum(models for _, models in one) for one in by_round]
    whole = median(sum(ours for ours, _ in one) for one in by_round)
    return {"faces": seen, "faces_per_second": seen / whole, "ratio": _spread(ratios)}


def batches(faces: FaceModels, pixels: Pixels, rounds: int) -> Json:
    """Milliseconds a face when the recogniser gets 1, 2 or 6 faces (each with its mirror image) at a time."""
    embedder = faces.embedder
    if not isinstance(embedder, FaceEmbedder):
        raise TypeError("bench needs the embedder itself")
    pyramid = Pyramid.of(pixels)
    crops = [aligned(pyramid, face.landmarks) for face in faces.detector.detect(pyramid)][: max(BATCHES)]
    both = [np.stack([crop, crop[:, ::-1]]) for crop in crops if crop is not None]
    rows = [np.ascontiguousarray(pair[..., ::-1].transpose(0, 3, 1, 2), np.float32) for pair in both]
    ways: dict[str, Callable[[], object]] = {}
    for size in BATCHES:
        parts = [np.concatenate(rows[start : start + size]) for start in range(0, len(rows), size)]
        ways[str(size)] = lambda parts=parts: [embedder.session.run(None, {embedder.input: part}) for part in parts]
    spent = _in_turns(ways, 4 * rounds)
    return {size: 1000 * median(times) / len(rows) for size, times in spent.items()}


def insightface_folder(models_dir: Path, scrfd: Path, folder: Path) -> FaceModels:
    """A pack as insightface lays it out, opened with our code; `folder` holds it for insightface too."""
    default = pack_folder(find_pack(models_dir, "default"), models_dir)
    (folder / NAME).mkdir()
    (folder / "default").symlink_to(default.resolve())
    shutil.copy(models_dir / MANIFEST, folder)
    shutil.copy(scrfd, folder / NAME)
    model = onnx.load(str(default / DEFAULT_FILE))
    for node, name in zip(model.graph.node, ("Sub_0", "Mul_1"), strict=False):
        node.name = name  # by these insightface tells that the graph normalises its input
    onnx.save(model, str(folder / NAME / "w600k_mbf.onnx"))
    return load_faces(folder, NAME)


def against_insightface(pack: FaceModels, pictures: Sequence[Pixels], rounds: int) -> Json:
    """Seconds of FaceAnalysis over ours, with the same files and one thread each. Ours looks for faces twice and embeds
    each with its mirror image; `once` counts neither, as FaceAnalysis does neither."""
    from insightface.app import FaceAnalysis

    folder = Path(pack.embedder.session._model_path).parent
    with redirect_stdout(sys.stderr):
        theirs = FaceAnalysis(name=str(folder), providers=["CPUExecutionProvider"], sess_options=session_options(1))
        theirs.prepare(ctx_id=-1, det_size=(640, 640))
    once = _once(pack)
    ways: dict[str, Way] = {
        "insightface": theirs.get,
        "netra": lambda pixels: _ours(pack, pixels),
        "once": once,
    }
    seen = {name: sum(len(way(pixels)) for pixels in pictures) for name, way in ways.items()}
    rounds_of = [
        _in_turns({name: lambda way=way: [way(pixels) for pixels in pictures] for name, way in ways.items()}, 1)
        for _ in range(rounds)
    ]
    ratios = {name: _spread([one["insightface"][0] / one[name][0] for one in rounds_of]) for name in ("netra", "once")}
    rates = {name: seen[name] / median(one[name][0] for one in rounds_of) for name in ways}
    return {"faces": seen, "faces_per_second": rates, "times_as_fast": ratios}


def _once(pack: FaceModels) -> Way:
    """Our code at insightface's workload: one look at 640 pixels, no mirror image."""
    embedder = pack.embedder
    plain = FaceEmbedder(Path(embedder.session._model_path), format=replace(embedder.format, mirrored=False))

    def look(pixels: Pixels) -> Sequence[Any]:
        pyramid = Pyramid.of(pixels)
        _, _, marks = pack.detector._look(pyramid, 640, 640)
        crops = [aligned(pyramid, mark.astype(np.float32)) for mark in marks]
        return [plain.vector(crop) for crop in crops if crop is not None]

    return look


def _ours(faces: FaceModels, pixels: Pixels) -> Sequence[Any]:
    return find_faces(pixels, faces.detector, faces.embedder, faces.thresholds)


def _in_turns(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """CPU-seconds of each way in each round; the order turns round every time."""
    spent: defaultdict[str, list[float]] = defaultdict(list)
    for number in range(rounds):
        for name in list(ways)[:: 1 if number % 2 else -1]:
            spent[name].append(_cpu(ways[name]))
    return spent


def _cpu(way: Callable[[], object]) -> float:
    begin = time.process_time()
    way()
    return time.process_time() - begin


def _spread(ratios: Sequence[float]) -> Json:
    return {"median": median(ratios), "lowest": min(ratios), "highest": max(ratios)}


def _worded(found: Json) -> str:
    def spread(entry: Json) -> str:
        return f"{entry['median']:.3f} ({entry['lowest']:.3f}-{entry['highest']:.3f})"

    own = found["stage"]
    lines = [
        f"onnxruntime {ort.__version__}, {found['photos']} photos, {own['faces']} faces, CPU time, one thread",
        f"our stage: {own['faces_per_second']:.1f} faces/s, {spread(own['ratio'])} of its model runs (goal 1.10)",
        "recogniser, ms a face by faces at a time: "
        + ", ".join(f"{size}: {value:.2f}" for size, value in found["batches"].items()),
    ]
    if "insightface" in found:
        beside = found["insightface"]
        for name, said in (("netra", "two looks, mirrored"), ("once", "one look, not mirrored")):
            rate, theirs = beside["faces_per_second"][name], beside["faces_per_second"]["insightface"]
            lines.append(
                f"SCRFD folder, {said}: {rate:.1f} faces/s, FaceAnalysis {theirs:.1f}; "
                f"{spread(beside['times_as_fast'][name])} times as fast"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
