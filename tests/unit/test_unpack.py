"""Archives that nobody vouches for: what is taken out of them, and what makes them suspect."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from app.fetching.problems import Tampered
from app.fetching.unpack import MOST_FILES, unpack

Fill = Callable[[zipfile.ZipFile], None]


def packed(folder: Path, fill: Fill, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    path = folder / "pack.zip"
    with zipfile.ZipFile(path, "w", compression) as archive:
        fill(archive)
    return path


def into(folder: Path) -> Path:
    target = folder / "out"
    target.mkdir()
    return target


def test_models_come_out_flat_and_nothing_else(tmp_path: Path) -> None:
    def fill(archive: zipfile.ZipFile) -> None:
        archive.writestr("antelopev2/", "")
        archive.writestr("antelopev2/glintr100.onnx", b"recogniser")
        archive.writestr("antelopev2/scrfd_10g.onnx", b"detector")
        archive.writestr("antelopev2/README.md", b"words")
        archive.writestr("__MACOSX/._glintr100.onnx", b"junk")

    target = into(tmp_path)
    assert unpack(packed(tmp_path, fill), target) == ("glintr100.onnx", "scrfd_10g.onnx")
    assert {path.name: path.read_bytes() for path in target.iterdir()} == {
        "glintr100.onnx": b"recogniser",
        "scrfd_10g.onnx": b"detector",
    }


def link(archive: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("a.onnx")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(entry, "/etc/passwd")


def twice(archive: zipfile.ZipFile) -> None:
    archive.writestr("one/a.onnx", b"1")
    archive.writestr("two/a.onnx", b"2")


def many(archive: zipfile.ZipFile) -> None:
    for number in range(MOST_FILES + 1):
        archive.writestr(f"{number}.onnx", b"")


@pytest.mark.parametrize(
    "fill",
    [
        *(
            pytest.param(lambda archive, name=name: archive.writestr(name, b"x"), id=name)
            for name in (
                "../a.onnx",
                "/a.onnx",
                "x/../../a.onnx",
                "..\\a.onnx",
                "C:/a.onnx",
                ".hidden.onnx",
                "a b.onnx",
            )
        ),
        pytest.param(lambda archive: archive.writestr("a.onnx", bytes(20_000_000)), id="bomb"),
        pytest.param(lambda archive: archive.writestr("a.txt", b"x"), id="no model"),
        link,
        twice,
        many,
    ],
)
def test_what_makes_an_archive_suspect(tmp_path: Path, fill: Fill) -> None:
    target = into(tmp_path)
    with pytest.raises(Tampered, match="Arsip paket"):
        unpack(packed(tmp_path, fill), target)
    assert not list(target.iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "pack.zip"]


def test_torn_archives_and_files_that_are_none(tmp_path: Path) -> None:
    path = packed(tmp_path, lambda archive: archive.writestr("a.onnx", bytes(range(256)) * 40), zipfile.ZIP_STORED)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[500] ^= 1
    for number, content in enumerate((b"", b"<html>not found</html>", whole[:-30], whole[:200], bytes(flipped))):
        path.write_bytes(content)
        target = tmp_path / str(number)
        target.mkdir()
        with pytest.raises(Tampered):
            unpack(path, target)


def test_a_size_that_is_not_the_promised_one(tmp_path: Path) -> None:
    path = packed(tmp_path, lambda archive: archive.writestr("a.onnx", b"x" * 5000), zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    directory = content.rindex(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = (100).to_bytes(4, "little")
    path.write_bytes(bytes(content))
    with pytest.raises(Tampered):
        unpack(path, into(tmp_path))
