"""A download that is not complete yet: its bytes, and by what the server's file can be told from another."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import IO, Any


class Part:
    """`<target>.part` and `<target>.part.json` beside the target."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.folder = target.parent
        self.bytes = target.with_name(f"{target.name}.part")
        self.note = target.with_name(f"{target.name}.part.json")

    def size(self, url: str) -> int:
        """Bytes that have come from that address; 0 where they cannot be continued."""
        if not self.validator(url) or not self.bytes.is_file():
            return 0
        return self.bytes.stat().st_size

    def validator(self, url: str) -> str:
        """What If-Range takes: a strong ETag, else the date of the last change, else nothing."""
        about = self._about()
        if about.get("url") != url:
            return ""
        tag = str(about.get("etag", ""))
        return str(about.get("modified", "")) if not tag or tag.startswith("W/") else tag

    def same(self, tag: str) -> bool:
        """Whether an answer's ETag is that of the bytes at hand; where either has none, nothing speaks against it."""
        known = str(self._about().get("etag", ""))
        return not tag or not known or tag == known

    def begin(self, url: str, etag: str, modified: str, total: int | None) -> None:
        """Remember what is about to come, and start empty."""
        self.drop()
        self.folder.mkdir(parents=True, exist_ok=True)
        about = {"url": url, "etag": etag, "modified": modified, "total": total}
        self.note.write_text(json.dumps(about), encoding="utf-8")
        self.bytes.write_bytes(b"")

    def open(self, at: int) -> IO[bytes]:
        """The bytes, to be continued at `at`."""
        file = self.bytes.open("r+b")
        file.truncate(at)
        file.seek(at)
        return file

    def complete(self) -> None:
        """The part becomes the target."""
        with self.bytes.open("rb") as file:
            os.fsync(file.fileno())
        self.bytes.replace(self.target)
        self.note.unlink(missing_ok=True)

    def drop(self) -> None:
        """Forget what has come."""
        with suppress(OSError):
            self.bytes.unlink(missing_ok=True)
            self.note.unlink(missing_ok=True)

    def _about(self) -> dict[str, Any]:
        try:
            about = json.loads(self.note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return about if isinstance(about, dict) else {}
