"""Faces as unit vectors: five-point alignment, the mirrored face added, the length kept as a hint of quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.errors import NotReady
from app.imaging.decode import Pixels
from app.imaging.pyramid import Pyramid
from app.vision.face_crops import aligned
from app.vision.face_format import ALIGNED_SIDE, ARCFACE_TEMPLATE, FaceFormat
from app.vision.face_quality import sharpness_of
from app.vision.observations import Face, Floats
from app.vision.packs import file_sha256
from app.vision.runtime import PREPARE, open_session

DEFAULT_FILE = "mobilefacenet_192.onnx"


class FaceEmbedder:
    """A recogniser of the ArcFace type: n x 3 x side x side in, n x d out, as `format` says.

    `path` is its file, or the folder of a pack that holds the default one. `model` (file name and short hash unless
    given) goes with every stored embedding: those of two models must never be compared. Raises NotReady, naming
    `repair`, where the file is no such model."""

    def __init__(
        self,
        path: Path,
        threads: int = 1,
        model: str | None = None,
        format: FaceFormat | None = None,  # noqa: A002
        repair: str = PREPARE,
    ) -> None:
        file = path / DEFAULT_FILE if path.is_dir() else path
        self.session = open_session(file, threads, repair)
        self.model = model or f"{file.stem}-{file_sha256(file)[:12]}"
        self.format = format or FaceFormat()
        self.template = self.format.points
        self._mean = np.array(self.format.mean, np.float32).reshape(1, 3, 1, 1)
        self._std = np.array(self.format.std, np.float32).reshape(1, 3, 1, 1)
        self._plain = not self._mean.any() and bool((self._std == 1).all())
        self._usual_crop = self.format.side == ALIGNED_SIDE and np.array_equal(self.template, ARCFACE_TEMPLATE)
        entry = self.session.get_inputs()[0]
        self.input, self._one_at_a_time = entry.name, entry.shape[:1] == [1]
        self.dimension = self._tried(file, repair)

    def embed(self, picture: Pixels | Pyramid, faces: Sequence[Face]) -> tuple[Face, ...]:
        """The same faces with `embedding` and `norm`, without them where the landmarks coincide; with `sharpness` too
        where this recogniser reads the crop on which it is measured."""
        pyramid = Pyramid.of(picture)
        return tuple(self._embedded(pyramid, face) for face in faces)

    def vector(self, crop: Pixels) -> Floats:
        """d values, not normalised: the mean over the aligned BGR crop (side x side x 3) and its mirror image.

        One face at a time: bigger batches leave the cache (`scripts/bench/faces.py` compares), and this way a face's
        embedding does not depend on who else is in the picture."""
        looks = np.stack([crop, crop[:, ::-1]]) if self.format.mirrored else crop[None]
        ordered = looks[..., ::-1] if self.format.rgb else looks
        batch = np.ascontiguousarray(ordered.transpose(0, 3, 1, 2), np.float32)
        if not self._plain:
            batch -= self._mean
            batch /= self._std
        parts = np.split(batch, len(batch)) if self._one_at_a_time else [batch]
        rows = np.concatenate([self.session.run(None, {self.input: part})[0] for part in parts])
        return np.asarray(rows.mean(axis=0), np.float32)

    def _tried(self, file: Path, repair: str) -> int:
        """The length of an embedding, from one run on a black picture."""
        side, wanted = self.format.side, self.format.dimension
        try:
            found = self.vector(np.zeros((side, side, 3), np.uint8))
        except Exception as error:  # onnxruntime's errors share no base class of their own
            raise NotReady(
                f"{file.name} tidak dapat membaca wajah {side} x {side} piksel; jalankan `{repair}`. / "
                f"{file.name} cannot read faces of {side} x {side} pixels; run `{repair}`."
            ) from error
        if found.ndim != 1 or not len(found) or wanted not in {0, len(found)}:
            raise NotReady(
                f"{file.name} memberi {found.shape}, bukan {wanted or 'd'} angka per wajah; periksa pack.toml. / "
                f"{file.name} gives {found.shape}, not {wanted or 'd'} numbers per face; check pack.toml."
            )
        return len(found)

    def _embedded(self, pyramid: Pyramid, face: Face) -> Face:
        crop = aligned(pyramid, face.landmarks, self.template, self.format.side)
        vector = None if crop is None else self.vector(crop)
        norm = 0.0 if vector is None else float(np.linalg.norm(vector))
        if vector is None or not np.isfinite(norm) or norm < 1e-6:
            return face
        sharpness = sharpness_of(crop) if self._usual_crop else face.sharpness
        return replace(face, embedding=vector / np.float32(norm), norm=norm, sharpness=sharpness)
