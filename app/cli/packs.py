"""`netra models`: which packs there are, fetching one from its publisher, checking what lies there."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from app.cli.console import cell, complain, err, out
from app.errors import BadInput, NotReady
from app.fetching.download import Patience
from app.fetching.install import Installed, fetch, present, record_folder
from app.fetching.problems import Tampered
from app.fetching.publishers import Published, elsewhere, published
from app.settings import settings
from app.vision.limits import REPAIR
from app.vision.pack_folders import NAME
from app.vision.pack_parts import Pack
from app.vision.pack_records import read_records
from app.vision.packs import find_pack, folder_names, load_manifest, measure, pack_state, pack_version, repair_of

INTERRUPTED = 130
SHA256 = re.compile("[0-9a-f]{64}")
app = typer.Typer(help="Paket model / model packs")
Speed = Annotated[bool, typer.Option(help="measure each model on this machine, one thread")]


@app.callback(invoke_without_command=True)
def models(context: typer.Context) -> None:
    """List the model packs; see also fetch and verify."""
    if context.invoked_subcommand is None:
        show_packs(speed=True)


@app.command("list")
def show_packs(speed: Speed = True) -> None:
    """List the model packs: licence, state of the files, milliseconds per run on this machine."""
    folder, chosen = settings().models_dir, settings().model_pack
    manifest = [pack.name for pack in load_manifest(folder)]
    names = [*manifest, *folder_names(folder, manifest)]
    broken = [name for name in names if not _show(folder, name, speed, name == chosen)]
    for offered in published().values():
        if offered.name not in names:
            size = f"{offered.megabytes} MB"
            out.print(f"– {offered.name}: {offered.about}, {size}; netra models fetch {offered.name}", highlight=False)
    if chosen not in names:
        find_pack(folder, chosen)
    if broken:
        raise typer.Exit(3)


@app.command("fetch")
def fetch_pack(
    name: Annotated[str, typer.Argument(metavar="PACK", help="buffalo_l, _m, _s, _sc, antelopev2, …")],
    accept: Annotated[bool, typer.Option("--accept-licence", help="the licence is read and accepted")] = False,
    url: Annotated[str, typer.Option(help="another address of the archive")] = "",
    sha256: Annotated[str, typer.Option(help="what the archive must be")] = "",
    again: Annotated[bool, typer.Option("--again", help="also where it is there and intact")] = False,
) -> None:
    """Fetch a pack from its publisher: continues where it stopped, checks, unpacks and installs it."""
    folder, sha256 = settings().models_dir, sha256.lower()
    if sha256 and not SHA256.fullmatch(sha256):
        raise BadInput("--sha256 terdiri atas 64 angka heksadesimal / has 64 hexadecimal digits", field="sha256")
    wanted = _wanted(folder, name, url, sha256)
    there = None if again or sha256 else present(folder, name)
    if there is not None:
        _said(there)
        return
    _accept_licence(wanted, accept)
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as progress:
            task = progress.add_task(name, total=None)
            done = fetch(
                folder,
                wanted,
                sha256,
                Patience(),
                lambda size, total: progress.update(task, completed=size, total=total),
            )
    except KeyboardInterrupt:
        err.print("Dihentikan; jalankan lagi untuk melanjutkan. / Interrupted; run again to continue.")
        raise typer.Exit(INTERRUPTED) from None
    _said(done)


@app.command("verify")
def verify(
    name: Annotated[str, typer.Argument(metavar="[PACK]", help="one pack; without it all")] = "",
    record: Annotated[bool, typer.Option("--record", help="put packs on record as they are now")] = False,
) -> None:
    """Check every file of the packs against the hashes on record."""
    folder = settings().models_dir
    manifest = [pack.name for pack in load_manifest(folder)]
    known, missing, changed = read_records(folder), False, False
    for one in [name] if name else [*manifest, *folder_names(folder, manifest)]:
        pack = find_pack(folder, one)
        if record and pack.base and one not in known:
            known = known | {one: {"files": record_folder(folder, pack)}}
        states = pack_state(pack, folder)
        for model in pack.models:
            state = states[model.name]
            on_record = not pack.base or one in known
            said = state if on_record or state != "ok" else "ok, tanpa catatan / not on record (--record)"
            out.print(f"{one}/{model.file}: {said} {model.sha256}", highlight=False, markup=False, soft_wrap=True)
        missing, changed = missing or "missing" in states.values(), changed or "changed" in states.values()
    if changed:
        raise Tampered("Ada berkas yang berubah; ambil lagi paketnya. / A file has changed; fetch its pack again.")
    if missing:
        raise NotReady("Ada berkas yang tidak ada; ambil lagi paketnya. / A file is missing; fetch its pack again.")


def _show(folder: Path, name: str, speed: bool, chosen: bool) -> bool:
    """One pack as a table; whether it can be used."""
    try:
        pack = find_pack(folder, name)
    except NotReady as error:
        complain(error)
        return False
    states = pack_state(pack, folder)
    whole = set(states.values()) == {"ok"}
    times = measure(pack, folder) if whole and speed else {}
    limits = "" if pack.thresholds.calibrated else f"; belum ada ambang / no limits yet: {REPAIR}"
    used = " *" if chosen else ""
    table = Table(title=cell(f"{pack.name}{used} ({pack_version(pack)}): {pack.title}{limits}"), title_justify="left")
    for column in ("model", "keadaan / state", "ms", "lisensi / licence", "paket / package"):
        table.add_column(column, justify="right" if column == "ms" else "left", overflow="fold")
    for model in pack.models:
        time = f"{times[model.name]:.1f}" if model.name in times else "–"
        package = f"{model.source.package} {model.source.version}"
        table.add_row(cell(model.name), states[model.name], time, cell(model.licence), cell(package))
    out.print(table)
    if not whole:
        err.print(f"Belum lengkap; jalankan / Incomplete; run: {repair_of(pack)}", style="bold")
    return whole


def _wanted(folder: Path, name: str, url: str, sha256: str) -> Published:
    if not NAME.fullmatch(name):
        raise BadInput("Nama paket: huruf, angka, titik, garis / letters, digits, dots, dashes", field="PACK")
    made: dict[str, Pack] = {pack.name: pack for pack in load_manifest(folder)}
    if name in made:
        raise BadInput(f"{name}: jalankan / run `{repair_of(made[name])}`", field="PACK")
    if url:
        return elsewhere(name, url, sha256)
    if name not in published():
        known = ", ".join(published())
        raise BadInput(
            f"Paket {name} tidak dikenal; ada: {known}; paket lain dengan --url. / "
            f"No pack {name} is known; there is: {known}; any other with --url.",
            field="PACK",
        )
    return published()[name]


def _accept_licence(wanted: Published, accepted: bool) -> None:
    err.print(f"{wanted.licence_id}\n{wanted.licence_en}\n{wanted.page}", highlight=False, markup=False)
    if accepted:
        return
    if not sys.stdin.isatty():
        raise BadInput(
            "Lisensi belum diterima; tambahkan --accept-licence setelah membacanya. / "
            "The licence is not accepted; add --accept-licence once you have read it.",
            field="accept-licence",
        )
    if not typer.confirm("Menerima lisensi ini? / Accept this licence?", err=True):
        raise BadInput("Lisensi tidak diterima; tidak ada yang diunduh. / Not accepted; nothing was downloaded.")


def _said(done: Installed) -> None:
    """What is there now, and what to do next."""
    name = done.pack.name
    if not done.fetched:
        out.print(f"{name}: sudah ada dan utuh / there already and intact; sha256 {done.sha256}", highlight=False)
        return
    out.print(
        f"{name}: {pack_version(done.pack)}, sha256 {done.sha256} ({done.trust})", highlight=False, soft_wrap=True
    )
    if done.trust == "first use":
        err.print("Penerbit tidak memberi sha256; yang ini dicatat dan mulai kini diwajibkan. / The publisher gives no "
                  "sha256; this one is on record and is required from now on.")  # fmt: skip
    if done.left_out:
        err.print(f"Tidak dipakai, tidak dipasang / Not needed, left out: {', '.join(done.left_out)}", highlight=False)
    if not done.pack.thresholds.calibrated:
        err.print(f"Lalu / Then: {REPAIR.replace('PACK', name)}", highlight=False)
    err.print(f"Pakai dengan / Use with: NETRA_MODEL_PACK={name}", highlight=False)
