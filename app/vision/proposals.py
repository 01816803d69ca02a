"""What BlazeFace proposes: boxes and eyes from its raw outputs, and suppression of what is found twice."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from app.imaging.pyramid import Array

PROPOSAL_SCORE = 0.12
MOST_ANCHORS = 600
SMALLEST_FACE = 8.0

HEADS = ((8, 2, 3, 2), (16, 6, 1, 0))
"""Stride, anchors per cell, index of the score output and of the box output of face_short.onnx."""


class Proposals(NamedTuple):
    """`boxes` n x 4 (x0, y0, x1, y1), `scores` n, `eyes` n x 2 x 2 (image-left first), in pixels of the photo."""

    boxes: Array
    scores: Array
    eyes: Array

    @classmethod
    def of(cls, *passes: Proposals) -> Proposals:
        """Those of several passes together."""
        return cls(*(np.concatenate(part) for part in zip(*passes, strict=True)))

    @property
    def sides(self) -> Array:
        """The longer side of each box."""
        return np.asarray((self.boxes[:, 2:] - self.boxes[:, :2]).max(axis=1, initial=0.0))

    def take(self, rows: npt.NDArray[np.intp]) -> Proposals:
        """These rows, in this order."""
        return Proposals(self.boxes[rows], self.scores[rows], self.eyes[rows])


def log_odds(probability: Array | float) -> Array:
    """Log-odds with the ends held finite."""
    held = np.clip(np.asarray(probability, float), 1e-3, 1 - 1e-3)
    return np.asarray(np.log(held / (1 - held)))


LEAST_ODDS = float(log_odds(PROPOSAL_SCORE))


def probability_of(odds: Array) -> Array:
    """The inverse of `log_odds`."""
    return np.asarray(1 / (1 + np.exp(-odds)))


def best_boxes(boxes: Array, scores: Array, overlap: float, inside: float = np.inf) -> npt.NDArray[np.intp]:
    """Greedy suppression, best first: drops a box whose IoU with a better one is over `overlap`, or whose shared part
    is over `inside` of the smaller of the two."""
    if not np.isfinite(inside):
        return _suppressed(boxes, scores, overlap)
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


def _suppressed(boxes: Array, scores: Array, overlap: float) -> npt.NDArray[np.intp]:
    """The same by IoU alone, by OpenCV's own loop: a ninth of the time, and it sees each picture several times."""
    if not len(boxes):
        return np.zeros(0, np.intp)
    sides = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
    positive = scores - scores.min() + 1.0  # it takes no others
    kept = cv2.dnn.NMSBoxes(sides, positive, 0.0, overlap)  # type: ignore[arg-type]  # arrays are taken as they are
    return np.asarray(kept, np.intp).reshape(-1)


def overlap(boxes: Array, others: Array) -> Array:
    """The highest IoU of each box with any of `others`; 0 without others."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    shared = np.prod(np.clip(np.minimum(boxes[:, None, 2:], others[None, :, 2:]) - low, 0, None), axis=2)
    areas = [np.prod(side[:, 2:] - side[:, :2], axis=1) for side in (boxes, others)]
    return np.asarray((shared / (areas[0][:, None] + areas[1][None] - shared)).max(axis=1, initial=0.0))


def decode(outputs: list[Array], scale: float, border: int = 0) -> Proposals:
    """Boxes and eyes from the raw outputs of BlazeFace on a photo that was resized by `scale` and set into a border of
    `border` pixels."""
    boxes, scores, eyes = [], [], []
    for stride, anchors, score_index, box_index in HEADS:
        odds, raw = outputs[score_index][0], outputs[box_index][0]
        columns = odds.shape[2]
        anchor, cell = np.divmod(np.flatnonzero(odds > LEAST_ODDS), odds.shape[1] * columns)
        values = raw.reshape(anchors, 16, -1)[anchor, :8, cell].astype(float)
        place = (np.stack([cell % columns, cell // columns], axis=1) + 0.5) * stride
        centre, half = place + values[:, :2], np.abs(values[:, 2:4]) / 2
        boxes.append(np.concatenate([centre - half, centre + half], axis=1))
        scores.append(probability_of(odds.reshape(anchors, -1)[anchor, cell].astype(float)))
        eyes.append(place[:, None] + values[:, 4:].reshape(-1, 2, 2))
    corners, points = np.concatenate(boxes) - border, np.concatenate(eyes) - border
    found = Proposals(corners / scale, np.concatenate(scores), points / scale)
    sides = found.boxes[:, 2:] - found.boxes[:, :2]
    usable = np.flatnonzero((sides.min(axis=1) >= 1) & (sides.prod(axis=1) > SMALLEST_FACE**2))
    strongest = usable[np.argsort(-found.scores[usable], kind="stable")[:MOST_ANCHORS]]
    found = found.take(strongest)
    return found.take(best_boxes(found.boxes, found.scores, 0.3))
