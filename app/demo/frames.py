"""Made-up screenshots and posters: a picture inside a post of no real network, and big words on a sheet."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app.imaging.decode import Pixels

WIDTH = 720
MARGIN = 28
Shade = tuple[int, int, int]
"""Red, green, blue, as Pillow counts."""
STYLES: dict[str, tuple[Shade, Shade, Shade]] = {
    "light": ((252, 252, 252), (28, 28, 30), (150, 150, 155)),
    "dark": ((18, 18, 20), (240, 240, 242), (110, 110, 116)),
}
"""Background, text and faint lines."""
PLAIN = str.maketrans({"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "•": "-"})


def phone_frame(content: Pixels, handle: str, caption: str, style: Literal["light", "dark"] = "light") -> Pixels:
    """A screenshot 720 px wide of a post: account line with a plain disc, the picture, the wrapped caption. BGR."""
    paper, ink, faint = STYLES[style]
    picture = _fitted(content, WIDTH, round(WIDTH * 1.25))
    name, words = _font(30), _font(32)
    lines = wrapped(drawable(f"{handle} {caption}"), words, WIDTH - 2 * MARGIN)
    top, line_height = 140, 46
    below = top + picture.shape[0]
    sheet = Image.new("RGB", (WIDTH, below + 96 + line_height * len(lines) + 60), paper)
    draw = ImageDraw.Draw(sheet)
    draw.text((MARGIN, 12), "09.41", ink, _font(24))
    draw.rounded_rectangle((WIDTH - 80, 16, WIDTH - MARGIN, 38), 6, outline=faint, width=2)
    draw.ellipse((MARGIN, 58, MARGIN + 64, 122), fill=_avatar_shade(handle))
    draw.text((MARGIN + 84, 72), drawable(handle), ink, name)
    for dot in range(3):
        draw.ellipse((WIDTH - 60 + 12 * dot, 88, WIDTH - 54 + 12 * dot, 94), fill=ink)
    sheet.paste(Image.fromarray(np.ascontiguousarray(picture[..., ::-1])), (0, top))
    for button in range(3):
        left = MARGIN + 64 * button
        draw.ellipse((left, below + 24, left + 40, below + 64), outline=ink, width=4)
    for row, line in enumerate(lines):
        draw.text((MARGIN, below + 88 + line_height * row), line, ink, words)
    return _to_bgr(sheet)


def poster(lines: Sequence[str], width: int = 900) -> Pixels:
    """A sheet with big centred words, each line as large as fits; neutral colours. BGR, `width` px wide."""
    paper, ink, edge = (236, 230, 222), (52, 44, 58), (120, 112, 124)
    room, lines = width - 2 * MARGIN - 40, [drawable(line) for line in lines]
    fonts = [_font(min(120, round(100 * room / _font(100).getlength(line or " ")))) for line in lines]
    heights = [round(font.size * 1.45) for font in fonts]
    sheet = Image.new("RGB", (width, sum(heights) + 140), paper)
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((14, 14, sheet.width - 15, sheet.height - 15), outline=edge, width=6)
    y = 70
    for line, font, height in zip(lines, fonts, heights, strict=True):
        draw.text((width / 2, y + height / 2), line, ink, font, anchor="mm")
        y += height
    return _to_bgr(sheet)


def drawable(text: str) -> str:
    """The text in letters that Pillow's built-in font has: accents off, typographic dashes and quotes plain, what is
    still outside ASCII (emoji) left out."""
    plain = unicodedata.normalize("NFKD", text.translate(PLAIN))
    return plain.encode("ascii", "ignore").decode()


def wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Lines no wider than `width` pixels, broken at spaces; a longer word stands alone. Line breaks are kept."""
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}".strip()
            if line and font.getlength(longer) > width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType: its scalable default font is needed")
    return font


def _fitted(picture: Pixels, width: int, tallest: int) -> Pixels:
    """As wide as the phone; pictures that would be too tall are cut in the middle, as feeds do."""
    height = max(1, round(picture.shape[0] * width / picture.shape[1]))
    how = cv2.INTER_AREA if picture.shape[1] > width else cv2.INTER_CUBIC
    fitted = np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.uint8)
    first = max(0, (height - tallest) // 2)
    return fitted[first : first + tallest]


def _avatar_shade(handle: str) -> Shade:
    base = 120 + sum(handle.encode()) % 60
    return base, base - 8, base + 6


def _to_bgr(sheet: Image.Image) -> Pixels:
    return np.ascontiguousarray(np.asarray(sheet, np.uint8)[..., ::-1])
