"""Thirty pictures that are harder to read than a clean screenshot, drawn anew from a seed.

Fonts are those of Debian's fonts-dejavu-core, fonts-noto-core and fonts-noto-color-emoji, which `scripts/setup test`
installs beside chromium. `python -m tests.hard_pictures DIR` writes them. Seeds 1-6 and 2029 were looked at while the
reader was tuned; REPORTED was not."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app.imaging.decode import Pixels

REPORTED = 74
EACH = 3
"""Pictures of each kind."""
FOLDER = Path("/usr/share/fonts/truetype")
SANS, BOLD = FOLDER / "noto/NotoSans-Regular.ttf", FOLDER / "noto/NotoSans-Bold.ttf"
OTHERS = tuple(
    FOLDER / name
    for name in (
        "noto/NotoSerif-Italic.ttf", "noto/NotoSerif-Bold.ttf", "noto/NotoSerifDisplay-Bold.ttf",
        "noto/NotoSansDisplay-Italic.ttf", "dejavu/DejaVuSansMono.ttf", "dejavu/DejaVuSerif-Bold.ttf",
    )
)  # fmt: skip
EMOJI = FOLDER / "noto/NotoColorEmoji.ttf"
FONTS = (SANS, BOLD, EMOJI, *OTHERS)
POSTS = (
    "Bismillah, coblos nomor {number} untuk perubahan. {alias} pasti bisa!",
    "Warga RT 05 kompak dukung {head}, salam {word} jari dari pasar pagi",
    "{slogan}! Jangan lupa tanggal 27 pilih nomor urut {number}",
    "Terima kasih Pak Camat, jembatan desa sudah diperbaiki. Lanjutkan bersama {deputy}",
    "Kami keluarga besar guru honorer siap memenangkan {alias} {tag}",
    "Jadwal posyandu hari Senin pukul 08.00 di balai desa, bawa buku KIA",
    "Ikut deklarasi relawan {head} tadi malam, ramai sekali. {tag}",
    "Rapat koordinasi netralitas ASN bersama Bawaslu di aula kecamatan",
)
"""What people write: with a side, and without one."""
WORDS = {1: "satu", 2: "dua", 3: "tiga", 4: "empat", 5: "lima"}
PAPERS = (
    ((250, 250, 248), (30, 30, 30)),
    ((28, 32, 38), (232, 232, 228)),
    ((120, 62, 40), (250, 246, 236)),
    ((214, 226, 222), (52, 60, 66)),
)
"""Colours of paper and ink."""

Lines = list[str]
Drawn = tuple[Pixels, Lines]


@dataclass(frozen=True, slots=True, eq=False)
class Hard:
    """One picture (BGR) and the posts that are written in it, wrapped there, without their emoji."""

    kind: str
    pixels: Pixels
    lines: Lines


def hard_pictures(seed: int) -> Iterator[Hard]:
    """The thirty pictures of a seed, `EACH` of every kind."""
    for kind, draw in KINDS.items():
        for number in range(EACH):
            random = np.random.default_rng([seed, *kind.encode(), number])
            pixels, lines = draw(random)
            yield Hard(kind, pixels, lines)


def missing_fonts() -> list[str]:
    """Names of the font files that this machine lacks."""
    return [path.name for path in FONTS if not path.is_file()]


# -- words ------------------------------------------------------------------------------------------------------------


def posts(random: np.random.Generator, count: int) -> list[str]:
    """Different posts, each about a pair of the demo's election."""
    pairs = json.loads((Path(__file__).parent.parent / "app/demo/data/roster.json").read_text())
    chosen = random.choice(len(POSTS), count, replace=False)
    return [_filled(POSTS[index], _one(random, pairs["contests"][0]["paslon"])) for index in chosen]


def _filled(post: str, pair: dict) -> str:  # type: ignore[type-arg]
    head, deputy = (person["nicknames"][0] for person in pair["candidates"])
    return post.format(
        number=pair["number"], word=WORDS[pair["number"]], head=head, deputy=deputy,
        alias=pair["aliases"][0], slogan=pair["slogans"][0], tag=pair["hashtags"][0],
    )  # fmt: skip


def _one(random: np.random.Generator, things: Sequence):  # type: ignore[no-untyped-def,type-arg]
    return things[int(random.integers(len(things)))]


# -- drawing ----------------------------------------------------------------------------------------------------------


def written(random: np.random.Generator, font: Path = BOLD, size: int = 40, width: int = 1000) -> Drawn:
    """Two posts on plain paper."""
    (paper, ink), letters = _one(random, PAPERS), ImageFont.truetype(str(font), size)
    rows: Lines = []
    chosen = posts(random, 2)
    for post in chosen:
        rows += [*textwrap.wrap(post, round(1.55 * (width - 160) / size)), ""]
    page = Image.new("RGB", (width, round((len(rows) + 1.5) * size * 1.5)), paper)
    pen = ImageDraw.Draw(page)
    for row, words in enumerate(rows):
        pen.text((80, round((row + 1) * size * 1.5)), words, font=letters, fill=ink)
    return _bgr(page), chosen


def _bgr(page: Image.Image) -> Pixels:
    return np.ascontiguousarray(np.asarray(page)[..., ::-1], np.uint8)


def _warped(pixels: Pixels, matrix: np.ndarray, size: tuple[int, int]) -> Pixels:
    return np.asarray(cv2.warpPerspective(pixels, matrix, size, borderValue=(96, 104, 110)), np.uint8)


def fonts(random: np.random.Generator) -> Drawn:
    """Serifs, italics, typewriters."""
    return written(random, _one(random, OTHERS), int(random.integers(30, 46)))


def rotated(random: np.random.Generator) -> Drawn:
    """Held askew, by 5 to 14 degrees."""
    pixels, lines = written(random)
    height, width = pixels.shape[:2]
    angle = float(random.uniform(5, 14) * random.choice([-1, 1]))
    side = round(1.25 * max(height, width))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    matrix[:, 2] += ((side - width) / 2, (side - height) / 2)
    return _warped(pixels, np.vstack([matrix, [0, 0, 1]]), (side, side)), lines


def perspective(random: np.random.Generator) -> Drawn:
    """A screen that is filmed from the side."""
    pixels, lines = written(random)
    height, width = pixels.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    inwards = np.sign(np.array([width, height]) / 2 - corners)
    moved = corners + inwards * random.uniform(0.02, 0.11, (4, 2)) * (width, height)
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    return _warped(pixels, matrix, (width, height)), lines


def blurred(random: np.random.Generator) -> Drawn:
    """Out of focus, or moved while it was taken."""
    pixels, lines = written(random, size=36)
    if random.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(pixels, (0, 0), float(random.uniform(1.8, 2.8))), np.uint8), lines
    smear = np.full((1, int(random.integers(7, 11))), 1.0)
    return np.asarray(cv2.filter2D(pixels, -1, smear / smear.sum()), np.uint8), lines


def dark(random: np.random.Generator) -> Drawn:
    """A room without light, a sensor with noise."""
    pixels, lines = written(random)
    light = float(random.uniform(0.14, 0.24)) * pixels.astype(np.float32)
    return (light + random.normal(4, 4, pixels.shape)).clip(0, 255).astype(np.uint8), lines


def jpeg30(random: np.random.Generator) -> Drawn:
    """Small letters, sent on as JPEG of quality 30."""
    pixels, lines = written(random, SANS, 22, 640)
    data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 30])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8), lines


def desktop(random: np.random.Generator) -> Drawn:
    """A browser window of 1600 x 900: two posts in the middle column, 15 px letters, menus beside them."""
    page = Image.new("RGB", (1600, 900), (240, 242, 245))
    pen, small = ImageDraw.Draw(page), ImageFont.truetype(str(SANS), int(random.integers(14, 17)))
    pen.rectangle((0, 0, 1600, 56), fill=(255, 255, 255))
    for row, menu in enumerate(("Beranda", "Teman", "Grup", "Kenangan", "Tersimpan")):
        pen.text((24, 90 + 44 * row), menu, font=small, fill=(60, 60, 64))
    chosen = posts(random, 2)
    for place, post in enumerate(chosen):
        top = 90 + 380 * place
        pen.rectangle((470, top, 1130, top + 350), fill=(255, 255, 255))
        for row, words in enumerate(textwrap.wrap(post, 74)):
            pen.text((490, top + 20 + 24 * row), words, font=small, fill=(20, 22, 26))
        pen.rectangle((470, top + 90, 1130, top + 310), fill=(150, 160, 166))
        pen.text((490, top + 318), "Suka      Komentari      Bagikan", font=small, fill=(100, 103, 108))
    return _bgr(page), chosen


def emoji(random: np.random.Generator) -> Drawn:
    """Posts with emoji before and behind them."""
    page, chosen = Image.new("RGB", (1000, 660), (250, 250, 248)), posts(random, 2)
    pen, letters = ImageDraw.Draw(page), ImageFont.truetype(str(SANS), 38)
    colour, y = ImageFont.truetype(str(EMOJI), 109), 40
    for post in chosen:
        rows = textwrap.wrap(post, 40)
        for words in rows:
            pen.text((110, y), words, font=letters, fill=(24, 24, 24))
            before, behind = (50, y), (round(120 + pen.textlength(words, font=letters)), y)
            for place in [before] * (words is rows[0]) + [behind] * (words is rows[-1]):
                face = Image.new("RGBA", (136, 128))
                ImageDraw.Draw(face).text((0, 0), _one(random, "👍❤🔥💪🎉"), font=colour, embedded_color=True)
                face = face.resize((45, 42), Image.Resampling.BILINEAR)
                page.paste(face, (place[0], place[1] + 6), face)
            y += 70
        y += 50
    return _bgr(page), chosen


def upside_down(random: np.random.Generator) -> Drawn:
    """Turned by half."""
    pixels, lines = written(random)
    return np.ascontiguousarray(pixels[::-1, ::-1]), lines


def sideways(random: np.random.Generator) -> Drawn:
    """Turned by a quarter, to either side."""
    pixels, lines = written(random)
    return np.ascontiguousarray(np.rot90(pixels, int(random.choice([1, 3])))), lines


KINDS: dict[str, Callable[[np.random.Generator], Drawn]] = {
    draw.__name__: draw
    for draw in (fonts, rotated, perspective, blurred, dark, jpeg30, desktop, emoji, upside_down, sideways)
}


def write(folder: Path, seed: int) -> None:
    """The pictures as PNG files with the manifest that `netra evaluate ocr` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, hard in enumerate(hard_pictures(seed)):
        name = f"{hard.kind}_{number % EACH}.png"
        cv2.imwrite(str(folder / name), hard.pixels)
        rows.append({"file": name, "kind": hard.kind, "gt": hard.lines})
    (folder / "manifest.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else REPORTED)
