"""A private PostgreSQL cluster for the tests, made from the installed binaries and thrown away afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

THROWN_AWAY = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c jit=off"
"""What a server needs that outlives its tests costs them only time."""


def binaries() -> Path | None:
    """The folder with initdb and postgres, or None."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return versions[-1].parent if versions else None


def _run(command: list[str], folder: Path) -> None:
    """Run quietly; PostgreSQL refuses root, so as its own user then."""
    owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    quiet = subprocess.DEVNULL
    subprocess.run([*owner, *command], cwd=folder, check=True, stdin=quiet, stdout=quiet, stderr=quiet)


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[str]:
    """The SQLAlchemy URL (without a database name) of a running cluster on a Unix socket; `durable`: synced."""
    found = binaries()
    assert found is not None
    folder = Path(tempfile.mkdtemp(prefix="netra-pg-"))
    folder.chmod(0o777)
    data = folder / "data"
    initdb = [str(found / "initdb"), "-D", str(data), "-A", "trust", "-U", "netra", "-E", "UTF8", "--no-sync"]
    _run([*initdb, "--locale=C.UTF-8"], folder)
    options = f"-c listen_addresses='' -k {folder} -c max_connections=200 {'' if durable else THROWN_AWAY}"
    start = [str(found / "pg_ctl"), "-D", str(data), "-l", str(folder / "log"), "-w", "-o", options, "start"]
    try:
        _run(start, folder)
        yield f"postgresql+psycopg://netra@/{{name}}?host={folder}"
    finally:
        _run([str(found / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop"], folder)
        shutil.rmtree(folder, ignore_errors=True)
