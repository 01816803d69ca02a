"""The application on a disk that a test can fill: while a mark lies in the data folder, writing an original meets the
error that a full disk gives."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import obstore
from fastapi import FastAPI

from app.main import create_app as create

MARK = "penuh"


def create_app() -> FastAPI:
    """The real application; only the write below the store is watched."""
    mark, put = Path(os.environ["NETRA_DATA_DIR"]) / MARK, obstore.put

    def put_if_space(*arguments: Any, **options: Any) -> Any:
        if mark.exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        return put(*arguments, **options)

    obstore.put = put_if_space
    return create()
