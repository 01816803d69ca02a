"""What a run of `netra upload` remembers: a journal of what was acknowledged, and the file of its results."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from app.errors import BadInput, Conflict
from app.web.exporting import BYTE_ORDER_MARK, line

COLUMNS = ("row", "file", "status", "submission", "state", "band", "message")
ACCEPTED, AGAIN, REFUSED, UNSENT = "accepted", "again", "refused", "unsent"
"""A new submission; one that was there already; refused with the reason; not sent, a later run does it."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row. `state` and `band` are known after waiting."""

    status: str
    submission: str = ""
    message: str = ""
    state: str = ""
    band: str = ""


class Journal:
    """Keys of rows that a server has acknowledged, one line each, synced: what stands in it is never sent again.

    One run at a time holds it. A line that a crash cut off is passed over: that row is sent again under its key."""

    def __init__(self, path: Path, server: str) -> None:
        """Raises BadInput when it cannot be written, Conflict when another run holds it."""
        self._server = server
        try:
            self._file = path.open("a+b")
        except OSError as error:
            told = f"Jurnal tidak dapat ditulis / The journal cannot be written: {path}: {error.strerror}"
            raise BadInput(f"{told}; --state", field="state") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            told = f"Jurnal sedang dipakai / Another run uses the journal: {path}"
            raise Conflict(told, field="state") from error
        self._known: dict[str, Result] = {}
        self._read()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def _read(self) -> None:
        self._file.seek(0)
        content = self._file.read()
        for text in content.split(b"\n"):
            entry = _parsed(text)
            if entry.get("server") == self._server:
                status = ACCEPTED if entry.get("created") else AGAIN
                self._known[str(entry.get("key"))] = Result(status, str(entry.get("submission")))
        if content and not content.endswith(b"\n"):
            self._file.write(b"\n")

    def known(self, key: str) -> Result | None:
        """What was acknowledged under this key."""
        return self._known.get(key)

    def add(self, acknowledged: Mapping[str, Result]) -> None:
        """Write results by key and sync them: they survive whatever happens next."""
        if not acknowledged:
            return
        entries = [
            {"server": self._server, "key": key, "submission": one.submission, "created": one.status == ACCEPTED}
            for key, one in acknowledged.items()
        ]
        self._file.write(b"".join(json.dumps(entry).encode() + b"\n" for entry in entries))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._known |= acknowledged


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(text)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def check_writable(path: Path) -> None:
    """Try the place of the results without touching what lies there. Raises BadInput when it cannot be written."""
    half = _half(path)
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with half.open("wb"):
            pass
        half.unlink()
    except OSError as error:
        raise _not_written(path, error) from error


def write_results(path: Path, rows: Iterable[tuple[int, str, Result]]) -> None:
    """The results as a CSV that spreadsheets open, whole or not at all. Raises BadInput when it cannot be written."""
    half = _half(path)
    lines = [line(COLUMNS)] + [
        line((number, name, one.status, one.submission, one.state, one.band, one.message))
        for number, name, one in rows
    ]  # fmt: skip
    try:
        with half.open("wb") as file:
            file.write((BYTE_ORDER_MARK + "".join(lines)).encode("utf-8", "replace"))
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except OSError as error:
        raise _not_written(path, error) from error


def _half(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _not_written(path: Path, error: OSError) -> BadInput:
    told = f"Hasil tidak dapat ditulis / The results cannot be written: {path}: {error.strerror}"
    return BadInput(f"{told}; --results", field="results")
