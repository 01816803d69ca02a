"""Back-pressure: a long queue, a disk that is nearly full, and what one token may hand in on one day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.db.base import now
from app.db.submission_tables import Submission
from app.intake.room import FULL_WAIT, LONGEST_WAIT, SHORTEST_WAIT, UNKNOWN_WAIT, limit_for, seconds_to_wait
from app.jobs import backlog
from tests.api.edge import taken_from
from tests.api.world import CALL, CONTEST, FORM, World, form, problem

HTML = {"Accept": "text/html"}


def office(world: World, **values: int) -> None:
    """The office changes these values."""
    body = {"values": values, "reason": "Ditetapkan dalam rapat kantor"}
    answer = world.browser("admin").put("/api/v1/settings", json=body)
    assert answer.status_code == 200, answer.text


def queue(world: World, client: Any = None) -> dict[str, Any]:
    body: dict[str, Any] = (client or world.program("monitor", "submit")).get("/api/v1/queue").json()
    return body


@pytest.mark.parametrize(
    ("waiting", "limit", "pace", "seconds"),
    [
        (5000, 5000, 100, 300), (6000, 5000, 600, 150), (5000, 5000, 1e9, SHORTEST_WAIT), (5000, 5000, 1, LONGEST_WAIT),
        (5000, 5000, 0, UNKNOWN_WAIT), (1, 1, 60, SHORTEST_WAIT),
    ],
)  # fmt: skip
def test_the_wait_follows_the_pace(waiting: int, limit: int, pace: float, seconds: int) -> None:
    assert seconds_to_wait(waiting, limit, pace) == seconds


def test_people_come_before_programs() -> None:
    assert (limit_for(5000, by_token=True), limit_for(5000, by_token=False)) == (5000, 6000)
    assert limit_for(0, by_token=True) is None


def test_programs_wait_for_a_full_queue_and_people_a_little_later(world: World) -> None:
    office(world, queue_limit=2)
    program, person = world.program("monitor", "submit"), world.browser("reviewer")
    assert [world.submit(f"Rapat {number}", client=program).status_code for number in range(3)] == [202, 202, 503]
    answer = world.submit("Rapat lain", client=program)
    body = problem(answer, 503)
    assert body["type"] == "urn:netra:problem:queue-full"
    assert (body["waiting"], body["limit"]) == (2, 2)
    assert answer.headers["Retry-After"] == str(body["retry_after"]) == str(UNKNOWN_WAIT)  # nothing was screened yet
    told = queue(world, program)
    assert (told["accepting"], told["queued"], told["limit"], told["retry_after"]) == (False, 2, 2, UNKNOWN_WAIT)
    assert world.submit("Rapat orang", client=person).status_code == 202
    assert world.submit("Rapat orang lagi", client=person).status_code == 503
    world.screen_now()
    world.services.backlog.forget()
    assert queue(world, program)["accepting"] is True
    assert world.submit("Rapat lain", client=program).status_code == 202


def test_the_wait_is_that_of_the_pace_seen(sqlite_world: World) -> None:
    program = sqlite_world.program("monitor", "submit")
    assert sqlite_world.submit(CALL, client=program).status_code == 202
    sqlite_world.screen_now()
    assert sqlite_world.services.backlog.pace() == 1.0
    office(sqlite_world, queue_limit=1)
    assert sqlite_world.submit("Rapat", client=program).status_code == 202
    assert int(sqlite_world.submit("Rapat lagi", client=program).headers["Retry-After"]) == 60


def test_nothing_of_the_body_is_read_before_a_refusal(sqlite_world: World) -> None:
    office(sqlite_world, queue_limit=1)
    program = sqlite_world.program("monitor", "submit")
    assert sqlite_world.submit("Rapat", client=program).status_code == 202
    headers = {"Content-Type": FORM, "Authorization": program.headers["Authorization"]}
    assert taken_from(sqlite_world.app, "/api/v1/submissions", headers) == (503, 0)


def test_the_page_keeps_what_was_written(sqlite_world: World) -> None:
    office(sqlite_world, queue_limit=1)
    person = sqlite_world.browser("monitor")
    assert "Antrean pemeriksaan penuh" not in person.get("/kirim", headers=HTML).text
    for number in range(2):
        assert sqlite_world.submit(f"Rapat {number}", client=person).status_code == 202
    assert "Antrean pemeriksaan penuh" in person.get("/kirim", headers=HTML).text
    body = form({"contest": CONTEST, "text": "Ditulis panjang lebar", "handle": "contoh"}, [b"x" * 4096])
    answer = person.post("/kirim", content=body, headers={"Content-Type": FORM, **HTML})
    assert answer.status_code == 503
    assert "Antrean pemeriksaan penuh" in answer.text
    assert "Ditulis panjang lebar</textarea>" in answer.text
    assert 'value="contoh"' in answer.text


def test_a_disk_that_is_nearly_full_takes_nothing(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    program = sqlite_world.program("monitor", "submit")
    monkeypatch.setattr(sqlite_world.services.blobs, "free", lambda: 199_999_999)
    answer = sqlite_world.submit(CALL, client=program)
    assert problem(answer, 507)["type"] == "urn:netra:problem:storage-full"
    assert answer.headers["Retry-After"] == str(FULL_WAIT)
    assert queue(sqlite_world, program)["accepting"] is False
    office(sqlite_world, reserved_megabytes=100)
    assert sqlite_world.submit(CALL, client=program).status_code == 202
    monkeypatch.setattr(sqlite_world.services.blobs, "free", lambda: None)  # a store elsewhere tells nothing
    assert queue(sqlite_world, program)["accepting"] is True


def test_a_token_has_its_day_in_the_database(world: World) -> None:
    office(world, submissions_per_day=2)
    one, other = world.program("monitor", "submit"), world.program("monitor", "submit")
    sent = [world.submit(text, client=one).status_code for text in ("Satu", "Satu", "Dua", "Tiga")]
    assert sent == [202, 202, 202, 429]  # the same again is no new one
    answer = world.submit("Tiga", client=one)
    assert "00:00 WIB" in problem(answer, 429)["detail"]
    assert 1 <= int(answer.headers["Retry-After"]) <= 86400
    assert world.submit("Tiga", client=other).status_code == 202
    assert world.submit("Orang", client=world.browser("monitor")).status_code == 202
    world.services.backlog.forget()  # as after a restart
    assert world.submit("Empat", client=one).status_code == 429
    with world.services.sessions() as session:
        for row in session.query(Submission).filter(Submission.token_id.is_not(None)):
            row.received_at = now() - timedelta(days=1, minutes=1)
        session.commit()
    world.services.backlog.forget()
    assert world.submit("Empat", client=one).status_code == 202


def test_counts_are_remembered_while_the_limit_is_far(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    asked = backlog.Backlog(sqlite_world.services.sessions, clock=lambda: clock[0])
    assert asked.waiting(2000, 2400) == 0
    assert sqlite_world.submit(CALL).status_code == 202
    assert asked.waiting(2000, 2400) == 0
    clock[0] += backlog.CACHE_SECONDS
    assert asked.waiting(2000, 2400) == 1
    assert asked.waiting(400, 480) == 1
    assert sqlite_world.submit("Rapat").status_code == 202
    assert asked.waiting(400, 480) == 2  # near: counted anew
    monkeypatch.setattr(backlog, "MOST_REMEMBERED", 0)
    assert asked.waiting(1, 2) == 2


def test_a_batch_stops_where_the_queue_is_full(sqlite_world: World) -> None:
    office(sqlite_world, queue_limit=2)
    manifest = "\n".join(f'{{"text": "Rapat {number}", "contest": "{CONTEST}"}}' for number in range(4))
    program = sqlite_world.program("monitor", "submit")
    answer = program.post(
        "/api/v1/submissions:batch", content=form({"manifest": manifest}), headers={"Content-Type": FORM}
    )
    assert answer.status_code == 207
    assert [one["status"] for one in answer.json()["results"]] == [202, 202, 503, 503]
    assert answer.json()["results"][2]["problem"]["retry_after"] == UNKNOWN_WAIT
