"""The forms of the console that carry pictures: what is refused comes back with everything that was typed."""

from __future__ import annotations

import re

import httpx
import pytest
from sqlalchemy import select

from app.db.submission_tables import Submission
from app.demo.pictures import reference_photos
from tests.api.rosters import BAGUS, photos
from tests.api.world import CONTEST, FORM, World, form, part, plain, problem

TYPED = {"contest": CONTEST, "text": "Rapat\r\nbesok", "handle": " @dedi ", "act_date": "2026-11-02", "known_date": ""}
MIB = 1024 * 1024


def send(world: World, body: bytes) -> httpx.Response:
    headers = {"Content-Type": FORM, "Accept": "text/html"}
    return world.browser("monitor").post("/kirim", content=body, headers=headers)


def rows(world: World) -> list[Submission]:
    with world.services.sessions() as session:
        return list(session.scalars(select(Submission)))


def test_a_post_by_form(world: World) -> None:
    body = form(TYPED | {"platform": "x"}, [plain()])
    first, second = send(world, body), send(world, body)
    (row,) = rows(world)
    assert (row.text, row.handle, str(row.act_date), row.platform) == ("Rapat\nbesok", "@dedi", "2026-11-02", "x")
    assert (first.status_code, first.headers["location"]) == (303, f"/kiriman?baru={row.id}")
    assert (second.status_code, second.headers["location"]) == (303, f"/kiriman?sama={row.id}")


def test_an_empty_file_field_is_no_picture(world: World) -> None:
    blank = part("images", b"", "")
    assert send(world, blank + form(TYPED)).status_code == 303
    assert send(world, blank + form(TYPED | {"text": ""})).status_code == 422


@pytest.mark.parametrize(
    ("change", "images", "status", "words"),
    [
        ({"act_date": "kemarin"}, [plain()], 422, "Tanggal ditulis"),
        ({"act_date": "2099-01-01"}, [plain()], 422, "belum terjadi"),
        ({"subject_type": "raja"}, [plain()], 422, "Tidak dikenal"),
        ({"contest": "tidak-ada"}, [plain()], 422, "tidak terdaftar"),
        ({}, [b"GIF89a"], 422, "Gambar"),
        ({}, [b"x" * (MIB + 1)], 413, "Gambar lebih dari"),
        ({}, [plain(shade) for shade in range(4)], 422, "Paling banyak 3 gambar"),
    ],
    ids=["date", "future", "choice", "contest", "kind", "large", "many"],
)
def test_a_refused_form_keeps_what_was_typed(
    sqlite_world: World, change: dict[str, str], images: list[bytes], status: int, words: str
) -> None:
    sqlite_world.settings.max_images, sqlite_world.settings.max_image_bytes = 3, MIB
    pictures = b"".join(part("images", data, "foto.jpg") for data in images)
    answer = send(sqlite_world, pictures + form(TYPED | change))  # pictures first, as in the page
    assert (answer.status_code, rows(sqlite_world)) == (status, [])
    assert words in answer.text
    assert re.search(r'<textarea id="text"[^>]*>Rapat\nbesok</textarea>', answer.text)
    assert 'value="@dedi"' in answer.text.replace(" @dedi ", "@dedi")
    assert f'value="{change.get("act_date", TYPED["act_date"])}"' in answer.text


def test_a_form_that_is_none_is_refused(world: World) -> None:
    client = world.browser("monitor")
    problem(client.post("/kirim", data={"text": "halo"}), 422, "content-type")
    problem(client.post("/kirim", content=form(TYPED)[:-20], headers={"Content-Type": FORM}), 422, "body")


def test_a_reference_photo_by_form(world: World) -> None:
    client = world.browser("coordinator")
    photo = next(data for name, data in reference_photos().items() if name.startswith("bagus"))

    def enrol(data: bytes | None, **fields: str) -> httpx.Response:
        files = None if data is None else {"photo": ("foto.jpg", data)}
        return client.post("/roster/foto", files=files, data=fields, headers={"Accept": "text/html"})

    assert (enrol(photo, candidate=BAGUS).headers["location"], photos(world)) == (f"/kontes/{CONTEST}", {BAGUS: 1})
    faceless = enrol(plain(), candidate=BAGUS, choice="")
    assert (faceless.status_code, "wajah" in faceless.text) == (422, True)
    assert enrol(photo, candidate=BAGUS).status_code == 409
    assert enrol(photo, candidate="siapa\0").status_code == 404
    assert enrol(photo).status_code == 404
    assert enrol(photo, candidate=BAGUS, choice="dua").status_code == 422
    assert enrol(None, candidate=BAGUS).status_code == 422
    assert photos(world) == {BAGUS: 1}
