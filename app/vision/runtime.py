"""The one way in which a model file becomes a session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import NotReady

if TYPE_CHECKING:
    import onnxruntime as ort

PREPARE = "python scripts/prepare_models.py"


def open_session(path: Path, threads: int = 1, repair: str = PREPARE) -> ort.InferenceSession:
    """A session on the CPU with `threads` threads that never spin while they wait.

    onnxruntime is imported here, so that a process that opens no model does without it. Raises NotReady when the file
    is missing or is no model, with the command that repairs it (`repair`)."""
    import onnxruntime as ort

    if not path.is_file():
        raise NotReady(
            f"Berkas model {path.name} belum ada; jalankan `{repair}`. / "
            f"Model file {path.name} is missing; run `{repair}`."
        )
    try:
        return ort.InferenceSession(path, session_options(threads), providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no base class of their own
        raise NotReady(
            f"Berkas model {path.name} rusak; jalankan `{repair}`. / Model file {path.name} is damaged; run `{repair}`."
        ) from error


def session_options(threads: int) -> ort.SessionOptions:
    """How every session of ours runs."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_mem_pattern = False  # pictures differ in size: plans kept per shape cost 75 MB and save no time
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return options
