"""Everything that people and programs send by mistake or on purpose: a clear refusal or a normal result, no 500."""

from __future__ import annotations

import asyncio
import io
import resource
import struct
import uuid
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import func, select

from app.db.tables import Submission
from tests.api.world import BOUNDARY, CALL, CONTEST, FORM, World, form, part, plain, problem

TODAY = datetime.now(ZoneInfo("Asia/Jakarta")).date()
TOMORROW, YESTERDAY = str(TODAY + timedelta(days=1)), str(TODAY - timedelta(days=1))
END = f"--{BOUNDARY}--\r\n".encode()
CONTEST_PART = part("contest", CONTEST.encode())


@pytest.fixture
def world(common_world: World) -> Iterator[World]:
    """The shared application; whatever was refused has left nothing behind, whatever was taken can be screened."""
    yield common_world
    common_world.screen_now()
    with common_world.services.sessions() as session:
        failed = select(func.count()).select_from(Submission).where(Submission.state != "screened")
        assert session.scalar(failed) == 0


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def noise(kind: str = "JPEG", size: tuple[int, int] = (320, 240), **options: Any) -> bytes:
    pixels = np.random.default_rng(5).integers(0, 256, (size[1], size[0], 3), np.uint8)
    return saved(Image.fromarray(pixels), kind, **options)


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


def submissions(world: World) -> int:
    with world.services.sessions() as session:
        return session.scalar(select(func.count()).select_from(Submission)) or 0


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


# -- text -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("sebelum\0sesudah", "sebelum�sesudah"),
        ("ganjil \ud83d sendiri \udc00", "ganjil � sendiri �"),
        ("\u202eterbalik\u202c \u200f\u202e ", "\u202eterbalik\u202c \u200f\u202e "),
        ("e" + "\u0301" * 3000, "e" + "\u0301" * 3000),
        ("😀" * 10_000, "😀" * 10_000),
        ("<script>alert(1)</script> {{7*7}} ${7*7} %s %n '; DROP TABLE flag; --", ...),
        ("\r\n \t x", "\r\n \t x"),
    ],
    ids=["NUL", "surrogates", "right to left", "marks", "10,000 emoji", "injection", "blanks"],
)
def test_strange_texts_are_screened(world: World, sent: str, stored: Any) -> None:
    answer = world.submit(sent)
    assert answer.status_code == 202, answer.text
    assert world.row(answer.json()["id"]).text == (sent if stored is ... else stored)


def test_marks_and_broken_characters_hide_no_call(world: World) -> None:
    flag_id, _ = world.flagged("Ayo co\u200bblos\0 nomor 3, \u202elanjutkan!")
    signals = world.browser("reviewer").get(f"/api/v1/flags/{flag_id}").json()["signals"]
    assert signals


@pytest.mark.parametrize("text", ["a" * 10_001, "😀" * 10_001, "a" * 200_000], ids=["letters", "emoji", "megabytes"])
def test_text_that_is_too_long(world: World, text: str) -> None:
    assert "10000" in problem(world.submit(text), 422, "text")["detail"]


def test_text_that_is_no_utf8(world: World) -> None:
    problem(world.send(CONTEST_PART + part("text", b"caf\xe9 \xff\xfe") + END), 422, "text")


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_neither_text_nor_picture(world: World, text: str) -> None:
    problem(world.submit(text), 422, "images")


def test_a_file_field_that_was_left_empty_is_no_picture(world: World) -> None:
    body = CONTEST_PART + part("text", b"Rapat besok pagi") + part("images", b"", "") + END
    assert world.send(body).json()["images"] == []


# -- context --------------------------------------------------------------------------------------------------------

FIELDS = [
    ({"act_date": TOMORROW}, "act_date"),
    ({"known_date": TOMORROW}, "known_date"),
    ({"act_date": str(TODAY), "known_date": YESTERDAY}, "known_date"),
    ({"act_date": "9999-12-31"}, "act_date"),
    ({"act_date": "0001-01-01"}, "act_date"),
    ({"act_date": "31-12-2025"}, "act_date"),
    ({"act_date": "2025-02-30"}, "act_date"),
    ({"known_date": "kemarin"}, "known_date"),
    ({"known_date": "2025-01-01T00:00:00"}, "known_date"),
    ({"act_date": "\0"}, "act_date"),
    ({"act_date": "-1-01-01"}, "act_date"),
    ({"contest": "tidak-ada"}, "contest"),
    ({"contest": "\0"}, "contest"),
    ({"contest": "\ud800"}, "contest"),
    ({"contest": "x" * 81}, "contest"),
    ({"region": "9" * 21}, "region"),
    ({"platform": "myspace"}, "platform"),
    ({"platform": "\0"}, "platform"),
    ({"subject_type": "PNS"}, "subject_type"),
    ({"capture_method": "telepati"}, "capture_method"),
    ({"handle": "@" * 201}, "handle"),
    ({"agency": "x" * 201}, "agency"),
    ({"url": "javascript:alert(1)"}, "url"),
    ({"url": "http://"}, "url"),
    ({"url": "http://[::1"}, "url"),
    ({"url": "http://a b/"}, "url"),
    ({"url": "http://a/\0"}, "url"),
    ({"url": f"https://a/{'x' * 2000}"}, "url"),
    ({"url": "www.instagram.com/p/1"}, "url"),
]


@pytest.mark.parametrize(("fields", "field"), FIELDS, ids=[repr(fields)[:60] for fields, _ in FIELDS])
def test_context_that_cannot_be_right(world: World, fields: dict[str, str], field: str) -> None:
    problem(world.submit(CALL, **fields), 422, field)


@pytest.mark.parametrize("field", ["handle", "agency"])
def test_broken_characters_in_context_are_replaced(world: World, field: str) -> None:
    found = world.submit(CALL, **{field: "a\0b\udc80"}).json()["id"]
    assert getattr(world.row(found), field) == "a�b�"


# -- the form -------------------------------------------------------------------------------------------------------

WHOLE = form({"contest": CONTEST, "text": CALL})
FORMS = {
    "unknown field": (CONTEST_PART + part("kolom", b"1") + END, FORM, "kolom"),
    "field without a name": (f"--{BOUNDARY}\r\nContent-Type: text/plain\r\n\r\nx\r\n".encode() + END, FORM, None),
    "empty name": (part("", b"x") + END, FORM, None),
    "field twice": (CONTEST_PART + CONTEST_PART + END, FORM, "contest"),
    "text twice": (part("text", b"a") + part("text", b"b") + END, FORM, "text"),
    "JSON": (b'{"text": "halo"}', "application/json", "content-type"),
    "urlencoded": (b"text=halo&contest=x", "application/x-www-form-urlencoded", "content-type"),
    "no type": (WHOLE, "", "content-type"),
    "no boundary": (WHOLE, "multipart/form-data", "content-type"),
    "another boundary": (WHOLE, "multipart/form-data; boundary=lain", "body"),
    "long boundary": (WHOLE, f"multipart/form-data; boundary={'x' * 201}", "content-type"),
    "mixed": (WHOLE, f"multipart/mixed; boundary={BOUNDARY}", "content-type"),
    "nothing": (b"", FORM, "body"),
    "only the end": (END, FORM, "images"),
    "no final boundary": (WHOLE[: -len(END)], FORM, "body"),
    "cut in a header": (WHOLE[:70], FORM, "body"),
    "cut in a picture": (form({"contest": CONTEST}, [noise()])[:6000], FORM, "body"),
    "garbage": (bytes(range(256)) * 20, FORM, "body"),
    "endless header": (f"--{BOUNDARY}\r\nX-Lama: {'a' * 9000}\r\n\r\nx\r\n".encode() + END, FORM, "body"),
    "endless header name": (f"--{BOUNDARY}\r\n{'a' * 9000}: x\r\n\r\nx\r\n".encode() + END, FORM, "body"),
    "endless headers": (f"--{BOUNDARY}\r\n".encode() + b"X-A: b\r\n" * 9000 + b"\r\nx\r\n" + END, FORM, "body"),
    "header that is none": (f"--{BOUNDARY}\r\n\0\0\0\r\n\r\nx\r\n".encode() + END, FORM, "body"),
    "bare line ends": (WHOLE.replace(b"\r\n", b"\n"), FORM, "body"),
    "name in latin 1": (part("x", b"1").replace(b'"x"', b'"\xe9\xff"') + END, FORM, "��"),
    "long name": (part("n" * 3000, b"1") + END, FORM, "n" * 80),
}


@pytest.mark.parametrize(("body", "kind", "field"), FORMS.values(), ids=FORMS.keys())
def test_forms_that_cannot_be_read(world: World, body: bytes, kind: str, field: str | None) -> None:
    before = submissions(world)
    problem(world.send(body, kind), 422, field)
    assert submissions(world) == before


def test_a_thousand_parts(world: World) -> None:
    problem(world.send(CONTEST_PART + part("images", plain(), "a.jpg") * 1000 + END), 422, "images")


@pytest.mark.parametrize("seed", range(60))
def test_damaged_forms_are_never_our_error(world: World, seed: int) -> None:
    """Random bytes of a good form are changed, dropped or doubled."""
    rng = np.random.default_rng(seed)
    body = bytearray(form({"contest": CONTEST, "text": CALL, "act_date": YESTERDAY}, [plain()]))
    for _ in range(int(rng.integers(1, 6))):
        place, length = int(rng.integers(0, len(body))), int(rng.integers(1, 20))
        action = rng.integers(0, 3)
        if action == 0:
            body[place : place + length] = rng.bytes(length)
        elif action == 1:
            del body[place : place + length]
        else:
            body[place:place] = body[place : place + length]
    answer = world.send(bytes(body))
    assert answer.status_code in {202, 413, 422}, answer.text


# -- addresses, queries and JSON ------------------------------------------------------------------------------------

NOWHERE = str(uuid.UUID(int=0))
BIG = "9" * 30
HUGE = "9" * 5000


def as_reviewer(world: World) -> TestClient:
    found: TestClient = world.__dict__.setdefault("_reviewer", world.browser("reviewer"))
    return found


@pytest.mark.parametrize("flag_id", ["x", "0", "null", "%00", "..%2f..", BIG, "\u202e", NOWHERE[:-1]])
def test_ids_that_are_none(world: World, flag_id: str) -> None:
    reviewer = as_reviewer(world)
    for path in (f"/api/v1/flags/{flag_id}", f"/api/v1/submissions/{flag_id}", f"/media/flags/{flag_id}/images/0"):
        answer = reviewer.get(path)
        assert answer.status_code in {404, 422}, (path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("position", ["-1", "10", BIG, HUGE, "x", "1.5"])
def test_pictures_that_are_not_there(world: World, position: str) -> None:
    flag_id, _ = world.flagged(f"{CALL} {len(position)}", [plain()])
    answer = as_reviewer(world).get(f"/media/flags/{flag_id}/images/{position}")
    assert answer.status_code in {404, 422}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"), ({"limit": "-1"}, "limit"), ({"limit": "201"}, "limit"), ({"limit": BIG}, "limit"),
        ({"limit": HUGE}, "limit"), ({"limit": "1e3"}, "limit"), ({"limit": "\0"}, "limit"),
        ({"after": "x"}, "after"), ({"after": NOWHERE}, "after"), ({"after": "\0"}, "after"),
        ({"state": "baru"}, "state"), ({"band": "none"}, "band"), ({"contest": "x" * 81}, "contest"),
    ],
    ids=lambda given: str(given)[:40],
)  # fmt: skip
def test_queries_that_mean_nothing(world: World, query: dict[str, str], field: str) -> None:
    problem(as_reviewer(world).get("/api/v1/flags", params=query), 422, field)


@pytest.mark.parametrize("contest", ["tidak-ada", "\0", "\u202e", "' OR 1=1 --", "%"])
def test_contests_without_flags(world: World, contest: str) -> None:
    answer = as_reviewer(world).get("/api/v1/flags", params={"contest": contest})
    assert answer.json() == {"items": [], "next": None}
    problem(as_reviewer(world).get(f"/api/v1/contests/{quote(contest)}"), 404)


@pytest.mark.parametrize("after", ["-1", BIG, HUGE, "x"])
def test_events_after_no_number(world: World, after: str) -> None:
    problem(world.browser("auditor").get("/api/v1/events", params={"after": after}), 422, "after")


GOOD = {"verdict": "dismiss", "reason": "duplicate", "note": "", "seen": 1}
GARBAGE = [
    b"", b"{", b"null", b"[]", b"1", b'"x"', b"{}", b"\xff\xfe", b"[" * 50_000, b'{"seen": 1e400}', b"NaN",
    b'{"verdict":"dismiss","reason":"duplicate","seen":' + HUGE.encode() + b"}",
    b'{"verdict":"dismiss","reason":"duplicate","note":"\\ud800","seen":1}',
]  # fmt: skip


@pytest.mark.parametrize("body", GARBAGE, ids=[repr(body)[:30] for body in GARBAGE])
@pytest.mark.parametrize("act", ["decisions", "undo"])
def test_decisions_that_are_no_json_object(world: World, act: str, body: bytes) -> None:
    answer = as_reviewer(world).post(
        f"/api/v1/flags/{NOWHERE}/{act}", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "maybe"}, {"verdict": None}, {"verdict": 1}, {"reason": None}, {"reason": "x" * 41},
        {"reason": "campaign_text"}, {"reason": "\0"}, {"reason": []}, {"note": None}, {"note": "x" * 2001},
        {"seen": -1}, {"seen": 2**31}, {"seen": 2**63}, {"seen": 10**40}, {"seen": "satu"}, {"seen": 1.5},
        {"seen": None}, {"seen": True and [1]}, {"extra": 1},
    ],
    ids=str,
)  # fmt: skip
def test_decisions_that_cannot_be_right(world: World, change: dict[str, Any]) -> None:
    answer = as_reviewer(world).post(f"/api/v1/flags/{NOWHERE}/decisions", json=GOOD | change)
    problem(answer, 422, next(iter(change)))
