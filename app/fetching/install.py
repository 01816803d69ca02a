"""From an address to a pack that is in its place: all of it, or nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.errors import BadInput, NotReady
from app.fetching.download import Advance, Patience, download
from app.fetching.problems import Tampered, writing
from app.fetching.publishers import Published
from app.fetching.records import alone, now, remember, who
from app.fetching.unpack import unpack
from app.vision.insightface_folder import look_into
from app.vision.limits import THRESHOLDS, toml_value
from app.vision.pack_folders import DESCRIPTION, description_of, folder_pack
from app.vision.pack_parts import Pack
from app.vision.pack_records import read_records, sha256_of, stamp
from app.vision.packs import find_pack, pack_folder, pack_state


@dataclass(frozen=True, slots=True)
class Installed:
    """A pack in its place. `trust`: "given", "publisher", "recorded" or "first use"; `left_out` are models that Netra
    does not need; `fetched` is false where it was there already; `limits_kept`: its thresholds file still applies."""

    pack: Pack
    sha256: str
    trust: str
    left_out: tuple[str, ...] = ()
    fetched: bool = True
    limits_kept: bool = False


def present(models_dir: Path, name: str) -> Installed | None:
    """The pack where it was fetched before and every file is intact."""
    record = read_records(models_dir).get(name)
    if record is None:
        return None
    try:
        pack = find_pack(models_dir, name)
    except NotReady:
        return None
    intact = set(pack_state(pack, models_dir).values()) == {"ok"}
    return Installed(pack, str(record.get("sha256", "")), "recorded", fetched=False) if intact else None


def fetch(models_dir: Path, wanted: Published, given: str, patience: Patience, advance: Advance) -> Installed:
    """Download, check, unpack and install a pack whose licence was accepted; `given` is the sha256 of the archive that
    the user knows, or empty.

    Raises NotDownloaded, Tampered, NotWritten, Conflict when another process is at it, and BadInput when somebody put a
    folder of that name there by hand."""
    with alone(models_dir) as workshop:
        records = read_records(models_dir)
        place = models_dir / wanted.name
        if place.exists() and wanted.name not in records:
            raise BadInput(
                f"Folder {wanted.name} sudah ada dan bukan dari `netra models fetch`; pindahkan dulu. / "
                f"There is a folder {wanted.name} that `netra models fetch` did not make; move it away first.",
                field="PACK",
            )
        expected, trust = _expected(given, wanted, str(records.get(wanted.name, {}).get("sha256", "")))
        archive = workshop / f"{wanted.name}.zip"
        if not _there(archive, expected):
            download(wanted.url, archive, patience, advance)
        sha256 = checked(archive, expected)
        ready, left_out = _made(archive, workshop / wanted.name, wanted)
        kept = _keep_limits(place, ready)
        entry = {
            "url": wanted.url,
            "sha256": sha256,
            "trust": trust,
            "fetched": now(),
            "licence": {"text": wanted.licence_en, "accepted_by": who(), "accepted": now()},
            "files": hashes(ready, (path.name for path in ready.glob("*.onnx"))),
        }
        _exchange(ready, place, workshop / f"{wanted.name}.old")
        remember(models_dir, wanted.name, entry)
        archive.unlink(missing_ok=True)
        return Installed(find_pack(models_dir, wanted.name), sha256, trust, left_out, limits_kept=kept)


def record_folder(models_dir: Path, pack: Pack) -> dict[str, str]:
    """Trust the files of a pack that somebody put there, as they are now; their hashes."""
    with alone(models_dir):
        files = hashes(pack_folder(pack, models_dir), (model.file for model in pack.models))
        remember(models_dir, pack.name, {"trust": "first use", "recorded": now(), "recorded_by": who(), "files": files})
        return files


def hashes(folder: Path, files: Iterable[str]) -> dict[str, str]:
    """File -> sha256."""
    return {file: sha256_of(stamp(folder / file)) for file in sorted(files)}


def checked(archive: Path, expected: str) -> str:
    """The archive's sha256; what is not the expected one is removed. Raises Tampered."""
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if expected not in {"", found}:
        archive.unlink()
        raise Tampered(
            f"sha256 arsip {found}, seharusnya {expected}; arsip dibuang. Jangan dipakai sebelum jelas mengapa; jika "
            "penerbit memang menggantinya, sebut sha256 barunya dengan --sha256. / "
            f"The archive's sha256 is {found}, not {expected}; it was thrown away. Do not use it before you know why; "
            "where the publisher replaced it, name the new sha256 with --sha256."
        )
    return found


def _there(archive: Path, expected: str) -> bool:
    """Whether an earlier run has got this very archive and failed afterwards."""
    if not archive.is_file():
        return False
    with archive.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == expected


def _expected(given: str, wanted: Published, recorded: str) -> tuple[str, str]:
    """The hash that the archive must have and who says so; nobody knows it at the first use."""
    said = ((given, "given"), (wanted.sha256, "publisher"), (recorded, "recorded"))
    return next(((value, by) for value, by in said if value), ("", "first use"))


def _made(archive: Path, folder: Path, wanted: Published) -> tuple[Path, tuple[str, ...]]:
    """The finished folder, not yet in its place, and the files that were left out of it."""
    shutil.rmtree(folder, ignore_errors=True)
    with writing(wanted.name):
        folder.mkdir(mode=0o755)
    try:
        files = unpack(archive, folder)
        try:
            found = look_into(folder, files)
        except NotReady as error:
            raise Tampered(error.detail) from error
        left_out = tuple(sorted(set(files) - {found.recogniser, found.detector}))
        with writing(wanted.name):
            for file in left_out:
                (folder / file).unlink()
            entry = description_of(found, wanted.name, f"{wanted.licence_en} {wanted.page}")
            (folder / DESCRIPTION).write_text(_toml(entry), encoding="utf-8")
            folder.chmod(0o755)
            for path in folder.iterdir():
                path.chmod(0o644)
                with path.open("rb") as opened:
                    os.fsync(opened.fileno())
    except Tampered:
        archive.unlink(missing_ok=True)
        raise
    return folder, left_out


def _keep_limits(place: Path, ready: Path) -> bool:
    """Limits measured for the pack before apply where the recogniser is the same."""
    limits = place / THRESHOLDS
    if not limits.is_file():
        return False
    with writing(THRESHOLDS):
        made_for = f"model = {toml_value(folder_pack(ready).embedding_id)}\n"
        if made_for not in limits.read_text(encoding="utf-8"):
            return False
        shutil.copy(limits, ready / THRESHOLDS)
    return True


def _exchange(ready: Path, place: Path, aside: Path) -> None:
    """The new folder takes the place of the old one, which comes back where that fails."""
    with writing(place.name):
        shutil.rmtree(aside, ignore_errors=True)
        if place.exists():
            place.rename(aside)
        try:
            ready.rename(place)
        except OSError:
            if aside.exists():
                aside.rename(place)
            raise
        shutil.rmtree(aside, ignore_errors=True)


def _toml(entry: dict[str, object]) -> str:
    """The description as a file: plain keys first, then one table each."""
    lines = [f"{key} = {toml_value(value)}" for key, value in entry.items() if not isinstance(value, dict)]
    for key, value in entry.items():
        if isinstance(value, dict):
            lines += ["", f"[{key}]", *(f"{name} = {toml_value(inner)}" for name, inner in value.items())]
    return "\n".join(lines) + "\n"
