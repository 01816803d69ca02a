"""Processes of the application for tests, forked from one that has imported it once: importing takes seconds."""

from __future__ import annotations

import multiprocessing
import os
import time
import urllib.request
from collections.abc import Callable, Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path

import uvicorn

PATIENCE = 90.0
FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["app.cli", "app.main"])


def start(environment: Mapping[str, str], log: Path, run: Callable[..., None], *given: object) -> BaseProcess:
    """A process that does `run(*given)` with this environment; what it prints is added to `log`."""
    started = FORKED.Process(target=_as_program, args=(dict(environment), str(log), run, *given), daemon=True)
    started.start()
    return started


def _as_program(environment: dict[str, str], log: str, run: Callable[..., None], *given: object) -> None:
    os.environ.clear()
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    run(*given)


def serve(port: int, factory: str = "app.main:create_app") -> None:
    """The server, as uvicorn runs it."""
    uvicorn.run(factory, factory=True, port=port, log_level="warning")


def wait_for(url: str, server: BaseProcess) -> None:
    """Return when the server answers. Raises RuntimeError when it ends or stays silent."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.is_alive():
        try:
            urllib.request.urlopen(url).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server did not come up")
