"""The demo's pictures, composed at run time: drawings around the group photo of the insightface package.

Drawing takes longer than screening, so each scene is drawn once per process."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from app.demo.drawing import draw_person, paste, phone_frame, poster
from app.errors import NotReady
from app.imaging.decode import Pixels
from app.imaging.redact import encode_jpeg

HEAD = (419, 236, 618, 462)
OTHER_HEAD = (1098, 252, 1266, 438)
"""Where the two people who play Bagus and Nirmala have their heads in the group photo (x0, y0, x1, y1)."""


def group_photo() -> Pixels:
    """The sample photo that the insightface package installs. Raises NotReady when it is not there."""
    found = importlib.util.find_spec("insightface")
    path = Path(found.origin).parent / "data" / "images" / "t1.jpg" if found and found.origin else None
    pixels = cv2.imread(str(path)) if path and path.is_file() else None
    if pixels is None:
        raise NotReady("Foto contoh insightface tidak terpasang / The sample photo of insightface is not installed")
    return np.ascontiguousarray(pixels, dtype=np.uint8)


def cut(pixels: Pixels, x0: int, y0: int, x1: int, y1: int, scale: float = 1.0) -> Pixels:
    """A part of a picture, scaled."""
    part = pixels[y0:y1, x0:x1]
    size = (round(part.shape[1] * scale), round(part.shape[0] * scale))
    return np.ascontiguousarray(cv2.resize(part, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def reference_photos() -> dict[str, bytes]:
    """File name -> PNG of the registered photos: each head from the group photo, and as a camera would vary it."""
    photo = group_photo()
    files = {}
    for name, box in (("bagus", HEAD), ("nirmala", OTHER_HEAD)):
        head = cut(photo, *box, scale=1.8)
        turned = cv2.warpAffine(
            head,
            cv2.getRotationMatrix2D((head.shape[1] / 2, head.shape[0] / 2), 7, 1.05),
            (head.shape[1], head.shape[0]),
            borderMode=cv2.BORDER_REPLICATE,
        )
        dim = cv2.convertScaleAbs(cv2.GaussianBlur(head, (0, 0), 1.2), alpha=0.8, beta=6)
        for number, version in enumerate((head, turned, dim), 1):
            done, data = cv2.imencode(".png", version)
            assert done
            files[f"{name}-{number}.png"] = bytes(data)
    return files


def wall(width: int, height: int, shade: int = 178) -> Pixels:
    """A plain room: a wall that grows darker downwards, and a floor."""
    column = np.linspace(shade + 20, shade - 25, height)[:, None, None]
    room = np.repeat(np.repeat(column, width, axis=1), 3, axis=2)
    room[round(height * 0.8) :] -= 45
    room += np.random.default_rng(7).normal(0, 2, room.shape)
    return np.ascontiguousarray(room.clip(0, 255), dtype=np.uint8)


@cache
def wedding() -> bytes:
    """The candidate of pair 2 at a table, and beside him somebody who holds up two fingers."""
    scene = wall(1280, 900)
    scene[60:900, 40:740] = cut(group_photo(), 330, 180, 680, 600, scale=2.0)
    person, mask = draw_person(11, 760, "01100")
    paste(scene, person, mask, 640, 140)
    return encode_jpeg(scene)


@cache
def passed_on() -> bytes:
    """The wedding photo as it goes round: cut at the edges, smaller, compressed again."""
    whole = cv2.imdecode(np.frombuffer(wedding(), np.uint8), cv2.IMREAD_COLOR)
    if whole is None:
        raise NotReady("Foto contoh tidak terbaca / The sample photo cannot be read")
    height, width = whole.shape[:2]
    part = np.ascontiguousarray(whole, dtype=np.uint8)
    return encode_jpeg(cut(part, width // 25, height // 33, width - width // 33, height - height // 50, scale=0.8))


@cache
def colleagues(bits: str, seeds: tuple[int, ...]) -> bytes:
    """Drawn colleagues in a row who all hold up the same hand."""
    scene = wall(440 * len(seeds) + 60, 660)
    for place, seed in enumerate(seeds):
        person, mask = draw_person(seed, 560, bits)
        paste(scene, person, mask, 20 + 440 * place, 100)
    return encode_jpeg(scene)


@cache
def training() -> bytes:
    """One drawn official who makes the finger gun."""
    scene = wall(760, 700)
    person, mask = draw_person(23, 640, "11000")
    paste(scene, person, mask, 90, 60)
    return encode_jpeg(scene)


@cache
def strangers() -> bytes:
    """Four people of the group photo who are no candidates."""
    photo = group_photo()
    scene = wall(1300, 700)
    parts = ((20, 230, 330, 660), (230, 90, 440, 420), (690, 280, 900, 600), (850, 0, 1110, 400))
    for place, box in enumerate(parts):
        part = cut(photo, *box, scale=1.2)[:600, :300]
        scene[60 : 60 + part.shape[0], 20 + 320 * place : 20 + 320 * place + part.shape[1]] = part
    return encode_jpeg(scene)


@cache
def banner() -> bytes:
    """A campaign poster: everything is said in its words."""
    return encode_jpeg(poster(["AYO PILIH NOMOR 1", "ARMAN DIPASENA", "LILIS WIRAMUKTI", "MUARA EMBUN BERSERI"]))


@cache
def screenshot() -> bytes:
    """A screenshot of a post: the other candidate of pair 2, two raised fingers, a caption in the picture."""
    scene = wall(1080, 840)
    head = cut(group_photo(), 1085, 230, 1280, 440, scale=2.4)
    scene[120 : 120 + head.shape[0], 30 : 30 + head.shape[1]] = head
    person, mask = draw_person(52, 780, "01100")
    paste(scene, person, mask, 420, 60)
    return encode_jpeg(phone_frame(scene, "dinas.contoh", "Bangga bersama Bu Nirmala, menangkan BANI nomor 2!", "dark"))


@cache
def reunion() -> bytes:
    """The candidate of pair 2 beside somebody else with two fingers, long before: the camera wrote no day here."""
    scene = wall(1200, 860, 168)
    scene[40:860, 560:1200] = cut(group_photo(), 345, 190, 665, 600, scale=2.0)
    person, mask = draw_person(52, 720, "01100")
    paste(scene, person, mask, -40, 130)
    return encode_jpeg(scene)


@cache
def jersey() -> bytes:
    """One drawn person with a number on the shirt and no hand raised."""
    scene = wall(760, 900)
    person, mask = draw_person(23, 760)
    paste(scene, person, mask, 30, 100)
    cv2.putText(scene, "2", (380, 784), cv2.FONT_HERSHEY_DUPLEX, 5.5, (245, 245, 245), 16, cv2.LINE_AA)
    return encode_jpeg(scene)


@cache
def group_chat() -> bytes:
    """A screenshot of a closed chat in which somebody directs the staff."""
    said = "Arahan kepala dinas: semua staf coblos nomor 1, ajak keluarga!"
    return encode_jpeg(phone_frame(wall(900, 200), "Grup Dinas Contoh", said, "light"))


@cache
def survey() -> bytes:
    """A graphic that claims a survey's result; nobody knows the body."""
    return encode_jpeg(poster(["HASIL SURVEI", "NOMOR 2 UNGGUL 71%", "LEMBAGA EMBUN DATA"]))
