"""Pictures and what people do to them before they post them again, for the tests and the benchmark of copies."""

from __future__ import annotations

import random
from collections.abc import Callable

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


def smaller(picture: Pixels, scale: float = 0.6) -> Pixels:
    """Scaled down and compressed again."""
    return jpeg(np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)), 85)


def cropped(picture: Pixels, share: float, dice: random.Random) -> Pixels:
    """Without `share` of its width and height, wherever that is cut off."""
    height, width = picture.shape[:2]
    across, down = int(width * share), int(height * share)
    x, y = int(across * dice.random()), int(down * dice.random())
    return jpeg(picture[y : y + height - down, x : x + width - across])


def with_bars(picture: Pixels) -> Pixels:
    """White bars above and below."""
    height = int(picture.shape[0] * 0.25)
    return jpeg(cv2.copyMakeBorder(picture, height, height, 0, 0, cv2.BORDER_CONSTANT, value=(255, 255, 255)))


def on_a_phone(picture: Pixels, *, dark: bool) -> Pixels:
    """A screenshot of a post: status bar, account, the picture at full width, words below."""
    ground, ink = ((18, 18, 18), (240, 240, 240)) if dark else ((255, 255, 255), (20, 20, 20))
    screen = np.full((1170, 540, 3), ground, np.uint8)
    cv2.putText(screen, "09.41", (30, 35), 0, 0.7, ink, 2)
    cv2.circle(screen, (45, 100), 25, (120, 110, 100), -1)
    cv2.putText(screen, "akun.contoh", (85, 108), 0, 0.75, ink, 2)
    height = min(750, round(540 * picture.shape[0] / picture.shape[1]))
    width = round(height * picture.shape[1] / picture.shape[0])
    left = (540 - width) // 2
    screen[150 : 150 + height, left : left + width] = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    for line, words in enumerate(("Disukai oleh 214 orang", "akun.contoh  Selamat pagi, kota kami", "Lihat komentar")):
        cv2.putText(screen, words, (20, 150 + height + 45 + 40 * line), 0, 0.7, ink, 2)
    return jpeg(screen, 80)


def written_on(picture: Pixels) -> Pixels:
    """With a strip of text across it."""
    changed = picture.copy()
    height, width = changed.shape[:2]
    cv2.rectangle(changed, (0, int(height * 0.8)), (width, int(height * 0.92)), (0, 0, 0), -1)
    cv2.putText(changed, "Salam dari desa kami", (int(width * 0.05), int(height * 0.88)), 0, width / 500, (255,) * 3, 2)
    return jpeg(changed)


def edits(dice: random.Random) -> dict[str, Callable[[Pixels], Pixels]]:
    """Every edit under its name."""
    return {
        "JPEG 30": lambda picture: jpeg(picture, 30),
        "60 %": smaller,
        "crop 5 %": lambda picture: cropped(picture, 0.05, dice),
        "crop 12 %": lambda picture: cropped(picture, 0.12, dice),
        "white bars": with_bars,
        "light phone": lambda picture: on_a_phone(picture, dark=False),
        "dark phone": lambda picture: on_a_phone(picture, dark=True),
        "mirror": lambda picture: jpeg(np.ascontiguousarray(picture[:, ::-1])),
        "strip of text": written_on,
        "mirror and crop": lambda picture: cropped(np.ascontiguousarray(picture[:, ::-1]), 0.1, dice),
    }
