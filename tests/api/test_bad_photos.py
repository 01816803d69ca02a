"""Photos that cannot serve as a reference or a test, each with the message that says why and what to do."""

from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image

from app.demo.pictures import HEAD, OTHER_HEAD, cut, group_photo, reference_photos
from app.imaging.redact import encode_jpeg
from tests.api.test_bad_pictures import png
from tests.api.world import CONTEST, World, noise, plain, problem, saved

HEAD_PHOTO = "bagus-1.png"
CANDIDATE = f"{CONTEST}/1/1"


@pytest.fixture
def world(tidy_world: World) -> World:
    """The application that the tests of this file share."""
    return tidy_world


def head() -> np.ndarray:  # type: ignore[type-arg]
    """One face, upright and sharp."""
    return cut(group_photo(), *HEAD, scale=1.8)


def two_heads() -> bytes:
    one, other = (cv2.resize(cut(group_photo(), *box), (240, 260)) for box in (HEAD, OTHER_HEAD))
    return encode_jpeg(np.hstack([one, other]))


def frames() -> bytes:
    pictures = [Image.new("RGB", (64, 48), colour) for colour in ("red", "green")]
    return saved(pictures[0], "PNG", save_all=True, append_images=pictures[1:], duration=100)


def tiny() -> bytes:
    ground = np.full((300, 300, 3), 150, np.uint8)
    small = cv2.resize(head(), (40, 46), interpolation=cv2.INTER_AREA)
    ground[120:166, 130:170] = small
    return encode_jpeg(ground, quality=95)


REFUSED: dict[str, tuple[Callable[[], bytes], int, str]] = {
    "empty": (lambda: b"", 422, "kosong"),
    "text": (lambda: b"bukan gambar sama sekali", 422, "Bukan gambar"),
    "truncated JPEG": (lambda: noise()[:9000], 422, "terpotong"),
    "huge dimensions": (lambda: png(20_000, 20_000), 413, "megapiksel"),
    "animated": (frames, 422, "bergerak"),
    "GIF": (lambda: saved(Image.new("P", (20, 20)), "GIF"), 422, "Bukan gambar"),
    "one pixel": (lambda: plain(size=(1, 1)), 422, "Tidak ada wajah"),
    "no face": (noise, 422, "Tidak ada wajah"),
    "two faces": (two_heads, 422, "2 wajah"),
    "tiny face": (tiny, 422, "terlalu kecil"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_enrolment_says_why(world: World, kind: str) -> None:
    make, status, words = REFUSED[kind]
    answer = world.browser("coordinator").post(f"/api/v1/candidates/{CANDIDATE}/photos", files={"photo": make()})
    field = {"two faces": "choice", "one pixel": "photo", "no face": "photo", "tiny face": "photo"}.get(kind)
    assert words in problem(answer, status, field)["detail"]
    page = world.browser("coordinator").post("/roster/foto", data={"candidate": CANDIDATE}, files={"photo": make()})
    assert (page.status_code, words in page.text) == (status, True)


TAKEN: dict[str, Callable[[], Image.Image]] = {
    "CMYK": lambda: upright().convert("CMYK"),
    "palette": lambda: upright().convert("P", palette=Image.Palette.ADAPTIVE, colors=256),
    "alpha": lambda: upright().convert("RGBA"),
    "grey": lambda: upright().convert("L"),
    "16 bit": lambda: Image.fromarray(np.asarray(upright().convert("L")).astype(np.uint16) * 257),
}


def upright() -> Image.Image:
    return Image.open(io.BytesIO(reference_photos()[HEAD_PHOTO])).convert("RGB")


def rotated() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(upright().rotate(90, expand=True), "JPEG", quality=95, exif=exif)


def check(world: World, data: bytes) -> list[dict[str, object]]:
    path = f"/api/v1/contests/{CONTEST}/face-check"
    answer = world.browser("coordinator").post(path, files={"photo": ("x", data)})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["faces"]
    return found


@pytest.mark.parametrize("kind", [*TAKEN, "EXIF-rotated"])
def test_the_face_is_found_however_the_photo_is_stored(world: World, kind: str) -> None:
    stored = rotated() if kind == "EXIF-rotated" else saved(TAKEN[kind](), "JPEG" if kind == "CMYK" else "PNG")
    (seen,) = check(world, stored)
    assert float(str(seen["size"])) > 80


@pytest.mark.parametrize(
    ("photo", "warning"),
    [
        (lambda: encode_jpeg(cv2.GaussianBlur(head(), (0, 0), 7)), "blurred"),
        (lambda: encode_jpeg(cv2.resize(head(), None, fx=0.18, fy=0.18, interpolation=cv2.INTER_AREA)), "small"),
    ],
    ids=["blurred", "small"],
)
def test_a_weak_photo_is_taken_with_a_warning(sqlite_world: World, photo: Callable[[], bytes], warning: str) -> None:
    coordinator = sqlite_world.browser("coordinator")
    answer = coordinator.post(f"/api/v1/candidates/{CANDIDATE}/photos", files={"photo": photo()})
    assert answer.status_code == 201, answer.text
    assert warning in answer.json()["quality"]["warnings"]
    assert "▲" in coordinator.get(f"/kontes/{CONTEST}").text
