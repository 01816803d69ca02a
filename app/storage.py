"""Originals under the hash of their content: written once, synced before anything is acknowledged, never changed."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import ObjectStore, from_url

from app.errors import NotFound, NotReady, StorageFull

HASH = re.compile(r"[0-9a-f]{64}")
AWAY = "Penyimpanan berkas asli tidak dapat dijangkau / The store of originals cannot be reached"
RETRY_SECONDS = 30


class Blobs:
    """A store of originals at a file:// or s3:// URL. Keys: originals/ab/<sha256>."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.root: Path | None = None
        if parts.scheme == "file":
            self.root = Path(unquote(parts.path))
            self.root.mkdir(parents=True, exist_ok=True)
        self.store: ObjectStore = from_url(url)
        self._lasting: set[Path] = set()

    @staticmethod
    def key(digest: str) -> str:
        """Where the original with this sha256 lies."""
        if not HASH.fullmatch(digest):
            raise NotFound("Bukan nama berkas asli / Not the name of an original")
        return f"originals/{digest[:2]}/{digest}"

    def free(self) -> int | None:
        """Free bytes on the disk of the originals; None where the store tells nothing of the kind."""
        try:
            return None if self.root is None else shutil.disk_usage(self.root).free
        except OSError:
            return None

    def put(self, data: bytes) -> str:
        """Store and sync `data`; its sha256. Bytes that are there already are compared. Raises StorageFull or
        NotReady."""
        digest = hashlib.sha256(data).hexdigest()
        key = self.key(digest)
        with reaching():
            try:
                obstore.put(self.store, key, data, mode="create")
            except AlreadyExistsError:
                if bytes(obstore.get(self.store, key).bytes()) != data:  # left empty or cut off by a power cut
                    obstore.put(self.store, key, data, mode="overwrite")
        self._sync(key)
        return digest

    def get(self, digest: str) -> bytes:
        """The original. Raises NotFound, also when the bytes no longer match their name; NotReady when the store is
        away."""
        short = digest[:12]
        try:
            with reaching():
                data = bytes(obstore.get(self.store, self.key(digest)).bytes())
        except FileNotFoundError as error:
            raise NotFound(f"Berkas asli {short} tidak ada / The original {short} is not there") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise NotFound(
                f"Berkas asli {short} rusak: isinya tidak cocok dengan sidiknya"
                f" / The original {short} is damaged: it does not match its hash"
            )
        return data

    def delete(self, digest: str) -> None:
        """Delete an original for good; one that is gone already is no error. Raises NotReady when the store is away."""
        key = self.key(digest)
        try:
            with reaching():
                obstore.delete(self.store, key)
        except FileNotFoundError:
            return
        if self.root is not None:
            _sync_path((self.root / key).parent)

    def listed(self) -> Iterator[tuple[str, datetime]]:
        """Every original with the moment of its last change. Raises NotReady when the store is away."""
        with reaching():
            for batch in obstore.list(self.store, prefix="originals"):
                for entry in batch:
                    digest = entry["path"].rsplit("/", 1)[-1]
                    if HASH.fullmatch(digest):
                        yield digest, entry["last_modified"]

    def _sync(self, key: str) -> None:
        """fsync the file and its folder: obstore's local store is atomic, but does not sync. The folders above once in
        the life of a process, which is when theirs may be new: nobody removes them."""
        if self.root is None:
            return
        path = self.root / key
        folder = path.parent
        lasting = folder in self._lasting
        for target in (path, folder) if lasting else (path, folder, folder.parent, self.root):
            _sync_path(target)
        self._lasting.add(folder)


def _sync_path(target: Path) -> None:
    handle = os.open(target, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        raise_if_full(error)
        raise
    finally:
        os.close(handle)


@contextmanager
def reaching() -> Iterator[None]:
    """Turn what keeps a store from answering into StorageFull or NotReady; that it lacks a key is an answer."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        raise_if_full(error)
        raise NotReady(AWAY, retry_after=RETRY_SECONDS) from error


def raise_if_full(error: BaseException) -> None:
    """Turn "no space left" of any layer into StorageFull."""
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or "No space left" in str(error) or "StorageFull" in str(error):
        raise StorageFull(
            "Ruang penyimpanan habis; tidak ada yang disimpan, coba lagi nanti"
            " / The storage is full; nothing was kept, try again later"
        ) from error
