"""A folder of ONNX files read as insightface reads it: which file finds faces, which compares them, and how it is fed.

insightface's router decides, on files that are there: a name is never given to it, so it has nothing to look for on the
network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import NotReady
from app.vision.runtime import session_options

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Found:
    """What the model zoo made of a folder: the recogniser's file with its input (`side` pixels, (x - mean) / std) and
    length of embedding (0: not fixed), the detector's file (empty: none)."""

    recogniser: str
    side: int
    mean: float
    std: float
    dimension: int
    detector: str


def look_into(folder: Path, files: Sequence[str]) -> Found:
    """The first recogniser and the first detector with landmarks among `files`, in alphabetical order as FaceAnalysis
    takes them. Raises NotReady where there is no recogniser or a file is no model."""
    if (folder / MANIFEST).is_file():
        raise _not_ready(folder, f"{MANIFEST}: insightface V2; tulis / write pack.toml")
    tasks: dict[str, tuple[str, Any]] = {}
    for file in sorted(files):
        model = _routed(folder, file)
        task = getattr(model, "taskname", "")
        if task not in tasks and (task != "detection" or getattr(model, "use_kps", False)):
            tasks[task] = file, model
    if "recognition" not in tasks:
        raise _not_ready(folder, "tidak ada model pengenal wajah / there is no face recogniser")
    file, reader = tasks["recognition"]
    last = reader.output_shape[-1] if reader.output_shape else 0
    inside = normalises_itself(folder / file)
    return Found(
        recogniser=file,
        side=int(reader.input_size[0]),
        mean=0.0 if inside else float(reader.input_mean),
        std=1.0 if inside else float(reader.input_std),
        dimension=last if isinstance(last, int) else 0,
        detector=tasks["detection"][0] if "detection" in tasks else "",
    )


def normalises_itself(path: Path) -> bool:
    """Whether the graph begins by subtracting and scaling. insightface tells it by the names of the nodes, which not
    every exporter writes; pixels that are normalised twice make all faces alike."""
    import onnx

    graph = onnx.load(str(path)).graph
    made = {output: node for node in graph.node for output in node.output}
    for node in graph.node:
        before = made.get(node.input[0]) if node.input else None
        if node.op_type in {"Mul", "Div"} and before is not None and before.op_type == "Sub":
            return bool(before.input[0] == graph.input[0].name)
    return False


def _routed(folder: Path, file: str) -> Any:
    """insightface's own class for the file; None where it knows none."""
    from insightface.model_zoo.model_zoo import ModelRouter

    try:
        router = ModelRouter(str(folder / file))
        return router.get_model(providers=["CPUExecutionProvider"], sess_options=session_options(1))
    except (TypeError, IndexError, AssertionError):  # shapes that its rules do not foresee
        return None
    except Exception as error:  # onnxruntime's errors share no base class of their own
        raise _not_ready(folder, f"{file}: {type(error).__name__}") from error


def _not_ready(folder: Path, why: str) -> NotReady:
    return NotReady(
        f"Folder {folder.name} tidak dapat dipakai sebagai paket insightface: {why}. / "
        f"The folder {folder.name} cannot be used as a pack of insightface: {why}."
    )
