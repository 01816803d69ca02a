"""What people do to a picture before they post it again: the edits after which a copy must be known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from app.evaluation.degraded import compressed
from app.imaging.decode import Pixels

Edit = Callable[[Pixels], Pixels]


def smaller(picture: Pixels, scale: float = 0.6) -> Pixels:
    """Scaled down and compressed again."""
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    return compressed(np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8), 85)


def cropped(picture: Pixels, share: float, dice: np.random.Generator) -> Pixels:
    """Without `share` of its width and height, wherever that is cut off."""
    height, width = picture.shape[:2]
    across, down = int(width * share), int(height * share)
    x, y = int(across * dice.random()), int(down * dice.random())
    return compressed(np.ascontiguousarray(picture[y : y + height - down, x : x + width - across]), 90)


def mirrored(picture: Pixels) -> Pixels:
    """Left and right exchanged."""
    return np.ascontiguousarray(picture[:, ::-1])


def with_bars(picture: Pixels) -> Pixels:
    """White bars above and below."""
    height = int(picture.shape[0] * 0.25)
    framed = cv2.copyMakeBorder(picture, height, height, 0, 0, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    return compressed(np.asarray(framed, np.uint8), 90)


def on_a_phone(picture: Pixels, *, dark: bool) -> Pixels:
    """A screenshot of a post: status bar, account, the picture at full width, words below."""
    ground, ink = ((18, 18, 18), (240, 240, 240)) if dark else ((255, 255, 255), (20, 20, 20))
    screen = np.full((1170, 540, 3), ground, np.uint8)
    cv2.putText(screen, "09.41", (30, 35), 0, 0.7, ink, 2)
    cv2.circle(screen, (45, 100), 25, (120, 110, 100), -1)
    cv2.putText(screen, "akun.contoh", (85, 108), 0, 0.75, ink, 2)
    height = max(1, min(750, round(540 * picture.shape[0] / picture.shape[1])))
    width = max(1, min(540, round(height * picture.shape[1] / picture.shape[0])))
    left = (540 - width) // 2
    screen[150 : 150 + height, left : left + width] = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    for line, words in enumerate(("Disukai oleh 214 orang", "akun.contoh  Selamat pagi, kota kami", "Lihat komentar")):
        cv2.putText(screen, words, (20, 150 + height + 45 + 40 * line), 0, 0.7, ink, 2)
    return compressed(screen, 80)


def written_on(picture: Pixels) -> Pixels:
    """With a strip of text across it."""
    changed = picture.copy()
    height, width = changed.shape[:2]
    cv2.rectangle(changed, (0, int(height * 0.8)), (width, int(height * 0.92)), (0, 0, 0), -1)
    cv2.putText(changed, "Salam dari desa kami", (int(width * 0.05), int(height * 0.88)), 0, width / 500, (255,) * 3, 2)
    return compressed(changed, 90)


def edits(dice: np.random.Generator) -> Mapping[str, Edit]:
    """Every edit under its name; `dice` says where crops are cut."""
    return {
        "JPEG 30": lambda picture: compressed(picture, 30),
        "60 %": smaller,
        "crop 5 %": lambda picture: cropped(picture, 0.05, dice),
        "crop 12 %": lambda picture: cropped(picture, 0.12, dice),
        "white bars": with_bars,
        "light phone": lambda picture: on_a_phone(picture, dark=False),
        "dark phone": lambda picture: on_a_phone(picture, dark=True),
        "mirror": lambda picture: compressed(mirrored(picture), 90),
        "strip of text": written_on,
        "mirror and crop": lambda picture: cropped(mirrored(picture), 0.1, dice),
    }
