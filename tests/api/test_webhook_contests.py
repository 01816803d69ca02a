"""Webhooks that are told of some contests only; changes that nobody's change is lost by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.screening.models import Models
from tests.api.webhook_desk import Desk, desk_on
from tests.api.world import CONTEST, problem
from tests.conftest import DATABASES

OTHER = {"id": "lain", "name": "Kota Lain", "region": {"code": "99.08", "name": "Kota Lain"}}


@pytest.fixture(params=DATABASES)
def desk(request: pytest.FixtureRequest, tmp_path: Path, models: Models) -> Iterator[Desk]:
    with desk_on(request, request.param, tmp_path, models) as made:
        yield made


@pytest.fixture
def sqlite_desk(request: pytest.FixtureRequest, tmp_path: Path, models: Models) -> Iterator[Desk]:
    """No database decides on what is refused."""
    with desk_on(request, "sqlite", tmp_path, models) as made:
        yield made


def told(desk: Desk) -> list[tuple[str, str]]:
    """Kinds and contests of what the receiver was told, in order."""
    desk.deliver()
    return [(request.told["type"], request.told["data"]["contest"]) for request in desk.receiver.taken()]


def test_a_webhook_is_told_of_its_contests_only(desk: Desk) -> None:
    desk.admin.put("/api/v1/elections/demo/contests", json=OTHER).raise_for_status()
    hook = desk.made("flag.raised", "roster.changed", contests=["lain"])
    desk.world.flagged()
    desk.happen()
    desk.admin.put("/api/v1/elections/demo/contests", json=OTHER | {"name": "Kota Lain Lagi"})
    election = {"id": "demo", "name": "Pilkada lain", "kind": "pilkada", "voting_day": "2029-09-02"}
    desk.admin.put("/api/v1/elections/demo", json=election)
    assert told(desk) == [("roster.changed", "lain")]
    desk.admin.put(f"/api/v1/webhooks/{hook['id']}", json={"contests": []})
    desk.happen()
    assert told(desk)[1:] == [("roster.changed", CONTEST)]  # what went before stays untold


@pytest.mark.parametrize(
    ("events", "contests"), [("flag.raised", ["tidak-ada"]), ("flag.raised", ["\x00"]), ("work.done", [CONTEST])]
)
def test_contests_that_make_no_webhook(sqlite_desk: Desk, events: str, contests: list[str]) -> None:
    body = {"name": "uji", "url": sqlite_desk.receiver.url, "events": [events], "contests": contests}
    problem(sqlite_desk.admin.post("/api/v1/webhooks", json=body), 422, "contests")


def test_nobodys_change_is_written_over(desk: Desk) -> None:
    hook = desk.made("flag.raised")
    address = f"/api/v1/webhooks/{hook['id']}"
    seen = {"If-Match": desk.admin.get(address).headers["etag"]}
    assert desk.admin.put(address, json={"name": "satu"}, headers=seen).status_code == 200
    problem(desk.admin.put(address, json={"name": "dua"}, headers=seen), 412)
    problem(desk.admin.delete(address, headers=seen), 412)
    assert desk.read(hook)["name"] == "satu"
    assert desk.admin.delete(address, headers={"If-Match": desk.admin.get(address).headers["etag"]}).status_code == 204
