"""The OpenAPI against the application: made-up requests to every operation over real HTTP, with every check that
schemathesis has, along the links as well. No 5xx, nothing outside the document.

In the suite a share; all of it with `scripts/fuzz_api`, on both databases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from app.auth.principal import ROLE_SCOPES
from app.screening.models import Models
from tests.api.conftest import fresh_world
from tests.api.links import followed, links_of, words
from tests.api.test_document import OPERATIONS
from tests.api.world import World
from tests.conftest import REPOSITORY

LEAST = 2000
"""Examples that even the share of the suite has to make."""
LINKS_SECONDS = 120
"""So long links alone are followed when all is done. Answers differ when a chain is tried again, which ends a round of
schemathesis after some tens of chains; it begins anew until the time is up."""
PHASES = ("examples", "coverage", "fuzzing", "stateful")
LIMITS = ("requests_per_minute", "strangers_per_minute", "costly_per_minute", "submissions_per_day", "queue_limit")
NO_LIMITS: dict[str, object] = dict.fromkeys(LIMITS, 1_000_000)


@contextmanager
def listening(world: World) -> Iterator[str]:
    """The address at which the application answers until the block ends."""
    server = uvicorn.Server(uvicorn.Config(world.app, port=0, lifespan="off", log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    try:
        yield "http://{}:{}".format(*server.servers[0].sockets[0].getsockname())
    finally:
        server.should_exit = True
        thread.join(30)


def filled(world: World) -> dict[str, str]:
    """Things of most kinds to work on, and what the configuration of schemathesis needs to know of the callers."""
    for number in range(3):
        world.flagged(f"Ayo coblos nomor {number + 1}, lanjutkan!")
    callers = {login: world.program(login, *ROLE_SCOPES[login]) for login in ("coordinator", "admin")}
    made = callers["coordinator"].post("/api/v1/works/rescreen", json={"contest": "muara-embun"})
    assert made.status_code == 202
    admin = callers["admin"]
    people = [one["id"] for one in admin.get("/api/v1/users").json()["items"] if one["login"] in callers]
    tokens = [one["id"] for one in admin.get("/api/v1/tokens").json()["items"]]
    kept = {"FUZZ_KEPT": " ".join([*people, *tokens])}
    return kept | {f"FUZZ_{login.upper()}": client.headers["Authorization"] for login, client in callers.items()}


def fuzz(url: str, told: dict[str, str], folder: Path, *options: str) -> tuple[dict[str, Any], str]:
    """The report of schemathesis, and what it printed."""
    report = folder / "report.json"
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", "tests/api/schemathesis.toml", "run",
        f"{url}/api/openapi.json", "--seed", "7", "--no-shrink", "--continue-on-failure",
        "--warnings", "off", "--no-color", "--report-json-path", str(report), *options,
    ]  # fmt: skip
    done = subprocess.run(command, cwd=REPOSITORY, env=os.environ | told, capture_output=True, text=True, check=False)
    assert report.exists(), done.stdout[-5000:] + done.stderr[-5000:]
    return json.loads(report.read_text(encoding="utf-8")), done.stdout


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_no_request_breaks_the_api(
    request: pytest.FixtureRequest, tmp_path: Path, models: Models, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    examples = request.config.getoption("--api-examples")
    if kind != "sqlite" and examples is None:
        pytest.skip("the share of the suite runs on one database")
    each = 1 if examples is None else -(-examples // len(OPERATIONS))
    with (
        fresh_world(request, kind, tmp_path, models, log_level="WARNING", **NO_LIMITS) as world,
        listening(world) as url,
    ):
        told = filled(world)
        report, printed = fuzz(
            url, told, tmp_path, "--max-examples", str(each), "--generation-deterministic", "--report", "json"
        )
        if examples is not None:
            far = walk(url, told, tmp_path)
            with capsys.disabled():
                sys.stdout.write(f"\n{kind}: {far}\n")
        for login in ("COORDINATOR", "ADMIN"):
            answer = world.nobody().get("/api/v1/session", headers={"Authorization": told[f"FUZZ_{login}"]})
            assert answer.status_code == 200, "a caller lost their token on the way"
    assert report["failures"] == [], printed
    assert report["complete"]
    assert report["operations"]["tested"] == report["operations"]["total"] > 80
    assert {phase: one["status"] for phase, one in report["phases"].items()} == dict.fromkeys(PHASES, "success")
    assert report["test_cases"]["generated"] >= max(LEAST, examples or 0)


def walk(url: str, told: dict[str, str], folder: Path) -> str:
    """Follow the links for a while; how far that led, in words."""
    steps = folder / "steps.ndjson"
    (folder / "links").mkdir()
    report, printed = fuzz(
        url, told, folder / "links", "--phases", "stateful", "--max-time", str(LINKS_SECONDS),
        "--report", "json,ndjson", "--report-ndjson-path", str(steps),
    )  # fmt: skip
    assert report["failures"] == [], printed
    found = followed(steps)
    links = sum(len(links_of(operation)) for _, _, operation in OPERATIONS.values())
    assert len({link for link, _ in found}) >= 20
    return words(found, links)
