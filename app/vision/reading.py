"""Lines of text in photos and screenshots: one bounded detection pass, then every line at its own width.

PP-OCRv6's two models, run directly: a fifth of the cost of the usual pipeline with fewer errors, because padding
lines to a common width and turning lines by a classifier both cost more than they give (upright text is assumed).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from cv2.typing import MatLike

from app.imaging.decode import Pixels
from app.imaging.pyramid import Pyramid
from app.vision.observations import Floats, TextLine
from app.vision.runtime import open_session

DETECTOR, RECOGNISER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
LINE_HEIGHT = 48
LONGEST_CUT = 8000
"""Pixels of the longer side of a cut-out line; beyond, it is shrunk while it is cut."""


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """Sizes in pixels and chances; the defaults were measured on made screenshots and banners."""

    long_side: int = 640
    """Detection scales the longer side to this, but the shorter never below `short_side`."""
    short_side: int = 480
    enlarge: float = 1.5
    """Small pictures grow at most this much."""
    tiny_text: float = 15.0
    """Lower quartile of line heights (at detection scale) under which a finer pass looks again."""
    faint: float = 0.1
    """Nothing found, but some pixel was likelier text than this: also a finer pass."""
    fine_long: int = 960
    fine_short: int = 720
    pixel: float = 0.3
    box: float = 0.5
    unclip: float = 1.6
    """How far boxes grow: the detector marks only the kernel of a line."""
    text: float = 0.5
    max_regions: int = 1000
    max_lines: int = 80
    """A page of dense text stays bounded: the surest lines are read."""
    max_width: int = 3200
    width_step: int = 16


@dataclass(frozen=True, slots=True, eq=False)
class _Pass:
    """One look of the detector: corners and score of each line, the scale it was done at and its highest chance."""

    lines: list[tuple[Floats, float]]
    scale: float
    peak: float


class Reader:
    """Reads pictures with the two OCR models of a pack's folder.

    Raises ValueError when the recogniser does not carry the list of its characters.
    """

    def __init__(self, folder: Path, threads: int = 1, settings: ReadingSettings | None = None) -> None:
        self.settings = settings or ReadingSettings()
        self._detector = open_session(folder / DETECTOR, threads)
        self._recogniser = open_session(folder / RECOGNISER, threads)
        listed = self._recogniser.get_modelmeta().custom_metadata_map.get("character", "").splitlines()
        classes = self._recogniser.get_outputs()[0].shape[-1]
        implicit_space = [" "] if len(listed) == classes - 2 else []
        self._characters = ["", *listed, *implicit_space]
        if len(self._characters) != classes:
            raise ValueError(f"{RECOGNISER} has {classes} classes but lists {len(listed)} characters")

    def read(self, picture: Pixels | Pyramid) -> tuple[TextLine, ...]:
        """Lines of a BGR picture of any size, top to bottom and left to right, in pixels of that picture."""
        pyramid, lines = Pyramid.of(picture), []
        for corners in self.detect(pyramid):
            crop = cut_line(pyramid, corners)
            text, score = self.recognise(crop) if crop is not None else ("", 0.0)
            if text.strip() and score >= self.settings.text:
                lines.append(TextLine(text, score, corners))
        return tuple(lines)

    def detect(self, picture: Pixels | Pyramid) -> list[Floats]:
        """Corners (4 x 2, clockwise) of at most `max_lines` lines, in reading order."""
        chosen, pyramid = self.settings, Pyramid.of(picture)
        found = self._look(pyramid, chosen.long_side, chosen.short_side)
        thicknesses = [_thickness(corners) for corners, _ in found.lines]
        tiny = (
            np.quantile(thicknesses, 0.25) * found.scale < chosen.tiny_text
            if thicknesses
            else found.peak > chosen.faint
        )
        if found.scale < 0.9 and tiny:
            found = self._look(pyramid, chosen.fine_long, chosen.fine_short)
        surest = sorted(found.lines, key=lambda line: -line[1])[: chosen.max_lines]
        return reading_order([corners for corners, _ in surest])

    def recognise(self, crop: Pixels) -> tuple[str, float]:
        """Text of one upright line and the mean chance of its characters."""
        fitting = math.ceil(LINE_HEIGHT * crop.shape[1] / crop.shape[0])
        width = min(max(fitting, 8), self.settings.max_width)
        step = self.settings.width_step
        blob = np.zeros((1, 3, LINE_HEIGHT, -(-width // step) * step), np.float32)
        line = cv2.resize(crop, (width, LINE_HEIGHT), interpolation=cv2.INTER_LINEAR)
        blob[..., :width] = _normalised(line)
        chances = self._recogniser.run(None, {self._recogniser.get_inputs()[0].name: blob})[0][0]
        best = chances.argmax(axis=1)
        kept = (best != 0) & np.r_[True, best[1:] != best[:-1]]
        if not kept.any():
            return "", 0.0
        return "".join(self._characters[index] for index in best[kept]), float(chances.max(axis=1)[kept].mean())

    def _look(self, pyramid: Pyramid, long_side: int, short_side: int) -> _Pass:
        height, width = pyramid.size
        longer, shorter = max(height, width), min(height, width)
        scale = min(max(long_side / longer, short_side / shorter), self.settings.enlarge, 2 * long_side / longer)
        size = [max(32, round(side * scale / 32) * 32) for side in (width, height)]
        level = pyramid.nearest(scale, spare=1)[0]
        small = cv2.resize(level, size, interpolation=cv2.INTER_AREA if scale < 0.6 else cv2.INTER_LINEAR)
        chances = self._detector.run(None, {self._detector.get_inputs()[0].name: _normalised(small)})[0][0, 0]
        return _Pass(self._boxes(chances, width, height), scale, float(chances.max()))

    def _boxes(self, chances: Floats, width: int, height: int) -> list[tuple[Floats, float]]:
        chosen, found = self.settings, []
        marked = cv2.dilate((chances > chosen.pixel).astype(np.uint8), np.ones((2, 2), np.uint8))
        ratio = np.array([width / chances.shape[1], height / chances.shape[0]])
        contours = cv2.findContours(marked, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]
        for contour in contours[: chosen.max_regions]:
            centre, (a, b), angle = cv2.minAreaRect(contour)
            score = _mean_inside(chances, cv2.boxPoints((centre, (a, b), angle))) if min(a, b) >= 3 else 0.0
            if score >= chosen.box:
                grow = a * b * chosen.unclip / (a + b)
                corners = cv2.boxPoints((centre, (a + grow, b + grow), angle)) * ratio
                found.append((_clockwise(corners.clip(0, (width - 1, height - 1)).astype(np.float32)), score))
        return found


def reading_order(lines: Sequence[Floats]) -> list[Floats]:
    """Rows from top to bottom, each from left to right; a line belongs to the row whose first line starts within
    half a line's thickness (at least 10 px) above it."""
    rows: list[list[Floats]] = []
    for corners in sorted(lines, key=lambda corners: (corners[0, 1], corners[0, 0])):
        first = rows[-1][0] if rows else None
        if first is not None and corners[0, 1] - first[0, 1] < max(10, min(_thickness(corners), _thickness(first)) / 2):
            rows[-1].append(corners)
        else:
            rows.append([corners])
    return [corners for row in rows for corners in sorted(row, key=lambda corners: corners[0, 0])]


def cut_line(picture: Pixels | Pyramid, corners: Floats) -> Pixels | None:
    """The line inside the corners, straightened; lines standing on end are turned; None when under 4 px.

    A line far larger than the recogniser reads is cut from a halving of the picture, at twice that height or more."""
    level, factor = Pyramid.of(picture).nearest(LINE_HEIGHT / max(_thickness(corners), LINE_HEIGHT), spare=1)
    corners = ((corners + 0.5) * factor - 0.5).astype(np.float32)
    top, right, bottom, left = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    shrink = min(1.0, LONGEST_CUT / max(top, right, bottom, left, 1.0))
    width, height = int(max(top, bottom) * shrink), int(max(left, right) * shrink)
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
    return np.ascontiguousarray(np.rot90(crop) if height >= 1.5 * width else crop, np.uint8)


def _thickness(corners: Floats) -> float:
    """Shorter side of a line's box."""
    return float(min(np.linalg.norm(corners[0] - corners[3]), np.linalg.norm(corners[0] - corners[1])))


def _normalised(picture: MatLike) -> Floats:
    """1 x 3 x height x width, -1..1, BGR as the models were trained."""
    return np.asarray(cv2.dnn.blobFromImage(picture, 1 / 127.5, mean=(127.5, 127.5, 127.5)), np.float32)


def _mean_inside(chances: Floats, corners: MatLike) -> float:
    x0, y0 = np.floor(corners.min(axis=0)).astype(int).clip(0)
    x1, y1 = np.ceil(corners.max(axis=0)).astype(int) + 1
    part = chances[y0:y1, x0:x1]
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(inside, [(corners - (x0, y0)).astype(np.int32)], 1)
    return float(cv2.mean(part, inside)[0])


def _clockwise(corners: Floats) -> Floats:
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    (top_left, bottom_left), (top_right, bottom_right) = (
        side[np.argsort(side[:, 1], kind="stable")] for side in (by_x[:2], by_x[2:])
    )
    return np.array([top_left, top_right, bottom_right, bottom_left], np.float32)
