"""Pictures made to measure where finding faces is hard: small faces among clutter, faces that fill the frame."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from app.imaging.decode import Pixels
from app.vision.observations import Face

Box = tuple[float, float, float, float]
ACROSS, DOWN, STEP = 4, 3, 310
"""Faces in a row of a sheet, rows, and px from one to the next."""
FACE_SHARE = 0.6
"""Width of a face on a sheet to the piece of photo that it is pasted with."""


def filling(photo: Pixels, face: Face, share: float) -> Pixels:
    """The photo cut so that the face takes `share` of its width, as far as the photo reaches."""
    x0, y0, x1, y1 = face.box
    half = face.size / share / 2
    across, down = (x0 + x1) / 2, (y0 + y1) / 2
    top, left = max(0, round(down - half)), max(0, round(across - half))
    return np.ascontiguousarray(photo[top : round(down + half), left : round(across + half)])


def sheet(cuts: Sequence[Pixels], width: float, seed: int) -> tuple[Pixels, list[Box]]:
    """Twelve of the faces, `width` px wide and a little darker or lighter, on clutter of 1280 x 960 px, as JPEG makes
    it; the picture (BGR) and the faces' boxes. `cuts` are what `filling(…, FACE_SHARE)` gives, one face in each."""
    random = np.random.default_rng(seed)
    canvas = _clutter(random)
    boxes = []
    for index in range(ACROSS * DOWN):
        side = round(width / FACE_SHARE)
        small = cv2.resize(cuts[index % len(cuts)], (side, side), interpolation=cv2.INTER_AREA)
        x, y = 60 + STEP * (index % ACROSS), 40 + STEP * (index // ACROSS)
        mask = np.zeros((side, side, 1), np.float32)
        cv2.ellipse(mask, (side // 2, side // 2), (round(side * 0.42), round(side * 0.48)), 0, 0, 360, 1, -1)
        part = canvas[y : y + side, x : x + side]
        part[:] = np.clip(part * (1 - mask) + small * random.uniform(0.7, 1.1) * mask, 0, 255).astype(np.uint8)
        margin = side * (1 - FACE_SHARE) / 2
        boxes.append((x + margin, y + margin, x + side - margin, y + side - margin))
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", canvas)[1], cv2.IMREAD_COLOR)), boxes


def _clutter(random: np.random.Generator) -> Pixels:
    rough = random.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    canvas = cv2.resize(rough, (1280, 960), interpolation=cv2.INTER_CUBIC)
    for _ in range(50):
        colour = tuple(int(value) for value in random.integers(0, 256, 3))
        place = int(random.integers(1280)), int(random.integers(960))
        size = int(random.integers(8, 80))
        if random.random() < 0.5:
            cv2.circle(canvas, place, size, colour, -1)
        else:
            cv2.rectangle(canvas, place, (place[0] + 2 * size, place[1] + size), colour, 3)
    return np.asarray(canvas, np.uint8)


def hits(found: Sequence[Face], boxes: Sequence[Box]) -> int:
    """How many boxes hold a found face: the middle of its five points lies in the inner part."""
    return sum(
        any(
            np.abs(face.landmarks.mean(axis=0) - ((x0 + x1) / 2, (y0 + y1) / 2)).max() < 0.35 * (x1 - x0)
            for face in found
        )
        for x0, y0, x1, y1 in boxes
    )
