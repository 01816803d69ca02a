"""Forms that are damaged, cut off or not what was asked for: a clear refusal that leaves nothing behind."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.api.world import BOUNDARY, CALL, CONTEST, FORM, World, form, noise, part, plain, problem, submissions

TODAY = datetime.now(ZoneInfo("Asia/Jakarta")).date()
TOMORROW, YESTERDAY = str(TODAY + timedelta(days=1)), str(TODAY - timedelta(days=1))
END = f"--{BOUNDARY}--\r\n".encode()
CONTEST_PART = part("contest", CONTEST.encode())


@pytest.fixture
def world(tidy_world: World) -> World:
    """The application that the tests of this file share."""
    return tidy_world


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
