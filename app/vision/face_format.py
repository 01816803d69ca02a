"""How a recogniser of the ArcFace type wants its faces: the size of the crop, its numbers, colours and template."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.imaging.pyramid import Array

ALIGNED_SIDE = 112
ARCFACE_TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)  # fmt: skip
"""Eyes, nose and mouth corners in the 112 x 112 crop (insightface.utils.face_align.arcface_dst)."""

Triple = tuple[float, float, float]
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class FaceFormat:
    """What the recogniser reads: crops of `side` x `side` pixels as (x - mean) / std, a value per channel in the order
    of the channels (RGB, else BGR), 0..255 before. `mirrored`: the mirrored face's embedding is added.

    `template`: five points in pixels of the crop that landmarks are brought to; empty: insightface's for that side.
    `dimension` is the length of an embedding, 0 where it is not known. The defaults are those of the default pack,
    which has its normalisation in the graph."""

    side: int = ALIGNED_SIDE
    mean: Triple = (0.0, 0.0, 0.0)
    std: Triple = (1.0, 1.0, 1.0)
    rgb: bool = True
    mirrored: bool = True
    template: Points = ()
    dimension: int = 0

    @property
    def points(self) -> Array:
        """The template, 5 x 2."""
        return np.array(self.template, float) if self.template else arcface_template(self.side)


def arcface_template(side: int) -> Array:
    """insightface's template in a crop of `side` pixels: multiples of 112 scale it, all others are read as multiples
    of 128, where it lies 8 pixels further to the right (insightface.utils.face_align.estimate_norm)."""
    whole = side % ALIGNED_SIDE == 0
    shift, unit = (0.0, ALIGNED_SIDE) if whole else (8.0, 128)
    return np.asarray((ARCFACE_TEMPLATE + np.array([shift, 0.0])) * (side / unit))
