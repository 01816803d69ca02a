"""Safe decoding: the header decides whether a picture may be decoded at all."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from app.errors import TooLarge, UnsafeImage

Pixels = npt.NDArray[np.uint8]
"""height x width x 3, BGR, upright."""

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
"""Of files that are taken for pictures when a folder is named."""
WORKING_PIXELS = 12_000_000
"""Larger pictures are worked on at half or a quarter of their size: nothing that people must read is lost at 12 Mpx."""
SEQUENTIAL = (0xC0, 0xC1)
SCAN, END = b"\xff\xda", b"\xff\xd9"
TRIAL_BYTES = 4096
"""Of a scan that are read on trial."""


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What may come in."""

    max_bytes: int = 20 * 1024 * 1024
    max_pixels: int = 50_000_000


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What the header says; `width` and `height` are of the upright picture."""

    mime: str
    width: int
    height: int
    orientation: int
    plain: bool
    """Whether OpenCV may read it: grey or RGB (it takes CMYK for something else)."""

    @property
    def is_plain_jpeg(self) -> bool:
        """Whether OpenCV reads it, and shrinks it while it does."""
        return self.plain and self.mime == "image/jpeg"


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture. `scale` is the size of `pixels` relative to the upright original (1, 1/2 or 1/4)."""

    pixels: Pixels
    width: int
    height: int
    scale: float


def sha256(data: bytes) -> str:
    """The name of an original."""
    return hashlib.sha256(data).hexdigest()


def inspect(data: bytes, limits: ImageLimits) -> ImageHeader:
    """Check format, size, frames and pixels without decoding a pixel.

    Raises UnsafeImage (no picture, another format, animated) or TooLarge (bytes, pixels)."""
    if len(data) > limits.max_bytes:
        raise TooLarge(
            f"Gambar lebih besar dari {limits.max_bytes} bita / The picture has more than {limits.max_bytes} bytes"
        )
    if not data:
        raise UnsafeImage("Berkas kosong / The file is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns from 89 Mpx on; the limit below decides
            with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
                return _header(image, limits)
    except (TooLarge, UnsafeImage):
        raise
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(limits) from error
    except UnidentifiedImageError as error:
        raise UnsafeImage(
            "Bukan gambar JPEG, PNG, atau WebP yang utuh / Not an intact JPEG, PNG or WebP picture"
        ) from error
    except Exception as error:
        raise UnsafeImage("Kepala berkas gambar rusak / The picture's header is damaged") from error


def _header(image: Image.Image, limits: ImageLimits) -> ImageHeader:
    width, height = image.size
    if width * height > limits.max_pixels:
        raise _too_many_pixels(limits)
    if min(width, height) < 1:
        raise UnsafeImage("Gambar tanpa piksel / The picture has no pixels")
    if getattr(image, "n_frames", 1) > 1:
        raise UnsafeImage("Gambar bergerak tidak diterima; kirim satu bingkai / Animated: send a single frame")
    orientation = int(_exif(image).get(ExifTags.Base.Orientation, 1) or 1)
    if orientation in range(5, 9):
        width, height = height, width
    plain = image.mode in ("L", "RGB")
    return ImageHeader(FORMATS[str(image.format)], width, height, orientation, plain)


def _exif(image: Image.Image) -> Image.Exif:
    """The tags that stand before the pixels: a PNG's `getexif` would decode it whole to look for more behind them."""
    if image.format == "JPEG":
        return image.getexif()
    exif = Image.Exif()
    exif.load(image.info.get("exif") or b"")
    return exif


def _too_many_pixels(limits: ImageLimits) -> TooLarge:
    millions = limits.max_pixels // 1_000_000
    return TooLarge(f"Gambar lebih dari {millions} megapiksel / The picture has more than {millions} megapixels")


def decode(data: bytes, limits: ImageLimits, scale: float = 1.0) -> Picture:
    """The upright picture as 8-bit BGR, whatever its colour model, depth or EXIF orientation; at half or a quarter of
    its size where it is very large, or where `scale` of its size is enough.

    Raises UnsafeImage or TooLarge; transparency is put on white."""
    header = inspect(data, limits)
    fitting = next(d for d in (1, 2, 4) if d == 4 or header.width * header.height / d**2 <= WORKING_PIXELS)
    divisor = max(fitting, next(d for d in (4, 2, 1) if d == 1 or d * scale <= 1))
    pixels = _with_opencv(data, divisor) if header.is_plain_jpeg else None
    if pixels is None:
        pixels = _with_pillow(data, divisor)
    return Picture(pixels, header.width, header.height, pixels.shape[1] / header.width)


def prove(data: bytes, header: ImageHeader) -> None:
    """See whether `decode` would read a picture with this header, at the least cost that tells.

    Raises UnsafeImage."""
    whole_jpeg = header.is_plain_jpeg and not _is_cut_off(data)
    if whole_jpeg and (_is_drawn(_refusable(data)) or _jpeg(data, cv2.IMREAD_REDUCED_GRAYSCALE_8) is not None):
        return
    _with_pillow(data, 4)


def _is_drawn(data: bytes) -> bool:
    """Whether Pillow decodes a JPEG, grey and at an eighth of its size; silently, where OpenCV's libjpeg writes to
    stderr that there is no more data. It refuses a little more than OpenCV, never less."""
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
            image.draft("L", (1, 1))
            image.load()
    except Exception:
        return False
    return True


def _refusable(data: bytes) -> bytes:
    """As much of a JPEG as a decoder may refuse. Of a sequential one that is its head and the beginning of the only
    scan: bits that were damaged behind it are drawn wrongly, never refused. Of any other all of it."""
    sequential, at = False, 2
    while data[at : at + 1] == b"\xff" and at + 4 <= len(data):
        kind = data[at + 1]
        sequential = sequential or kind in SEQUENTIAL
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
        if kind == SCAN[1]:
            return data[: at + TRIAL_BYTES] + END if sequential and data.find(SCAN, at) < 0 else data
    return data


def _with_opencv(data: bytes, divisor: int) -> Pixels | None:
    """JPEG at full, half or quarter size; OpenCV applies the EXIF orientation. None for what it cannot read."""
    return _jpeg(data, {1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4}[divisor])


def _is_cut_off(data: bytes) -> bool:
    """Whether a JPEG has no end: OpenCV would fill the rest with grey without a word."""
    return not data.rstrip(b"\0").endswith(END) and END not in data[-4096:]


def _jpeg(data: bytes, flag: int) -> Pixels | None:
    if _is_cut_off(data):
        return None
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    except cv2.error:
        return None
    return None if pixels is None else np.ascontiguousarray(pixels, dtype=np.uint8)


def _with_pillow(data: bytes, divisor: int) -> Pixels:
    """Everything else: PNG (palette, 16 bit, alpha), WebP, CMYK."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
                ImageOps.exif_transpose(image, in_place=True)  # in place, and shrunk early: copies are large here
                rgb = _to_rgb(image)
                small = np.asarray(rgb.reduce(divisor) if divisor > 1 else rgb, dtype=np.uint8)
    except Exception as error:
        raise UnsafeImage(
            "Gambar terpotong atau rusak; ambil ulang berkasnya / The picture is cut off or damaged: fetch it again"
        ) from error
    return np.ascontiguousarray(cv2.cvtColor(small, cv2.COLOR_RGB2BGR), dtype=np.uint8)


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bit grey, which Pillow would clip: keep the upper eight bits
        values = np.asarray(image).clip(0, 65535).astype(np.uint16)
        return Image.fromarray((values >> 8).astype(np.uint8)).convert("RGB")
    if "A" in image.getbands() or "transparency" in image.info:
        layer = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")
