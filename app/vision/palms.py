"""Where hands are: palm candidates in windows around the people of a picture.

The detector sees 192 x 192 pixels, so a hand in a group photo is only found in a window of its own person (recall
on groups of 24: none on the whole picture, .99 with windows). MediaPipe's palm model, run on onnxruntime.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from app.imaging.decode import Pixels
from app.imaging.pyramid import Pyramid
from app.vision.observations import Box, Face, Floats
from app.vision.runtime import open_session

Reals = npt.NDArray[np.float64]

MODEL = "palm_detection_full.onnx"
INPUT = 192
BATCH = 8
UNIT = np.arange(256, dtype=np.float32) / np.float32(255)


@dataclass(frozen=True, slots=True)
class PalmSettings:
    """Limits of the search, as measured on photos and group pictures."""

    score: float = 0.3
    overlap: float = 0.3
    """Candidates overlapping more than this (IoU) are one palm."""
    smallest_face: float = 20.0
    """Faces below this width (px) have hands too small to read: no window for them."""
    max_windows: int = 30
    same_window: float = 0.8
    """A window overlapping an earlier one more than this (IoU) shows nothing new."""


@dataclass(frozen=True, slots=True, eq=False)
class Palm:
    """One palm: `box` (x0, y0, x1, y1) and `keypoints` 7 x 2 (wrist, then knuckles and thumb), in picture pixels."""

    score: float
    box: Reals
    keypoints: Reals

    def region(self) -> tuple[float, float, float, float]:
        """Centre x and y, side (px) and rotation (radians) of the square that holds the whole hand, fingers up."""
        x, y = self.keypoints[2] - self.keypoints[0]
        angle = float(np.arctan2(x, -y))
        width, height = float(self.box[2] - self.box[0]), float(self.box[3] - self.box[1])
        centre_x = float(self.box[0] + self.box[2]) / 2 + 0.5 * height * float(np.sin(angle))
        centre_y = float(self.box[1] + self.box[3]) / 2 - 0.5 * height * float(np.cos(angle))
        return centre_x, centre_y, max(2.6 * max(width, height), 1.0), angle


class PalmFinder:
    """The palm model of a pack's folder."""

    def __init__(self, folder: Path, threads: int = 1, settings: PalmSettings | None = None) -> None:
        self.settings = settings or PalmSettings()
        self._session = open_session(folder / MODEL, threads)
        self._input = self._session.get_inputs()[0].name
        self._anchors = _anchors()

    def find(self, picture: Pixels | Pyramid, faces: Sequence[Face]) -> list[Palm]:
        """Palms of a BGR picture of any size, each once, best first."""
        pyramid = Pyramid.of(picture)
        height, width = pyramid.size
        windows = search_windows(width, height, faces, self.settings)
        found: list[Palm] = []
        for start in range(0, len(windows), BATCH):
            here = windows[start : start + BATCH]
            crops = np.zeros((len(here), INPUT, INPUT, 3), np.float32)
            views = [_view(pyramid, window, crop) for window, crop in zip(here, crops, strict=True)]
            rows, logits = self._session.run(["Identity", "Identity_1"], {self._input: crops})
            for (ratio, origin), row, logit in zip(views, rows, logits[..., 0], strict=True):
                found += self._decode(row, logit, ratio, origin)
        return merge_palms(found, self.settings.overlap)

    def _decode(self, rows: Floats, logits: Floats, ratio: Reals, origin: Reals) -> list[Palm]:
        least = self.settings.score
        palms = []
        for index in np.flatnonzero(logits >= np.log(least / (1 - least))):
            score = float(1 / (1 + np.exp(-min(float(logits[index]), 100.0))))
            row, anchor = rows[index].astype(np.float64), self._anchors[index]
            centre, half = row[:2] + anchor, row[2:4] / 2
            corners = np.array([centre - half, centre + half]) * ratio + origin
            keypoints = (row[4:18].reshape(7, 2) + anchor) * ratio + origin
            palms.append(Palm(score, corners.ravel(), keypoints))
        return palms


def as_input(bgr: Pixels) -> Floats:
    """Pixels as mediapipe's models want them: RGB, 0..1."""
    return np.asarray(cv2.LUT(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), UNIT), np.float32)


def search_windows(width: int, height: int, faces: Sequence[Face], settings: PalmSettings) -> list[Box]:
    """The whole picture, then a window around each person (largest first), or four overlapping tiles when there is
    no face; all inside the picture, never more than `settings.max_windows`."""
    windows: list[Box] = [(0.0, 0.0, float(width), float(height))]
    if not faces:
        if max(width, height) > 2 * INPUT:
            across, down = 0.6 * width, 0.6 * height
            windows += [(x, y, x + across, y + down) for y in (0.0, height - down) for x in (0.0, width - across)]
        return windows[: settings.max_windows]
    for face in sorted(faces, key=lambda face: (-face.size, face.box)):
        if face.size < settings.smallest_face or len(windows) >= settings.max_windows:
            break
        window = _person_window(face, width, height)
        inside = window[2] - window[0] >= 1 and window[3] - window[1] >= 1
        if inside and _overlaps(np.array(windows), np.array(window)).max() < settings.same_window:
            windows.append(window)
    return windows


def merge_palms(palms: Sequence[Palm], overlap: float) -> list[Palm]:
    """Overlapping candidates become one, averaged by score (weighted non-maximum suppression), best first."""
    if not palms:
        return []
    scores = np.array([palm.score for palm in palms])
    order = np.argsort(-scores, kind="stable")
    rows = np.concatenate([np.stack([p.box for p in palms]), np.stack([p.keypoints.ravel() for p in palms])], axis=1)
    rows = rows[order]
    scores = scores[order]
    merged: list[Palm] = []
    while len(rows):
        together = _overlaps(rows[:, :4], rows[0, :4]) > overlap
        together[0] = True
        mean = np.average(rows[together], axis=0, weights=scores[together])
        merged.append(Palm(float(scores[0]), mean[:4], mean[4:].reshape(7, 2)))
        rows, scores = rows[~together], scores[~together]
    return merged


def _anchors() -> Reals:
    """Centres of the model's 2016 anchors in input pixels: two per cell of 8 pixels, then six per cell of 16."""
    grids = []
    for stride, per_cell in ((8, 2), (16, 6)):
        centres = (np.arange(INPUT // stride) + 0.5) * stride
        x, y = np.meshgrid(centres, centres)
        grids.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), per_cell, axis=0))
    return np.concatenate(grids)


def _person_window(face: Face, width: int, height: int) -> Box:
    """Where a person's hands may be: six face widths square, from 1.7 above the face's centre, cut at the edges."""
    x, y, size = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2, face.size
    x0, y0 = x - 3 * size, y - 1.7 * size
    return max(x0, 0.0), max(y0, 0.0), min(x0 + 6 * size, float(width)), min(y0 + 6 * size, float(height))


def _view(pyramid: Pyramid, window: Box, crop: Floats) -> tuple[Reals, Reals]:
    """Writes a window into the middle of the black `crop`; ratio and origin of the way back: a point of the crop times
    ratio plus origin is in picture pixels."""
    level, factor = pyramid.nearest(INPUT / max(window[2] - window[0], window[3] - window[1], 1))
    (x0, y0), (x1, y1) = np.array(window[:2]) * factor, np.array(window[2:]) * factor
    left, top = int(x0), int(y0)
    part = level[top : max(round(y1), top + 1), left : max(round(x1), left + 1)]
    scale = INPUT / max(part.shape[:2])
    size = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    margin = np.array([(INPUT - size[0]) // 2, (INPUT - size[1]) // 2])
    crop[margin[1] : margin[1] + size[1], margin[0] : margin[0] + size[0]] = as_input(np.asarray(small, np.uint8))
    ratio = np.array([part.shape[1] / size[0], part.shape[0] / size[1]])
    return ratio / factor, (np.array([left, top]) - margin * ratio) / factor


def _overlaps(boxes: Reals, box: Reals) -> Reals:
    """Intersection over union of n boxes with one."""
    sides = np.minimum(boxes[:, 2:], box[2:]) - np.maximum(boxes[:, :2], box[:2])
    shared = np.prod(np.clip(sides, 0, None), axis=1)
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return np.asarray(shared / (areas + np.prod(box[2:] - box[:2]) - shared + 1e-9), np.float64)
