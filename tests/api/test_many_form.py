"""The page for many pictures without scripts: one post for each file, and below the form what became of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

import httpx

from app.db.submission_tables import Submission
from tests.api.world import BOUNDARY, CONTEST, FORM, World, part, plain, problem, submissions

FIELDS = {"contest": CONTEST, "platform": "facebook", "handle": "@contoh", "subject_type": "pns"}


def send(world: World, files: Mapping[str, bytes], **fields: str) -> httpx.Response:
    parts = [part(name, value.encode()) for name, value in (FIELDS | fields).items()]
    parts += [part("images", data, name) for name, data in files.items()]
    body = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
    return world.browser("monitor").post("/kirim/banyak", content=body, headers={"Content-Type": FORM})


def outcomes(answer: httpx.Response) -> list[tuple[str, str]]:
    """The state of each file, and what is said of it."""
    rows = re.findall(r'<li data-state="(\w+)">(.*?)</li>', answer.text, re.DOTALL)
    return [(state, " ".join(unescape(re.sub(r"<[^>]*>", " ", inner)).split())) for state, inner in rows]


def test_each_file_is_a_post_and_says_what_became_of_it(world: World) -> None:
    files = {"a.png": plain(1, "PNG"), "rusak.png": b"x", "<b>.jpg": plain(2)}
    answer = send(world, files)
    assert answer.status_code == 200
    assert [state for state, _ in outcomes(answer)] == ["accepted", "refused", "accepted"]
    assert outcomes(answer)[1][1].startswith("rusak.png Ditolak: Bukan gambar")
    assert outcomes(answer)[2][1].startswith("<b>.jpg Diterima")
    for found in re.findall(r'href="/kiriman/([0-9a-f-]{36})"', answer.text):
        row: Submission = world.row(found)
        assert (row.platform, row.handle, row.subject_type, row.capture_method) == (
            "facebook",
            "@contoh",
            "pns",
            "bulk",
        )
        assert len(row.images) == 1
    assert submissions(world) == 2
    assert [state for state, _ in outcomes(send(world, files))] == ["again", "refused", "again"]
    assert 'value="@contoh"' in answer.text, "the fields are kept for the next pictures"


def test_what_is_wrong_for_all_stands_beside_its_field(sqlite_world: World) -> None:
    nothing = send(sqlite_world, {"": b""})
    assert (nothing.status_code, outcomes(nothing)) == (422, [])
    assert "error-images" in nothing.text
    wrong = send(sqlite_world, {"a.png": plain(1)}, act_date="2999-01-01")
    assert wrong.status_code == 422
    assert "error-act_date" in wrong.text
    assert submissions(sqlite_world) == 0
    problem(send(sqlite_world, {}, gambar="x"), 422, "gambar")


def test_a_picture_too_large_and_a_full_queue_refuse_by_file(sqlite_world: World) -> None:
    sqlite_world.settings.max_image_bytes = 2000
    answer = send(sqlite_world, {"a.png": plain(1), "besar.png": b"\xff" * 2001})
    assert [state for state, _ in outcomes(answer)] == ["accepted", "refused"]
    sqlite_world.settings.reserved_megabytes = 10**9
    sqlite_world.services.operating.forget()
    full = send(sqlite_world, {"b.png": plain(9)})
    assert [state for state, _ in outcomes(full)] == ["refused"]
    assert "Ruang penyimpanan hampir habis" in full.text
    assert "Ruang penyimpanan hampir habis" in sqlite_world.browser("monitor").get("/kirim/banyak").text
    assert submissions(sqlite_world) == 1
