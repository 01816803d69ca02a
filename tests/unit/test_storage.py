"""Originals: written once, synced, named by their hash."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest
from obstore.store import S3Store

from app.errors import NotFound, NotReady, StorageFull
from app.storage import Blobs


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs((tmp_path / "blobs with space").as_uri())


def test_bytes_come_back_under_their_hash(blobs: Blobs) -> None:
    digest = blobs.put(b"bytes")
    assert blobs.put(b"bytes") == digest
    assert blobs.get(digest) == b"bytes"


def test_the_file_and_its_folders_are_synced(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    original = os.fsync

    def fsync(handle: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        original(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    digest = blobs.put(b"bytes")
    assert [Path(path).name for path in synced] == [digest, digest[:2], "originals", "blobs with space"]


@pytest.mark.parametrize("left", [b"", b"by"])
def test_an_original_that_a_power_cut_left_unfinished_is_written_again(blobs: Blobs, left: bytes) -> None:
    digest = blobs.put(b"bytes")
    assert blobs.root is not None
    (blobs.root / blobs.key(digest)).write_bytes(left)
    assert blobs.put(b"bytes") == digest
    assert blobs.get(digest) == b"bytes"


@pytest.mark.parametrize("name", ["../../etc/passwd", "0" * 64, "A" * 64, ""])
def test_unknown_names_are_not_found(blobs: Blobs, name: str) -> None:
    with pytest.raises(NotFound):
        blobs.get(name)


def test_a_lost_original_is_named(blobs: Blobs) -> None:
    digest = blobs.put(b"bytes")
    assert blobs.root is not None
    (blobs.root / blobs.key(digest)).unlink()
    with pytest.raises(NotFound, match=digest[:12]):
        blobs.get(digest)


def test_a_store_that_is_away_is_not_ready() -> None:
    nobody = Blobs("s3://bucket/prefix")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # not listening: every connection is refused
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        nobody.store = S3Store(
            "bucket", endpoint=address, access_key_id="x", secret_access_key="x", region="x",
            client_options={"allow_http": True}, retry_config={"max_retries": 0},
        )  # fmt: skip
        for act in (lambda: nobody.get("0" * 64), lambda: nobody.put(b"bytes")):
            with pytest.raises(NotReady, match="cannot be reached"):
                act()


def test_changed_bytes_are_noticed(blobs: Blobs) -> None:
    digest = blobs.put(b"bytes")
    assert blobs.root is not None
    (blobs.root / blobs.key(digest)).write_bytes(b"other")
    with pytest.raises(NotFound, match="hash"):
        blobs.get(digest)


def test_a_full_disk_is_said(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFull):
        blobs.put(b"bytes")
