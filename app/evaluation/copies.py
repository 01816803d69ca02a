"""How well copies are found: edited pictures among the stored ones, and pairs that show different things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from app.copies.prints import Prints, fingerprint
from app.copies.verify import Features, compare, features
from app.errors import AppError, BadInput
from app.evaluation.copy_edits import edits
from app.evaluation.people import half_of
from app.imaging.decode import SUFFIXES, ImageLimits, Pixels, decode
from app.stats.clusters import Share, share_by_cluster

PAIRS = 2000
SEED = 4


@dataclass(frozen=True, slots=True)
class Source:
    """One picture. `cluster`: pictures of one person or scene, which are one witness and no unrelated pair."""

    path: Path
    cluster: str


class Shelf(Protocol):
    """Where stored pictures are looked for, as a worker keeps them; pictures by their number."""

    def put(self, number: int, prints: Prints) -> None:
        """Store a picture's hashes."""

    def near(self, prints: Prints) -> list[tuple[int, bool]]:
        """Those that are compared pixel by pixel: number, and whether as a mirror image; nearest first."""


@dataclass(frozen=True, slots=True)
class Edited:
    """One edit. `found`: copies that are linked to their picture; `wrong`: copies that are linked to another cluster's
    picture; `related`: how many are linked to another picture of the same cluster; `compared`: pictures compared
    pixel by pixel for one."""

    name: str
    found: Share
    wrong: Share
    related: int
    compared: float


@dataclass(frozen=True, slots=True)
class Unrelated:
    """Pairs of pictures from different clusters, compared whatever their hashes say, as they are and mirrored."""

    pairs: int
    linked: tuple[tuple[str, str], ...]
    share: Share


def sources(folders: Sequence[Path], split: str) -> list[Source]:
    """The pictures of the folders, those of the chosen half (by the hash of the cluster's name); "all" for both.

    Pictures in a subfolder are one cluster, others are each their own. Raises BadInput where there are too few."""
    found = []
    for folder in folders:
        if not folder.is_dir():
            raise BadInput(f"Tidak ada map / No such folder: {folder}", field="DIR")
        for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()):
            cluster = f"{folder.name}/{path.stem if path.parent == folder else path.parent.name}"
            if split in ("all", half_of(cluster)):
                found.append(Source(path, cluster))
    if len({source.cluster for source in found}) < 2:
        raise BadInput("Perlu gambar dari dua sumber / Pictures of two people or scenes are needed", field="DIR")
    return found


def read(source: Source) -> Pixels | None:
    """The picture; None where it cannot be decoded."""
    try:
        return decode(source.path.read_bytes(), ImageLimits()).pixels
    except (AppError, OSError):
        return None


class Stored:
    """The pictures of a run with their features, put on a shelf."""

    def __init__(self, shelf: Shelf, found: Sequence[Source], most_compared: int) -> None:
        self.shelf, self.most = shelf, most_compared
        self.sources: list[Source] = []
        self.features: list[Features] = []
        for source in found:
            pixels = read(source)
            if pixels is None:
                continue
            prints = fingerprint(pixels)
            shelf.put(len(self.sources), prints)
            self.sources.append(source)
            self.features.append(features(prints.photo))

    def photo(self, number: int) -> Pixels:
        """The photo within its frame, as it is compared."""
        return fingerprint(decode(self.sources[number].path.read_bytes(), ImageLimits()).pixels).photo

    def same(self, picture: Pixels) -> tuple[set[int], int]:
        """The stored pictures that show the same, and how many were compared for it."""
        prints = fingerprint(picture)
        own = {mirrored: features(prints.photo, mirrored=mirrored) for mirrored in (False, True)}
        near = self.shelf.near(prints)[: self.most]
        linked = {number for number, mirror in near if compare(self.features[number], own[mirror]) is not None}
        return linked, len(near)


def look(stored: Stored, seed: int = SEED) -> Iterator[Edited]:
    """Every edit of every picture, looked for among all of them."""
    clusters = [source.cluster for source in stored.sources]
    for name, edit in edits(np.random.default_rng(seed)).items():
        rows: dict[str, list[tuple[bool, bool]]] = {}
        related = compared = 0
        for number, source in enumerate(stored.sources):
            pixels = read(source)
            if pixels is None:
                continue
            linked, count = stored.same(edit(pixels))
            others = linked - {number}
            near = sum(clusters[other] == source.cluster for other in others)
            rows.setdefault(source.cluster, []).append((number in linked, len(others) > near))
            related, compared = related + near, compared + count
        total = sum(map(len, rows.values()))
        yield Edited(name, _share(rows, 0), _share(rows, 1), related, round(compared / max(total, 1), 2))


def unrelated(stored: Stored, pairs: int = PAIRS, seed: int = SEED) -> Unrelated:
    """So many pairs of different clusters (fewer where there are not so many), each drawn once."""
    clusters = [source.cluster for source in stored.sources]
    possible = [
        (one, other) for other in range(len(clusters)) for one in range(other) if clusters[one] != clusters[other]
    ]
    order = np.random.default_rng(seed).permutation(len(possible))[:pairs]
    drawn = [possible[place] for place in order]
    turned: dict[int, Features] = {}
    linked, rows = [], dict[str, list[tuple[bool, bool]]]()
    for one, other in drawn:
        if other not in turned:
            turned[other] = features(stored.photo(other), mirrored=True)
        alike = any(compare(stored.features[one], side) for side in (stored.features[other], turned[other]))
        rows.setdefault(clusters[one], []).append((alike, False))
        if alike:
            linked.append((str(stored.sources[one].path), str(stored.sources[other].path)))
    return Unrelated(len(drawn), tuple(linked), _share(rows, 0))


def _share(rows: Mapping[str, Sequence[tuple[bool, bool]]], place: int) -> Share:
    return share_by_cluster([sum(row[place] for row in part) for part in rows.values()], [*map(len, rows.values())])
