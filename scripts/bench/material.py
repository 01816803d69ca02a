"""The mixed set: portraits, photos, large photos, groups, screenshots and posters, each with a caption."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from app.demo import pictures
from app.demo.posts import POSTS
from app.imaging.decode import Pixels
from app.imaging.redact import encode_jpeg

T = TypeVar("T")

KINDS = ("portrait", "photo", "large photo", "group", "screenshot", "poster")
BANNER = "banner"
LARGE_SIDE = 4000
"""Longer side of a photo as phones take them: 4000 x 3000, 12 megapixels."""


@dataclass(frozen=True, slots=True)
class Item:
    """One post to screen: the bytes of its picture and its caption."""

    kind: str
    name: str
    data: bytes
    text: str


def mixed_set(shared: Path, *, quick: bool) -> list[Item]:
    """The demo's pictures, and real ones from `shared` (faces, hands, screens) where it is there.

    `quick`: three of the demo's pictures."""
    captions = itertools.cycle([post.text for post in POSTS if post.text])
    found = _quick() if quick else itertools.chain(_demo(), _real(shared) if shared.is_dir() else ())
    return [Item(kind, name, data, next(captions)) for kind, name, data in found]


Named = tuple[str, str, bytes]


def _quick() -> Iterator[Named]:
    yield "group", "demo/strangers", pictures.strangers()
    yield "screenshot", "demo/screenshot", pictures.screenshot()
    yield "poster", "demo/banner", pictures.banner()


def _demo() -> Iterator[Named]:
    yield from _quick()
    yield "group", "demo/wedding", pictures.wedding()
    yield "group", "demo/colleagues", pictures.colleagues("01100", (41, 42, 43))
    yield "photo", "demo/training", pictures.training()
    group = pictures.group_photo()
    yield "group", "insightface/t1", encode_jpeg(group)
    yield "large photo", "insightface/t1, enlarged", enlarged(group)


def _real(shared: Path) -> Iterator[Named]:
    for path in _spread(sorted(shared.glob("faces/known/*/*.jpg")), 12):
        yield "portrait", path.name, path.read_bytes()
    for path in _spread(sorted(shared.glob("hands/photos/*")), 12):
        yield "photo", path.name, path.read_bytes()
    for path in _spread(sorted(shared.glob("hands/photos/*")), 5)[1:]:
        yield "large photo", f"{path.name}, enlarged", enlarged(_read(path))
    manifest = shared / "screens" / "manifest.json"
    if manifest.is_file():
        screens = json.loads(manifest.read_text(encoding="utf-8"))
        posters = [entry["file"] for entry in screens if entry["kind"].startswith(BANNER)]
        shots = [entry["file"] for entry in screens if not entry["kind"].startswith(BANNER)]
        for kind, names, count in (("screenshot", shots, 12), ("poster", posters, 6)):
            for name in _spread(names, count):
                yield kind, name, (shared / "screens" / name).read_bytes()


def _spread(values: Sequence[T], count: int) -> list[T]:
    return [values[index * len(values) // count] for index in range(min(count, len(values)))]


def _read(path: Path) -> Pixels:
    return np.asarray(cv2.imread(str(path)), np.uint8)


def enlarged(pixels: Pixels) -> bytes:
    """The same photo as a phone's 12 megapixels would deliver it, as JPEG."""
    factor = LARGE_SIDE / max(pixels.shape[:2])
    size = round(pixels.shape[1] * factor), round(pixels.shape[0] * factor)
    return encode_jpeg(np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC), np.uint8), quality=92)
