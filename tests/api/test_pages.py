"""Every list of the API goes by cursor: `after` and `limit` in, `items` and `next` out, an unknown cursor refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from app.auth.principal import SCOPES
from tests.api.conftest import build, settings_for
from tests.api.world import World, problem

DOCUMENT: dict[str, Any] = build(settings_for("", Path())).openapi()
READING = {path: item["get"] for path, item in DOCUMENT["paths"].items() if "get" in item}
FEW = {"/api/v1/session/tokens"}
"""A person's own tokens, of which there may be few: one page."""
LISTS = {path: one for path, one in READING.items() if one["operationId"].startswith("list_") and path not in FEW}
OWN = {"/api/v1/destructions/{run_id}"}
"""Lists that belong to something."""


def schema_of(operation: dict[str, Any]) -> dict[str, Any]:
    """The schema of a good answer in JSON; nothing for other answers."""
    schema = operation["responses"]["200"].get("content", {}).get("application/json", {}).get("schema", {})
    named = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = DOCUMENT["components"]["schemas"][named] if named else schema
    return found


def test_nothing_answers_a_bare_list() -> None:
    for path, operation in READING.items():
        assert schema_of(operation).get("type") != "array", path


def test_what_is_a_list_says_so() -> None:
    answers = {path: schema_of(operation).get("properties", {}) for path, operation in READING.items()}
    paged = {path for path, members in answers.items() if {"items", "next"} <= members.keys()}
    assert paged == LISTS.keys() | OWN
    for path in paged:
        assert {"after", "limit"} <= {one.get("name") for one in READING[path]["parameters"]}, path
        assert "422" in READING[path]["responses"], path


@pytest.mark.parametrize(
    "cursor", ["zzz", "zzz\0", "-1", "\ud800", "1" * 30, "a/b", "6d3c4f6e-9b65-4f0d-8c6f-4a11e5a2b0c7"]
)
def test_a_cursor_that_leads_nowhere_is_refused(common_world: World, cursor: str) -> None:
    callers = [common_world.program(login, *SCOPES) for login in ("coordinator", "admin")]
    for path in (path for path in LISTS if "{" not in path):
        query = {"after": cursor.encode("utf-8", "surrogatepass")}
        answers = [caller.get(path, params=query) for caller in callers]
        answered = next(one for one in answers if one.status_code != 403)
        assert problem(answered, 422, "after")["title"].startswith("Masukan"), path


@pytest.mark.parametrize("path", ["/api/v1/users", "/api/v1/tokens", "/api/v1/contests", "/api/v1/elections"])
def test_pages_of_one_join_to_the_whole(common_world: World, path: str) -> None:
    admin = common_world.program("admin", *SCOPES)
    common_world.program("monitor", "submit")
    whole = [one["id"] for one in admin.get(path, params={"limit": 200}).json()["items"]]
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        page = admin.get(path, params={"limit": 1, "after": after}).json()
        found += [one["id"] for one in page["items"]]
        after = page["next"]
    assert found == whole
    assert len(found) == len(set(found)) >= 1


def test_cursors_of_two_parts(common_world: World) -> None:
    coordinator = common_world.program("coordinator", *SCOPES)
    for login in ("reviewer", "coordinator"):
        declared = common_world.program(login, *SCOPES).post("/api/v1/conflicts", json={"contest": "muara-embun"})
        assert declared.status_code == 201
    first = coordinator.get("/api/v1/conflicts", params={"limit": 1}).json()
    assert re.fullmatch(r"[0-9a-f-]{36}/muara-embun", first["next"])
    second = coordinator.get("/api/v1/conflicts", params={"limit": 1, "after": first["next"]}).json()
    assert [one["login"] for one in first["items"] + second["items"]] == ["reviewer", "coordinator"]
    assert second["next"] is None
