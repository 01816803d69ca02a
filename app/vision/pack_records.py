"""What is known of packs that were fetched or put there: the hash of each file, kept beside the packs and enforced."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.errors import NotReady

RECORDS = "fetched.json"


@dataclass(frozen=True, slots=True)
class FileStamp:
    """A file as it lies there: changed bytes have another time or size."""

    path: str
    size: int
    changed: int


def stamp(path: Path) -> FileStamp:
    """The stamp of a file. Raises NotReady where it cannot be read."""
    try:
        about = path.stat()
    except OSError as error:
        raise NotReady(f"{path.name}: {error.strerror}") from error
    return FileStamp(str(path), about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=256)
def sha256_of(file: FileStamp) -> str:
    """The hash of a file, computed once per process while it does not change."""
    try:
        with Path(file.path).open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise NotReady(f"{Path(file.path).name}: {error.strerror}") from error


def read_records(models_dir: Path) -> dict[str, dict[str, Any]]:
    """Pack -> what was recorded of it; empty without a file. Raises NotReady when the file makes no sense: without it
    a changed pack would pass."""
    path = models_dir / RECORDS
    if not path.is_file():
        return {}
    try:
        records = json.loads(path.read_text("utf-8"))["packs"]
        if not all(isinstance(entry["files"], dict) for entry in records.values()):
            raise ValueError("files")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotReady(
            f"Catatan paket {RECORDS} tidak dapat dibaca ({error}); pulihkan dari cadangan, atau hapus lalu jalankan "
            f"`netra models verify --record`. / The records of packs {RECORDS} cannot be read ({error}); restore them, "
            "or remove them and run `netra models verify --record`."
        ) from error
    return dict(records)


def recorded_hashes(models_dir: Path, pack: str) -> Mapping[str, str]:
    """File -> sha256 of a pack; empty where none were recorded."""
    files = read_records(models_dir).get(pack, {}).get("files", {})
    return {str(name): str(value) for name, value in files.items()}
