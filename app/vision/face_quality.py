"""How well a face can be seen: numbers for the reviewer and for choosing photos; they never name anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from app.imaging.decode import Pixels
from app.imaging.pyramid import Pyramid
from app.vision.face_crops import aligned
from app.vision.observations import Face, Floats

NOSE_DEPTH = 0.5
"""How far the tip of the nose stands before the plane of eyes and mouth, in eye distances."""
BLURRED = 15.0
"""Variance of the Laplacian on the aligned crop. LFW: 5 % of the photos are under 49, blurred by 3 px half under 10."""
TOO_BLURRED = 10.0
"""Under it a face that fits nobody says little: of people who stand in the gallery less than half are named, from 15 on
.94, and strangers hardly more often (`netra evaluate faces`, by_blur)."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Degrees, estimated from five points: to show, not to measure by. `yaw` > 0: the nose points to the right of the
    image, `pitch` > 0: down, `roll` > 0: the line of the eyes falls to the right."""

    yaw: float
    pitch: float
    roll: float


def quality_json(face: Face) -> dict[str, Any]:
    """What is kept of an observed face beside its box: `size` (px, width), `blur` (see `sharpness_of`: small is
    blurred), `yaw`, `pitch` and `roll` (degrees), `norm` of the embedding and `score` of the detector; None where it
    was not measured. Only numbers: nothing by which the face could be known again."""
    pose = pose_of(face.landmarks)
    return {
        "size": round(face.size, 1),
        "blur": None if face.sharpness is None else round(face.sharpness, 1),
        "yaw": round(pose.yaw),
        "pitch": round(pose.pitch),
        "roll": round(pose.roll),
        "norm": None if face.norm is None else round(face.norm, 1),
        "score": round(face.score, 3),
    }


def seen_as(band: str, blur: float | None) -> str:
    """How a face that names nobody is told of: its band, or "blurred" where fitting nobody says little."""
    return "blurred" if band == "none" and blur is not None and blur < TOO_BLURRED else band


def pose_of(landmarks: Floats) -> Pose:
    """The pose of a face from its 5 x 2 landmarks; all zero where the eyes coincide."""
    points = landmarks.astype(np.float64)
    along = points[1] - points[0]
    width = float(np.hypot(*along))
    if not width > 1e-3:
        return Pose(0.0, 0.0, 0.0)
    across = np.array([-along[1], along[0]]) / width
    nose = points[2] - points[[0, 1, 3, 4]].mean(axis=0)
    height = max(float((points[3:].mean(axis=0) - points[:2].mean(axis=0)) @ across), 0.2 * width)
    yaw = np.arctan2(float(nose @ along) / width, NOSE_DEPTH * width)
    pitch = np.arctan2(float(nose @ across), NOSE_DEPTH * height)
    return Pose(*(float(np.degrees(angle)) for angle in (yaw, pitch, np.arctan2(along[1], along[0]))))


def turn_of(landmarks: Floats) -> float:
    """How far the nose is off the middle of eyes and mouth corners, along the line of the eyes and in eye distances;
    negative: to the left of the image."""
    points = landmarks.astype(np.float64)
    eyes = points[1] - points[0]
    width = float(eyes @ eyes)
    return float((points[2] - points[[0, 1, 3, 4]].mean(axis=0)) @ eyes / width) if width > 1e-6 else 0.0


def sharpness_of(crop: Pixels | None) -> float:
    """Variance of the Laplacian over the grey 112 x 112 aligned crop, so that it does not grow with the photo; 0 where
    the landmarks coincide and there is no crop."""
    if crop is None:
        return 0.0
    edges = cv2.Laplacian(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), cv2.CV_16S)
    return float(cv2.meanStdDev(edges)[1][0, 0] ** 2)


def with_sharpness(pyramid: Pyramid, faces: Sequence[Face]) -> tuple[Face, ...]:
    """The faces with their sharpness, on the same crop whatever the recogniser reads; those that have it keep it."""
    return tuple(
        face if face.sharpness is not None else replace(face, sharpness=sharpness_of(aligned(pyramid, face.landmarks)))
        for face in faces
    )
