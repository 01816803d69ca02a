"""Unpacking an archive that nobody vouches for: only models, only into the folder, only as much as was promised."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from app.fetching.problems import Tampered, writing

MOST_FILES = 64
MOST_BYTES = 3_000_000_000
MOST_RATIO = 100
"""Weights hardly shrink: what grows a hundred times is a trap."""
SPARE = 1_000_000
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\.onnx")
PIECE = 1 << 20


def unpack(archive: Path, folder: Path) -> tuple[str, ...]:
    """Write the archive's ONNX files flat into `folder` (which is empty); their names. Everything else stays packed.

    Raises Tampered where the archive is torn, or holds anything that would leave the folder or fill the disk."""
    try:
        with zipfile.ZipFile(archive) as opened:
            wanted = _wanted(opened.infolist())
            for name, entry in wanted.items():
                _write(opened, entry, folder / name)
            return tuple(wanted)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise _bad(f"{type(error).__name__}: {error}") from error


def _wanted(entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Plain name -> entry. One entry that tries to get out makes the whole archive suspect."""
    if len(entries) > MOST_FILES:
        raise _bad(f"> {MOST_FILES} berkas / files")
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise _bad(f"> {MOST_BYTES / 1e6:.0f} MB")
    wanted: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        _check(entry)
        name = PurePosixPath(entry.filename).name
        if entry.is_dir() or not name.endswith(".onnx") or entry.filename.startswith("__MACOSX/"):
            continue
        if not NAME.fullmatch(name) or name in wanted:
            raise _bad(f"nama berkas / file name {name!a}")
        wanted[name] = entry
    if not wanted:
        raise _bad("tidak ada / there is no *.onnx")
    return wanted


def _check(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or "\0" in name:
        raise _bad(f"nama berkas / file name {name!a}")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise _bad(f"tautan / link {name!a}")
    if entry.flag_bits & 1:
        raise _bad("bersandi / encrypted")
    if entry.file_size > MOST_RATIO * entry.compress_size + SPARE:
        raise _bad(f"{name!a}: {entry.compress_size} -> {entry.file_size} byte")


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """One file; never longer than the archive's own list says."""
    left = entry.file_size
    with opened.open(entry) as source, writing(target.name), target.open("xb") as file:
        while piece := source.read(PIECE):
            left -= len(piece)
            if left < 0:
                raise _bad(f"{target.name}: > {entry.file_size} byte")
            file.write(piece)


def _bad(why: str) -> Tampered:
    return Tampered(
        f"Arsip paket tidak dapat dipakai: {why}. Periksa alamatnya dan unduh lagi. / "
        f"The pack's archive cannot be used: {why}. Check its address and fetch it again."
    )
