"""From a picture to faces that can be compared: detect, order by size, embed those worth comparing."""

from __future__ import annotations

from app.imaging.decode import Pixels
from app.imaging.pyramid import Pyramid
from app.vision.face_detector import Detector, FaceDetector
from app.vision.face_embedder import FaceEmbedder
from app.vision.face_quality import with_sharpness
from app.vision.gallery import FaceThresholds
from app.vision.observations import Face

__all__ = ["MOST_EMBEDDED", "Detector", "FaceDetector", "FaceEmbedder", "find_faces"]

MOST_EMBEDDED = 60
"""A crowd is bounded: the biggest faces are compared, the rest are only shown."""


def find_faces(
    picture: Pixels | Pyramid, detector: Detector, embedder: FaceEmbedder, thresholds: FaceThresholds
) -> tuple[Face, ...]:
    """All faces of a BGR picture, biggest first, with their sharpness; the first 60 that are `compare_size` wide or
    more have embeddings."""
    pyramid = Pyramid.of(picture)
    faces = sorted(detector.detect(pyramid), key=lambda face: (-face.size, face.box))
    worth = sum(face.size >= thresholds.compare_size for face in faces[:MOST_EMBEDDED])
    return with_sharpness(pyramid, embedder.embed(pyramid, faces[:worth]) + tuple(faces[worth:]))
