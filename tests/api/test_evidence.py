"""A flag keeps saying what was seen when it was raised, whatever becomes of the roster."""

from __future__ import annotations

import uuid
from typing import Any

from app.db.tables import Flag
from app.demo.pictures import group_photo
from app.imaging.redact import encode_jpeg
from tests.api.world import CALL, World


def shown(world: World, flag_id: str) -> dict[str, Any]:
    """The explanation of a flag."""
    found: dict[str, Any] = world.browser("coordinator").get(f"/api/v1/flags/{flag_id}").json()
    return found


def faces(item: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The signals of faces by their box."""
    return {str(signal["box"]): signal for signal in item["signals"] if signal["kind"] == "face"}


def together(world: World) -> str:
    """A flag on a picture with both candidates of pair 2, of whom there are three photos each."""
    world.enrol_candidates()
    return world.flagged(CALL.replace("3", "2"), [encode_jpeg(group_photo())])[0]


def test_the_closest_photo_is_the_one_that_was_found_closest(world: World) -> None:
    flag_id = together(world)
    with world.services.sessions() as session:
        (seen,) = session.get_one(Flag, uuid.UUID(flag_id)).screening.observations
    closest = {str(face["box"]): face["photo"] for face in seen["faces"] if face["candidate"]}
    references = {box: signal["reference"] for box, signal in faces(shown(world, flag_id)).items()}
    assert len(references) == 2
    assert {box: reference["closest"] for box, reference in references.items()} == closest
    assert all(reference["photos"][0] == reference["closest"] for reference in references.values())
    page = world.browser("coordinator").get(f"/antrean/{flag_id}").text
    assert page.count("paling mirip") == 2
    for photo in closest.values():
        assert world.browser("coordinator").delete(f"/api/v1/photos/{photo}").status_code == 204
    left = [signal["reference"] for signal in faces(shown(world, flag_id)).values()]
    assert [(reference["closest"], len(reference["photos"])) for reference in left] == [(None, 2)] * 2
    assert "paling mirip" not in world.browser("coordinator").get(f"/antrean/{flag_id}").text
