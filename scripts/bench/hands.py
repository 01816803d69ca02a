"""What finding hands costs beside its bare model runs, for photos with 1, 3, 10 and 24 people.

usage: python scripts/bench/hands.py [--json] [--rounds N]

The people are drawn, one in two holds up a hand. Search and replay of the very tensors take turns; CPU time is counted.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from statistics import median

import numpy as np
from processor import Call, recording, replay
from rich.console import Console
from rich.table import Table

from app.demo.drawing import draw_person, paste
from app.imaging.decode import Pixels
from app.imaging.pyramid import Pyramid
from app.screening.models import load_faces
from app.settings import Settings
from app.vision.faces import Detector
from app.vision.hands import HandFinder
from app.vision.observations import Face
from app.vision.packs import find_pack, pack_folder

GOAL = 1.15
GROUPS = ((1, 1, 700), (3, 3, 560), (10, 5, 420), (24, 8, 300))
"""People, how many stand in a row, and the height of each in px."""
SHOWN = ("01100", None, "01000", None, "00000", None, "10000", None)


def main() -> int:
    """Measure, then print a table or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="JSON with stable keys")
    parser.add_argument("--rounds", type=int, default=9, help="search and replay per picture")
    options = parser.parse_args()
    chosen = Settings()
    pack = find_pack(chosen.models_dir, chosen.model_pack)
    detector = load_faces(chosen.models_dir, pack.name, 1).detector
    finder = HandFinder(pack_folder(pack, chosen.models_dir))
    rows = [measure(finder, detector, picture, people, options.rounds) for people, picture in groups()]
    if options.json:
        print(json.dumps({"goal": GOAL, "groups": rows}, indent=1))
    else:
        show(rows)
    return 0


def groups() -> list[tuple[int, Pixels]]:
    """Rows of drawn people before a plain wall."""
    made = []
    for people, across, height in GROUPS:
        down = -(-people // across)
        canvas = np.full((round(1.05 * height * down) + 40, round(0.9 * height * across) + 40, 3), 180, np.uint8)
        for place in range(people):
            x, y = place % across * round(0.9 * height) + 20, place // across * round(1.05 * height) + 20
            paste(canvas, *draw_person(place, height, SHOWN[place % len(SHOWN)]), x, y)
        made.append((people, canvas))
    return made


def measure(
    finder: HandFinder, detector: Detector, picture: Pixels, people: int, rounds: int
) -> dict[str, float | int | list[int]]:
    """Medians of `rounds`: CPU milliseconds of the search, of its model runs alone, and their ratio within a round.
    The halvings of the picture are there already, as they are in the pipeline, where faces are looked for first."""
    pyramid = Pyramid.of(picture)
    faces = detector.detect(pyramid)
    with recording(lambda: "hands") as calls:
        found = finder.find(pyramid, faces)
    whole, bare = [], []
    for number in range(rounds):
        if number % 2:
            bare.append(replayed(calls))
            whole.append(searched(finder, pyramid, faces))
        else:
            whole.append(searched(finder, pyramid, faces))
            bare.append(replayed(calls))
    return {
        "people": people,
        "faces": len(faces),
        "size": [picture.shape[1], picture.shape[0]],
        "windows_and_crops": sum(len(next(iter(call.feed.values()))) for call in calls),
        "hands": len(found),
        "named": sum(hand.readable for hand in found),
        "ms": round(1000 * median(whole), 1),
        "models_ms": round(1000 * median(bare), 1),
        "ratio": round(median(a / b for a, b in zip(whole, bare, strict=True)), 3),
    }


def searched(finder: HandFinder, pyramid: Pyramid, faces: list[Face]) -> float:
    """CPU-seconds of one search."""
    begin = time.process_time()
    finder.find(pyramid, faces)
    return time.process_time() - begin


def replayed(calls: list[Call]) -> float:
    """CPU-seconds of the same model runs alone."""
    return sum(replay(calls).values())


def show(rows: list[dict[str, float | int | list[int]]]) -> None:
    """A line per group."""
    table = Table("people", "px", "windows + crops", "hands", "named", "ms", "model runs, ms", f"ratio (goal ≤ {GOAL})")
    for row in rows:
        size = row["size"]
        assert isinstance(size, list)
        cells = (f"{size[0]}×{size[1]}", *(row[key] for key in ("windows_and_crops", "hands", "named", "ms")))
        table.add_row(str(row["people"]), *map(str, cells), str(row["models_ms"]), str(row["ratio"]))
    Console(width=110).print(table)


if __name__ == "__main__":
    sys.exit(main())
