"""Detectors that users bring themselves: insightface's SCRFD and YuNet, behind the same interface as the pack's own.

Both look twice: at the whole picture, and at a small copy in a wide frame, because they miss faces that fill it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from app.errors import NotReady
from app.imaging.decode import Pixels
from app.imaging.pyramid import EDGE_GREY, Array, Pyramid
from app.vision.face_detector import Detector, FaceDetector
from app.vision.observations import Face
from app.vision.packs import file_sha256
from app.vision.proposals import best_boxes
from app.vision.runtime import open_session

WHOLE_SIDE, SMALL_SIDE, SMALL_FRAME = 640, 160, 320
"""Pixels: the square that holds the whole picture; the small copy, and the square in whose middle it lies."""
SCRFD_SCORE, YUNET_SCORE = 0.5, 0.8
SAME, INSIDE = 0.4, 0.6
Look = Callable[[Pixels], tuple[Array, Array, Array]]
"""A square picture -> boxes n x 4 (x0, y0, x1, y1), scores n, landmarks n x 5 x 2 (image-left first)."""


def open_detector(path: Path, threads: int = 1) -> Detector:
    """The detector in `path`: the pack's own where it is a folder, else a file of SCRFD or YuNet, told apart by their
    outputs. Raises NotReady for any other file."""
    if path.is_dir():
        return FaceDetector(path, threads)
    outputs = [output.name for output in open_session(path, threads).get_outputs()]
    if "cls_8" in outputs and "kps_8" in outputs:
        return SquareDetector(_yunet(path))
    if len(outputs) in (9, 15):
        return SquareDetector(_scrfd(path, threads))
    raise NotReady(
        f"{path.name} bukan pendeteksi wajah yang dikenal (SCRFD dengan titik wajah, atau YuNet). / "
        f"{path.name} is no known face detector (SCRFD with landmarks, or YuNet)."
    )


def detector_id(path: Path) -> str:
    """Name and short hash of a detector's file: results say which one looked."""
    return f"{path.stem}-{file_sha256(path)[:12]}"


class SquareDetector:
    """Runs `look`, which reads square pictures, on the whole picture and on a small copy of it."""

    def __init__(self, look: Look) -> None:
        self.look = look

    def detect(self, picture: Pixels | Pyramid) -> list[Face]:
        """Faces of a BGR picture without embeddings, best first; boxes lie inside the picture."""
        pyramid = Pyramid.of(picture)
        height, width = pyramid.size
        passes = [self._look(pyramid, WHOLE_SIDE, WHOLE_SIDE), self._look(pyramid, SMALL_SIDE, SMALL_FRAME)]
        boxes, scores, marks = (np.concatenate(part) for part in zip(*passes, strict=True))
        boxes = np.clip(boxes, 0, [width, height, width, height])
        kept = [row for row in best_boxes(boxes, scores, SAME, INSIDE) if (boxes[row, 2:] - boxes[row, :2]).min() >= 1]
        return [_face(boxes[row], float(scores[row]), marks[row]) for row in kept]

    def _look(self, pyramid: Pyramid, side: int, frame: int) -> tuple[Array, Array, Array]:
        """One look at the picture, `side` pixels long and in the middle of a grey square of `frame` pixels."""
        small = pyramid.resized(side / max(pyramid.size))
        top, left = (frame - small.shape[0]) // 2, (frame - small.shape[1]) // 2
        square = np.full((frame, frame, 3), EDGE_GREY, np.uint8)
        square[top : top + small.shape[0], left : left + small.shape[1]] = small
        boxes, scores, marks = self.look(square)
        scale = np.array(small.shape[1::-1], float) / pyramid.size[::-1]
        shift = np.array([left, top], float)
        return (boxes - np.tile(shift, 2)) / np.tile(scale, 2), scores, (marks - shift) / scale


def _scrfd(path: Path, threads: int) -> Look:
    """Through insightface's own reader, on our session."""
    from insightface.model_zoo import SCRFD

    reader = SCRFD(session=open_session(path, threads), static_shape_sessions=False)
    reader.prepare(-1, det_thresh=SCRFD_SCORE)

    def look(square: Pixels) -> tuple[Array, Array, Array]:
        found, marks = reader.detect(square, input_size=square.shape[1::-1])
        return found[:, :4].astype(float), found[:, 4].astype(float), np.asarray(marks, float).reshape(-1, 5, 2)

    return look


def _yunet(path: Path) -> Look:
    """Through OpenCV's own reader."""
    reader = cv2.FaceDetectorYN.create(str(path), "", (WHOLE_SIDE, WHOLE_SIDE), YUNET_SCORE)

    def look(square: Pixels) -> tuple[Array, Array, Array]:
        reader.setInputSize(square.shape[1::-1])
        found = reader.detect(square)[1]
        rows = np.zeros((0, 15)) if found is None else np.asarray(found, float)
        boxes = np.concatenate([rows[:, :2], rows[:, :2] + rows[:, 2:4]], axis=1)
        return boxes, rows[:, 14], rows[:, 4:14].reshape(-1, 5, 2)

    return look


def _face(box: Array, score: float, marks: Array) -> Face:
    x0, y0, x1, y1 = (round(float(value), 2) for value in box)
    return Face((x0, y0, x1, y1), marks.astype(np.float32), score)
