"""What the matrix of permissions leaves out: tokens that have ended, methods that no route has, the written table."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from itertools import cycle

import pytest
from fastapi.testclient import TestClient

from app.api.deps import PUBLIC
from app.auth import tokens
from app.auth.principal import SCOPES, SYSTEM
from app.db.base import now
from app.db.people_tables import ApiToken, User
from app.screening.models import Models
from tests.api.conftest import build, fresh_world
from tests.api.test_permissions import ROUTES, call, made_up
from tests.api.world import World
from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, models: Models) -> Iterator[World]:
    """SQLite is enough: no database decides on permissions."""
    with fresh_world(request, "sqlite", tmp_path_factory.mktemp("edges"), models) as made:
        yield made


def ended(world: World) -> dict[str, TestClient]:
    """Programs of an admin whose tokens held every scope until each ended in another way."""
    programs = {name: world.program("admin", *SCOPES) for name in ("revoked", "expired", "rotated", "overlap over")}
    for client in programs.values():
        assert client.get("/api/v1/users").status_code == 200
    with world.services.sessions() as session:
        rows = dict(zip(programs, session.query(ApiToken).order_by(ApiToken.created_at), strict=True))
        tokens.revoke(session, SYSTEM, rows["revoked"])
        rows["expired"].expires_at = now() - timedelta(seconds=1)
        tokens.rotate(session, SYSTEM, rows["rotated"])
        tokens.rotate(session, SYSTEM, rows["overlap over"], timedelta(hours=1))
        rows["overlap over"].previous_until = now() - timedelta(seconds=1)
        session.add(User(id=(owner := uuid.uuid4()), login="bekas", name="Bekas", role="admin", password_hash="-"))
        session.commit()
    programs["owner inactive"] = world.program("bekas", *SCOPES)
    assert programs["owner inactive"].get("/api/v1/users").status_code == 200
    with world.services.sessions() as session:
        session.get_one(User, owner).active = False
        session.commit()
    return programs


def test_no_route_opens_to_a_token_that_has_ended(world: World) -> None:
    programs = ended(world)
    for name, client in programs.items():
        assert client.get("/api/v1/session").status_code == 401, name
    turns = cycle(programs.items())
    for (method, pattern), act in ROUTES:
        if act != PUBLIC:
            name, client = next(turns)
            assert call(client, method, pattern).status_code == 401, f"{method} {pattern}: {name}"


def test_methods_that_no_route_has_are_refused(world: World) -> None:
    patterns = {pattern for (_, pattern), _ in ROUTES}
    nobody = world.nobody()
    for pattern in sorted(patterns):
        for method in ("HEAD", "OPTIONS", "PATCH"):
            if ("PATCH", pattern) not in dict(ROUTES):
                assert nobody.request(method, made_up(pattern)).status_code == 405, f"{method} {pattern}"


def test_the_written_table_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(REPOSITORY / "scripts")
    script = import_module("permission_table")
    monkeypatch.setattr(script, "create_app", build)
    assert script.DOCUMENT.read_text(encoding="utf-8") == script.render(), "run python scripts/permission_table.py"
