"""Memory while one process screens many pictures: it has to stay flat.

usage: python scripts/bench/soak.py [--json] [--images N] [--sides FROM TO] [--kind KIND] [--data DIR]

Every picture is another one: those of the mixed set, cropped, resized, lit and compressed at random, so that no shape
repeats. Resident memory is read after each hundred; the models' own is there before the first.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from figures import Json
from material import KINDS, Item, mixed_set
from processor import Bench, demo_bench
from rich.console import Console
from rich.progress import Progress

from app import heap
from app.imaging.decode import Pixels
from app.imaging.redact import encode_jpeg
from app.screening.pipeline import Stopwatch
from app.settings import REPOSITORY

EACH = 100
WARM = 0.1
"""Share of the pictures after which memory is compared: before, the allocator is still filling its pools."""
notes = Console(stderr=True)


def main() -> int:
    """Screen, then print what memory did."""
    options = _options()
    heap.bound(screens=True)  # as a worker does
    bench = demo_bench(notes.print)
    sources = [item for item in mixed_set(options.data, quick=options.quick) if item.kind in options.kind]
    found = soak(bench, sources, options.images, options.sides)
    print(json.dumps(found, indent=1) if options.json else _worded(found))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="JSON with stable keys")
    parser.add_argument("--quick", action="store_true", help="the demo's pictures only")
    parser.add_argument("--images", type=int, default=10_000, help="pictures to screen (default %(default)s)")
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data", help="real pictures")
    parser.add_argument("--sides", type=int, nargs=2, default=(120, 480), help="longer sides of the pictures, px")
    parser.add_argument("--kind", nargs="+", choices=KINDS, default=KINDS, help="kinds of pictures (default: all)")
    options = parser.parse_args()
    options.images = max(EACH, options.images)
    return options


def soak(bench: Bench, sources: Sequence[Item], images: int, sides: Sequence[int]) -> Json:
    """Megabytes (10^6 bytes) before, after the warm-up, at the end and at most, and their growth per 1,000 pictures."""
    before = resident()
    readings: list[tuple[int, float]] = []
    with Progress(console=notes, transient=True) as progress:
        for number, item in enumerate(progress.track(varied(sources, images, sides), total=images), 1):
            bench.screen(item, Stopwatch())
            if number % EACH == 0:
                readings.append((number, resident()))
                if not notes.is_terminal:
                    notes.print(*readings[-1])
    later = [reading for reading in readings if reading[0] >= WARM * images]
    growth = np.polyfit(*zip(*later, strict=True), 1)[0] * 1000 if len(later) > 1 else float("nan")
    sizes = [size for _, size in readings]
    return {
        "images": images,
        "mb": {"start": before, "warm": later[0][1], "end": sizes[-1], "peak": max(sizes)},
        "mb_per_1000": round(float(growth), 2),
        "readings": readings,
    }


def varied(sources: Sequence[Item], count: int, sides: Sequence[int]) -> Iterator[Item]:
    """`count` posts with pictures that differ in size, cut, light and compression."""
    random = np.random.default_rng(20)
    pictures = [cv2.imdecode(np.frombuffer(item.data, np.uint8), cv2.IMREAD_COLOR) for item in sources]
    for number in range(count):
        item, pixels = sources[number % len(sources)], pictures[number % len(sources)]
        yield Item(item.kind, item.name, _changed(np.asarray(pixels, np.uint8), sides, random), item.text)


def _changed(pixels: Pixels, sides: Sequence[int], random: np.random.Generator) -> bytes:
    height, width = pixels.shape[:2]
    top, left = (int(random.integers(0, side // 5 + 1)) for side in (height, width))
    cut = pixels[top : height - top // 2, left : width - left // 2]
    factor = int(random.integers(sides[0], sides[1])) / max(cut.shape[:2])
    size = max(16, round(cut.shape[1] * factor)), max(16, round(cut.shape[0] * factor))
    small = cv2.resize(cut, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    lit = np.clip(small * random.uniform(0.7, 1.3), 0, 255).astype(np.uint8)
    return encode_jpeg(lit, quality=int(random.integers(40, 95)))


def resident() -> float:
    """Megabytes of resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * 4096 / 1e6, 1)


def _worded(found: Json) -> str:
    mb = found["mb"]
    return (
        f"{found['images']} pictures: {mb['start']} MB with models, {mb['warm']} MB after {WARM:.0%} of them, "
        f"{mb['end']} MB at the end, {mb['peak']} MB at most; {found['mb_per_1000']:+} MB per 1,000 pictures"
    )


if __name__ == "__main__":
    sys.exit(main())
