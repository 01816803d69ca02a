"""What screening costs: CPU time by stage and kind of picture, its ratio to the bare model runs, peak memory.

usage: python scripts/bench/screening.py [--json] [--quick] [--rounds N] [--data DIR]

Pictures come from ../shared/data beside the repository where that is there, and from the demo. CPU time is counted,
not the clock on the wall: another busy process changes little, and the ratio hardly.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from pathlib import Path

import cv2
import onnxruntime as ort
import resident
from figures import Json, figures
from material import mixed_set
from processor import demo_bench, measure
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from app.screening.pipeline import STAGES
from app.settings import REPOSITORY

WIDTH = 104
notes = Console(stderr=True)


def main() -> int:
    """Measure, then print a table or JSON."""
    options = _options()
    items = mixed_set(options.data, quick=options.quick)
    with Progress(console=notes, transient=True) as progress:
        task = progress.add_task("models", total=len(items) + 1)
        bench = demo_bench(notes.print)
        measured = []
        for item in items:
            progress.update(task, description=item.kind)
            measured.append((item, measure(bench, item, options.rounds)))
            progress.advance(task)
        peaks = resident.measure(items, lambda step: progress.update(task, description=f"memory: {step}"))
    result = {"machine": _machine()} | figures(measured, peaks)
    if options.json:
        print(json.dumps(result, indent=1))
    else:
        _show(result)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="JSON with stable keys")
    parser.add_argument("--quick", action="store_true", help="three pictures, one round: does it run at all")
    parser.add_argument("--rounds", type=int, default=0, help="pipeline and replay per picture (default 5)")
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data", help="real pictures")
    options = parser.parse_args()
    options.rounds = max(1, options.rounds or (1 if options.quick else 5))
    return options


def _machine() -> Json:
    model = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "cpu": model[0].partition(": ")[2] if model else platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "onnxruntime": ort.__version__,
        "opencv": cv2.__version__,
    }


def _show(result: Json) -> None:
    out = Console(width=max(WIDTH, notes.width))
    machine, memory = result["machine"], result["memory_mb"]
    out.print(f"{machine['cores']} × {machine['cpu']}, load {machine['load']}, onnxruntime {machine['onnxruntime']}")
    costs = result["cpu_seconds"]
    title = f"CPU milliseconds per picture, mean of {result['rounds']} rounds (of these: model runs)"
    table = Table("stage", title=title, title_justify="left")
    for kind in costs:
        table.add_column(f"{result['pictures'][kind]} × {kind}", justify="right")
    for stage in STAGES:
        table.add_row(stage, *(_milliseconds(entry["stages"][stage]) for entry in costs.values()))
    table.add_section()
    table.add_row("all", *(_milliseconds({"total": c["pipeline"], "models": c["models"]}) for c in costs.values()))
    table.add_row("ratio", *(f"{result['ratio']['by_kind'][kind]:.2f}" for kind in costs))
    out.print(table)
    ratio = result["ratio"]
    spread = f"{result['rounds']} rounds {ratio['lowest']:.3f}–{ratio['highest']:.3f}, minima {ratio['of_minima']:.3f}"
    goals = Table("goal", "at most", "is", "", title="Goals", title_justify="left")
    for name, about in (
        ("ratio", f"pipeline / model runs, median ({spread})"),
        ("worker_mb", f"peak memory of a worker, MB ({memory['submissions']} submissions)"),
        ("api_mb", f"peak memory of the API process, MB (these uploads, {memory['requests']} other requests)"),
    ):
        goal = result["goals"][name]
        goals.add_row(about, f"{goal['at_most']:g}", f"{goal['is']:.4g}", "✓" if goal["met"] else "✗")
    out.print(goals)


def _milliseconds(entry: Json) -> str:
    whole = entry["total"] * 1000
    return f"{whole:.0f} ({entry['models'] * 1000:.0f})" if entry["models"] else f"{whole:.1f}"


if __name__ == "__main__":
    sys.exit(main())
