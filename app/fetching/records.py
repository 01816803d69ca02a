"""Writing down what was trusted: where a pack came from, its hashes, who accepted its licence and when."""

from __future__ import annotations

import fcntl
import getpass
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.errors import Conflict
from app.fetching.problems import writing
from app.vision.pack_records import RECORDS, read_records

WORKSHOP = ".fetch"
"""Folder in the models folder for what is not complete yet."""


def remember(models_dir: Path, pack: str, entry: Mapping[str, Any]) -> None:
    """Record a pack, in place of what was recorded of it before."""
    records = read_records(models_dir) | {pack: dict(entry)}
    path = models_dir / RECORDS
    draft = path.with_name(f".{RECORDS}.part")
    with writing(RECORDS):
        with draft.open("w", encoding="utf-8") as file:
            json.dump({"packs": records}, file, ensure_ascii=False, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o644)
        draft.replace(path)


def now() -> str:
    """The moment, to the second, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def who() -> str:
    """The user of the machine; the number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


@contextmanager
def alone(models_dir: Path) -> Iterator[Path]:
    """The workshop, for one process at a time. Raises Conflict when another one is at it, and NotWritten."""
    workshop = models_dir / WORKSHOP
    with writing(WORKSHOP):
        workshop.mkdir(parents=True, exist_ok=True)
        lock = (workshop / "lock").open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(
                "Proses lain sedang mengambil paket; tunggu sampai selesai. / "
                "Another process is fetching a pack; wait for it."
            ) from error
        yield workshop
