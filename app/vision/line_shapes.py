"""Shapes of lines: where a line starts, how it is cut out, in which order lines are read."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from app.imaging.decode import Pixels
from app.imaging.pyramid import Pyramid
from app.vision.observations import Box, Floats

LINE_HEIGHT = 48
"""Pixels: the height at which lines are recognised."""
LONGEST_CUT = 8000
"""Pixels of the longer side of a cut-out line; beyond, it is shrunk while it is cut."""
LONG = 2.5
"""Length to thickness from which it is plain which way a line runs; anything shorter may be a lone character (a 1 is
higher than wide) and stands like the rest."""
SEAM_ALIKE, SEAM_SHIFT = 1.4, 0.2
"""Parts of one line: how much their heights may differ, and how far their middles may be apart, in heights."""
LEVEL = 3.0
"""Degrees by which text may lean and still count as level."""
DIRECTIONS = ((1.0, 0.04), (-0.04, 1.0), (-1.0, -0.04), (0.04, -1.0))
"""Which way text runs that is turned by so many quarters clockwise, a little askew: what stands across it is rather
read from its top."""


def reading_order(lines: Sequence[Floats]) -> list[int]:
    """Indices of the lines (corners from their starts on) in rows, each from left to right, as seen when most of the
    text is held level. A line belongs to the row whose first line starts within half a line's thickness (at least
    10 px) above it."""
    across, down = _axes(lines)
    starts = [(float(corners[0] @ across), float(corners[0] @ down), thickness(corners)) for corners in lines]
    rows: list[list[int]] = []
    for index in sorted(range(len(starts)), key=lambda index: (starts[index][1], starts[index][0])):
        _, y, own = starts[index]
        first = starts[rows[-1][0]] if rows else None
        if first is not None and y - first[1] < max(10, min(own, first[2]) / 2):
            rows[-1].append(index)
        else:
            rows.append([index])
    return [index for row in rows for index in sorted(row, key=lambda index: starts[index][0])]


def upright_boxes(lines: Sequence[Floats]) -> list[Box]:
    """The boxes (x0, y0, x1, y1) of lines in a frame in which most of the text is level, its origin anywhere."""
    across, down = _axes(lines)
    boxes = []
    for corners in lines:
        x, y = corners @ across, corners @ down
        boxes.append((float(x.min()), float(y.min()), float(x.max()), float(y.max())))
    return boxes


def _axes(lines: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Unit vectors along the text and down from it."""
    along = np.sum([corners[1] - corners[0] for corners in lines], axis=0) if lines else np.array([1.0, 0.0])
    angle = float(np.arctan2(along[1], along[0]))
    if abs(math.degrees(angle)) < LEVEL:
        angle = 0.0
    cosine, sine = math.cos(angle), math.sin(angle)
    return np.array([cosine, sine], np.float32), np.array([-sine, cosine], np.float32)


def starting(corners: Floats, turn: int) -> Floats:
    """Corners (clockwise) rolled so that they begin where the line does, in a picture whose text is turned `turn`
    quarters clockwise."""
    across, down = lengths(corners)
    quarters = (0, 2) if across >= LONG * down else (1, 3) if down >= LONG * across else (0, 1, 2, 3)
    return max((np.roll(corners, -quarter, axis=0) for quarter in quarters), key=lambda one: _runs(one, turn))


def _runs(corners: Floats, turn: int) -> float:
    along = corners[1] - corners[0]
    return float(along @ np.array(DIRECTIONS[turn % 4]) / max(float(np.linalg.norm(along)), 1e-6))


def standing(shapes: Sequence[Floats]) -> bool:
    """Whether most of the text, by length, runs rather up or down than across."""
    sums = np.zeros(2)
    for corners in shapes:
        across, down = lengths(corners)
        if is_long(corners):
            sums += np.abs(corners[1] - corners[0] if across >= down else corners[2] - corners[1])
    return bool(sums[1] > sums[0])


def joined(shapes: Sequence[Floats]) -> list[Floats]:
    """The lines with pieces of one row put together again: a blurred line may be found in parts that overlap, and a
    letter at the seam would be read twice or not at all. Corners clockwise from the upper left."""
    turn = int(standing(shapes))
    starts = [starting(corners, turn) for corners in shapes]
    boxes = upright_boxes(starts)
    order = sorted(range(len(boxes)), key=lambda index: boxes[index][0])
    groups: list[list[int]] = []
    for index in order:
        row = next((group for group in groups if _touch(boxes[group[-1]], boxes[index])), None)
        if row is None or not is_long(starts[row[-1]]):
            groups.append([index])
        else:
            row.append(index)
    return [shapes[group[0]] if len(group) == 1 else _around([shapes[index] for index in group]) for group in groups]


def _touch(left: Box, right: Box) -> bool:
    """Whether two boxes are as high, stand on one line, and overlap at their ends by no more than a letter or two."""
    high, low = sorted((left[3] - left[1], right[3] - right[1]), reverse=True)
    level = abs((left[1] + left[3]) - (right[1] + right[3])) / 2 <= SEAM_SHIFT * low
    return high <= SEAM_ALIKE * low and level and -low <= right[0] - left[2] <= 0 and right[2] > left[2]


def _around(shapes: Sequence[Floats]) -> Floats:
    return clockwise(np.asarray(cv2.boxPoints(cv2.minAreaRect(np.concatenate(shapes))), np.float32))


def turn_of(corners: Floats) -> int:
    """In how many quarters clockwise from level the line runs."""
    return max(range(4), key=lambda turn: _runs(corners, turn))


def half_round(corners: Floats) -> Floats:
    """The same line read from its other end, upside down."""
    return np.roll(corners, -2, axis=0)


def alternatives(corners: Floats) -> list[Floats]:
    """Other ways in which a line that reads badly may stand: upside down, and a short one on either end."""
    quarters = (2,) if is_long(corners) else (1, 2, 3)
    return [np.roll(corners, -quarter, axis=0) for quarter in quarters]


def is_long(corners: Floats) -> bool:
    """Whether it is plain which way the line runs."""
    across, down = lengths(corners)
    return max(across, down) >= LONG * min(across, down)


def lengths(corners: Floats) -> tuple[float, float]:
    """The longer of the sides that run like the first one, and of the others."""
    top, right, bottom, left = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    return float(max(top, bottom)), float(max(left, right))


def cut_line(picture: Pixels | Pyramid, corners: Floats) -> Pixels | None:
    """What lies inside the corners, straightened, the first of them at the upper left; None when under 4 px.

    A line far larger than the recogniser reads is cut from a halving of the picture, at twice that height or more."""
    level, factor = Pyramid.of(picture).nearest(LINE_HEIGHT / max(thickness(corners), LINE_HEIGHT), spare=1)
    corners = ((corners + 0.5) * factor - 0.5).astype(np.float32)
    across, down = lengths(corners)
    shrink = min(1.0, LONGEST_CUT / max(across, down, 1.0))
    width, height = int(across * shrink), int(down * shrink)
    if min(width, height) < 4:
        return None
    first = np.floor(corners.min(axis=0)).astype(int).clip(0)
    last = np.ceil(corners.max(axis=0)).astype(int) + 2
    part = level[first[1] : last[1], first[0] : last[0]]
    source = (corners - first).astype(np.float32)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    crop = cv2.warpPerspective(
        part,
        cv2.getPerspectiveTransform(source, target),
        (width, height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(crop, np.uint8)


def thickness(corners: Floats) -> float:
    """Shorter side of a line's box."""
    return float(min(np.linalg.norm(corners[0] - corners[3]), np.linalg.norm(corners[0] - corners[1])))


def clockwise(corners: Floats) -> Floats:
    """Four corners in any order, from the upper left on."""
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    (top_left, bottom_left), (top_right, bottom_right) = (
        side[np.argsort(side[:, 1], kind="stable")] for side in (by_x[:2], by_x[2:])
    )
    return np.array([top_left, top_right, bottom_right, bottom_left], np.float32)
