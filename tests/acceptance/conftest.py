"""The real application two days before voting, so that every act of the scenario has happened, with its people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.db.contest_tables import Election
from app.screening.models import Models
from tests.acceptance.desk import Desk
from tests.api import people
from tests.api.conftest import models, world_on

__all__ = ["desk", "models"]
DAYS_TO_VOTING = 2


@pytest.fixture
def desk(database_url: str, tmp_path: Path, models: Models) -> Iterator[Desk]:
    """One per database kind; nobody's dismissal is drawn for a second look."""
    with world_on(database_url, tmp_path / "data", models) as world:
        voting_day = date.today() + timedelta(days=DAYS_TO_VOTING)
        with world.services.sessions() as session:
            session.get_one(Election, "demo").voting_day = voting_day
            session.commit()
        people.add(world, "reviewer.a", "reviewer.b", "reviewer.c", "reviewer.d")
        yield Desk(world, voting_day)
