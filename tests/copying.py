"""Made pictures for the tests of copies; what people do to pictures is in app.evaluation.copy_edits."""

from __future__ import annotations

import cv2
import numpy as np

from app.imaging.decode import Pixels


def drawn(seed: int, size: tuple[int, int] = (640, 480)) -> Pixels:
    """A picture of shapes and grain; another seed is another picture."""
    dice = np.random.default_rng(seed)
    width, height = size
    coarse = dice.integers(0, 256, (7, 9, 3), np.uint8)
    picture = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    for _ in range(60):
        x, y = int(dice.integers(0, width)), int(dice.integers(0, height))
        colour = tuple(int(value) for value in dice.integers(0, 256, 3))
        if dice.random() < 0.5:
            cv2.circle(picture, (x, y), int(dice.integers(6, 60)), colour, -1, cv2.LINE_AA)
        else:
            end = x + int(dice.integers(-90, 90)), y + int(dice.integers(-90, 90))
            cv2.rectangle(picture, (x, y), end, colour, -1)
    grain = cv2.GaussianBlur(dice.normal(0, 14, picture.shape).astype(np.float32), (0, 0), 1)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def jpeg(picture: Pixels, quality: int = 90) -> Pixels:
    """As it looks after JPEG of this quality."""
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1), np.uint8)


def encoded(picture: Pixels, quality: int = 92) -> bytes:
    """The picture as a JPEG file."""
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
