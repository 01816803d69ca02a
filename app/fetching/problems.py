"""What can go wrong while a pack is fetched, each kind with an exit code of its own."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import NotReady

FULL = (errno.ENOSPC, errno.EDQUOT)


class NotDownloaded(NotReady):
    """The network or the server did not deliver; running the command again continues where it stopped."""

    exit_code = 4


class Tampered(NotReady):
    """What came, or what lies there, is not what it should be."""

    exit_code = 5


class NotWritten(NotReady):
    """The models folder cannot take it."""

    exit_code = 6


@contextmanager
def writing(what: str) -> Iterator[None]:
    """Around everything that writes: raises NotWritten, saying whether the disk is full or may not be written."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise no_room(what) from error
        why = error.strerror or type(error).__name__
        raise NotWritten(
            f"{what} tidak dapat ditulis ({why}); pilih folder lain dengan NETRA_MODELS_DIR atau jalankan sebagai "
            "pengguna yang boleh menulis. / "
            f"{what} cannot be written ({why}); name another folder with NETRA_MODELS_DIR, or run as a user who may."
        ) from error


def no_room(what: str, needed: int = 0, free: int = 0) -> NotWritten:
    """The disk is full, or would be: `needed` and `free` in bytes where they are known."""
    sizes = f" ({needed / 1e6:.0f} MB, {free / 1e6:.0f} MB)" if needed else ""
    return NotWritten(
        f"Penyimpanan penuh untuk {what}{sizes}; kosongkan ruang lalu jalankan lagi: unduhan dilanjutkan. / "
        f"No room for {what}{sizes}; make room and run again: the download continues."
    )
