"""Faces as unit vectors: five-point alignment, the mirrored face added, the length kept as a hint of quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.imaging.decode import Pixels
from app.imaging.pyramid import Pyramid
from app.vision.face_crops import ALIGNED_SIDE, aligned
from app.vision.observations import Face, Floats
from app.vision.packs import file_sha256
from app.vision.runtime import open_session

DEFAULT_FILE = "mobilefacenet_192.onnx"


class FaceEmbedder:
    """A recogniser in insightface's format: n x 3 x 112 x 112 RGB in, n x d out.

    `path` is its file, or the folder of a pack that holds the default one. `mean` and `scale` prepare the pixels as
    (x - mean) / scale: the default model has this in its graph, insightface's own need 127.5 and 127.5. `model` (file
    name and short hash unless given) goes with every stored embedding: those of two models must never be compared."""

    def __init__(
        self, path: Path, threads: int = 1, model: str | None = None, mean: float = 0.0, scale: float = 1.0
    ) -> None:
        file = path / DEFAULT_FILE if path.is_dir() else path
        self.session = open_session(file, threads)
        self.model = model or f"{file.stem}-{file_sha256(file)[:12]}"
        self.mean, self.scale = np.float32(mean), np.float32(scale)
        self.input = self.session.get_inputs()[0].name
        self.dimension = len(self.vector(np.zeros((ALIGNED_SIDE, ALIGNED_SIDE, 3), np.uint8)))

    def embed(self, picture: Pixels | Pyramid, faces: Sequence[Face]) -> tuple[Face, ...]:
        """The same faces with `embedding` and `norm`; without them where the landmarks coincide."""
        pyramid = Pyramid.of(picture)
        return tuple(self._embedded(pyramid, face) for face in faces)

    def vector(self, crop: Pixels) -> Floats:
        """d values, not normalised: the mean over the aligned BGR crop (112 x 112 x 3) and its mirror image.

        One face at a time: bigger batches leave the cache (8.3 against 5.9 ms a crop), and this way a face's embedding
        does not depend on who else is in the picture."""
        both = np.stack([crop, crop[:, ::-1]])[..., ::-1].transpose(0, 3, 1, 2).astype(np.float32)
        result: Floats = self.session.run(None, {self.input: (both - self.mean) / self.scale})[0]
        return np.asarray(result.mean(axis=0))

    def _embedded(self, pyramid: Pyramid, face: Face) -> Face:
        crop = aligned(pyramid, face.landmarks)
        vector = None if crop is None else self.vector(crop)
        norm = 0.0 if vector is None else float(np.linalg.norm(vector))
        return face if vector is None or norm < 1e-6 else replace(face, embedding=vector / np.float32(norm), norm=norm)
