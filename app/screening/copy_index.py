"""The hashes of all pictures in this process's memory, following the table: other processes write there too."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.copies.prints import WINDOWS, Prints, Words
from app.copies.search import HashIndex
from app.db.copy_tables import CopyState, PictureHash

DISTANCE = 76
"""Bits of 256. A picture and the nearest window of its copy may lie so far apart; whether they are the same, their
pixels decide."""
ROWS_AT_A_TIME = 20_000


@dataclass(frozen=True, slots=True)
class Place:
    """How far the table had been read: rows of whole pictures and panels, and of windows."""

    generation: int = 0
    fronts: int = 0
    windows: int = 0


@dataclass(frozen=True, slots=True)
class Near:
    """A picture that may show the same, or its mirror image; `distance` in bits."""

    image: uuid.UUID
    distance: int
    mirrored: bool


class CopyIndex:
    """One per process, safe for its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clear(0)

    def _clear(self, generation: int) -> None:
        self._fronts, self._windows = Part(), Part()
        self._generation, self._last = generation, 0

    def follow(self, session: Session) -> Place:
        """Read what was added to the table, all of it when it was made anew; how far that leads."""
        with self._lock:
            generation = session.scalars(select(CopyState.generation)).one()
            if generation != self._generation:
                self._clear(generation)
            columns = (PictureHash.id, PictureHash.image_id, PictureHash.kind, PictureHash.hash)
            query = select(*columns).where(PictureHash.id > self._last).order_by(PictureHash.id)
            for rows in session.execute(query.execution_options(yield_per=ROWS_AT_A_TIME)).partitions():
                self._fronts.add((row.image_id, row.hash) for row in rows if row.kind != WINDOWS)
                self._windows.add((row.image_id, row.hash) for row in rows if row.kind == WINDOWS)
                self._last = rows[-1].id
            return Place(generation, len(self._fronts.owners), len(self._windows.owners))

    def put(self, image: uuid.UUID, prints: Prints) -> None:
        """Add a picture that is in no table: for measuring."""
        kinds = prints.by_kind()
        with self._lock:
            self._windows.add([(image, kinds.pop(WINDOWS, b""))])
            self._fronts.add((image, data) for data in kinds.values())

    def near(self, prints: Prints, since: Place | None = None) -> list[Near]:
        """Pictures within DISTANCE, the nearest first; with `since` only those that were added after that place.

        Whole pictures and panels are compared with everything, windows with whole pictures and panels."""
        with self._lock:
            after = since if since is not None and since.generation == self._generation else Place()
            found: list[Near] = []
            for mirrored, hashes in ((False, prints.hashes), (True, prints.mirrored)):
                found += self._fronts.near(hashes, after.fronts, mirrored=mirrored)
                found += self._windows.near(hashes[: prints.fronts], after.windows, mirrored=mirrored)
        return nearest(found)


class Part:
    """Hashes with the pictures to which they belong."""

    def __init__(self) -> None:
        self.hashes = HashIndex()
        self.owners: list[uuid.UUID] = []

    def add(self, rows: Iterable[tuple[uuid.UUID, bytes]]) -> None:
        """Append the hashes of pictures, 32 bytes each."""
        given = list(rows)
        self.hashes.add(np.frombuffer(b"".join(data for _, data in given), np.uint64).reshape(-1, 4))
        self.owners.extend(image for image, data in given for _ in range(len(data) // 32))

    def near(self, queries: Words, first: int, *, mirrored: bool) -> list[Near]:
        """The pictures within DISTANCE of any query."""
        rows, distances = self.hashes.near(queries, DISTANCE, first)
        pairs = zip(rows.tolist(), distances.tolist(), strict=True)
        return [Near(self.owners[row], distance, mirrored) for row, distance in pairs]


def nearest(found: Iterable[Near]) -> list[Near]:
    """Each picture once, by its nearest hash."""
    best: dict[uuid.UUID, Near] = {}
    for one in found:
        if one.image not in best or one.distance < best[one.image].distance:
            best[one.image] = one
    return sorted(best.values(), key=lambda one: (one.distance, one.image))
