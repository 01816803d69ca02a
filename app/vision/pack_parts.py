"""What a model pack is: its files with their hashes and sources, its limits, and how its recogniser reads faces."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from app.vision.face_format import FaceFormat
from app.vision.gallery import FaceThresholds

RECOGNISER = "face recogniser"
FINDER = "face finder"

SourceKind = Literal["npm", "pypi", "installed", "folder"]


@dataclass(frozen=True, slots=True)
class Source:
    """A registry package, or a folder that somebody put there. `file` and `sha256` are those of its archive (empty when
    it is used as installed); `tags` are the platform, python, implementation and abi that select one wheel."""

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
    """A set of models that work together, with the face thresholds measured for its recogniser.

    A pack that is a folder of face models names the pack that lends it everything else in `base`; `detector` is its own
    face detector's file, empty where the base lends that too. `format` says how its recogniser reads faces."""

    name: str
    title: str
    thresholds: FaceThresholds
    models: tuple[Model, ...]
    format: FaceFormat = field(default_factory=FaceFormat)
    detector: str = ""
    base: str = ""

    def model(self, name: str) -> Model:
        """The model of that name; KeyError when the pack has none."""
        return {model.name: model for model in self.models}[name]

    @property
    def recogniser(self) -> Model:
        """The model whose embeddings are compared; KeyError when the pack has none."""
        return {model.role: model for model in self.models}[RECOGNISER]

    @property
    def embedding_id(self) -> str:
        """Names the recogniser together with how it is fed: goes with every stored embedding and with the limits."""
        fed = replace(self.format, dimension=0)
        if fed == FaceFormat():
            return self.recogniser.id
        digest = hashlib.sha256(f"{self.recogniser.sha256} {sorted(asdict(fed).items())}".encode())
        return f"{self.recogniser.name}-{digest.hexdigest()[:12]}"
