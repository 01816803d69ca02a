"""What the tests of rosters share: sending photos, and counting what came of it."""

from __future__ import annotations

import httpx
from sqlalchemy import func, select

from app.db.contest_tables import ContestRow, ReferencePhoto
from app.db.event_tables import Event
from tests.api.world import CONTEST, World

BAGUS, NIRMALA, ARMAN = f"{CONTEST}/2/1", f"{CONTEST}/2/2", f"{CONTEST}/1/1"


def upload(world: World, candidate: str, data: bytes, login: str = "coordinator", **fields: str) -> httpx.Response:
    return world.browser(login).post(f"/api/v1/candidates/{candidate}/photos", files={"photo": data}, data=fields)


def photos(world: World) -> dict[str, int]:
    """How many photos each candidate has."""
    query = select(ReferencePhoto.candidate_id, func.count()).group_by(ReferencePhoto.candidate_id)
    with world.services.sessions() as session:
        return dict(session.execute(query).all())  # type: ignore[arg-type]


def version(world: World, contest: str = CONTEST) -> int:
    with world.services.sessions() as session:
        return session.get_one(ContestRow, contest).roster_version


def events(world: World) -> int:
    with world.services.sessions() as session:
        return session.scalar(select(func.count()).select_from(Event)) or 0
