"""Model packs: those of models/manifest.toml and those that are folders beside it; whether their files are intact."""

from __future__ import annotations

import hashlib
import time
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median
from typing import Any, Literal

import numpy as np

from app.errors import NotReady
from app.vision.gallery import FaceThresholds
from app.vision.limits import THRESHOLDS, read_limits
from app.vision.observations import Floats
from app.vision.pack_folders import NAME, folder_pack, is_pack_folder
from app.vision.pack_parts import Member, Model, Pack, Source, Tensor
from app.vision.runtime import PREPARE, open_session

MANIFEST = "manifest.toml"

ModelState = Literal["ok", "missing", "changed"]


def load_manifest(models_dir: Path) -> tuple[Pack, ...]:
    """All packs of models_dir/manifest.toml. Raises NotReady when it is missing or does not make sense."""
    path = models_dir / MANIFEST
    try:
        document = tomllib.loads(path.read_text("utf-8"))
        sources = {name: _source(name, entry) for name, entry in document["sources"].items()}
        return tuple(_pack(name, entry, sources) for name, entry in document["packs"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotReady(
            f"Daftar model {MANIFEST} tidak ada atau tidak dapat dibaca ({error}); jalankan `{PREPARE}`. / "
            f"The model list {MANIFEST} is missing or cannot be read ({error}); run `{PREPARE}`."
        ) from error


def find_pack(models_dir: Path, name: str) -> Pack:
    """The pack of that name, with the limits of its own thresholds file where it has one.

    Raises NotReady with the known names when there is none, or when that file is no use."""
    packs = {pack.name: pack for pack in load_manifest(models_dir)}
    if name in packs:
        return with_own_limits(packs[name], models_dir)
    if NAME.fullmatch(name) and is_pack_folder(models_dir / name):
        return with_own_limits(folder_pack(models_dir / name), models_dir)
    known = ", ".join([*packs, *folder_names(models_dir, packs)])
    raise NotReady(
        f"Paket model {name} tidak ada; ada: {known}. Jalankan `netra models fetch {name}` untuk paket insightface. / "
        f"No model pack {name}; there is: {known}. Run `netra models fetch {name}` for a pack of insightface."
    )


def folder_names(models_dir: Path, others: Collection[str] = ()) -> tuple[str, ...]:
    """Names of the packs that are folders, in alphabetical order, without `others`."""
    folders = sorted(models_dir.iterdir()) if models_dir.is_dir() else []
    return tuple(folder.name for folder in folders if folder.name not in others and is_pack_folder(folder))


def with_own_limits(pack: Pack, models_dir: Path) -> Pack:
    """The pack with the limits of the thresholds file in its folder, where there is one; NotReady when it is no use."""
    path = pack_folder(pack, models_dir) / THRESHOLDS
    if not path.is_file():
        return pack
    return replace(pack, thresholds=read_limits(path, pack.embedding_id))


def pack_folder(pack: Pack, models_dir: Path) -> Path:
    """Where the pack's ONNX files lie."""
    return models_dir / pack.name


def pack_state(pack: Pack, models_dir: Path) -> dict[str, ModelState]:
    """For each model whether its file is there and is the one that the manifest names."""
    folder = pack_folder(pack, models_dir)
    return {model.name: _state(folder / model.file, model.sha256) for model in pack.models}


def require_pack(pack: Pack, models_dir: Path) -> None:
    """Raises NotReady, naming the files, unless every model of the pack is intact."""
    bad = [pack.model(name).file for name, state in pack_state(pack, models_dir).items() if state != "ok"]
    if bad:
        files = ", ".join(bad)
        repair = repair_of(pack)
        raise NotReady(
            f"Paket model {pack.name} belum lengkap atau berubah ({files}); jalankan `{repair}`. / "
            f"Model pack {pack.name} is incomplete or changed ({files}); run `{repair}`."
        )


def repair_of(pack: Pack) -> str:
    """The command that brings the files of a pack back."""
    return f"netra models fetch {pack.name}" if pack.base else PREPARE


def pack_version(pack: Pack) -> str:
    """Pack name and a short digest of its files and thresholds: results carry it, so that they can be reproduced."""
    digest = hashlib.sha256()
    for model in sorted(pack.models, key=lambda model: model.file):
        digest.update(f"{model.file} {model.sha256}\n".encode())
    digest.update(repr(sorted(asdict(pack.thresholds).items())).encode())
    if pack.base:
        digest.update(pack.embedding_id.encode())
    return f"{pack.name}-{digest.hexdigest()[:12]}"


def measure(pack: Pack, models_dir: Path, repeats: int = 3) -> dict[str, float]:
    """Median milliseconds of one run of each model on its sample input, one thread; the first run is not counted."""
    folder = pack_folder(pack, models_dir)
    return {model.name: _milliseconds(folder / model.file, model, repeats) for model in pack.models}


def sample_input(tensor: Tensor, seed: int = 0) -> Floats:
    """A made-up input: smooth shapes with a little noise, as in a photo, within the tensor's range."""
    random = np.random.default_rng(seed)
    field = random.random(tensor.sample)
    for axis, size in enumerate(tensor.sample):
        if size > 3:
            coarse = np.linspace(0, size - 1, max(2, size // 16)).astype(int)
            field = np.take(field, coarse[np.minimum(np.arange(size) // 16, len(coarse) - 1)], axis=axis)
    field = np.clip(field + random.normal(0, 0.02, tensor.sample), 0, 1)
    return (tensor.low + (tensor.high - tensor.low) * field).astype(np.float32)


def _milliseconds(path: Path, model: Model, repeats: int) -> float:
    session = open_session(path)
    names = [entry.name for entry in session.get_inputs()]
    feed = {tensor.name or name: sample_input(tensor) for name, tensor in zip(names, model.inputs, strict=False)}
    session.run(None, feed)
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        session.run(None, feed)
        times.append(1000 * (time.perf_counter() - start))
    return median(times)


def file_sha256(path: Path) -> str:
    """The hash of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _state(path: Path, sha256: str) -> ModelState:
    if not path.is_file():
        return "missing"
    return "ok" if file_sha256(path) == sha256 else "changed"


def _source(name: str, entry: Mapping[str, Any]) -> Source:
    tags = tuple((key, tuple(values)) for key, values in entry.get("tags", {}).items())
    return Source(name=name, **{**entry, "tags": tags})


def _pack(name: str, entry: Mapping[str, Any], sources: Mapping[str, Source]) -> Pack:
    thresholds = FaceThresholds(**entry["face_thresholds"])
    return Pack(name, entry["title"], thresholds, tuple(_model(model, sources) for model in entry["models"]))


def _model(entry: Mapping[str, Any], sources: Mapping[str, Source]) -> Model:
    parts = {
        "source": sources[entry["source"]],
        "members": tuple(Member(**member) for member in entry["members"]),
        "inputs": tuple(_tensor(tensor) for tensor in entry["inputs"]),
        "outputs": tuple(_tensor(tensor) for tensor in entry["outputs"]),
    }
    return Model(**{**entry, **parts})


def _tensor(entry: Mapping[str, Any]) -> Tensor:
    return Tensor(**{**entry, "shape": tuple(entry["shape"]), "sample": tuple(entry.get("sample", ()))})
