"""Downloads from a server that misbehaves: what is continued, what is begun anew, what is said."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from app.errors import BadInput
from app.fetching import download as module
from app.fetching.download import Patience, download
from app.fetching.parts import Part
from app.fetching.problems import NotDownloaded, NotWritten, writing
from app.fetching.publishers import elsewhere, published
from tests.file_server import Served, serving

CONTENT = bytes(range(256)) * 1200
QUICK = Patience(pause=0.0, silence=0.4, tries=2)


def got(served: Served, folder: Path, patience: Patience = QUICK) -> bytes:
    target = folder / "pack.zip"
    download(served.address, target, patience, lambda size, total: None)
    assert sorted(path.name for path in folder.iterdir()) == ["pack.zip"]
    return target.read_bytes()


def test_a_whole_file_with_its_progress(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    with serving(Served(CONTENT)) as served:
        download(served.address, tmp_path / "pack.zip", QUICK, lambda size, total: told.append((size, total)))
    assert (tmp_path / "pack.zip").read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert told == sorted(told)


def test_a_cut_connection_is_continued_where_it_stopped(tmp_path: Path) -> None:
    with serving(Served(CONTENT, cuts=[100_000, 50_000])) as served:
        assert got(served, tmp_path) == CONTENT
    assert served.seen == [None, "bytes=100000-", "bytes=150000-"]


def test_another_run_continues(tmp_path: Path) -> None:
    with serving(Served(CONTENT, cuts=[1000], moods=[])) as served:
        with pytest.raises(NotDownloaded, match="Jalankan lagi"):
            download(served.address, tmp_path / "pack.zip", Patience(pause=0, tries=0), lambda *_: None)
        assert (tmp_path / "pack.zip.part").stat().st_size == 1000
        assert not (tmp_path / "pack.zip").exists()
        assert got(served, tmp_path) == CONTENT
    assert served.seen == [None, "bytes=1000-"]


def test_another_file_on_the_server_is_begun_anew(tmp_path: Path) -> None:
    with serving(Served(b"x" * 5000, cuts=[2000])) as served:
        with pytest.raises(NotDownloaded):
            download(served.address, tmp_path / "pack.zip", Patience(pause=0, tries=0), lambda *_: None)
        served.content, served.etag = CONTENT, '"two"'
        assert got(served, tmp_path) == CONTENT
    assert served.seen[-1] == "bytes=2000-"


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_without_a_strong_mark_nothing_is_continued(tmp_path: Path, etag: str) -> None:
    with serving(Served(CONTENT, etag=etag, cuts=[1000])) as served:
        assert got(served, tmp_path) == CONTENT
    assert served.seen == [None, None]


def test_a_server_without_ranges_and_one_without_length(tmp_path: Path) -> None:
    with serving(Served(CONTENT, ranges=False, cuts=[1000])) as served:
        assert got(served, tmp_path) == CONTENT
    with serving(Served(CONTENT, length=False)) as served:
        assert got(served, tmp_path) == CONTENT


def test_416_means_complete_or_begun_anew(tmp_path: Path) -> None:
    target = tmp_path / "pack.zip"
    for there in (CONTENT, CONTENT + b"too long"):
        with serving(Served(CONTENT)) as served:
            part = Part(target)
            part.begin(served.address, served.etag, "", None)
            part.bytes.write_bytes(there)
            assert got(served, tmp_path) == CONTENT
            assert served.seen[0] == f"bytes={len(there)}-"
            assert len(served.seen) == (1 if there == CONTENT else 2)


def test_a_server_that_is_busy_is_asked_again_and_one_that_refuses_is_not(tmp_path: Path) -> None:
    with serving(Served(CONTENT, moods=[503])) as served:
        assert got(served, tmp_path) == CONTENT
    for status in (404, 403, 410, 500):
        with serving(Served(CONTENT, moods=[status] * 5)) as served:
            with pytest.raises(NotDownloaded, match=f"HTTP {status}"):
                download(served.address, tmp_path / "other.zip", QUICK, lambda *_: None)
            assert len(served.seen) == (2 if status == 500 else 1)


def test_a_silent_and_a_dripping_server_are_given_up(tmp_path: Path) -> None:
    with serving(Served(CONTENT, hang=1.0)) as served, pytest.raises(NotDownloaded, match="diam"):
        download(served.address, tmp_path / "pack.zip", Patience(pause=0, silence=0.1, tries=1), lambda *_: None)
    slow = Patience(pause=0, tries=0, window=0.1, least_bytes=100_000)
    with serving(Served(CONTENT[:3000], drip=0.01)) as served, pytest.raises(NotDownloaded, match="lambat"):
        download(served.address, tmp_path / "pack.zip", slow, lambda *_: None)


def test_redirects_are_followed_a_few_times(tmp_path: Path) -> None:
    with serving(Served(CONTENT, moved=3)) as served:
        assert got(served, tmp_path) == CONTENT
    with serving(Served(CONTENT, moved=1000)) as served:
        with pytest.raises(NotDownloaded, match="pengalihan"):
            download(served.address, tmp_path / "loop.zip", QUICK, lambda *_: None)
        assert len(served.seen) == QUICK.redirects + 1
    with serving(Served(CONTENT, moved_to="file:///etc/passwd")) as served, pytest.raises(NotDownloaded, match="file"):
        download(served.address, tmp_path / "file.zip", QUICK, lambda *_: None)


def test_nobody_there(tmp_path: Path) -> None:
    with serving(Served(b"")) as served:
        pass
    with pytest.raises(NotDownloaded, match="terputus"):
        download(served.address, tmp_path / "pack.zip", QUICK, lambda *_: None)


def test_a_file_without_end_is_refused(tmp_path: Path) -> None:
    small = Patience(pause=0, most_bytes=1000)
    for length in (True, False):
        with serving(Served(CONTENT, length=length)) as served, pytest.raises(NotDownloaded, match="MB"):
            download(served.address, tmp_path / "pack.zip", small, lambda *_: None)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_told_before_and_while_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 1000

    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: Usage())
    with serving(Served(CONTENT)) as served, pytest.raises(NotWritten, match="penuh"):
        download(served.address, tmp_path / "pack.zip", QUICK, lambda *_: None)
    for number, said in (
        (errno.ENOSPC, "penuh"),
        (errno.EROFS, "NETRA_MODELS_DIR"),
        (errno.EACCES, "NETRA_MODELS_DIR"),
    ):
        with pytest.raises(NotWritten, match=said), writing("x"):
            raise OSError(number, "no")


def test_addresses_that_cannot_be_trusted() -> None:
    for url in ("ftp://a/b", "https://user:word@a/b", "nothing", "https:///x", "http://example.org/a.zip"):
        with pytest.raises(BadInput, match="https://"):
            elsewhere("x", url, "")
    assert elsewhere("x", "http://example.org/a.zip", "0" * 64).url == "http://example.org/a.zip"
    assert elsewhere("buffalo_l", "https://example.org/a.zip", "").licence_en == published()["buffalo_l"].licence_en


def test_the_publishers_addresses_are_those_of_insightface_itself() -> None:
    storage = pytest.importorskip("insightface.utils.storage")
    assert set(published()) == {"buffalo_l", "buffalo_m", "buffalo_s", "buffalo_sc", "antelopev2"}
    for name, pack in published().items():
        assert pack.url == storage.model_zoo_download_url(f"{name}.zip")
        assert "noncommercial" in pack.licence_en.replace("-", "")
