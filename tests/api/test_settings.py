"""Operational settings: checked, with a reason, as events; every process follows within seconds; deadlines move."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app import audit
from app.auth.principal import SYSTEM
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.db.office_tables import Setting
from app.operating import BY_NAME, CACHE_SECONDS, SPECS, Operating, Values, values_of
from app.roster.file import ContestFile, ElectionFile, RegionFile
from app.roster.service import save_contest, save_election
from app.settings import Settings
from tests.api.world import World, problem

WHY = "Ditetapkan dalam rapat kantor"


def put(client: TestClient, reason: str = WHY, seen: dict[str, Any] | None = None, **values: Any) -> httpx.Response:
    body: dict[str, Any] = {"values": values, "reason": reason}
    return client.put("/api/v1/settings", json=body if seen is None else body | {"seen": seen})


def shown(client: TestClient) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in client.get("/api/v1/settings").json()["settings"]}


def changes(world: World) -> list[Event]:
    with world.services.sessions() as session:
        return list(session.scalars(select(Event).where(Event.action == "setting.changed").order_by(Event.id)))


def test_the_defaults_are_the_environment_s(world: World) -> None:
    found = shown(world.browser("reviewer"))
    assert list(found) == [spec.name for spec in SPECS] == list(Values.__dataclass_fields__)
    assert found["claim_minutes"]["value"] == found["claim_minutes"]["default"] == world.settings.claim_minutes
    assert found["submissions_per_minute"]["value"] == 100_000  # what the tests' environment says
    assert found["keep_confirmed_days"]["value"] == 0
    assert all(row["changed_at"] is None for row in found.values())


def test_a_change_applies_at_once_and_is_an_event(world: World) -> None:
    coordinator = world.browser("coordinator")
    flag, _ = world.flagged()
    assert put(coordinator, claim_minutes=60).status_code == 200
    before = world.browser("reviewer").post(f"/api/v1/flags/{flag}/claim").json()
    row = shown(coordinator)["claim_minutes"]
    assert (row["value"], row["default"], row["reason"], row["changed_by"]) == (60.0, 10.0, WHY, "coordinator")
    (event,) = changes(world)
    assert (event.object_id, event.actor) == ("claim_minutes", "coordinator")
    assert event.data == {"before": 10.0, "after": 60.0, "reason": WHY}
    with world.services.sessions() as session:
        held = session.get_one(Flag, uuid.UUID(flag))
        assert held.claimed_until is not None
        assert before["claimed_until"] is not None
        claim = session.scalars(select(Event).where(Event.action == "flag.claim")).one()
        assert held.claimed_until.isoformat() > claim.at
        assert (held.claimed_until - timedelta(minutes=59)).isoformat() > claim.at
        assert audit.verify(session).broken_at is None
    assert put(coordinator, claim_minutes=None).status_code == 200  # back to the default
    assert shown(coordinator)["claim_minutes"]["changed_at"] is None
    assert len(changes(world)) == 2


def test_the_same_value_again_is_no_change(world: World) -> None:
    assert put(world.browser("admin"), claim_minutes=10).status_code == 200
    assert changes(world) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("claim_minutes", 0), ("claim_minutes", 241), ("claim_minutes", "10"), ("claim_minutes", True),
        ("claim_minutes", [10]), ("second_look_share", 1.1), ("second_look_share", -0.1), ("unflagged_sample", 2),
        ("keep_dismissed_days", 1.5), ("keep_dismissed_days", -1), ("submissions_per_minute", 0),
        ("session_hours", 1e300), ("public_holidays", "2029-12-25"), ("public_holidays", ["25-12-2029"]),
        ("public_holidays", [None]), ("public_holidays", ["2029-01-01"] * 401),
    ],
)  # fmt: skip
def test_values_out_of_range_are_told_by_name(tidy_world: World, name: str, value: Any) -> None:
    problem(put(tidy_world.browser("coordinator"), **{name: value}), 422, name)
    assert changes(tidy_world) == []


def test_unknown_names_and_missing_reasons(tidy_world: World) -> None:
    coordinator = tidy_world.browser("coordinator")
    problem(put(coordinator, max_image_bytes=1), 422, "name")
    problem(put(coordinator, rahasia=1), 422, "name")
    problem(put(coordinator, reason="pendek", claim_minutes=11), 422, "reason")
    assert changes(tidy_world) == []


def test_all_of_them_or_none(world: World) -> None:
    problem(put(world.browser("coordinator"), claim_minutes=11, second_look_share=7), 422, "second_look_share")
    assert shown(world.browser("admin"))["claim_minutes"]["value"] == 10


def test_a_change_that_its_author_did_not_see_is_not_overwritten(world: World) -> None:
    assert put(world.browser("coordinator"), claim_minutes=20).status_code == 200
    problem(put(world.browser("admin"), seen={"claim_minutes": 10}, claim_minutes=30), 409, "claim_minutes")
    assert put(world.browser("admin"), seen={"claim_minutes": 20}, claim_minutes=30).status_code == 200


@pytest.mark.parametrize("role", ["monitor", "reviewer", "auditor"])
def test_others_read_and_do_not_write(tidy_world: World, role: str) -> None:
    client = tidy_world.browser(role)
    assert client.get("/api/v1/settings").status_code == 200
    assert put(client, claim_minutes=11).status_code == 403


def test_secrets_and_places_are_not_shown(world: World) -> None:
    body = world.browser("admin").get("/api/v1/settings")
    fixed = {row["variable"]: row["value"] for row in body.json()["environment"]}
    assert fixed["NETRA_MAX_IMAGE_BYTES"] == str(world.settings.max_image_bytes)
    assert fixed["NETRA_DATABASE_URL"] in {"sqlite://…", "postgresql://…"}
    assert not {"NETRA_SECRET_KEY", "NETRA_DATA_DIR", "NETRA_BLOB_URL"} & fixed.keys()
    assert str(world.settings.data_dir) not in body.text
    named = {f"NETRA_{name.upper()}" for name in BY_NAME}
    assert not named & fixed.keys()


def test_another_process_follows_within_seconds(world: World) -> None:
    clock = [0.0]
    other = Operating(world.settings, world.services.sessions, clock=lambda: clock[0])
    assert other.now().claim_minutes == 10
    assert put(world.browser("coordinator"), claim_minutes=44).status_code == 200
    assert world.services.operating.now().claim_minutes == 44  # the one that changed it, at once
    clock[0] += CACHE_SECONDS / 2
    assert other.now().claim_minutes == 10
    clock[0] += CACHE_SECONDS / 2
    assert other.now().claim_minutes == 44


def test_a_stored_value_that_no_longer_fits_is_not_used() -> None:
    settings = Settings(_env_file=None, data_dir=Path())  # type: ignore[call-arg]
    stored = {"claim_minutes": 9999, "second_look_share": 0.5, "public_holidays": ["x"], "unbekannt": 1}
    values = values_of(stored, settings)
    assert (values.claim_minutes, values.second_look_share, values.public_holidays) == (10.0, 0.5, frozenset())


def test_limits_of_the_office_count(world: World) -> None:
    assert put(world.browser("admin"), submissions_per_minute=1).status_code == 200
    program = world.program("monitor", "submit")
    assert world.submit("satu", client=program).status_code == 202
    assert world.submit("dua", client=program).status_code == 429


# -- holidays -------------------------------------------------------------------------------------------------------


def pemilu_flag(world: World, known: date) -> str:
    """An item of a contest whose deadlines count working days."""
    with world.services.sessions() as session:
        vote = date.today() + timedelta(days=60)
        save_election(session, SYSTEM, ElectionFile(id="pemilu", name="Pemilu", kind="pemilu", voting_day=vote))
        region = RegionFile(code="99.09", name="Wilayah")
        save_contest(session, SYSTEM, "pemilu", ContestFile(id="dapil", name="Dapil", region=region))
        session.commit()
    flag, _ = world.flagged("Ayo dukung, jangan lupa coblos!", contest="dapil", known_date=known.isoformat())
    return flag


def row(world: World, flag: str) -> Flag:
    with world.services.sessions() as session:
        return session.get_one(Flag, uuid.UUID(flag))


def monday() -> date:
    """The Monday of last week."""
    today = date.today()
    return today - timedelta(days=today.weekday() + 7)


def test_a_new_holiday_moves_open_items(world: World) -> None:
    known = monday()
    assert put(world.browser("admin"), unflagged_sample=1).status_code == 200  # whatever the rules say, it is an item
    flag, pilkada = pemilu_flag(world, known), world.flagged()[0]
    before, other = row(world, flag), row(world, pilkada)
    assert before.due_on == known + timedelta(days=9)
    holiday = known + timedelta(days=1)
    assert put(world.browser("coordinator"), public_holidays=[holiday.isoformat()]).status_code == 200
    after = row(world, flag)
    assert after.due_on == known + timedelta(days=10)
    assert after.priority < before.priority  # a later deadline is less urgent
    assert row(world, pilkada).priority == other.priority
    assert changes(world)[-1].data["moved"] == 1
    assert put(world.browser("coordinator"), public_holidays=[]).status_code == 200
    assert row(world, flag).due_on == before.due_on
    assert row(world, flag).priority == pytest.approx(before.priority)


def test_a_new_item_knows_the_holidays_and_a_decided_one_keeps_its_day(world: World) -> None:
    known = monday()
    holiday = (known + timedelta(days=2)).isoformat()
    assert put(world.browser("admin"), public_holidays=[holiday], unflagged_sample=1).status_code == 200
    flag = pemilu_flag(world, known)
    assert row(world, flag).due_on == known + timedelta(days=10)
    verdict = {"verdict": "dismiss", "reason": "duplicate", "seen": world.last_event(flag)}
    assert world.browser("reviewer").post(f"/api/v1/flags/{flag}/decisions", json=verdict).status_code == 201
    assert put(world.browser("admin"), public_holidays=None).status_code == 200
    assert row(world, flag).due_on == known + timedelta(days=10)
    with world.services.sessions() as session:
        assert session.get(Setting, "public_holidays") is None
