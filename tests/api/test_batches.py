"""Many posts in one request: each is accepted or refused on its own, and what is acknowledged is stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError

from app.api import batches
from app.api.batch_form import MANIFEST_BYTES
from tests.api.edge import SAME_ORIGIN, taken_from
from tests.api.world import BOUNDARY, CALL, CONTEST, FORM, World, part, plain, problem, submissions

Items = Sequence[Mapping[str, Any]]


def batch(
    world: World, manifest: Items | str | bytes, pictures: Mapping[str, bytes] | None = None, client: Any = None
) -> httpx.Response:
    """The answer to a batch: items as JSON lines, or the manifest as it is."""
    if isinstance(manifest, str | bytes):
        text = manifest.encode() if isinstance(manifest, str) else manifest
    else:
        text = "\n".join(json.dumps({"contest": CONTEST} | dict(one)) for one in manifest).encode()
    body = part("manifest", text) + b"".join(part("images", data, name) for name, data in (pictures or {}).items())
    return post(client or world.monitor, body)


def post(client: TestClient, parts: bytes) -> httpx.Response:
    body = parts + f"--{BOUNDARY}--\r\n".encode()
    return client.post("/api/v1/submissions:batch", content=body, headers={"Content-Type": FORM})


def statuses(answer: httpx.Response) -> list[int]:
    return [one["status"] for one in answer.json()["results"]]


def test_fifty_posts_of_which_one_picture_is_broken(world: World) -> None:
    pictures = {f"{number}.jpg": plain(number * 5) for number in range(50)} | {"7.jpg": b"no picture at all"}
    answer = batch(world, [{"images": [name], "capture_method": "bulk"} for name in pictures], pictures)
    assert answer.status_code == 207
    body = answer.json()
    assert (body["accepted"], body["refused"], body["unused"]) == (49, 1, [])
    assert [one["index"] for one in body["results"]] == list(range(50))
    assert statuses(answer) == [202] * 7 + [422] + [202] * 42
    refused = body["results"][7]
    assert refused["submission"] is None
    assert (refused["problem"]["field"], refused["problem"]["image"]) == ("images", 0)
    assert refused["problem"]["instance"] == f"urn:netra:request:{answer.headers['X-Request-ID']}"
    for number, one in enumerate(body["results"]):
        if number != 7:
            assert one["created"] is True
            assert one["submission"]["state"] == "queued"
            row = world.row(one["submission"]["id"])
            assert row.capture_method == "bulk"
            assert [i.sha256 for i in row.images] == [hashlib.sha256(pictures[f"{number}.jpg"]).hexdigest()]
    assert submissions(world) == 49


def test_the_same_batch_again_makes_nothing_new(world: World) -> None:
    items: Items = [
        {"text": CALL, "idempotency_key": "one"}, {"images": ["a", "b"]}, {"images": ["a"], "handle": "@lain"},
    ]  # fmt: skip
    pictures = {"a": plain(10), "b": plain(20)}
    first, second = batch(world, items, pictures), batch(world, items, pictures)
    assert (first.status_code, second.status_code) == (200, 200)
    ids = [one["submission"]["id"] for one in first.json()["results"]]
    assert [one["submission"]["id"] for one in second.json()["results"]] == ids
    assert len(set(ids)) == 3
    assert [one["created"] for one in second.json()["results"]] == [False] * 3
    assert submissions(world) == 3
    other = batch(world, [{"text": CALL + "!", "idempotency_key": "one"}])
    assert other.json()["results"][0]["problem"]["field"] == "Idempotency-Key"


def test_an_array_a_byte_order_mark_and_empty_lines_are_read(sqlite_world: World) -> None:
    item = json.dumps({"contest": CONTEST, "text": CALL})
    for manifest in (f"[{item}]", f"\ufeff{item}", f"\n{item}\r\n\n"):
        assert statuses(batch(sqlite_world, manifest)) == [202]


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ("{", "manifest"), ("7", "manifest"), ("[" * 5000, "manifest"), ('{"tex": "x"}', "manifest"),
        ('{"text": 7}', "text"), ('{"text": "x", "act_date": "kemarin"}', "act_date"),
        ('{"images": "a.jpg"}', "images"),
        ('{"images": [7]}', "images"), ('{"images": ["tidak ada"]}', "images"), ('{"images": ["a", "a2"]}', "images"),
        (json.dumps({"images": ["a"] * 11}), "images"), ('{"images": ["besar"]}', "images"), ("{}", "images"),
        ('{"text": "x", "platform": "friendster"}', "platform"), ('{"text": "x", "contest": "lain"}', "contest"),
        ('{"text": "\\ud800", "idempotency_key": "\\ud800"}', "Idempotency-Key"),
    ],
)  # fmt: skip
def test_an_item_that_is_wrong_refuses_only_itself(common_world: World, item: str, field: str) -> None:
    world = common_world
    good = json.dumps({"contest": CONTEST, "text": CALL})
    small = world.settings.max_image_bytes
    world.settings.max_image_bytes = 2000
    pictures = {"a": plain(), "besar": b"\xff" * 2001, "b": plain(9)}
    parts = [part("images", data, name) for name, data in pictures.items()] + [part("images", plain(), "a2")] * 2
    # a line that begins with a bracket is an array of its own only at the very beginning
    try:
        answer = post(world.monitor, part("manifest", f"{good}\n{item}\n{good}".encode()) + b"".join(parts))
    finally:
        world.settings.max_image_bytes = small
    assert statuses(answer) == [202, 413 if "besar" in item else 422, 202]
    told = answer.json()["results"][1]["problem"]
    assert told["field"] == field
    assert " / " in told["detail"]
    assert "b" in answer.json()["unused"]


@pytest.mark.parametrize(
    ("manifest", "status"),
    [("", 422), ("[]", 422), ("[{", 422), (b"\xff", 422), ("{}\n" * 101, 413), ("x" * (MANIFEST_BYTES + 1), 413)],
)
def test_a_manifest_that_is_wrong_refuses_the_whole(common_world: World, manifest: str | bytes, status: int) -> None:
    problem(batch(common_world, manifest), status, "manifest")


def test_other_parts_are_refused(common_world: World) -> None:
    good = part("manifest", json.dumps({"contest": CONTEST, "text": CALL}).encode())
    problem(post(common_world.monitor, part("images", plain(), "a")), 422, "manifest")
    problem(post(common_world.monitor, good + good), 422, "manifest")
    problem(post(common_world.monitor, good + part("gambar", b"x")), 422, "gambar")
    answer = common_world.monitor.post("/api/v1/submissions:batch", json={"manifest": []})
    problem(answer, 422, "content-type")


def test_the_whole_is_bounded_while_it_streams(sqlite_world: World) -> None:
    sqlite_world.settings.max_batch_bytes = 1024
    cookie = "; ".join(f"{name}={value}" for name, value in sqlite_world.monitor.cookies.items())
    headers = SAME_ORIGIN | {"Content-Type": FORM, "Cookie": cookie}
    status, taken = taken_from(sqlite_world.app, "/api/v1/submissions:batch", headers)
    assert (status, taken <= 9 * 1024 * 1024) == (422, True)  # no part begins in endless x


def test_the_minute_counts_items(sqlite_world: World) -> None:
    sqlite_world.settings.submissions_per_minute = 3
    sqlite_world.services.operating.forget()
    token = sqlite_world.program("monitor", "submit")
    answer = batch(sqlite_world, [{"text": f"{CALL} {number}"} for number in range(5)], client=token)
    assert statuses(answer) == [202, 202, 202, 429, 429]
    assert answer.json()["results"][4]["problem"]["retry_after"] >= 1
    assert submissions(sqlite_world) == 3
    assert batch(sqlite_world, [{"text": "x"}], client=token).status_code == 429


def test_a_fault_in_between_loses_nothing_that_was_acknowledged(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = batches.accept, []

    def accept(*given: Any) -> Any:
        calls.append(given)
        if len(calls) == 2:
            raise OperationalError("", {}, Exception("away"))
        if len(calls) == 3:
            raise ZeroDivisionError
        return real(*given)

    monkeypatch.setattr(batches, "accept", accept)
    answer = batch(world, [{"text": f"{CALL} {number}"} for number in range(4)])
    assert statuses(answer) == [202, 503, 500, 202]
    assert answer.json()["results"][1]["problem"]["retry_after"]
    ids = [one["submission"]["id"] for one in answer.json()["results"] if one["submission"]]
    assert submissions(world) == 2
    assert {str(world.row(one).id) for one in ids} == set(ids)
