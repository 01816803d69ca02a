"""What decoding accepts, what it refuses, and that it says why."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from app.errors import TooLarge, UnsafeImage
from app.imaging.decode import WORKING_PIXELS, ImageLimits, decode, inspect, sha256
from app.imaging.redact import blur_except, crop, encode_jpeg

LIMITS = ImageLimits()


def picture(mode: str = "RGB", size: tuple[int, int] = (40, 30), kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    shade = {"RGB": (200, 100, 50), "RGBA": (200, 100, 50, 0), "CMYK": (10, 20, 30, 0), "I;16": 40_000}.get(mode, 90)
    Image.new(mode, size, shade).save(buffer, kind, **options)
    return buffer.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises many pixels in a few bytes."""

    def chunk(tag: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "colour"),
    [
        (picture(), (50, 100, 200)),
        (picture(kind="JPEG", quality=95), (50, 100, 200)),
        (picture(kind="WEBP", lossless=True), (50, 100, 200)),
        (picture("L"), (90, 90, 90)),
        (picture("RGBA"), (255, 255, 255)),
        (picture("P"), None),
        (picture("I;16"), (156, 156, 156)),
        (picture("CMYK", kind="JPEG"), (225, 235, 245)),
        (picture("1"), (255, 255, 255)),
    ],
    ids=["png", "jpeg", "webp", "grey", "transparent", "palette", "16-bit", "cmyk", "bilevel"],
)
def test_every_colour_model_becomes_bgr(data: bytes, colour: tuple[int, int, int] | None) -> None:
    pixels = decode(data, LIMITS).pixels
    assert pixels.shape == (30, 40, 3)
    assert pixels.dtype == np.uint8
    if colour is not None:
        assert np.abs(pixels[15, 20].astype(int) - colour).max() <= 4


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_orientation_tag_is_applied_once(kind: str, orientation: int) -> None:
    upright = np.zeros((48, 64, 3), np.uint8)
    upright[:16, :16] = 255  # a white corner, top left
    turned = {1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1]}
    turned |= {5: upright.transpose(1, 0, 2), 6: np.rot90(upright), 8: np.rot90(upright, 3)}
    turned[7] = upright[::-1, ::-1].transpose(1, 0, 2)
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(turned[orientation])).save(buffer, kind, exif=exif, quality=95)
    decoded = decode(buffer.getvalue(), LIMITS)
    assert (decoded.width, decoded.height) == (64, 48)
    assert decoded.pixels.shape == (48, 64, 3)
    assert decoded.pixels[4, 4].min() > 200
    assert decoded.pixels[40, 60].max() < 60


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"", UnsafeImage, "empty"),
        (b"GIF89a" + b"\0" * 40, UnsafeImage, "JPEG, PNG or WebP"),
        (b"<svg xmlns='x'/>", UnsafeImage, "JPEG, PNG or WebP"),
        (b"\xff\xd8\xff" + b"\0" * 20, UnsafeImage, "JPEG"),
        (bomb(20_000, 20_000), TooLarge, "megapixels"),
        (bomb(60_000, 60_000), TooLarge, "megapixels"),
        (bomb(0, 10), UnsafeImage, "/"),
    ],
    ids=["empty", "gif", "svg", "no-header", "400-mpx", "3600-mpx", "zero-wide"],
)
def test_what_is_refused_from_the_header(data: bytes, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        inspect(data, LIMITS)


def test_animated_pictures_are_refused() -> None:
    frames = [Image.new("RGB", (20, 20), shade) for shade in ("black", "white")]
    for kind in ("PNG", "WEBP"):
        buffer = io.BytesIO()
        frames[0].save(buffer, kind, save_all=True, append_images=frames[1:])
        with pytest.raises(UnsafeImage, match="Animated"):
            inspect(buffer.getvalue(), LIMITS)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_cut_off_pictures_are_refused_when_decoding(kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, kind)
    for scale in (1, 0):
        with pytest.raises(UnsafeImage):
            decode(buffer.getvalue()[: len(buffer.getvalue()) // 2], LIMITS, scale)


def test_large_pictures_are_worked_on_at_a_fraction() -> None:
    for kind in ("JPEG", "PNG"):
        decoded = decode(picture(size=(6000, 4000), kind=kind), LIMITS)
        assert (decoded.width, decoded.height, decoded.scale) == (6000, 4000, 0.5)
        assert decoded.pixels.shape[0] * decoded.pixels.shape[1] <= WORKING_PIXELS


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(("scale", "made"), [(9.0, 1.0), (1.0, 1.0), (0.6, 1.0), (0.5, 0.5), (0.3, 0.5), (0, 0.25)])
def test_a_smaller_copy_is_made_where_it_is_enough(kind: str, scale: float, made: float) -> None:
    decoded = decode(picture(size=(400, 200), kind=kind), LIMITS, scale)
    assert (decoded.width, decoded.height, decoded.scale) == (400, 200, made)
    assert decoded.pixels.shape == (200 * made, 400 * made, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_smallest_copy_of_the_smallest_picture_has_a_pixel(kind: str) -> None:
    assert decode(picture(size=(1, 3), kind=kind), LIMITS, 0).pixels.size >= 3


def test_bytes_over_the_limit_are_refused_first() -> None:
    with pytest.raises(TooLarge, match="bytes"):
        inspect(picture(), ImageLimits(max_bytes=10))


def test_random_bytes_after_a_good_header_never_crash() -> None:
    rng = np.random.default_rng(1)
    for kind in ("JPEG", "PNG", "WEBP"):
        good = bytearray(picture(size=(90, 70), kind=kind))
        for _ in range(60):
            bad = bytearray(good)
            for place in rng.integers(8, len(bad), 12):
                bad[place] = int(rng.integers(0, 256))
            with contextlib.suppress(UnsafeImage, TooLarge):
                decode(bytes(bad), LIMITS)


def test_blurring_keeps_only_the_boxes() -> None:
    noise = np.random.default_rng(2).integers(0, 255, (300, 400, 3), np.uint8)
    blurred = blur_except(noise, [(50, 60, 120, 140)])
    assert np.array_equal(blurred[60:140, 50:120], noise[60:140, 50:120])
    outside = np.ones(noise.shape[:2], bool)
    outside[60:140, 50:120] = False
    assert blurred[outside].std() < noise[outside].std() / 3


@pytest.mark.parametrize("box", [(-50, -50, 5, 5), (10, 10, 10, 10), (390, 290, 900, 900), (500, 500, 600, 600)])
def test_a_crop_is_never_empty(box: tuple[float, float, float, float]) -> None:
    assert min(crop(np.zeros((300, 400, 3), np.uint8), box).shape[:2]) >= 1


def test_a_working_copy_is_a_small_jpeg() -> None:
    data = encode_jpeg(np.zeros((300, 900, 3), np.uint8), longest=300)
    assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape == (100, 300, 3)
    assert len(sha256(data)) == 64
