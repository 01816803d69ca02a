"""`netra evaluate ocr`: how well text in pictures is read, and what it costs beside rapidocr's default call."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from app.cli.console import bar, err, out
from app.cli.evaluate import SplitChoice, written
from app.cli.evaluate_text import find_contest
from app.errors import BadInput
from app.evaluation.ocr import Quality, Read, Sample, assess, quality, ratio, read_samples, written_signals
from app.evaluation.ocr_engines import Engine, running
from app.screening.pictured_text import screen_lines
from app.settings import settings
from app.stats.clusters import Share
from app.text.registry import Registry, compile_registry
from app.vision.packs import find_pack, pack_version

Json = dict[str, Any]


class Rival(StrEnum):
    """What the reader can be compared with."""

    RAPIDOCR = "rapidocr"


@dataclass(frozen=True, slots=True)
class Run:
    """What one engine made of all pictures, and the most memory it held, in MB."""

    reads: list[Read]
    peak: float


def ocr(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="pictures with manifest.json")],
    split: Annotated[SplitChoice, typer.Option(help="half of the pictures, by hash of the name")] = SplitChoice.ALL,
    registry: Annotated[
        str | None, typer.Option(help="names to find, as for texts; default registry.json there or in ../text")
    ] = None,
    against: Annotated[Rival | None, typer.Option(help="the same pictures by rapidocr's default call")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="every figure as one JSON object")] = False,
) -> None:
    """Wrong characters, signals that survive reading, large digits, processor seconds and memory."""
    samples = [one for one in read_samples(folder) if split in (SplitChoice.ALL, one.half)]
    if not samples:
        raise BadInput("Tidak ada gambar di setengah ini / No pictures in this half", field="split")
    names = _names(registry, folder)
    if names is None:
        err.print("Tanpa --registry sinyal tidak dihitung / Without --registry no signals are counted", highlight=False)
    chosen = settings()
    pack = find_pack(chosen.models_dir, chosen.model_pack)
    engines: list[Engine] = ["netra", *(["rapidocr"] if against else [])]  # type: ignore[list-item]
    runs = _run(samples, engines, chosen.models_dir / pack.name, chosen.model_threads, names)
    if as_json:
        typer.echo(json.dumps(_json(runs, split.value, pack_version(pack)), ensure_ascii=False, indent=1))
    else:
        out.print(f"{pack_version(pack)}: {len(samples)} gambar / pictures, {split.value}", highlight=False)
        _show(runs)


def _names(registry: str | None, folder: Path) -> Registry | None:
    """The names given, else those of a registry.json beside the pictures or in ../text; None where there are none."""
    if registry is None:
        places = (folder / "registry.json", folder.resolve().parent / "text" / "registry.json")
        registry = next((str(place) for place in places if place.is_file()), None)
    return None if registry is None else compile_registry(find_contest(registry, folder / "manifest.json"))


def _run(
    samples: Sequence[Sample], engines: Sequence[Engine], folder: Path, threads: int, names: Registry | None
) -> dict[Engine, Run]:
    """Every picture by every engine in turn, so that a busy machine is busy for all of them."""
    reads: dict[Engine, list[Read]] = {engine: [] for engine in engines}
    with ExitStack() as stack, bar() as progress:
        opened = {engine: stack.enter_context(running(engine, folder, threads)) for engine in engines}
        for sample in progress.track(samples, description="Membaca / Reading"):
            for engine in engines:
                answer = opened[engine].read(sample.path)
                wanted = written_signals(sample.lines, names) if names else ()
                found = [signal for _, signal in screen_lines(answer.lines, names, answer.height)] if names else ()
                lines = [line.text for line in answer.lines]
                reads[engine].append(assess(sample, lines, wanted, found, answer.seconds))
        return {engine: Run(reads[engine], opened[engine].peak()) for engine in engines}


def _kinds(reads: Sequence[Read]) -> Iterator[tuple[str, Quality]]:
    for kind, rows in groupby(sorted(reads, key=lambda one: one.kind), key=lambda one: one.kind):
        yield kind, quality(list(rows))


def _share(share: Share) -> Json:
    known = share.value is not None
    return {"value": share.value, "interval": [share.low, share.high] if known else None, "cases": share.cases}


def _figures(run: Run) -> Json:
    """The stable keys first, plain numbers; their intervals beside them."""
    found = quality(run.reads)
    return {
        "images": found.images,
        "cer": found.error.value,
        "signal_recall": found.signals.value,
        "cpu_seconds": round(found.seconds[0], 4),
        "peak_mb": round(run.peak, 1),
        "intervals": {"cer": _share(found.error)["interval"], "signal_recall": _share(found.signals)["interval"],
                      "cpu_seconds": [round(value, 4) for value in found.seconds[1:]]},
        "characters": int(found.error.cases),
        "signals": int(found.signals.cases),
        "digits": _share(found.digits),
        "kinds": {kind: {"images": one.images, "cer": one.error.value, "signal_recall": one.signals.value,
                         "cpu_seconds": round(one.seconds[0], 4)} for kind, one in _kinds(run.reads)},
    }  # fmt: skip


def _json(runs: Mapping[Engine, Run], split: str, pack: str) -> Json:
    figures = _figures(runs["netra"]) | {"split": split, "pack": pack}
    if "rapidocr" in runs:
        value, low, high = _cost(runs)
        figures["against"] = {"rapidocr": _figures(runs["rapidocr"])} | {
            "cpu_ratio": round(value, 4),
            "cpu_ratio_interval": [round(low, 4), round(high, 4)],
            "memory_ratio": round(runs["netra"].peak / runs["rapidocr"].peak, 4),
        }
    return figures


def _cost(runs: Mapping[Engine, Run]) -> tuple[float, float, float]:
    mine, theirs = ([one.seconds for one in runs[engine].reads] for engine in ("netra", "rapidocr"))
    return ratio(mine, theirs)


def _show(runs: Mapping[Engine, Run]) -> None:
    columns = (
        "gambar / pictures",
        "salah huruf / CER",
        "sinyal / signals",
        "angka besar / digits",
        "CPU-s",
        "puncak / peak MB",
    )
    table = Table("", *columns)
    for engine, run in runs.items():
        _row(table, engine, quality(run.reads), f"{run.peak:.0f}")
    for kind, one in _kinds(runs["netra"].reads):
        _row(table, f"  {kind}", one, "")
    out.print(table)
    if "rapidocr" in runs:
        value, low, high = _cost(runs)
        memory = runs["netra"].peak / runs["rapidocr"].peak
        out.print(
            f"CPU: {value:.3f} [{low:.3f}-{high:.3f}] × rapidocr; memori / memory: {memory:.3f} ×", highlight=False
        )


def _row(table: Table, name: str, found: Quality, peak: str) -> None:
    value, low, high = found.seconds
    digits = (
        "–" if found.digits.value is None else f"{found.digits.value * found.digits.cases:.0f}/{found.digits.cases:.0f}"
    )
    cells = (written(found.error), written(found.signals), digits, f"{value:.3f} [{low:.3f}-{high:.3f}]", peak)
    table.add_row(name, str(found.images), *cells)
