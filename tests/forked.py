"""Processes of the application for tests, forked from one that has imported it once: importing takes seconds."""

from __future__ import annotations

import multiprocessing
import os
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import uvicorn

from app.cli import main

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


def kill(process: BaseProcess) -> None:
    """kill -9, as a machine that loses power."""
    process.kill()
    process.join()


def netra(*arguments: str) -> None:
    """The command `netra …`."""
    sys.argv = ["netra", *arguments]
    main()


def serve(port: int, factory: str = "app.main:create_app") -> None:
    """The server, as uvicorn runs it."""
    uvicorn.run(factory, factory=True, port=port, log_level="warning")


def serve_there(listening: socket.socket) -> None:
    """One of the processes of a server, as `uvicorn --workers` runs them on one socket."""
    config = uvicorn.Config("app.main:create_app", factory=True, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


@contextmanager
def serving(environment: Mapping[str, str], log: Path, processes: int = 1) -> Iterator[str]:
    """The address at which so many processes answer until the block ends."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1024)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        servers = [start(environment, log, serve_there, listening) for _ in range(processes)]
        try:
            try:
                wait_for(f"{url}/masuk", *servers)
            except RuntimeError as error:
                error.add_note(log.read_text(encoding="utf-8", errors="replace") if log.exists() else "no log")
                raise
            yield url
        finally:
            for server in servers:
                server.terminate()
            for server in servers:
                server.join(PATIENCE)


def wait_for(url: str, *servers: BaseProcess) -> None:
    """Return when the servers answer. Raises RuntimeError when one ends or all stay silent."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and all(server.is_alive() for server in servers):
        try:
            urllib.request.urlopen(url, timeout=PATIENCE).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server did not come up")
