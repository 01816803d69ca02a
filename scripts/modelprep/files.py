"""Files that are either whole or not there, and the lock that lets only one preparation run at a time."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console


def sha256(content: bytes) -> str:
    """Hexadecimal hash."""
    return hashlib.sha256(content).hexdigest()


def write_atomically(path: Path, content: bytes) -> None:
    """Writes beside the target, reaches the disk, then renames: a power cut leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def exclusive(path: Path, console: Console) -> Iterator[None]:
    """Holds the lock file; waits, and says so, while another process holds it. A killed process holds nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            console.print("Menunggu persiapan lain selesai … / Waiting for another preparation to finish …")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
