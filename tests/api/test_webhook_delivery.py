"""Webhooks to a real local receiver: order, signatures, retries, replays, redirects, halting, redelivery."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.screening.models import Models
from app.webhooks import delivering, sending
from app.webhooks.signing import Verifier
from tests.api.webhook_desk import Desk, desk_on
from tests.conftest import DATABASES
from tests.receiver import Request


@pytest.fixture(params=DATABASES)
def desk(
    request: pytest.FixtureRequest, tmp_path: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    monkeypatch.setattr(delivering, "WAITS", (0.0, 0.0, 0.0))
    with desk_on(request, request.param, tmp_path, models) as made:
        yield made


def sent_again(desk: Desk, request: Request) -> int:
    """The same request once more, by somebody who overheard it; the receiver's answer."""
    split = urlsplit(desk.receiver.url)
    connection = http.client.HTTPConnection(str(split.hostname), split.port, timeout=60)
    connection.request("POST", request.path, request.body, dict(request.headers))
    status = connection.getresponse().status
    connection.close()
    return status


def test_fifty_events_arrive_in_order_signed_and_once(desk: Desk) -> None:
    hook = desk.made("roster.changed")
    desk.happen(50)
    desk.deliver()
    numbers = desk.receiver.numbers()
    assert len(numbers) == 50
    assert numbers == sorted(set(numbers))
    assert {request.status for request in desk.receiver.requests} == {200}  # the verifier agreed each time
    first = desk.receiver.requests[0]
    assert first.path == "/netra?dari=uji"
    assert first.headers["Content-Type"] == "application/json"
    assert first.told["type"] == "roster.changed"
    assert first.told["data"] == {
        "object": "contest", "id": "muara-embun", "contest": "muara-embun",
        "url": "http://netra.example/api/v1/contests/muara-embun",
    }  # fmt: skip
    log = desk.log(hook, limit="200")
    assert [row["number"] for row in log] == numbers
    assert {(row["state"], row["status"], row["tries"], row["answer"]) for row in log} == {
        ("delivered", 200, 1, "jawaban 200")
    }
    assert first.headers["Webhook-Id"] == log[0]["message_id"]


def test_a_failure_is_retried_and_holds_back_what_came_after(desk: Desk) -> None:
    hook = desk.made("roster.changed")
    desk.receiver.answers = [200, 500, 503]
    desk.happen(4)
    desk.deliver()
    numbers = [request.told["number"] for request in desk.receiver.requests]
    taken = desk.receiver.numbers()
    assert numbers == [taken[0], taken[1], taken[1], *taken[1:]]
    assert [row["tries"] for row in desk.log(hook)] == [1, 3, 1, 1]
    tries = [request for request in desk.receiver.requests if request.told["number"] == taken[1]]
    assert len({request.headers["Webhook-Id"] for request in tries}) == 1  # so that receivers do nothing twice
    assert desk.read(hook)["failures"] == 0


def test_a_late_answer_is_a_failure(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.3)
    hook = desk.made("roster.changed")
    desk.receiver.answers = [desk.receiver.sleeps(5)]
    desk.happen()
    desk.deliver(rounds=1)
    (row,) = desk.log(hook)
    assert (row["state"], row["failure"], row["status"]) == ("waiting", "timeout", None)
    assert 250 <= row["milliseconds"] < 2500
    assert row["next_at"] is not None
    desk.deliver()
    (row,) = desk.log(hook)
    assert (row["state"], row["failure"], row["tries"]) == ("delivered", "", 2)


def test_a_replay_is_refused_by_the_receiver(desk: Desk) -> None:
    desk.made("roster.changed")
    desk.happen()
    desk.deliver()
    (request,) = desk.receiver.requests
    assert request.status == 200
    assert sent_again(desk, request) == 401
    assert desk.receiver.verifier is not None
    old = Verifier(desk.receiver.verifier.secret, clock=lambda: delivering.time.time() + 301)
    desk.receiver.verifier = old
    assert sent_again(desk, request) == 401  # a receiver that was restarted remembers nothing, but sees the time


def test_redirects_are_not_followed(desk: Desk) -> None:
    hook = desk.made("roster.changed")
    desk.receiver.answers = [302, 307]
    desk.happen()
    desk.deliver(rounds=2)
    (row,) = desk.log(hook)
    assert (row["failure"], row["status"], row["tries"]) == ("redirect", 307, 2)
    assert {request.path for request in desk.receiver.requests} == {"/netra?dari=uji"}


def test_what_fails_for_good_halts_and_goes_on_in_order(desk: Desk) -> None:
    hook = desk.made("roster.changed")
    desk.receiver.answers = [500] * 4
    desk.happen(2)
    desk.deliver()
    halted = desk.read(hook)
    assert (halted["state"], halted["halted_for"], halted["failures"], halted["dead"]) == ("halted", "failures", 4, 1)
    assert desk.receiver.numbers() == []
    desk.happen()
    desk.deliver()
    assert len(desk.receiver.requests) == 4  # nothing is sent while it is halted
    desk.act(hook, "resumption", skip=False)
    desk.deliver()
    numbers = desk.receiver.numbers()
    assert len(numbers) == 3
    assert numbers == sorted(numbers)
    assert desk.read(hook)["state"] == "active"


def test_gone_halts_at_once_and_skipping_begins_anew(desk: Desk) -> None:
    hook = desk.made("roster.changed")
    desk.receiver.answers = [410]
    desk.happen(3)
    desk.deliver()
    assert (desk.read(hook)["state"], desk.read(hook)["halted_for"]) == ("halted", "gone")
    desk.act(hook, "resumption", skip=True)
    desk.deliver()
    assert desk.receiver.numbers() == []
    desk.happen()
    desk.deliver()
    assert len(desk.receiver.numbers()) == 1


def test_a_pause_loses_nothing(desk: Desk) -> None:
    hook = desk.made("roster.changed")
    desk.act(hook, "pause")
    desk.happen(2)
    desk.deliver()
    assert desk.receiver.requests == []
    desk.act(hook, "resumption", skip=False)
    desk.happen()
    desk.deliver()
    assert len(desk.receiver.numbers()) == 3


def test_redelivery_sends_the_same_message_and_holds_nothing_back(desk: Desk) -> None:
    hook = desk.made("roster.changed")
    desk.happen(2)
    desk.deliver()
    first, second = desk.receiver.requests
    row = desk.log(hook)[0]
    desk.act(hook, f"deliveries/{row['id']}/redelivery")
    desk.deliver()
    again = desk.receiver.requests[-1]
    assert (again.status, again.body) == (200, first.body)
    assert again.headers["Webhook-Id"] == first.headers["Webhook-Id"]
    assert again.headers["Webhook-Signature"] != first.headers["Webhook-Signature"]
    desk.receiver.answers = [500]
    desk.act(hook, f"deliveries/{row['id']}/redelivery")
    desk.happen()
    desk.deliver()
    assert desk.receiver.numbers()[-1] > second.told["number"]
    assert [one["state"] for one in desk.log(hook)] == ["dead", "delivered", "delivered"]
    assert desk.read(hook)["state"] == "active"


def test_a_test_message_goes_out_even_while_paused(desk: Desk) -> None:
    hook = desk.made("flag.raised")
    desk.act(hook, "pause")
    desk.act(hook, "ping")
    desk.deliver()
    (request,) = desk.receiver.taken()
    assert (request.told["type"], request.told["number"]) == ("webhook.ping", None)


def test_both_secrets_sign_after_a_rotation_unless_the_old_one_leaked(desk: Desk) -> None:
    hook = desk.made("roster.changed")
    before = desk.receiver.verifier
    new = desk.act(hook, "rotation", keep_old=True)
    desk.happen()
    desk.deliver()
    desk.receiver.verifier = Verifier(new["secret"])
    desk.happen()
    desk.deliver()
    assert [request.status for request in desk.receiver.requests] == [200, 200]
    newest = desk.act(hook, "rotation", keep_old=False)
    assert newest["old_secret_until"] is None
    desk.receiver.verifier = before
    desk.happen()
    desk.deliver(rounds=1)
    assert desk.receiver.requests[-1].status == 401


def test_a_receiver_that_is_away_is_told_later(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    hook = desk.made("roster.changed", url=f"http://127.0.0.1:{port}/x")
    desk.happen()
    desk.deliver(rounds=1)
    assert desk.log(hook)[0]["failure"] == "connection"
    changed = desk.admin.put(f"/api/v1/webhooks/{hook['id']}", json={"url": desk.receiver.url})
    assert changed.status_code == 200
    desk.deliver()
    assert len(desk.receiver.taken()) == 1
