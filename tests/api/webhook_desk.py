"""Webhooks in the tests of this folder: made through the API, delivered in this thread."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.db.hook_tables import Webhook
from app.screening.models import Models
from app.webhooks.delivering import deliver, wake
from app.webhooks.signing import Verifier
from tests.api.conftest import fresh_world
from tests.api.world import CONTEST, World
from tests.receiver import LOCAL, Receiver, receiving

MOST_ROUNDS = 60


@dataclass
class Desk:
    """A world with a receiver, and an administrator who sets webhooks up."""

    world: World
    receiver: Receiver
    admin: TestClient

    def made(self, *events: str, **more: object) -> dict[str, Any]:
        """A webhook that leads to the receiver, which verifies by its secret."""
        body = {"name": "uji", "url": self.receiver.url, "events": list(events)} | more
        answer = self.admin.post("/api/v1/webhooks", json=body)
        assert answer.status_code == 201, answer.text
        self.receiver.verifier = Verifier(answer.json()["secret"])
        return dict(answer.json())

    def deliver(self, rounds: int = MOST_ROUNDS) -> None:
        """What workers do, in this thread: until no round waits, at most so many; delays are not waited for."""
        wake(self.world.services)
        for _ in range(rounds):
            with self.world.services.sessions() as session:
                waiting = session.execute(select(Webhook.id, Webhook.attempt).where(Webhook.busy)).all()
            if not waiting:
                return
            for webhook_id, attempt in waiting:
                deliver(self.world.services, webhook_id, attempt, threading.Event())

    def read(self, hook: dict[str, Any]) -> dict[str, Any]:
        """The webhook as it stands."""
        return dict(self.admin.get(f"/api/v1/webhooks/{hook['id']}").json())

    def log(self, hook: dict[str, Any], **query: str) -> list[dict[str, Any]]:
        """Its deliveries, the oldest first."""
        answer = self.admin.get(f"/api/v1/webhooks/{hook['id']}/deliveries", params=query)
        assert answer.status_code == 200, answer.text
        return list(reversed(answer.json()["items"]))

    def act(self, hook: dict[str, Any], what: str, **body: object) -> dict[str, Any]:
        """An act on a webhook, which is taken."""
        answer = self.admin.post(f"/api/v1/webhooks/{hook['id']}/{what}", json=body)
        assert answer.status_code in {200, 202}, answer.text
        return dict(answer.json())

    def happen(self, times: int = 1) -> None:
        """Change the roster so often: an event each."""
        for _ in range(times):
            name = f"Kota {uuid.uuid4().hex[:8]}"
            contest = {"id": CONTEST, "name": name, "region": {"code": "99.01", "name": name}}
            assert self.admin.put("/api/v1/elections/demo/contests", json=contest).status_code == 200


@contextmanager
def desk_on(request: pytest.FixtureRequest, kind: str, folder: Path, models: Models, **more: object) -> Iterator[Desk]:
    """A desk on a fresh database."""
    settings = {"webhook_allow": LOCAL, "public_url": "http://netra.example"} | more
    with receiving() as receiver, fresh_world(request, kind, folder, models, **settings) as world:
        yield Desk(world, receiver, world.program("admin", "admin", "roster"))
