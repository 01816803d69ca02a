"""Marked photos through the real search for faces and hands: as they are, smaller, and many people on one sheet."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import cv2
import numpy as np

from app.errors import AppError, NotReady
from app.evaluation.hand_photos import MarkedPhoto, Truth
from app.imaging.decode import ImageLimits, Pixels, decode
from app.imaging.pyramid import Pyramid
from app.vision.faces import Detector
from app.vision.hands import HandFinder
from app.vision.observations import Box, Hand

T = TypeVar("T")

ORIGINAL = "original"
SMALLEST_WHOLE, ENLARGED = 200, 300
"""px: a picture of one hand that is smaller than the first is enlarged to the second, with ground around it."""
SAME_PLACE = 0.2
"""Overlap (IoU) from which on a found hand is the marked one."""
CELL = (400, 300)
"""Width and height of one person's photo on a sheet."""


@dataclass(frozen=True, slots=True, eq=False)
class Met:
    """A marked hand of the photo `source`, and the hand that was found there, or None."""

    source: str
    truth: Truth
    hand: Hand | None


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One look at a picture. `extra` are found hands that nobody marked; `people` the faces found, or on a sheet the
    people that were put there; `ms` milliseconds by stage."""

    name: str
    source: str
    variant: str
    met: tuple[Met, ...]
    extra: tuple[Hand, ...]
    people: int
    ms: dict[str, float]
    unreadable: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class HandEyes:
    """The part of a model pack that looks for hands."""

    detector: Detector
    hands: HandFinder


def look_at(photo: MarkedPhoto, eyes: HandEyes) -> tuple[Look, Pixels | None]:
    """The photo as it is, and its pixels; None where it cannot be decoded."""
    start = time.perf_counter()
    try:
        pixels = decode(photo.path.read_bytes(), ImageLimits()).pixels
    except NotReady:
        raise
    except (OSError, AppError) as error:
        why = error.detail if isinstance(error, AppError) else str(error.strerror)
        return Look(photo.name, photo.source, ORIGINAL, (), (), 0, {}, why), None
    decoded = 1000 * (time.perf_counter() - start)
    if len(photo.hands) == 1 and photo.hands[0].box is None:
        pixels = _with_ground(pixels)
    seen = _look(photo.name, photo.source, ORIGINAL, pixels, [(photo.source, truth) for truth in photo.hands], eyes)
    return replace(seen, ms={"decode": decoded} | seen.ms), pixels


def shrunk(photo: MarkedPhoto, pixels: Pixels, sizes: Sequence[int], eyes: HandEyes) -> Iterator[Look]:
    """The photo so small that its hands (median) are `sizes` px long, where that is smaller than it is."""
    lengths = [truth.size for truth in photo.hands if truth.size is not None]
    if not lengths:
        return
    for size in sizes:
        factor = size / float(np.median(lengths))
        if factor < 1:
            wide, high = (max(1, round(side * factor)) for side in pixels.shape[1::-1])
            small = np.asarray(cv2.resize(pixels, (wide, high), interpolation=cv2.INTER_AREA), np.uint8)
            marked = [(photo.source, moved(truth, factor, 0, 0)) for truth in photo.hands]
            yield _look(photo.name, photo.source, f"{size} px", small, marked, eyes)


def sheets(
    crowd: Sequence[tuple[MarkedPhoto, Pixels]], people: int, eyes: HandEyes, limit: int | None = None
) -> Iterator[Look]:
    """Sheets with the photos of `people` people each, every photo on at least one; `limit` sheets at most."""
    if not crowd:
        return
    order = sorted(crowd, key=lambda entry: hashlib.sha256(entry[0].name.encode()).digest())
    count = math.ceil(len(order) / people)
    for number in range(count if limit is None else min(count, limit)):
        here = [order[(number * people + place) % len(order)] for place in range(people)]
        canvas, marked = compose(here)
        seen = _look(f"{people}-{number + 1}", f"sheet {number}", f"{people}", canvas, marked, eyes)
        yield replace(seen, people=people)


def compose(here: Sequence[tuple[MarkedPhoto, Pixels]]) -> tuple[Pixels, list[tuple[str, Truth]]]:
    """Photos in a grid, each scaled into its cell, with their hands where they now are."""
    width, height = CELL
    columns = math.ceil(math.sqrt(len(here)))
    rows = math.ceil(len(here) / columns)
    canvas = np.full((rows * height, columns * width, 3), 127, np.uint8)
    marked = []
    for place, (photo, pixels) in enumerate(here):
        factor = min(width / pixels.shape[1], height / pixels.shape[0])
        small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        x, y = place % columns * width, place // columns * height
        canvas[y : y + small.shape[0], x : x + small.shape[1]] = small[:height, :width]
        marked += [(photo.source, moved(truth, factor, x, y)) for truth in photo.hands]
    return canvas, marked


def moved(truth: Truth, factor: float, x: float, y: float) -> Truth:
    """The same hand in a picture scaled by `factor` and shifted by x, y."""
    if truth.box is None:
        return truth
    x0, y0, x1, y1 = (value * factor for value in truth.box)
    return replace(truth, box=(x0 + x, y0 + y, x1 + x, y1 + y))


def pair_up(marked: Sequence[tuple[str, Truth]], found: Sequence[Hand]) -> tuple[tuple[Met, ...], tuple[Hand, ...]]:
    """Each marked hand with the found one that overlaps it most, each found one used once; and those left over. A
    marked hand without a box takes the surest."""
    left, met = list(found), {}
    overlaps = [
        (overlap(hand.box, truth.box) if truth.box else 1.0, place, hand)
        for place, (_, truth) in enumerate(marked)
        for hand in left
    ]
    for share, place, hand in sorted(overlaps, key=lambda entry: -entry[0]):
        if share >= SAME_PLACE and place not in met and hand in left:
            met[place] = hand
            left.remove(hand)
    return tuple(Met(source, truth, met.get(place)) for place, (source, truth) in enumerate(marked)), tuple(left)


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0.0) * max(height, 0.0)
    whole = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / whole if whole > 0 else 0.0


def _look(
    name: str, source: str, variant: str, pixels: Pixels, marked: Sequence[tuple[str, Truth]], eyes: HandEyes
) -> Look:
    pyramid = Pyramid.of(pixels)
    faces, face_ms = _timed(lambda: sorted(eyes.detector.detect(pyramid), key=lambda face: (-face.size, face.box)))
    hands, hand_ms = _timed(lambda: eyes.hands.find(pyramid, faces))
    met, extra = pair_up(marked, hands)
    return Look(name, source, variant, met, extra, len(faces), {"faces": face_ms, "hands": hand_ms})


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    start = time.perf_counter()
    done = work()
    return done, 1000 * (time.perf_counter() - start)


def _with_ground(hand: Pixels) -> Pixels:
    """A small picture that is all hand, enlarged and with ground around it, as in a photo."""
    if max(hand.shape[:2]) >= SMALLEST_WHOLE:
        return hand
    factor = ENLARGED / max(hand.shape[:2])
    large = cv2.resize(hand, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    edge = ENLARGED // 2
    return np.asarray(cv2.copyMakeBorder(large, edge, edge, edge, edge, cv2.BORDER_REPLICATE), np.uint8)
