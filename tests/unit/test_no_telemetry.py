"""Nothing phones home: onnxruntime's usage events are off in every process that imports the application."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import onnx
from onnx import TensorProto, helper

USE_A_MODEL = """
import sys
from pathlib import Path
from app.vision.runtime import open_session
open_session(Path(sys.argv[1]))
"""


def tiny_model(path: Path) -> Path:
    """A model that passes its input on."""
    numbers = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "tiny", numbers[:1], numbers[1:])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10), path)
    return path


def test_opening_a_model_leaves_no_identifier_behind(tmp_path: Path) -> None:
    """Where its events are on, onnxruntime first writes an identifier of the machine under HOME."""
    home = tmp_path / "home"
    home.mkdir()
    quiet = ("CI", "ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME", "GITHUB_ACTIONS", "TF_BUILD")
    environment = {name: value for name, value in os.environ.items() if name not in quiet}
    command = [sys.executable, "-c", USE_A_MODEL, str(tiny_model(tmp_path / "tiny.onnx"))]
    repository = Path(__file__).resolve().parents[2]
    subprocess.run(command, cwd=repository, env=environment | {"HOME": str(home)}, check=True, timeout=60)
    assert not list(home.rglob("*"))
