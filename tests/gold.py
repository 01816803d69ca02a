"""A known case and a trial of it, for the tests of both."""

from __future__ import annotations

import uuid

from app.db.flag_tables import Flag
from app.db.gold_tables import GoldTrial
from app.screening.trials import give_again
from tests.api.people import verdict
from tests.api.test_retention import picture
from tests.api.world import CALL, World


def raised(world: World, seed: int = 1, **fields: str) -> str:
    """A new item with a picture; its id."""
    return world.flagged(CALL, [picture(seed)], **fields)[0]


def known(world: World, seed: int = 1, by: str = "reviewer", **fields: str) -> str:
    """A case that `by` dismissed and a coordinator marked as known; its id."""
    case = raised(world, seed, **fields)
    assert verdict(world.browser(by), case, world.last_event(case), "dismiss").status_code == 201
    marked = world.browser("coordinator").put(f"/api/v1/gold/{case}", json={"verdict": "dismiss"})
    assert marked.status_code == 200, marked.text
    return case


def given(world: World, cause: str, share: float = 1.0) -> str | None:
    """The trial that this item brings with it at such a share; its id."""
    with world.services.sessions() as session:
        flag = give_again(session, session.get_one(Flag, uuid.UUID(cause)).submission_id, share)
        session.commit()
        return None if flag is None else str(flag.id)


def trial_rows(world: World) -> list[GoldTrial]:
    """What is kept of all trials."""
    with world.services.sessions() as session:
        return list(session.query(GoldTrial))
