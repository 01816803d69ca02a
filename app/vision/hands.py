"""Hands of one picture: palms, 21 landmarks each, read as a gesture and given to the person they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from app.imaging.decode import Pixels
from app.imaging.pyramid import Pyramid
from app.vision.gestures import Gate, passes, read_gesture
from app.vision.observations import Box, Face, Floats, Hand
from app.vision.palms import Palm, PalmFinder, PalmSettings, Reals, as_input
from app.vision.runtime import open_session

MODEL = "hand_landmark_full.onnx"
INPUT = 224
BATCH = 8


@dataclass(frozen=True, slots=True)
class HandSettings:
    """Limits of the reading, as measured on photos, digits and group pictures."""

    presence: float = 0.5
    max_hands: int = 60
    wider: float = 1.4
    """A sure palm in whose square no hand is seen is looked at again in one so many times as large, once: where the
    palm's box is too small, the square cuts the fingers off."""
    sure_palm: float = 0.5
    sure_presence: float = 0.8
    palms: PalmSettings = field(default_factory=PalmSettings)
    gate: Gate = field(default_factory=Gate)


class HandFinder:
    """Finds and reads hands with the two models of a pack's folder. Same picture and faces, same answer."""

    def __init__(self, folder: Path, threads: int = 1, settings: HandSettings | None = None) -> None:
        self.settings = settings or HandSettings()
        self._palms = PalmFinder(folder, threads, self.settings.palms)
        self._session = open_session(folder / MODEL, threads)
        self._input = self._session.get_inputs()[0].name

    def find(self, picture: Pixels | Pyramid, faces: Sequence[Face]) -> tuple[Hand, ...]:
        """All hands of a BGR picture of any size, the surest first; `faces` are those found in the same picture."""
        pyramid = Pyramid.of(picture)
        limits = self.settings
        palms = self._palms.find(pyramid, faces)[: limits.max_hands]
        hands = self._read_all(pyramid, palms, faces, 1.0, limits.presence)
        sure = [hand for hand in hands if hand.presence >= limits.sure_presence]
        again = [palm for palm in palms if palm.score >= limits.sure_palm and not any(_holds(h, palm) for h in sure)]
        return drop_duplicates([*hands, *self._read_all(pyramid, again, faces, limits.wider, limits.sure_presence)])

    def _read_all(
        self, pyramid: Pyramid, palms: Sequence[Palm], faces: Sequence[Face], wider: float, presence: float
    ) -> list[Hand]:
        """The hands of presence `presence` or more in the palms' squares, these `wider` times as large as usual."""
        hands: list[Hand] = []
        for start in range(0, len(palms), BATCH):
            found = self._read(pyramid, palms[start : start + BATCH], faces, wider)
            hands += [hand for hand in found if hand.presence >= presence]
        return hands

    def _read(self, pyramid: Pyramid, palms: Sequence[Palm], faces: Sequence[Face], wider: float) -> list[Hand]:
        regions = [palm.region() for palm in palms]
        crops = np.empty((len(palms), INPUT, INPUT, 3), np.float32)
        ways = [_view(pyramid, x, y, side * wider, angle, crops[i]) for i, (x, y, side, angle) in enumerate(regions)]
        outputs = self._session.run(["Identity", "Identity_1", "Identity_2"], {self._input: crops})
        hands = []
        for palm, back, points, presence, right in zip(palms, ways, *outputs, strict=True):
            shape = points.reshape(21, 3)
            placed = (np.c_[shape[:, :2], np.ones(21)] @ back.T).astype(np.float32)
            hands.append(
                self._hand(pyramid.size, palm, shape, placed, float(presence[0]), bool(right[0] >= 0.5), faces)
            )
        return hands

    def _hand(
        self,
        size: tuple[int, int],
        palm: Palm,
        shape: Floats,
        placed: Floats,
        presence: float,
        right: bool,
        faces: Sequence[Face],
    ) -> Hand:
        gesture = read_gesture(shape, placed)
        shown = passes(gesture, span(placed), presence, palm.score, self.settings.gate)
        return Hand(
            box=_clipped_box(placed, *size),
            landmarks=placed,
            fingers=gesture.fingers,
            name=gesture.name if shown else "relaxed",
            confidence=gesture.confidence,
            presence=presence,
            palm=palm.score,
            right=right,
            readable=shown and gesture.name != "finger_heart",
            face=owner(placed, faces),
            turn=gesture.turn,
        )


def span(landmarks: Floats) -> float:
    """Longer side (px) of the upright box around a hand's landmarks."""
    return float(np.ptp(landmarks, axis=0).max())


def drop_duplicates(hands: Sequence[Hand]) -> tuple[Hand, ...]:
    """The same hand found through two palms is kept once, the surer reading; surest first."""
    kept: list[Hand] = []
    for hand in sorted(hands, key=lambda hand: (-hand.presence * hand.palm, hand.box)):
        if not any(_same(hand, other) for other in kept):
            kept.append(hand)
    return tuple(kept)


def owner(landmarks: Floats, faces: Sequence[Face]) -> int | None:
    """Index of the face whose body is nearest to where the forearm comes from, or None when no face fits in size
    (a hand spans .4 to 3 face widths) and reach (an arm is about five long)."""
    wrist, knuckle = landmarks[0], landmarks[9]
    forearm = wrist + 1.2 * (wrist - knuckle)
    nearest: tuple[float, int] | None = None
    for index, face in enumerate(faces):
        x, y, size = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2, max(face.size, 1e-6)
        body_y = float(np.clip(forearm[1], y + 0.8 * size, y + 3 * size))
        distance = float(np.hypot(forearm[0] - x, forearm[1] - body_y)) / size
        fits = distance <= 4 and 0.4 <= span(landmarks) / size <= 3
        if fits and (nearest is None or distance < nearest[0]):
            nearest = distance, index
    return nearest[1] if nearest else None


def _holds(hand: Hand, palm: Palm) -> bool:
    """Whether the middle of the palm lies in the hand's box."""
    x, y = (palm.box[0] + palm.box[2]) / 2, (palm.box[1] + palm.box[3]) / 2
    return bool(hand.box[0] <= x <= hand.box[2] and hand.box[1] <= y <= hand.box[3])


def _same(hand: Hand, other: Hand) -> bool:
    apart = float(np.abs(hand.landmarks - other.landmarks).mean())
    return apart <= 0.25 * max(span(hand.landmarks), span(other.landmarks))


def _view(pyramid: Pyramid, x: float, y: float, side: float, angle: float, into: Floats) -> Reals:
    """Writes the turned square as the model wants it; the 2 x 3 way back to picture pixels."""
    scale = side / INPUT
    cosine, sine = np.cos(angle) * scale, np.sin(angle) * scale
    turn = np.array([[cosine, -sine], [sine, cosine]])
    back: Reals = np.c_[turn, np.array([x, y]) - turn @ (INPUT / 2, INPUT / 2)]
    crop = pyramid.crop(np.asarray(cv2.invertAffineTransform(back), np.float64), INPUT, border=0)
    into[:] = as_input(crop)
    return back


def _clipped_box(landmarks: Floats, height: int, width: int) -> Box:
    (x0, y0), (x1, y1) = landmarks.min(axis=0), landmarks.max(axis=0)
    left, right = (float(np.clip(v, 0, width)) for v in (x0, x1))
    top, bottom = (float(np.clip(v, 0, height)) for v in (y0, y1))
    return left, top, right, bottom
