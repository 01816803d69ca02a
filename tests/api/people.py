"""More people than one of each role, and the acts that tests do as them."""

from __future__ import annotations

from typing import Any

import httpx
from fastapi.testclient import TestClient

from app.api.flag_models import FlagWhole
from app.db.people_tables import User
from tests.api.edge import stored_password
from tests.api.world import World


def add(world: World, *logins: str, role: str = "reviewer") -> list[TestClient]:
    """New people of a role, each in a browser of their own."""
    with world.services.sessions() as session:
        for login in logins:
            session.add(User(login=login, name=login.title(), role=role, password_hash=stored_password()))
        session.commit()
    return [world.browser(login) for login in logins]


def act(client: TestClient, flag_id: str, what: str, **body: Any) -> httpx.Response:
    """POST to an address of the item."""
    return client.post(f"/api/v1/flags/{flag_id}/{what}", json=body)


def verdict(client: TestClient, flag_id: str, seen: int, word: str = "confirm", **change: Any) -> httpx.Response:
    """A decision with a reason that fits."""
    reason = {"confirm": "campaign_text", "dismiss": "duplicate"}[word]
    return act(client, flag_id, "decisions", **({"verdict": word, "reason": reason, "seen": seen} | change))


def read(client: TestClient, flag_id: str) -> dict[str, Any]:
    """The explanation as this person sees it; it is what the document says."""
    answer = client.get(f"/api/v1/flags/{flag_id}")
    found: dict[str, Any] = answer.json()
    if answer.status_code == 200:
        FlagWhole.model_validate(found)
    return found


def take_next(client: TestClient, **query: Any) -> str | None:
    """The id of the item that this person is given."""
    answer = client.post("/api/v1/flags/next", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["id"] if answer.json() else None
