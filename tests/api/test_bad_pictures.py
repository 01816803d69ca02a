"""Pictures sent by mistake or on purpose: refused with the reason, or screened without finding anything."""

from __future__ import annotations

import asyncio
import hashlib
import resource
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.errors import NotFound
from app.screening.models import Models
from tests.api.conftest import world_on
from tests.api.world import BOUNDARY, CALL, CONTEST, FORM, World, form, noise, part, plain, problem, saved, submissions

END = f"--{BOUNDARY}--\r\n".encode()
CONTEST_PART = part("contest", CONTEST.encode())


@pytest.fixture
def world(tidy_world: World) -> World:
    """The application that the tests of this file share."""
    return tidy_world


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "green", "blue")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, depth: int = 8, colour: int = 2, body: bytes = b"\0") -> bytes:
    """A PNG whose header says what it likes."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    compressed = chunk(b"IDAT", zlib.compress(body))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + compressed + chunk(b"IEND", b"")


# -- pictures that are refused --------------------------------------------------------------------------------------

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><script>alert(1)</script></svg>'
REFUSED = {
    "empty": (b"", 422),
    "text": (b"bukan gambar sama sekali", 422),
    "NULs": (bytes(5000), 422),
    "GIF": (saved(Image.new("P", (20, 20)), "GIF"), 422),
    "animated GIF": (animated("GIF"), 422),
    "SVG": (SVG, 422),
    "PDF": (b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF", 422),
    "BMP": (saved(Image.new("RGB", (20, 20)), "BMP"), 422),
    "TIFF": (saved(Image.new("RGB", (20, 20)), "TIFF"), 422),
    "animated PNG": (animated("PNG"), 422),
    "animated WebP": (animated("WEBP"), 422),
    "truncated JPEG": (noise()[:9000], 422),
    "truncated PNG": (noise("PNG")[:9000], 422),
    "truncated WebP": (noise("WEBP")[:4000], 422),
    "header of a JPEG": (noise()[:300], 422),
    "four bytes of a JPEG": (b"\xff\xd8\xff\xe0", 422),
    "signature of a PNG": (b"\x89PNG\r\n\x1a\n", 422),
    "PNG without pixels": (png(0, 0), 422),
    "PNG without width": (png(0, 50), 422),
    "PNG of an unknown depth": (png(8, 8, depth=3), 422),
    "PNG with too little data": (png(500, 500), 422),
    "PNG with damaged data": (noise("PNG").replace(b"IDAT", b"IDAT\xff\xff", 1), 422),
    "PNG of 400 Mpx": (png(20_000, 20_000), 413),
    "PNG of 4 Gpx": (png(65_000, 65_000), 413),
    "PNG of the largest size": (png(2**31 - 1, 2**31 - 1), 413),
    "PNG one row wide": (png(2**31 - 1, 1), 413),
}


@pytest.mark.parametrize(("data", "status"), REFUSED.values(), ids=REFUSED.keys())
def test_pictures_that_are_refused(world: World, data: bytes, status: int) -> None:
    before = submissions(world)
    body = problem(world.submit(CALL, [plain(), data]), status, "images")
    assert body["image"] == 1
    assert submissions(world) == before


def test_a_huge_header_is_refused_before_a_pixel_is_decoded(world: World) -> None:
    world.submit(images=[png(20_000, 20_000)])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(3):
        problem(world.submit(images=[png(20_000, 20_000)]), 413, "images")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 50_000, f"{grown} KiB"


def test_eleven_pictures(world: World) -> None:
    assert "10" in problem(world.submit(images=[plain(number) for number in range(11)]), 422, "images")["detail"]


def test_too_many_bytes_are_refused_while_they_stream(sqlite_world: World) -> None:
    sqlite_world.settings.max_image_bytes = 100_000
    sent = 0

    def stream() -> Iterator[bytes]:
        nonlocal sent
        opening = part("images", b"", "besar.jpg")[:-2]
        for block in (opening, *[bytes(10_000)] * 1000):
            sent += len(block)
            yield block

    answers = run_asgi(sqlite_world, stream())
    assert answers[0]["status"] == 413
    assert b'"field": "images"' in answers[1]["body"] or b'"field":"images"' in answers[1]["body"]
    assert sent < 150_000


def run_asgi(world: World, blocks: Iterator[bytes], *, hang_up: bool = False) -> list[dict[str, Any]]:
    """What the application answers to a body that comes block by block, or breaks off after them."""
    answers: list[dict[str, Any]] = []
    headers = dict(world.program("monitor", "submit").headers) | {"content-type": FORM, "host": "testserver"}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/api/v1/submissions", "raw_path": b"/api/v1/submissions", "query_string": b"", "root_path": "",
        "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()], "client": ("127.0.0.1", 5000),
        "server": ("testserver", 80), "state": {},
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        block = next(blocks, None)
        if block is None and hang_up:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": block or b"", "more_body": block is not None}

    async def send(message: Any) -> None:
        answers.append(message)

    asyncio.run(world.app(scope, receive, send))
    return answers


def test_a_connection_that_breaks_off_is_no_error_of_ours(
    common_world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    before = submissions(common_world)
    answers = run_asgi(common_world, iter([form({"contest": CONTEST}, [noise()])[:5000]]), hang_up=True)
    assert answers[0]["status"] == 422
    assert submissions(common_world) == before
    assert "unexpected" not in capfd.readouterr().err


# -- pictures that are fine, strange as they are --------------------------------------------------------------------


def deep_grey() -> bytes:
    values = np.linspace(0, 65535, 200 * 100).reshape(100, 200).astype(np.uint16)
    return saved(Image.fromarray(values), "PNG")


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return noise(exif=exif)


TAKEN = {
    "PNG called .jpg": noise("PNG"),
    "WebP": noise("WEBP"),
    "CMYK": saved(Image.new("CMYK", (200, 100), (10, 200, 30, 0)), "JPEG"),
    "16 bit": deep_grey(),
    "16 bit colour": png(4, 4, depth=16, body=(b"\0" + bytes(24)) * 4),
    "palette": saved(Image.new("P", (40, 40), 3), "PNG"),
    "one bit": saved(Image.new("1", (40, 40), 1), "PNG"),
    "grey with alpha": saved(Image.new("LA", (40, 40), (90, 10)), "PNG"),
    "transparent": saved(Image.new("RGBA", (40, 40), (1, 2, 3, 0)), "PNG"),
    "progressive": noise(progressive=True),
    "upside down": turned(3),
    "on its side": turned(6),
    "no such orientation": turned(99),
    "one pixel": plain(size=(1, 1)),
    "one column": plain(size=(1, 3000), kind="PNG"),
    "one row": plain(size=(4000, 1), kind="PNG"),
    "white": plain(255, size=(400, 300)),
    "noise": noise(size=(500, 400)),
    "more after the end": noise() + b"trailing bytes",
}


@pytest.mark.parametrize("data", TAKEN.values(), ids=TAKEN.keys())
def test_strange_pictures_with_nothing_to_find_raise_no_flag(world: World, data: bytes) -> None:
    answer = world.submit(images=[data])
    assert answer.status_code == 202, answer.text
    world.screen_now()
    body = world.monitor.get(answer.headers["Location"]).json()
    assert (body["state"], body["flag"], body["failure"]) == ("screened", None, None)


# -- the worker -----------------------------------------------------------------------------------------------------


def test_bad_posts_never_kill_the_worker(database_url: str, tmp_path: Path, models: Models) -> None:
    """With the real worker: a vanished original is waited for, one that breaks the pipeline fails, others are done."""
    with world_on(database_url, tmp_path / "data", models, embedded_worker=True) as world:
        lost, broken = plain(77), plain(78)
        real = world.services.blobs.get

        def get(digest: str) -> bytes:
            if digest == hashlib.sha256(lost).hexdigest():
                raise NotFound("Berkas asli tidak ada lagi / The original is no longer there")
            if digest == hashlib.sha256(broken).hexdigest():
                raise SystemExit(1)
            return real(digest)

        world.services.blobs.get = get  # type: ignore[method-assign]
        posts = [
            world.submit("", [lost]), world.submit("", [broken]), world.submit("\0\ud800"),
            world.submit("", [plain(79)]), world.submit(CALL),
        ]  # fmt: skip
        found = [settled(world, answer.headers["Location"]) for answer in posts[1:]]
        assert [one["state"] for one in found] == ["failed", "screened", "screened", "screened"]
        assert [one["flag"] is not None for one in found] == [False, False, False, True]
        assert world.monitor.get(posts[0].headers["Location"]).json()["state"] == "queued"
        assert world.monitor.get("/api/v1/queue").json()["live_executors"] == 1


def settled(world: World, location: str, seconds: float = 60.0) -> dict[str, Any]:
    """The submission once it is screened or has failed."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found: dict[str, Any] = world.monitor.get(location).json()
        if found["state"] != "queued":
            return found
        time.sleep(0.05)
    raise AssertionError(f"{location} is still queued")
