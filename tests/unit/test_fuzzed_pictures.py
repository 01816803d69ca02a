"""A thousand broken pictures: each is refused with its reason or screened; none kills the process that looks at it."""

from __future__ import annotations

import io
import struct
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.copies.prints import fingerprint
from app.errors import AppError
from app.imaging import decode as decoding
from app.imaging.decode import ImageLimits, Picture, decode, inspect, prove
from app.imaging.taken import taken_on
from app.screening.models import Models, load_models
from app.screening.offline import no_contest
from app.screening.pipeline import screen
from tests.conftest import MODELS
from tests.copying import drawn

COUNT, WHOLE_PATH = 1000, 20
LIMITS = ImageLimits(max_pixels=1_000_000)


def saved(kind: str, mode: str = "RGB", **options: object) -> bytes:
    """A small picture with something in it."""
    image = Image.fromarray(drawn(3, (120, 90))[:, :, ::-1]).convert(mode)
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def bases() -> dict[str, bytes]:
    """One file of each kind, those that are refused as they are included."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return {
        "jpeg": saved("JPEG"), "progressive": saved("JPEG", progressive=True), "cmyk": saved("JPEG", "CMYK"),
        "rotated": saved("JPEG", exif=exif), "png": saved("PNG"), "palette": saved("PNG", "P"),
        "deep": saved("PNG", "I;16"), "alpha": saved("PNG", "RGBA"), "webp": saved("WEBP"),
        "lossless": saved("WEBP", lossless=True), "gif": saved("GIF", "P"), "bmp": saved("BMP"), "tiff": saved("TIFF"),
    }  # fmt: skip


def flipped(data: bytes, dice: np.random.Generator) -> bytes:
    changed = np.frombuffer(data, np.uint8).copy()
    for _ in range(int(dice.integers(1, 24))):
        changed[dice.integers(0, len(changed))] ^= 1 << int(dice.integers(0, 8))
    return changed.tobytes()


def truncated(data: bytes, dice: np.random.Generator) -> bytes:
    return data[: int(dice.integers(0, len(data)))]


def lying(data: bytes, dice: np.random.Generator) -> bytes:
    """Somewhere in the header stands another number, as a width, a length or an offset."""
    place = int(dice.integers(0, min(len(data), 64)))
    number = int(dice.choice([0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 65_000]))
    form = str(dice.choice([">I", "<I", ">H", "<H"]))
    written = struct.pack(form, number & (0xFFFF if form.endswith("H") else 0xFFFFFFFF))
    return data[:place] + written + data[place + len(written) :]


def spliced(data: bytes, dice: np.random.Generator) -> bytes:
    """A piece taken out, doubled, or filled with noise."""
    first, last = sorted(int(place) for place in dice.integers(0, len(data), 2))
    piece = data[first:last]
    return data[:first] + [b"", piece * 2, dice.bytes(len(piece))][int(dice.integers(0, 3))] + data[last:]


DAMAGE = (flipped, truncated, lying, spliced)


def fuzzed(count: int, seed: int = 0) -> list[bytes]:
    """So many damaged files, every kind with every damage."""
    dice, files = np.random.default_rng(seed), list(bases().values())
    return [DAMAGE[number % len(DAMAGE)](files[number % len(files)], dice) for number in range(count)]


def opened(data: bytes) -> tuple[Picture | None, str]:
    """The picture, or why there is none."""
    try:
        return decode(data, LIMITS), ""
    except AppError as error:
        return None, error.detail


@pytest.fixture(scope="module")
def models(model_folder: Path) -> Models:
    return load_models(MODELS)


def test_a_thousand_broken_pictures(models: Models) -> None:
    seen: Counter[str] = Counter()
    field, whole = no_contest(date(2024, 10, 1)), 0
    for number, data in enumerate(fuzzed(COUNT)):
        picture, reason = opened(data)
        if picture is None:
            assert " / " in reason
            seen["refused"] += 1
            continue
        assert picture.pixels.ndim == 3
        assert picture.pixels.size <= 3 * LIMITS.max_pixels
        fingerprint(picture.pixels)
        taken_on(data)
        seen["taken"] += 1
        if whole < WHOLE_PATH and picture.pixels.size <= 3 * 20_000 and number % 5 == 0:
            whole += 1
            found = screen([data], "", field, date(2024, 10, 1), models, LIMITS, with_prints=True)
            assert not found.unreadable
            assert not found.assessment.flagged
    assert whole == WHOLE_PATH
    assert min(seen["refused"], seen["taken"]) > COUNT / 10, seen


def test_a_trial_of_the_beginning_tells_what_decoding_will(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "TRIAL_BYTES", 64)  # these pictures are small
    seen: Counter[bool] = Counter()
    for data in fuzzed(COUNT, seed=1):
        picture, _ = opened(data)
        try:
            prove(data, inspect(data, LIMITS))
        except AppError:
            assert picture is None
        else:
            assert picture is not None
        seen[picture is None] += 1
    assert min(seen.values()) > COUNT / 10, seen
