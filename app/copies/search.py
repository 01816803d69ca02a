"""All hashes within a distance of others, by numpy alone: exact, one thread, a few milliseconds per million."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from app.copies.prints import Words

BLOCK = 32_768
"""Rows at a time, so that what is computed in between stays in the cache."""
FIRST_GROWTH = 1024


class HashIndex:
    """Hashes of 256 bits in four columns, to which more are added; rows are numbered as they come."""

    def __init__(self) -> None:
        self._columns = np.zeros((4, FIRST_GROWTH), np.uint64)
        self._rows = 0

    def __len__(self) -> int:
        return self._rows

    def add(self, hashes: Words) -> None:
        """Append n x 4 words."""
        needed = self._rows + len(hashes)
        if needed > self._columns.shape[1]:
            larger = np.zeros((4, max(needed, self._columns.shape[1] * 3 // 2)), np.uint64)
            larger[:, : self._rows] = self._columns[:, : self._rows]
            self._columns = larger
        self._columns[:, self._rows : needed] = hashes.T
        self._rows = needed

    def near(
        self, queries: Words, distance: int, first: int = 0
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Rows from `first` on that lie within `distance` bits (0..255) of any of the queries (n x 4), in order, each
        once, and how far they are from the nearest query."""
        rows: list[npt.NDArray[np.int64]] = []
        distances: list[npt.NDArray[np.int64]] = []
        scratch = np.empty(BLOCK, np.uint64)
        counts = np.empty((2, BLOCK), np.uint8)
        for begin in range(first, self._rows, BLOCK):
            block = self._columns[:, begin : min(begin + BLOCK, self._rows)]
            nearest: dict[int, int] = {}
            for query in queries:
                for row, away in _within(block, query, distance, scratch, counts):
                    nearest[row] = min(away, nearest.get(row, away))
            if nearest:
                found = np.array(sorted(nearest.items()), np.int64)
                rows.append(found[:, 0] + begin)
                distances.append(found[:, 1])
        if not rows:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        return np.concatenate(rows), np.concatenate(distances)


def _within(
    block: Words, query: Words, distance: int, scratch: Words, counts: npt.NDArray[np.uint8]
) -> list[tuple[int, int]]:
    """Row and distance of what is near in one block. Three quarters of the bits rule nearly everything out."""
    size = block.shape[1]
    words, total, count = scratch[:size], counts[0, :size], counts[1, :size]
    np.bitwise_xor(block[0], query[0], out=words)
    np.bitwise_count(words, out=total)
    for column in (1, 2):
        np.bitwise_xor(block[column], query[column], out=words)
        np.bitwise_count(words, out=count)
        np.add(total, count, out=total)
    left = np.flatnonzero(total <= distance)
    if left.size == 0:
        return []
    rest = np.bitwise_count(block[3, left] ^ query[3]) + total[left].astype(np.int64)
    kept = rest <= distance
    return list(zip(left[kept].tolist(), rest[kept].tolist(), strict=True))
