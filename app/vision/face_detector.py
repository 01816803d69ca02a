"""The default face detector: three small nets that check each other.

1. BlazeFace (short range) as a fully convolutional net over the whole photo at two sizes proposes boxes and eyes.
2. MTCNN's R-net on an upright crop and O-net on a plain one verify them; the three scores are added as log-odds.
3. O-net places five landmarks on an upright crop, and once more on a crop that these landmarks centre.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from app.imaging.decode import Pixels
from app.imaging.pyramid import Array, Pyramid
from app.vision.face_crops import squares
from app.vision.observations import Box, Face
from app.vision.runtime import open_session

FINE_PIXELS = 250_000
"""Budget of the fine pass, about 667 x 375; 400,000 finds more faces under 45 px."""
COARSE_SIDE = 192
LONGEST_SIDE = 2048
MOST_ENLARGED = 6.0
STEP = 32

PROPOSAL_SCORE = 0.12
MOST_ANCHORS = 600
MOST_PROPOSALS = 80
SMALLEST_FACE = 8.0

BLAZE_WEIGHT, RNET_WEIGHT, ONET_WEIGHT, BIAS = 0.696, 0.643, 0.315, -0.578
"""Logistic fusion of the three log-odds, fitted on composed sheets of small faces."""
RNET_GATE = 0.02
ACCEPT = 0.67

CROP_MARGIN = 1.1
CROP_RISE = 0.04
"""The verifying nets saw crops a little wider than BlazeFace's box and centred a little higher."""
RNET_SIDE, ONET_SIDE = 24, 48

HEADS = ((8, 2, 3, 2), (16, 6, 1, 0))
"""Stride, anchors per cell, index of the score output and of the box output of face_short.onnx."""


class Detector(Protocol):
    """What the pipeline needs of any detector."""

    def detect(self, picture: Pixels | Pyramid) -> list[Face]:
        """Faces without embeddings, best first."""


class Proposals(NamedTuple):
    """`boxes` n x 4 (x0, y0, x1, y1), `scores` n, `eyes` n x 2 x 2 (image-left first), in pixels of the photo."""

    boxes: Array
    scores: Array
    eyes: Array

    def take(self, rows: npt.NDArray[np.intp]) -> Proposals:
        """These rows, in this order."""
        return Proposals(self.boxes[rows], self.scores[rows], self.eyes[rows])


def log_odds(probability: Array | float) -> Array:
    """Log-odds with the ends held finite."""
    held = np.clip(np.asarray(probability, float), 1e-3, 1 - 1e-3)
    return np.asarray(np.log(held / (1 - held)))


def probability_of(odds: Array) -> Array:
    """The inverse of `log_odds`."""
    return np.asarray(1 / (1 + np.exp(-odds)))


def best_boxes(boxes: Array, scores: Array, overlap: float, inside: float = np.inf) -> npt.NDArray[np.intp]:
    """Greedy suppression, best first: drops a box whose IoU with a better one is over `overlap`, or whose shared part
    is over `inside` of the smaller of the two."""
    order, kept = np.argsort(-scores, kind="stable"), []
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    while len(order):
        best, order = order[0], order[1:]
        kept.append(best)
        low = np.maximum(boxes[best, :2], boxes[order, :2])
        shared = np.prod(np.clip(np.minimum(boxes[best, 2:], boxes[order, 2:]) - low, 0, None), axis=1)
        same = shared > overlap * (areas[best] + areas[order] - shared)
        order = order[~(same | (shared > inside * np.minimum(areas[best], areas[order])))]
    return np.array(kept, np.intp)


def decode(outputs: list[Array], scale: float) -> Proposals:
    """Boxes and eyes from the raw outputs of BlazeFace on a photo that was resized by `scale`."""
    boxes, scores, eyes = [], [], []
    for stride, anchors, score_index, box_index in HEADS:
        odds, raw = outputs[score_index][0].astype(float), outputs[box_index][0]
        anchor, row, column = np.where(odds > log_odds(PROPOSAL_SCORE))
        values = raw.reshape(anchors, 16, *raw.shape[1:])[anchor, :, row, column].astype(float)
        cell = np.stack([column + 0.5, row + 0.5], axis=1) * stride
        centre, half = cell + values[:, :2], np.abs(values[:, 2:4]) / 2
        boxes.append(np.concatenate([centre - half, centre + half], axis=1))
        scores.append(probability_of(odds[anchor, row, column]))
        eyes.append(cell[:, None] + values[:, 4:8].reshape(-1, 2, 2))
    found = Proposals(np.concatenate(boxes) / scale, np.concatenate(scores), np.concatenate(eyes) / scale)
    sides = found.boxes[:, 2:] - found.boxes[:, :2]
    usable = np.flatnonzero((sides.min(axis=1) >= 1) & (sides.prod(axis=1) > SMALLEST_FACE**2))
    strongest = usable[np.argsort(-found.scores[usable], kind="stable")[:MOST_ANCHORS]]
    found = found.take(strongest)
    return found.take(best_boxes(found.boxes, found.scores, 0.3))


def pass_scales(height: int, width: int) -> tuple[float, float]:
    """Resize factors of the fine and the coarse pass; both bounded whatever the shape of the photo."""
    longest = max(height, width)
    fine = min(MOST_ENLARGED, (FINE_PIXELS / (height * width)) ** 0.5, LONGEST_SIDE / longest)
    return fine, COARSE_SIDE / longest


class FaceDetector:
    """Small faces from 24 px to faces that fill the frame; a picture of any size costs about the same."""

    def __init__(self, folder: Path, threads: int = 1, accept: float = ACCEPT) -> None:
        self.short = open_session(folder / "face_short.onnx", threads)
        self.rnet = open_session(folder / "rnet.onnx", threads)
        self.onet = open_session(folder / "onet.onnx", threads)
        self.accept = accept

    def detect(self, picture: Pixels | Pyramid) -> list[Face]:
        """Faces of a BGR picture without embeddings, best first; boxes lie inside the picture."""
        pyramid = Pyramid.of(picture)
        found = self._propose(pyramid)
        if not len(found.scores):
            return []
        found, odds = self._verify(pyramid, found)
        if not len(odds):
            return []
        marks = self._landmarks(pyramid, found)
        order = np.argsort(-odds, kind="stable")
        return _faces(found.boxes[order], probability_of(odds[order]), marks[order], *pyramid.size)

    def _propose(self, pyramid: Pyramid) -> Proposals:
        passes = [self._propose_at(pyramid, scale) for scale in pass_scales(*pyramid.size)]
        found = Proposals(*(np.concatenate(part) for part in zip(*passes, strict=True)))
        return found.take(best_boxes(found.boxes, found.scores, 0.4)[:MOST_PROPOSALS])

    def _propose_at(self, pyramid: Pyramid, scale: float) -> Proposals:
        small = pyramid.resized(scale)
        height, width = small.shape[:2]
        padded = cv2.copyMakeBorder(small, 0, -height % STEP, 0, -width % STEP, cv2.BORDER_CONSTANT, value=(0, 0, 0))
        tensor = cv2.dnn.blobFromImage(padded, 1 / 127.5, (0, 0), (127.5, 127.5, 127.5), swapRB=True)
        return decode(self.short.run(None, {"input": tensor}), scale)

    def _verify(self, pyramid: Pyramid, found: Proposals) -> tuple[Proposals, Array]:
        """The proposals that all three nets together believe, with their log-odds."""
        need = log_odds(self.accept)
        centre, side, angle, up = _geometry(found)
        rnet = self.rnet.run(["prob"], _feed(pyramid, centre + up, side, angle, RNET_SIDE)[0])[0][:, 1]
        odds = BLAZE_WEIGHT * log_odds(found.scores) + RNET_WEIGHT * log_odds(rnet) + BIAS
        hopeful = np.flatnonzero((rnet > RNET_GATE) & (odds + ONET_WEIGHT * log_odds(1.0) > need))
        if not len(hopeful):
            return found.take(hopeful), odds[hopeful]
        found, odds, centre, side = found.take(hopeful), odds[hopeful], centre[hopeful], side[hopeful]
        raised = centre - np.stack([0 * side, CROP_RISE * side], axis=1)
        odds = odds + ONET_WEIGHT * log_odds(self._look(pyramid, raised, side, 0 * side)[0])
        accepted = np.flatnonzero(odds > need)
        kept = accepted[best_boxes(found.boxes[accepted], odds[accepted], 0.35, inside=0.6)]
        return found.take(kept), odds[kept]

    def _landmarks(self, pyramid: Pyramid, found: Proposals) -> Array:
        """n x 5 x 2; the mean of two looks, the second on a crop centred on and turned by the first."""
        centre, side, angle, up = _geometry(found)
        first = self._look(pyramid, centre + up, side, angle)[1]
        second = self._look(pyramid, first.mean(axis=1), side, _tilt(first[:, :2]))[1]
        return (first + second) / 2

    def _look(self, pyramid: Pyramid, centre: Array, side: Array, angle: Array) -> tuple[Array, Array]:
        """O-net's face probability and its landmarks (n x 5 x 2) in pixels of the photo."""
        feed, matrices = _feed(pyramid, centre, side, angle, ONET_SIDE)
        raw, probability = self.onet.run(["lmk", "prob"], feed)
        inside = np.stack([raw[:, :5], raw[:, 5:]], axis=2) * ONET_SIDE - 0.5
        back = np.linalg.inv(matrices[:, :, :2])
        return probability[:, 1], np.einsum("nij,nkj->nki", back, inside - matrices[:, None, :, 2])


def _tilt(eyes: Array) -> Array:
    line = eyes[:, 1] - eyes[:, 0]
    return np.asarray(np.arctan2(line[:, 1], line[:, 0]))


def _geometry(found: Proposals) -> tuple[Array, Array, Array, Array]:
    """Centre, side, tilt of the eyes, and the small step upwards (along the tilt) that centres a crop."""
    centre, side = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2, (found.boxes[:, 2:] - found.boxes[:, :2]).max(axis=1)
    angle = _tilt(found.eyes)
    return centre, side, angle, np.stack([np.sin(angle), -np.cos(angle)], axis=1) * CROP_RISE * side[:, None]


def _feed(
    pyramid: Pyramid, centre: Array, side: Array, angle: Array, pixels: int
) -> tuple[dict[str, npt.NDArray[np.float32]], Array]:
    """The batch that R-net or O-net reads (RGB, -1..1) and the photo-to-crop matrices (n x 2 x 3)."""
    matrices = squares(centre, side * CROP_MARGIN, angle, pixels)
    crops = np.stack([pyramid.crop(matrix, pixels) for matrix in matrices])
    batch = (crops[..., ::-1].astype(np.float32) - 127.5) / 128
    return {"input": np.ascontiguousarray(batch.transpose(0, 3, 1, 2))}, matrices


def _faces(boxes: Array, scores: Array, marks: Array, height: int, width: int) -> list[Face]:
    """Faces with boxes cut to the picture; those of which nothing is left are dropped."""
    inside = np.clip(boxes, 0, [width, height, width, height])
    return [
        Face(box=_box(box), landmarks=points.astype(np.float32), score=float(score))
        for box, score, points in zip(inside, scores, marks, strict=True)
        if (box[2:] - box[:2]).min() >= 1
    ]


def _box(values: Array) -> Box:
    x0, y0, x1, y1 = (round(float(value), 2) for value in values)
    return x0, y0, x1, y1
