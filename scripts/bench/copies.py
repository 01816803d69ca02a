"""Finding copies: milliseconds of each step. What is found again after edits, `netra evaluate copies DIR…` measures.

usage: python scripts/bench/copies.py [--hashes N] [--photos DIR…] [--most N]

The search is timed on made hashes, with one thread, against the loop that anybody would write first; the other steps
on the photos of the folders given (by default those of ../shared/data beside the repository, where it is there)."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import argparse
import time
from collections.abc import Callable, Sequence
from statistics import median

import cv2
import numpy as np

from app.copies.prints import PLACES, WHOLE, Words, fingerprint
from app.copies.search import HashIndex
from app.copies.verify import compare, features
from app.imaging.decode import Pixels
from app.screening.copy_index import DISTANCE
from app.settings import REPOSITORY

FOLDERS = ("faces/unknown", "hands/photos")


def milliseconds(act: Callable[[], object], rounds: int) -> float:
    """The median of some calls, of the processor's time."""
    times = []
    for _ in range(rounds):
        begin = time.process_time()
        act()
        times.append((time.process_time() - begin) * 1000)
    return median(times)


def naive(hashes: Words, query: Words, distance: int) -> list[int]:
    """One hash after the other, as Python integers."""
    wanted = int.from_bytes(query.tobytes())
    rows = (int.from_bytes(row.tobytes()) for row in hashes)
    return [number for number, row in enumerate(rows) if (row ^ wanted).bit_count() <= distance]


def search(count: int) -> None:
    """One hash, and all of one picture, among `count`."""
    dice = np.random.default_rng(1)
    hashes = dice.integers(0, 2**64, (count, 4), np.uint64, endpoint=False)
    index = HashIndex()
    index.add(hashes)
    one = hashes[count // 2 : count // 2 + 1]
    all_of_one = dice.integers(0, 2**64, (2 * (1 + len(PLACES)), 4), np.uint64, endpoint=False)
    ours = milliseconds(lambda: index.near(one, DISTANCE), 15)
    picture = milliseconds(lambda: index.near(all_of_one, DISTANCE), 5)
    part = hashes[: min(count, 20_000)]
    loop = milliseconds(lambda: naive(part, one[0], DISTANCE), 1) * count / len(part)
    print(f"one hash among {count:,}: {ours:.1f} ms; a plain loop {loop:.0f} ms; {loop / ours:.0f} times as fast")
    print(f"all {len(all_of_one)} hashes of a picture and its mirror image: {picture:.1f} ms")


def steps(pictures: Sequence[Pixels]) -> None:
    """Fingerprint, features and comparison of one picture."""
    prints = milliseconds(lambda: [fingerprint(picture) for picture in pictures], 3) / len(pictures)
    made = [features(picture) for picture in pictures]
    found = milliseconds(lambda: [features(picture) for picture in pictures], 3) / len(pictures)
    both = milliseconds(lambda: [compare(one, one) for one in made], 3) / len(pictures)
    print(f"  fingerprint {prints:.1f} ms, features {found:.1f} ms, comparison {both:.1f} ms")


def main() -> None:
    """Everything, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hashes", type=int, default=1_000_000)
    parser.add_argument("--photos", type=Path, nargs="*")
    parser.add_argument("--most", type=int, default=150, help="photos of each folder")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    search(given.hashes)
    data = REPOSITORY.parent / "shared" / "data"
    for folder in given.photos if given.photos is not None else [data / name for name in FOLDERS]:
        files = sorted(folder.rglob("*.jpg"))[: given.most]
        pictures = [np.asarray(cv2.imread(str(file)), np.uint8) for file in files]
        print(f"{folder.name}: {len(pictures)} pictures ({WHOLE}, {len(PLACES)} windows each)")
        if pictures:
            steps(pictures[:20])


if __name__ == "__main__":
    main()
