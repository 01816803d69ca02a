"""Serving the console on the drawn sample, for the browser tests and for the pictures of the documentation."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app import jobs
from app.db.migrate import migrate
from app.settings import REPOSITORY, Settings
from tests.browser.sample import fill

PATIENCE = 90.0


@dataclass(frozen=True)
class Site:
    """The running console: its address and the ids of the sample's flags by name."""

    url: str
    flags: dict[str, str]

    def item(self, name: str) -> str:
        """The address of a flag's page."""
        return f"{self.url}/antrean/{self.flags[name]}"


@contextmanager
def serve(
    data: Path, processes: int = 1, database: str = "", filled: Callable[[Settings], dict[str, str]] = fill
) -> Iterator[Site]:
    """Fill a database (SQLite in the folder `data` unless another is named) and serve it until the block ends.

    `filled` puts the sample in and returns the ids of its flags by name."""
    settings = Settings(_env_file=None, data_dir=data, database_url=database)  # type: ignore[call-arg]
    migrate(settings.sqlalchemy_url)
    jobs.migrate(settings.sqlalchemy_url)
    flags = filled(settings)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    chosen = {
        "DATABASE_URL": database,
        "DATA_DIR": str(data),
        "EMBEDDED_WORKER": "false",
        "LOG_LEVEL": "WARNING",
        "SIGN_IN_PER_MINUTE": "1000",
        "REQUESTS_PER_MINUTE": "100000",
        "STRANGERS_PER_MINUTE": "100000",
        "COSTLY_PER_MINUTE": "100000",
        "SECOND_LOOK_SHARE": "0",
    }
    environment = os.environ | {f"NETRA_{name}": value for name, value in chosen.items()}
    command = [sys.executable, "-m", "uvicorn", "app.main:create_app", "--factory", "--workers", str(processes)]
    command += ["--port", str(port), "--log-level", "warning"]
    server = subprocess.Popen(command, cwd=REPOSITORY, env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/masuk", server)
        yield Site(url, flags)
    finally:
        server.terminate()
        server.wait(PATIENCE)


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    """Return when the server answers. Raises RuntimeError when it ends or stays silent."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(url).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not come up")
