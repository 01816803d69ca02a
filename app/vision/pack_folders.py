"""Packs that are a folder of face models: insightface's own, or any recogniser that a pack.toml describes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.errors import NotReady
from app.vision.face_format import FaceFormat, Triple
from app.vision.gallery import UNCALIBRATED, FaceThresholds
from app.vision.insightface_folder import Found, look_into
from app.vision.limits import sensible
from app.vision.pack_parts import FINDER, RECOGNISER, Model, Pack, Source, Tensor
from app.vision.pack_records import FileStamp, recorded_hashes, sha256_of, stamp

DESCRIPTION = "pack.toml"
BASE = "default"
KINDS = ("scrfd", "yunet")
NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}")
UNKNOWN_LICENCE = "Not stated; check that you may use it."
DETECTOR_SIDE = 640


def is_pack_folder(folder: Path) -> bool:
    """Whether the folder could be a pack of its own."""
    named = NAME.fullmatch(folder.name) is not None
    return named and folder.is_dir() and ((folder / DESCRIPTION).is_file() or any(folder.glob("*.onnx")))


def folder_pack(folder: Path) -> Pack:
    """The pack in `folder`: as its pack.toml describes it, else as insightface's model zoo reads its files.

    Each file's hash is the recorded one, where there is a record (`netra models fetch` and `verify --record` make it),
    else that of the file as it is. Raises NotReady, saying what is wrong and what to do."""
    path = folder / DESCRIPTION
    if path.is_file():
        entry = _described(path)
    else:
        found = _looked_into(folder, tuple(stamp(file) for file in sorted(folder.glob("*.onnx"))))
        entry = description_of(found, folder.name, UNKNOWN_LICENCE)
    try:
        return _pack(folder, entry)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _not_ready(folder, f"{DESCRIPTION}: {type(error).__name__} {error}") from error


def description_of(found: Found, title: str, licence: str) -> dict[str, Any]:
    """What a pack.toml says of files that insightface's model zoo has read."""
    reader = {
        "file": found.recogniser,
        "size": found.side,
        "mean": found.mean,
        "std": found.std,
        "channels": "rgb",
        "mirrored": True,
    }
    if found.dimension:
        reader["dimension"] = found.dimension
    entry: dict[str, Any] = {"title": title, "licence": licence, "recogniser": reader}
    return entry | ({"detector": {"file": found.detector, "kind": "scrfd"}} if found.detector else {})


@lru_cache(maxsize=16)
def _looked_into(folder: Path, files: tuple[FileStamp, ...]) -> Found:
    """Once per process and state of the folder: reading it takes seconds where the files are large."""
    return look_into(folder, [Path(file.path).name for file in files])


def _described(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise _not_ready(path.parent, f"{DESCRIPTION}: {error}") from error


def _pack(folder: Path, entry: Mapping[str, Any]) -> Pack:
    reader, finder = entry["recogniser"], entry.get("detector", {})
    known = recorded_hashes(folder.parent, folder.name)
    licence = str(entry.get("licence", UNKNOWN_LICENCE))
    form = _format(reader)
    models = [_model(folder, reader, RECOGNISER, form.side, known, licence)]
    if finder:
        if finder["kind"] not in KINDS:
            raise ValueError(f"detector.kind: {' / '.join(KINDS)}")
        models.append(_model(folder, finder, FINDER, DETECTOR_SIDE, known, licence))
    return Pack(
        name=folder.name,
        title=str(entry.get("title", folder.name)),
        thresholds=_limits(entry.get("face_thresholds")),
        models=tuple(models),
        format=form,
        detector=finder.get("file", ""),
        base=BASE,
    )


def _model(
    folder: Path, entry: Mapping[str, Any], role: str, side: int, known: Mapping[str, str], licence: str
) -> Model:
    file = entry["file"]
    if not isinstance(file, str) or Path(file).name != file or not file.endswith(".onnx"):
        raise ValueError(f"{file!r}: *.onnx")
    if not (folder / file).is_file() and file not in known:
        raise _not_ready(folder, f"{file} tidak ada / is missing")
    return Model(
        name=Path(file).stem,
        file=file,
        role=role,
        sha256=known.get(file) or sha256_of(stamp(folder / file)),
        recipe="",
        source=Source(folder.name, "folder", folder.name, "", licence),
        members=(),
        licence=licence,
        training_data=str(entry.get("training_data", "not stated")),
        inputs=(Tensor("", (1, 3, side, side), "", (1, 3, side, side), -1.0, 1.0),),
        outputs=(),
    )


def _format(entry: Mapping[str, Any]) -> FaceFormat:
    side, dimension = entry.get("size", 112), entry.get("dimension", 0)
    mean, std = _triple(entry.get("mean", 127.5)), _triple(entry.get("std", 127.5))
    channels, mirrored = entry.get("channels", "rgb"), entry.get("mirrored", True)
    if type(side) is not int or not 32 <= side <= 512:
        raise ValueError("recogniser.size: 32..512")
    if type(dimension) is not int or not 0 <= dimension <= 4096:
        raise ValueError("recogniser.dimension: 1..4096")
    if min(std) <= 0:
        raise ValueError("recogniser.std > 0")
    if channels not in {"rgb", "bgr"} or not isinstance(mirrored, bool):
        raise ValueError('recogniser.channels: "rgb" / "bgr"; mirrored: true / false')
    template = entry.get("template", "arcface")
    points = () if template == "arcface" else tuple((float(x), float(y)) for x, y in template)
    if points and (len(points) != 5 or not all(-side <= value <= 2 * side for point in points for value in point)):
        raise ValueError('recogniser.template: "arcface" / 5 x [x, y]')
    return FaceFormat(side, mean, std, channels == "rgb", mirrored, points, dimension)


def _triple(value: float | Sequence[float]) -> Triple:
    values = [float(value)] * 3 if isinstance(value, (int, float)) else [float(one) for one in value]
    if len(values) != 3 or not all(abs(one) < 1e6 for one in values):
        raise ValueError("mean, std: 1 / 3")
    return values[0], values[1], values[2]


def _limits(entry: Mapping[str, Any] | None) -> FaceThresholds:
    """Those of the description; where it names none, nobody is compared until there is a thresholds.toml."""
    if entry is None:
        return UNCALIBRATED
    limits = FaceThresholds(**{key: float(value) for key, value in entry.items()})
    if entry.keys() != {field.name for field in fields(FaceThresholds)} or not sensible(limits):
        raise ValueError("face_thresholds")
    return limits


def _not_ready(folder: Path, why: str) -> NotReady:
    return NotReady(
        f"Paket model {folder.name} tidak dapat dipakai: {why}. Perbaiki folder itu atau jalankan "
        f"`netra models fetch {folder.name}`. / "
        f"Model pack {folder.name} cannot be used: {why}. Mend that folder or run `netra models fetch {folder.name}`."
    )
