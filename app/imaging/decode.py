"""Safe decoding: the header decides whether a picture may be decoded at all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
"""height x width x 3, BGR, upright."""
