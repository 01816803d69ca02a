"""Lines of text in photos and screenshots: one bounded detection pass, then every line at its own width.

PP-OCRv6's two models, run directly: a fifth of the cost of the usual pipeline with fewer errors, because padding
lines to a common width and turning lines by a classifier both cost more than they give. Text upside down or on end
betrays itself: its longest lines read badly one way and well the other.
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
from app.vision.line_shapes import (
    LINE_HEIGHT,
    alternatives,
    clockwise,
    cut_line,
    half_round,
    is_long,
    joined,
    lengths,
    reading_order,
    standing,
    starting,
    thickness,
)
from app.vision.observations import Floats, TextLine
from app.vision.runtime import open_session

DETECTOR, RECOGNISER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """Sizes in pixels and chances; the defaults were measured on made screenshots and banners."""

    passes: tuple[tuple[int, int, float], ...] = ((640, 480, 0.9), (960, 720, 0.6), (1440, 1080, 0.0))
    """Detection scales the longer side to the first, but the shorter never below the second; the next, finer pass
    follows where that is less than the third part of the picture and text may have been too small to be seen."""
    enlarge: float = 1.5
    """Small pictures grow at most this much."""
    tiny_text: float = 15.0
    """Lower quartile of the lines' thickness (at detection scale) under which there may be more that was not seen."""
    small_text: float = 25.0
    plain: float = 0.75
    """Where lines thinner than `small_text` are found, one of them at least is this sure unless they are too small."""
    faint: float = 0.1
    """Nothing found, but some pixel was likelier text than this: also a finer pass."""
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
    sure: float = 0.9
    """Mean chance of the longest lines that shows that they are not upside down: then they read with .5 to .8."""
    unsure: float = 0.8
    samples: int = 3
    """Lines at most that are read both ways, to find the turn of a picture and of single lines."""


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
        """Lines of a BGR picture of any size and turn, in the order in which people read them, in pixels of that
        picture."""
        pyramid = Pyramid.of(picture)
        shapes = self.detect(pyramid)
        turn, known = self._turn(pyramid, shapes)
        lines = [known.get(index) or self._line(pyramid, starting(shape, turn)) for index, shape in enumerate(shapes)]
        self._read_again(pyramid, lines)
        read = [line for line in lines if line.text.strip() and line.score >= self.settings.text]
        return tuple(read[index] for index in reading_order([line.corners for line in read]))

    def detect(self, picture: Pixels | Pyramid) -> list[Floats]:
        """Corners (4 x 2, clockwise from the upper left) of at most `max_lines` lines."""
        chosen, pyramid = self.settings, Pyramid.of(picture)
        for long_side, short_side, large in chosen.passes:
            found = self._look(pyramid, long_side, short_side)
            if found.scale >= large or not self._overlooks(found):
                break
        surest = sorted(found.lines, key=lambda line: -line[1])[: chosen.max_lines]
        return joined([corners for corners, _ in surest])

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

    def _line(self, pyramid: Pyramid, corners: Floats) -> TextLine:
        """The line that starts at the first of the corners."""
        crop = cut_line(pyramid, corners)
        text, score = self.recognise(crop) if crop is not None else ("", 0.0)
        return TextLine(text, score, corners)

    def _turn(self, pyramid: Pyramid, shapes: Sequence[Floats]) -> tuple[int, dict[int, TextLine]]:
        """How many quarters clockwise the text is turned, and the lines that were read to find out.

        On end when most of it (by length) stands so; from there half round where the longest lines, taken together,
        read badly and better from their other end."""
        extents = [max(lengths(shape)) for shape in shapes]
        quarter = int(standing(shapes))
        longest = sorted(range(len(shapes)), key=lambda index: -extents[index])[: self.settings.samples]
        known = {index: self._line(pyramid, starting(shapes[index], quarter)) for index in longest}
        total = sum(extents[index] for index in longest)
        read = sum(extents[index] * known[index].score for index in longest)
        if read >= self.settings.sure * total:
            return quarter, known
        turned = {index: self._line(pyramid, half_round(known[index].corners)) for index in longest}
        better = sum(extents[index] * turned[index].score for index in longest) > read
        return (quarter + 2, turned) if better else (quarter, known)

    def _read_again(self, pyramid: Pyramid, lines: list[TextLine]) -> None:
        """Replace single lines that stand otherwise than the rest and read better so; the longest of those that read
        badly are tried, lone characters only where there is little else."""
        few = len(lines) <= self.settings.samples
        doubtful = [
            index
            for index, line in enumerate(lines)
            if line.score < self.settings.unsure and (few or is_long(line.corners))
        ]
        doubtful.sort(key=lambda index: -max(lengths(lines[index].corners)))
        for index in doubtful[: self.settings.samples]:
            for corners in alternatives(lines[index].corners):
                other = self._line(pyramid, corners)
                if other.score > max(lines[index].score, self.settings.unsure):
                    lines[index] = other

    def _overlooks(self, found: _Pass) -> bool:
        """Whether text may be too small to be seen at this scale."""
        chosen = self.settings
        sizes = [(thickness(corners) * found.scale, score) for corners, score in found.lines]
        if not sizes:
            return found.peak > chosen.faint
        small = [score for size, score in sizes if size < chosen.small_text]
        tiny = np.quantile([size for size, _ in sizes], 0.25) < chosen.tiny_text
        return bool(tiny) or (bool(small) and max(small) < chosen.plain)

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
                found.append((clockwise(corners.clip(0, (width - 1, height - 1)).astype(np.float32)), score))
        return found


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
