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


def reserved() -> socket.socket:
    """A port of this machine that nobody else is given while the socket is open; it does not listen."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(("127.0.0.1", 0))
    return made


def port_of(listening: socket.socket) -> int:
    """The number of its port."""
    port: int = listening.getsockname()[1]
    return port


def serve(port: int, factory: str = "app.main:create_app") -> None:
    """The server on a reserved port."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind(("127.0.0.1", port))
        serve_there(listening, factory)


def serve_there(listening: socket.socket, factory: str = "app.main:create_app", patience: int = 0) -> None:
    """One of the processes of a server, as `uvicorn --workers` runs them on one socket; `patience`: its niceness."""
    os.nice(patience)
    config = uvicorn.Config(factory, factory=True, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


@contextmanager
def serving(environment: Mapping[str, str], log: Path, processes: int = 1, patience: int = 0) -> Iterator[str]:
    """The address at which so many processes answer until the block ends."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1024)
        url = f"http://127.0.0.1:{port_of(listening)}"
        given = (listening, "app.main:create_app", patience)
        servers = [start(environment, log, serve_there, *given) for _ in range(processes)]
        try:
            wait_for(f"{url}/masuk", *servers)
            yield url
        except RuntimeError as error:
            error.add_note(log.read_text(encoding="utf-8", errors="replace") if log.exists() else "no log")
            raise
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
