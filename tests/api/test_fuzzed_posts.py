"""Broken pictures handed in to a running service: refused or screened, and the worker goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.screening.models import Models
from tests.api.conftest import fresh_world
from tests.api.test_bad_pictures import settled
from tests.api.world import CALL, World
from tests.unit.test_fuzzed_pictures import fuzzed

COUNT = 60


def test_a_running_worker_outlives_them(request: pytest.FixtureRequest, tmp_path: Path, models: Models) -> None:
    with fresh_world(request, "sqlite", tmp_path, models, embedded_worker=True) as world:
        answers = [world.submit("", [data]) for data in fuzzed(COUNT, seed=5)]
        assert {answer.status_code for answer in answers} == {202, 413, 422} - missing(answers)
        taken = [answer.headers["Location"] for answer in answers if answer.status_code == 202]
        assert len(taken) >= 5
        assert {settled(world, one)["state"] for one in taken} == {"screened"}
        assert still_works(world)


def missing(answers: list) -> set[int]:  # type: ignore[type-arg]
    """413 need not come up."""
    return {413} - {answer.status_code for answer in answers}


def still_works(world: World) -> bool:
    """The same worker, a good post: it is flagged."""
    found = settled(world, world.submit(CALL).headers["Location"])
    alive = world.monitor.get("/api/v1/queue").json()["live_executors"]
    return found["flag"] is not None and alive == 1
