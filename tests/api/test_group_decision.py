"""Copies are listed with who posted them and since when; one decision may apply to several, every rule for each."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import httpx
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.db.flag_tables import Flag
from app.db.people_tables import User
from app.db.submission_tables import Submission
from tests.api.people import act, add, read, take_next, verdict
from tests.api.test_flags import chain
from tests.api.world import CALL, CONTEST, World, problem

POST = f"{CALL} Sampaikan kepada semua warga desa kita"


def copies(client: TestClient, flag_id: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1/flags/{flag_id}/copies")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def group(world: World, count: int, **fields: str) -> list[tuple[str, int]]:
    """So many posts with the same words by different accounts: flag and last event of each."""
    return [world.flagged(f"{POST} {'!' * number}", handle=f"@akun{number}", **fields) for number in range(count)]


def decide(client: TestClient, lead: tuple[str, int], others: list[tuple[str, int]], **change: Any) -> httpx.Response:
    chosen = [{"id": flag_id, "seen": seen} for flag_id, seen in others]
    body = {"verdict": "dismiss", "reason": "duplicate", "seen": lead[1], "copies": chosen} | change
    return act(client, lead[0], "group-decision", **body)


def state(world: World, flag_id: str) -> str:
    with world.services.sessions() as session:
        return session.get_one(Flag, uuid.UUID(flag_id)).state


def test_copies_are_listed_with_accounts_and_the_earliest_act(world: World) -> None:
    (alone, _) = world.flagged()
    (ani,) = add(world, "ani")
    assert copies(ani, alone) | {"items": []} == copies(ani, alone)
    old = (date.today() - timedelta(days=300)).isoformat()
    first, _ = world.flagged(POST, handle="@pertama", platform="facebook", act_date=old)
    second, _ = world.flagged(POST + "?", handle="@kedua", platform="x")
    third, _ = world.flagged(POST + "!", handle="@kedua", platform="x", act_date=old)
    found = copies(ani, second)
    assert [item["flag"] for item in found["items"]] == [first, third]
    assert [(item["how"], item["strength"]) for item in found["items"]] == [("caption", 1.0), (None, None)]
    assert found["size"] == 3
    assert found["accounts"] == [
        {"platform": "x", "handle": "@kedua"}, {"platform": "facebook", "handle": "@pertama"},
    ]  # fmt: skip
    assert found["older"]
    assert found["first"] == found["items"][0]["submission"]
    assert found["first_act"] == old < found["stage_since"]
    assert not copies(ani, first)["older"]
    assert not copies(ani, third)["older"]
    problem(ani.get(f"/api/v1/flags/{uuid.uuid4()}/copies"), 404)
    problem(world.monitor.get(f"/api/v1/flags/{first}/copies"), 403)


def test_one_decision_for_the_group_is_an_event_for_each(world: World) -> None:
    lead, *others = group(world, 4)
    (ani,) = add(world, "ani")
    done = decide(ani, lead, others[:2])
    assert done.status_code == 201, done.text
    body = done.json()
    assert body["state"] == "dismissed"
    assert {name: one["state"] for name, one in body["copies"].items()} == {
        others[0][0]: "dismissed", others[1][0]: "dismissed",
    }  # fmt: skip
    assert body["skipped"] == []
    assert state(world, others[2][0]) == "new"
    for flag_id, _ in (lead, *others[:2]):
        event = read(ani, flag_id)["events"][-1]
        assert event["data"]["together"] == {"of": lead[0], "chosen": 2}
        assert event["actor"] == "ani"
    assert chain(world)["holds"]
    undone = act(ani, others[0][0], "undo", seen=body["copies"][others[0][0]]["event"])
    assert undone.json()["state"] == "new"
    assert state(world, lead[0]) == "dismissed"


def test_four_eyes_hold_for_each_member(world: World) -> None:
    lead, *others = group(world, 3)
    ani, budi = add(world, "ani", "budi")
    confirm = {"verdict": "confirm", "reason": "campaign_text"}
    first = decide(ani, lead, others, **confirm).json()
    assert {first["state"], *(one["state"] for one in first["copies"].values())} == {"decided_once"}
    again = [(lead[0], first["event"]), *((name, one["event"]) for name, one in first["copies"].items())]
    problem(decide(ani, again[0], again[1:], **confirm), 403)
    seen = copies(budi, lead[0])
    assert {item["state"] for item in seen["items"]} == {None}
    assert all(item["open"] for item in seen["items"])
    assert not any(item["open"] for item in copies(ani, lead[0])["items"])
    second = decide(budi, again[0], again[1:], **confirm).json()
    assert {second["state"], *(one["state"] for one in second["copies"].values())} == {"confirmed"}
    assert chain(world)["holds"]


def test_what_cannot_be_decided_is_passed_over_and_named(world: World) -> None:
    lead, held, stale, done, own = group(world, 5)
    ani, budi = add(world, "ani", "budi")
    assert act(budi, held[0], "claim").status_code in {200, 201}
    act(budi, stale[0], "escalation", note="mohon diperiksa", seen=stale[1])
    verdict(budi, done[0], done[1], "dismiss")
    stranger = world.flagged()
    with world.services.sessions() as session:
        flag = session.get_one(Flag, uuid.UUID(own[0]))
        ani_id = session.scalars(select(User.id).where(User.login == "ani")).one()
        session.get_one(Submission, flag.submission_id).submitted_by = ani_id
        session.commit()
    missing = (str(uuid.uuid4()), 1)
    body = decide(ani, lead, [held, stale, done, own, stranger, missing, lead]).json()
    assert body["state"] == "dismissed"
    assert body["copies"] == {}
    why = {one["id"]: one["why"] for one in body["skipped"]}
    assert set(why) == {held[0], stale[0], done[0], own[0], stranger[0], missing[0]}
    assert "budi" in why[held[0]]
    assert all(" / " in text for text in why.values())
    assert why[stranger[0]] == why[missing[0]]
    assert "Bukan salinan" in why[missing[0]]
    assert [state(world, one[0]) for one in (held, stale, done, own, stranger)] == [
        "claimed", "escalated", "dismissed", "new", "new",
    ]  # fmt: skip
    assert chain(world)["holds"]


def test_a_refused_lead_decides_nothing(world: World) -> None:
    lead, other = group(world, 2)
    (ani,) = add(world, "ani")
    problem(decide(ani, (lead[0], lead[1] + 1), [other]), 409)
    problem(decide(ani, lead, [other], reason="other", note="pendek"), 422, "note")
    problem(decide(ani, lead, [other], reason="tidak ada"), 422, "reason")
    assert act(ani, lead[0], "group-decision", verdict="dismiss").status_code == 422
    many = [(str(uuid.uuid4()), 1)] * 101
    assert decide(ani, lead, many).status_code == 422
    assert state(world, lead[0]) == state(world, other[0]) == "new"


def test_copies_of_another_contest_are_decided_there(world: World) -> None:
    lead = world.flagged(POST)
    answer = world.submit(POST + "!", contest="muara-a")
    world.screen_now()
    (ani,) = add(world, "ani")
    (item,) = copies(ani, lead[0])["items"]
    assert item["contest"] == "muara-a"
    assert item["submission"] == answer.json()["id"]


def test_next_offers_only_the_first_of_a_group(world: World) -> None:
    members = dict(group(world, 3))
    alone, _ = world.flagged()
    ani, budi, citra = add(world, "ani", "budi", "citra")
    offered = {take_next(ani), take_next(budi), take_next(citra)}
    assert None in offered
    assert alone in offered
    (lead,) = offered - {None, alone}
    holder = next(client for client in (ani, budi, citra) if read(client, str(lead))["work"]["mine"])
    free = next(client for client in (ani, budi, citra) if take_next(client) is None)
    verdict(holder, str(lead), members.pop(str(lead)), "dismiss")
    assert take_next(free) in members
    assert len(ani.get("/api/v1/flags", params={"contest": CONTEST}).json()["items"]) == 4


def test_a_first_that_is_not_ones_own_to_decide_keeps_nobody_from_the_others(world: World) -> None:
    members = [flag_id for flag_id, _ in group(world, 2)]
    ani, budi = add(world, "ani", "budi")
    lead = take_next(ani)
    assert lead in members
    assert take_next(budi) is None
    assert act(world.browser("coordinator"), str(lead), "assignment", to="ani").status_code == 201
    assert take_next(budi) in set(members) - {lead}
