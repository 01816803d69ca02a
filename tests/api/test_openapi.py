"""The OpenAPI against the application: made-up requests to every operation, no 500, nothing outside the schema."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.auth.principal import SCOPES
from app.main import create_app
from app.screening.models import Models
from tests.api.conftest import fresh_world, settings_for
from tests.api.world import CONTEST, World

Operation = APIOperation[Any, Any, Any, Any]
CHECKS: list[Any] = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
SENT = {"method", "url", "headers", "params", "data", "json", "files"}
HOST = "http://testserver"
EXAMPLES = 10
ENDS = {
    "DELETE /api/v1/contests/{contest_id}", "DELETE /api/v1/paslon/{paslon_id}",
    "POST /api/v1/elections/{election_id}/close",
}  # fmt: skip
"""What would take the common contest from the operations after it."""
BY_COORDINATOR = {"flag.decide", "quality.read", "rules.change"}
"""What an administrator may not do."""


def described() -> dict[str, Any]:
    """The document that the application publishes."""
    return create_app(settings_for("", Path())).openapi()


def has_input(operation: Operation) -> bool:
    """Whether there is anything that a bad request could get wrong."""
    parts = (operation.path_parameters, operation.query, operation.body)
    return any(len(list(part)) for part in parts)


SCHEMA = schemathesis.openapi.from_dict(described())
OPERATIONS = {operation.ok().label: operation.ok() for operation in SCHEMA.get_all_operations()}
WITH_INPUT = [label for label, operation in OPERATIONS.items() if has_input(operation)]


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, models: Models) -> Iterator[World]:
    """One application for all requests."""
    folder = tmp_path_factory.mktemp("openapi")
    with fresh_world(request, "sqlite", folder, models) as made:
        yield made


@pytest.fixture(scope="module")
def callers(world: World) -> dict[str, TestClient]:
    """Programs with every scope, of the administrator and of a coordinator."""
    return {login: world.program(login, *SCOPES) for login in ("admin", "coordinator")}


@pytest.fixture
def existing(world: World, callers: dict[str, TestClient], label: str) -> dict[str, str]:
    """Ids that lead somewhere, made anew for each operation because it may delete them."""
    flag_id, _ = world.flagged()
    admin = callers["admin"]
    number = uuid.uuid4().hex[:8]
    user = {"login": f"orang.{number}", "name": "Orang", "role": "monitor", "password": "kata sandi panjang"}
    owner = admin.post("/api/v1/users", json=user).json()
    token = admin.post("/api/v1/tokens", json={"login": owner["login"], "name": "x", "scopes": ["submit"]}).json()
    flag = admin.get(f"/api/v1/flags/{flag_id}").json()
    election, contest = ("demo", CONTEST) if label not in ENDS else short_lived(admin, f"sementara-{number}")
    return {
        "flag_id": flag_id, "submission_id": flag["submission"], "contest_id": contest, "election_id": election,
        "paslon_id": f"{contest}/1", "candidate_id": f"{contest}/1/1", "user_id": owner["id"], "token_id": token["id"],
    }  # fmt: skip


def short_lived(admin: TestClient, name: str) -> tuple[str, str]:
    """An election and its contest, with one pair, that may go."""
    election = {"id": name, "name": name, "voting_day": "2029-09-02"}
    pair = {"number": 1, "candidates": [{"name": "Gita Nusa"}]}
    contest = {"id": name, "name": name, "region": {"code": "98", "name": name}, "paslon": [pair]}
    assert admin.put(f"/api/v1/elections/{name}", json=election).status_code == 200
    assert admin.put(f"/api/v1/elections/{name}/contests", json=contest).status_code == 200
    return name, name


def who_may(operation: Operation, callers: dict[str, TestClient]) -> TestClient:
    """The program whose owner may do this."""
    act = operation.definition.raw["x-netra-permission"]["act"]
    return callers["coordinator" if act in BY_COORDINATOR else "admin"]


def send(client: TestClient, case: Case) -> httpx.Response | None:
    """The case as bytes on the wire; None for what no client can send."""
    wanted = {name: value for name, value in case.as_transport_kwargs(base_url=HOST).items() if name in SENT}
    with suppress(httpx.InvalidURL, requests.RequestException, UnicodeError):
        ready = requests.Request(**wanted).prepare()
        headers = {k: v for k, v in ready.headers.items() if k.lower() not in {"authorization", "cookie"}}
        return client.request(str(ready.method), str(ready.url), headers=headers, content=ready.body)
    return None


def try_out(operation: Operation, client: TestClient, mode: GenerationMode, ids: dict[str, str]) -> int:
    """Send made-up requests and check every answer; how many were sent."""
    known = {name: ids[name] for name in (p.name for p in operation.path_parameters) if name in ids}
    sent = 0

    def check(case: Case) -> None:
        nonlocal sent
        answer = send(client, case)
        if answer is not None:
            sent += 1
            case.validate_response(answer, checks=CHECKS)

    for chosen in [None, known] if known else [None]:
        strategy = operation.as_strategy(mode, path_parameters=chosen)
        bounded = examples(
            max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        bounded(given(strategy)(check))()
    return sent


@pytest.mark.parametrize("label", OPERATIONS)
def test_good_requests_get_documented_answers(
    callers: dict[str, TestClient], existing: dict[str, str], label: str
) -> None:
    operation = OPERATIONS[label]
    assert try_out(operation, who_may(operation, callers), GenerationMode.POSITIVE, existing) > 0


@pytest.mark.parametrize("label", WITH_INPUT)
def test_bad_requests_get_documented_answers(
    callers: dict[str, TestClient], existing: dict[str, str], label: str
) -> None:
    operation = OPERATIONS[label]
    assert try_out(operation, who_may(operation, callers), GenerationMode.NEGATIVE, existing) > 0
