"""The default face detector: three small nets that check each other.

1. BlazeFace (short range) as a fully convolutional net over the whole photo at two sizes proposes boxes and eyes; at a
   third, finer one where a small face was found.
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
from app.imaging.pyramid import EDGE_GREY, Array, Pyramid
from app.vision.face_crops import apart, quarter_turns, squares, turned_back
from app.vision.observations import Box, Face
from app.vision.proposals import Proposals, best_boxes, decode, log_odds, overlap, probability_of
from app.vision.runtime import open_session

FINE_PIXELS = 250_000
"""Budget of the fine pass, about 667 x 375."""
FINER_PIXELS = 700_000
SMALL, WORTH = 30.0, 1.2
"""A face that is narrower than this on the fine pass says that there are others: the photo is looked at once more with
`FINER_PIXELS`, where that enlarges it `WORTH` times or more. No ordinary photo of 170 was; group photos are."""
COARSE_SIDE, COARSE_BORDER = 128, 32
"""The coarse pass sees the photo small and in a grey frame: without it faces that fill the photo are missed (45 % of
those as wide as the photo)."""
LONGEST_SIDE = 2048
MOST_ENLARGED = 6.0
STEP = 32

MOST_PROPOSALS = 80
SURE, LIKELY = 0.9, 0.75
"""Probability of a face that needs no look at the turned picture, and that such a look must find; and BlazeFace's own
on the small turned picture that makes the look worth it."""
SAME = 0.4
"""IoU from which on two proposals are one."""

BLAZE_WEIGHT, RNET_WEIGHT, ONET_WEIGHT, BIAS = 0.696, 0.643, 0.315, -0.578
"""Logistic fusion of the three log-odds, fitted on composed sheets of small faces."""
RNET_GATE = 0.02
ACCEPT = 0.67

CROP_MARGIN = 1.1
CROP_RISE = 0.04
"""The verifying nets saw crops a little wider than BlazeFace's box and centred a little higher."""
RNET_SIDE, ONET_SIDE = 24, 48


class Detector(Protocol):
    """What the pipeline needs of any detector."""

    def detect(self, picture: Pixels | Pyramid) -> list[Face]:
        """Faces without embeddings, best first."""


class Scales(NamedTuple):
    """Resize factors of the passes over one photo, all bounded whatever its shape."""

    fine: float
    coarse: float
    finer: float


def pass_scales(height: int, width: int) -> Scales:
    """The factors for a photo of this size."""
    longest = max(height, width)
    fine, finer = (
        min(MOST_ENLARGED, (pixels / (height * width)) ** 0.5, LONGEST_SIDE / longest)
        for pixels in (FINE_PIXELS, FINER_PIXELS)
    )
    return Scales(fine, COARSE_SIDE / longest, finer)


class FaceDetector:
    """Small faces from 24 px to faces that fill the frame. Pictures cost about the same whatever their size; one that
    shows small faces costs about twice as much."""

    def __init__(self, folder: Path, threads: int = 1, accept: float = ACCEPT) -> None:
        self.short = open_session(folder / "face_short.onnx", threads)
        self.rnet = open_session(folder / "rnet.onnx", threads)
        self.onet = open_session(folder / "onet.onnx", threads)
        self.accept = accept

    def detect(self, picture: Pixels | Pyramid) -> list[Face]:
        """Faces of a BGR picture without embeddings, best first; boxes lie inside the picture.

        A picture that lies on its side, or on which no face is sure, is looked at turned."""
        pyramid = Pyramid.of(picture)
        found = self._upright(pyramid)
        sure = [face for face in found if face.score > SURE]
        turns = quarter_turns(sure) if sure else self._likely_turn(pyramid)
        turned = self._turned(pyramid, turns) if turns else []
        return turned if len(turned) >= max(len(sure), 1) else found

    def _upright(self, pyramid: Pyramid) -> list[Face]:
        scales = pass_scales(*pyramid.size)
        first = Proposals.of(self._propose(pyramid, scales.fine), self._propose(pyramid, scales.coarse, COARSE_BORDER))
        found, odds = self._verify(pyramid, first.take(best_boxes(first.boxes, first.scores, SAME)[:MOST_PROPOSALS]))
        if (found.sides * scales.fine < SMALL).any() and scales.finer > WORTH * scales.fine:
            found, odds = self._with_smaller(pyramid, scales.finer, found, odds)
        if not len(odds):
            return []
        marks = self._landmarks(pyramid, found)
        order = np.argsort(-odds, kind="stable")
        order = order[apart(marks[order])]
        return _faces(found.boxes[order], probability_of(odds[order]), marks[order], *pyramid.size)

    def _likely_turn(self, pyramid: Pyramid) -> int:
        """The quarter turns after which BlazeFace sees most of a face on the small picture; 0 where it hardly does."""
        small = pyramid.resized(pass_scales(*pyramid.size).coarse)
        passes = {turns: self._propose_in(np.rot90(small, turns), 1.0, COARSE_BORDER) for turns in (1, 2, 3)}
        best = {turns: float(found.scores.max(initial=0.0)) for turns, found in passes.items()}
        turns = max(best, key=lambda turns: best[turns])
        return turns if best[turns] >= LIKELY else 0

    def _turned(self, pyramid: Pyramid, turns: int) -> list[Face]:
        """The sure faces of the picture turned by quarters, in pixels of the picture as it is."""
        level, _ = pyramid.nearest(pass_scales(*pyramid.size).finer)
        size, photo = (level.shape[1], level.shape[0]), (pyramid.size[1], pyramid.size[0])
        found = self._upright(Pyramid(np.rot90(level, turns)))
        return [turned_back(face, turns, size, photo) for face in found if face.score > SURE]

    def _with_smaller(self, pyramid: Pyramid, scale: float, found: Proposals, odds: Array) -> tuple[Proposals, Array]:
        """What was found, and what the finer pass finds beside it."""
        more = self._propose(pyramid, scale)
        more = more.take(np.flatnonzero(overlap(more.boxes, found.boxes) <= SAME)[:MOST_PROPOSALS])
        more, more_odds = self._verify(pyramid, more)
        found, odds = Proposals.of(found, more), np.concatenate([odds, more_odds])
        return _best(found, odds)

    def _propose(self, pyramid: Pyramid, scale: float, border: int = 0) -> Proposals:
        """One pass of BlazeFace over the whole photo, best first."""
        return self._propose_in(pyramid.resized(scale), scale, border)

    def _propose_in(self, small: Pixels, scale: float, border: int) -> Proposals:
        """The same on a photo that was resized by `scale`."""
        height, width = (side + border for side in small.shape[:2])
        padded = cv2.copyMakeBorder(
            small, border, border + -(height + border) % STEP, border, border + -(width + border) % STEP,
            cv2.BORDER_CONSTANT, value=(EDGE_GREY,) * 3 if border else (0, 0, 0),
        )  # fmt: skip
        return decode(self.short.run(None, {"input": _tensor(np.asarray(padded, np.uint8))}), scale, border)

    def _verify(self, pyramid: Pyramid, found: Proposals) -> tuple[Proposals, Array]:
        """The proposals that all three nets together believe, with their log-odds."""
        if not len(found.scores):
            return found, found.scores
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
        return _best(found.take(accepted), odds[accepted])

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


def _best(found: Proposals, odds: Array) -> tuple[Proposals, Array]:
    """Each face once."""
    kept = best_boxes(found.boxes, odds, 0.35, inside=0.6)
    return found.take(kept), odds[kept]


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
    crops = list(pyramid.crops(matrices, pixels))
    batch = cv2.dnn.blobFromImages(crops, 1 / 128, (0, 0), (127.5, 127.5, 127.5), swapRB=True)
    return {"input": np.asarray(batch, np.float32)}, matrices


def _tensor(picture: Pixels) -> npt.NDArray[np.float32]:
    """The picture as BlazeFace reads it: 1 x 3 x height x width, RGB, -1..1. Half the time of OpenCV's own."""
    tensor = np.empty((1, 3, *picture.shape[:2]), np.float32)
    tensor[0, ::-1] = cv2.split(picture)
    tensor -= 127.5
    tensor *= 1 / 127.5
    return tensor


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
