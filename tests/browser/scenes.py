"""Drawn pictures with what a screening would have observed on them: no photo and no model is needed."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app.demo.drawing import draw_person, paste
from app.vision.gallery import FaceMatch
from app.vision.observations import Box, Face, Hand, Observations, TextLine

HEIGHT = 520
NAMES = {"01100": "peace", "01000": "index", "01110": "three", "01111": "four"}


@dataclass
class Scene:
    """A picture in the making, with the observations that go with it."""

    width: int = 960
    height: int = 640
    faces: list[tuple[Face, FaceMatch]] = field(default_factory=list)
    hands: list[Hand] = field(default_factory=list)
    lines: list[TextLine] = field(default_factory=list)

    def __post_init__(self) -> None:
        """A wall and a floor."""
        shade = np.linspace(176, 206, self.height)[:, None, None].repeat(self.width, 1)
        self.pixels = (shade * np.array([0.99, 0.98, 0.97])).astype(np.uint8)
        self.pixels[int(self.height * 0.8) :] = (96, 100, 108)

    def person(self, seed: int, x: int, match: FaceMatch | None = None, bits: str | None = None) -> None:
        """A drawn person at x, whose face matched somebody, or nobody; the right hand may show a gesture."""
        picture, mask = draw_person(seed, HEIGHT, bits)
        y = self.height - HEIGHT
        paste(self.pixels, picture, mask, x, y)
        middle = x + 0.6 * picture.shape[1]
        head = 0.5 * HEIGHT
        box = (middle - 0.2 * head, y + 0.2 * head, middle + 0.2 * head, y + 0.82 * head)
        self.faces.append((Face(box, np.zeros((5, 2), np.float32), 0.9), match or FaceMatch("none", None, 0.2)))
        if bits:
            left, top, size = x + 0.01 * picture.shape[1], y + 0.16 * HEIGHT, 0.4 * HEIGHT
            shape: Box = (left + 0.28 * size, top + 0.04 * size, left + 0.74 * size, top + 0.86 * size)
            points, owner = np.zeros((21, 2), np.float32), len(self.faces) - 1
            self.hands.append(Hand(shape, points, bits, NAMES[bits], 0.91, 0.95, 0.8, True, True, owner))

    def words(self, text: str, x: int, y: int, size: int) -> None:
        """A line on a banner."""
        image = Image.fromarray(self.pixels)
        draw, font = ImageDraw.Draw(image), ImageFont.load_default(size)
        x0, y0, x1, y1 = (float(v) for v in draw.textbbox((x, y), text, font=font))
        draw.rectangle((x0 - 18, y0 - 12, x1 + 18, y1 + 12), fill=(236, 233, 228))
        draw.text((x, y), text, fill=(40, 36, 44), font=font)
        self.pixels = np.array(image)
        corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32)
        self.lines.append(TextLine(text, 0.98, corners))

    def seen(self) -> Observations:
        """The observations."""
        faces = tuple(face for face, _ in self.faces)
        return Observations(self.width, self.height, faces, tuple(self.hands), tuple(self.lines))

    def jpeg(self) -> bytes:
        """The picture (its drawing is in BGR order until the banner, which does not care about greys)."""
        stream = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(self.pixels[:, :, ::-1])).save(stream, "JPEG", quality=88)
        return stream.getvalue()
