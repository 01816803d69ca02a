"""The thresholds file of a pack: limits measured on a deployment's own photos, over those of the manifest."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path

from app.errors import NotReady
from app.vision.gallery import FaceThresholds

THRESHOLDS = "thresholds.toml"
REPAIR = "netra calibrate faces DIR --pack PACK --write"


def limits_toml(limits: FaceThresholds, model: str, notes: str, measured: Mapping[str, object]) -> str:
    """The file's text. `model` is the recogniser's id, `notes` go on top as a comment; `measured` (numbers, texts,
    lists of numbers) says on what it rests and is not read again."""
    lines = [f"# {line}".rstrip() for line in notes.splitlines()]
    lines += [f"model = {toml_value(model)}", "", "[face_thresholds]"]
    lines += [f"{key} = {toml_value(value)}" for key, value in asdict(limits).items()]
    lines += ["", "[measured]", *(f"{key} = {toml_value(value)}" for key, value in measured.items())]
    return "\n".join(lines) + "\n"


def read_limits(path: Path, model: str) -> FaceThresholds:
    """The limits of a thresholds file that was made for the recogniser `model`.

    Raises NotReady when it cannot be read, was made for another recogniser, or makes no sense."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
        made_for = document["model"]
        values = {key: float(value) for key, value in document["face_thresholds"].items()}
        limits = FaceThresholds(**values)
        values.setdefault("weak_norm", limits.weak_norm)  # files made before there was one
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _not_ready(path, f"tidak dapat dibaca / cannot be read: {error}") from error
    if made_for != model:
        raise _not_ready(path, f"dibuat untuk / made for {made_for}, bukan / not {model}")
    if values.keys() != {field.name for field in fields(FaceThresholds)} or not sensible(limits):
        raise _not_ready(path, "nilainya tidak masuk akal / its values make no sense")
    return limits


def sensible(limits: FaceThresholds) -> bool:
    """Whether the bands lie in order and every limit can be met."""
    return (
        all(math.isfinite(value) for value in asdict(limits).values())
        and 0 < limits.review <= limits.possible <= limits.strong <= 1
        and 0 <= limits.margin < 1
        and 0 < limits.compare_size <= limits.flag_size
        and 0 <= limits.weak_norm < limits.drawn_norm
    )


def _not_ready(path: Path, why: str) -> NotReady:
    return NotReady(
        f"Berkas ambang {path.name}: {why}. Hapus berkas itu atau jalankan `{REPAIR}`. / "
        f"Thresholds file {path.name}: {why}. Remove it or run `{REPAIR}`."
    )


def toml_value(value: object) -> str:
    """A text, number, truth value or list of these as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(toml_value(item) for item in value)}]"
    if isinstance(value, (int, float)):
        return repr(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
