"""Claims: visible, extended while at work, given back by themselves; and many people at once on real databases."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app import audit
from app.auth.principal import Principal
from app.db.base import now
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.db.people_tables import User
from app.errors import Conflict, NotAllowed
from app.review.acts import case_of
from app.review.claims import claim_next
from app.review.decide import decide
from app.review.filters import Filters
from app.review.queue import count_found, count_open, next_flag
from tests.api.people import act, add, read, take_next, verdict
from tests.api.test_flags import chain, events_of
from tests.api.test_four_eyes import the_row_is_what_the_events_say
from tests.api.test_web_lists import downloaded, listed
from tests.api.world import CALL, World, problem

SECONDS = 4.0
PEOPLE = 8


def run_out(world: World, flag_id: str) -> None:
    """Claim as a claim of long ago, event and row alike."""
    with world.services.sessions() as session:
        flag = session.get_one(Flag, uuid.UUID(flag_id))
        holder = session.scalars(select(User).where(User.login == flag.claimed_by)).one()
        who = Principal(holder.id, holder.login, holder.name, "reviewer")
        past = now() - timedelta(seconds=1)
        audit.append(session, who, "flag.renew", "flag", flag.id, {"until": past.isoformat()})
        flag.claimed_until = past
        session.commit()


def test_a_claim_is_seen_kept_and_given_up(world: World) -> None:
    first, _ = world.flagged("Menangkan ARLIS, coblos nomor 1! Menangkan Arman Dipasena!")
    second, _ = world.flagged("Jangan sampai pilih nomor 4")
    ani, budi = add(world, "ani", "budi")
    top = take_next(ani)
    assert top is not None
    assert take_next(ani) == top
    other = take_next(budi)
    assert {top, other} == {first, second}
    held = problem(act(budi, top, "claim"), 409)
    assert "held_until" in held
    assert act(ani, top, "claim").status_code == 200
    problem(act(budi, top, "renewal"), 409)
    assert act(ani, top, "renewal").json()["claimed_by"] == "ani"
    shown = read(budi, top)
    assert (shown["state"], shown["work"]["claimed_by"], shown["work"]["mine"]) == ("claimed", "ani", False)
    problem(verdict(budi, top, shown["last_event"]), 409)
    assert [event["action"] for event in events_of(world, top)] == ["flag.raised", "flag.claim"]
    assert budi.delete(f"/api/v1/flags/{other}/claim").json()["state"] == "new"
    assert take_next(ani, skip=top) == other
    assert read(ani, top)["state"] == "new"
    done = verdict(ani, str(other), read(ani, str(other))["last_event"], "dismiss")
    assert done.json()["state"] == "dismissed"
    assert events_of(world, str(other))[-1]["data"]["handling_seconds"] >= 0
    for flag_id in (first, second):
        the_row_is_what_the_events_say(world, flag_id)


def test_what_nobody_works_on_comes_back(world: World) -> None:
    flag_id, seen = world.flagged()
    ani, budi = add(world, "ani", "budi")
    assert take_next(ani) == flag_id
    assert take_next(budi) is None
    run_out(world, flag_id)
    assert read(budi, flag_id)["state"] == "new"
    assert "claim" in read(budi, flag_id)["work"]["acts"]
    assert take_next(budi) == flag_id
    problem(act(ani, flag_id, "renewal"), 409)
    problem(verdict(ani, flag_id, seen), 409)
    actions = [(event["actor"], event["action"]) for event in events_of(world, flag_id)]
    assert actions[-2:] == [("system", "flag.expire"), ("budi", "flag.claim")]
    run_out(world, flag_id)
    assert act(ani, flag_id, "claim").json()["claimed_by"] == "ani"
    the_row_is_what_the_events_say(world, flag_id)


def test_a_claim_that_ran_out_is_gone_before_anybody_asks_for_the_next(world: World) -> None:
    flags = [world.flagged(f"{CALL} {number}")[0] for number in range(3)]
    ani, budi, auditor = *add(world, "ani", "budi"), world.browser("auditor")
    held = take_next(ani)
    assert held in flags

    def shown(state: str, limit: int) -> list[str]:
        query: dict[str, Any] = {"state": state, "limit": limit}
        found: list[str] = []
        while True:
            answer = budi.get("/api/v1/flags", params=query).json()
            found += [item["id"] for item in answer["items"]]
            if answer["next"] is None:
                return found
            query["after"] = answer["next"]

    for state in ("new", "waiting"):
        assert held not in shown(state, 5)
    assert shown("claimed", 5) == [held]
    assert len(listed(auditor)) == 2
    run_out(world, held)
    for state in ("new", "waiting"):
        assert sorted(shown(state, 1)) == sorted(shown(state, 5)) == sorted(flags)
    assert shown("claimed", 5) == []
    for query in ("", "keadaan=new", "keadaan=new&tingkat=high", "keadaan=semua"):
        assert sorted(listed(auditor, query)) == sorted(flags), query
        assert sorted(row["Nomor butir"] for row in downloaded(auditor, query)) == sorted(flags), query
    with world.services.sessions() as session:
        person = session.scalars(select(User).where(User.login == "budi")).one()
        principal = Principal(person.id, person.login, person.name, person.role)
        assert count_open(session, principal) == 3
        assert count_found(session, Filters(state="new"), principal, most=2) == 2
        assert count_found(session, Filters(state="claimed"), principal) == 0
        first = next_flag(session, principal=principal)
        assert first is not None
        assert str(first.id) == held
    assert "flag.expire" not in [event["action"] for event in events_of(world, held)]
    assert take_next(budi) == held


def test_assigned_items_are_one_persons_until_handed_back(world: World) -> None:
    flag_id, seen = world.flagged()
    ani, budi = add(world, "ani", "budi")
    coordinator = world.browser("coordinator")
    problem(act(ani, flag_id, "assignment", to="budi"), 403)
    for nobody in ("monitor", "tidak-ada", "auditor"):
        problem(act(coordinator, flag_id, "assignment", to=nobody), 422, "to")
    assert take_next(ani) == flag_id
    assert act(coordinator, flag_id, "assignment", to="budi").json()["state"] == "new"
    assert take_next(ani) is None
    problem(verdict(ani, flag_id, seen), 403)
    assert take_next(budi) == flag_id
    assert act(budi, flag_id, "return", note="saya libur", seen=seen).json()["state"] == "new"
    assert take_next(ani) == flag_id
    the_row_is_what_the_events_say(world, flag_id)


def test_filters_narrow_the_queue_and_next(world: World) -> None:
    one, seen = world.flagged(CALL, platform="tiktok")
    two, _ = world.flagged("Jangan sampai pilih nomor 4", platform="facebook")
    ani, budi = add(world, "ani", "budi")

    def ids(**query: str) -> set[str]:
        return {item["id"] for item in ani.get("/api/v1/flags", params=query).json()["items"]}

    assert ids(platform="tiktok") == {one}
    assert ids(region="99") == ids(region="99.01") == ids(stage="kampanye") == {one, two}
    assert ids(region="98") == ids(stage="masa_tenang") == ids(signal="FACE_MATCH") == set()
    (code, *_) = [signal["code"] for signal in read(ani, two)["signals"] if signal["code"] == "SERANGAN"] or ["NOMOR"]
    assert two in ids(signal=code)
    assert ids(reviewer="budi") == set()
    verdict(budi, one, seen)
    assert ids(reviewer="budi") == set(), "whose verdict it is stays hidden from the second person"
    watched = world.browser("auditor").get("/api/v1/flags", params={"reviewer": "budi"}).json()["items"]
    assert [item["id"] for item in watched] == [one]
    assert ids(state="decided_once") == {one}
    assert take_next(ani, platform="facebook") == two
    problem(ani.get("/api/v1/flags", params={"state": "apa"}), 422, "state")


def test_eight_people_never_hold_or_decide_the_same_item(world: World) -> None:
    ids = fill(world, 60)
    people = [f"orang{number}" for number in range(PEOPLE)]
    add(world, *people)
    with world.services.sessions() as session:
        rows = session.scalars(select(User).where(User.login.in_(people))).all()
        principals = [Principal(row.id, row.login, row.name, "reviewer") for row in rows]
    held: dict[str, str] = {}
    guard, finished = threading.Lock(), time.monotonic() + SECONDS
    twice: list[str] = []
    done: Counter[str] = Counter()

    def work(principal: Principal) -> int:
        acts = 0
        while time.monotonic() < finished:
            with world.services.sessions() as session:
                flag = claim_next(session, principal)
                session.commit()
                if flag is None:
                    time.sleep(0.01)
                    continue
                with guard:
                    twice.extend([str(flag.id)] if held.get(str(flag.id)) else [])
                    held[str(flag.id)] = principal.login
            with guard:
                del held[str(flag.id)]
            with world.services.sessions() as session:
                word, reason = ("confirm", "campaign_text") if flag.id.int % 2 else ("dismiss", "duplicate")
                decide(session, principal, flag.id, word, reason, "", flag.last_event, second_look_share=0.5)
                session.commit()
            acts += 1
            with guard:
                done[str(flag.id)] += 1
        return acts

    with ThreadPoolExecutor(PEOPLE) as pool:
        total = sum(pool.map(work, principals))
    assert twice == []
    assert total == sum(done.values()) > 10
    with world.services.sessions() as session:
        assert session.query(Event).filter(Event.action.in_(["flag.confirm", "flag.dismiss"])).count() == total
        for flag_id in ids:
            case = case_of(session, session.get_one(Flag, uuid.UUID(flag_id)))
            assert len(case.verdicts) == done[flag_id] == len(case.deciders)
    for flag_id in ids[:10]:
        the_row_is_what_the_events_say(world, flag_id)
    assert chain(world)["holds"]


def test_eight_people_who_decide_the_same_item_at_once(world: World) -> None:
    (flag_id,) = fill(world, 1)
    people = [f"orang{number}" for number in range(PEOPLE)]
    add(world, *people)
    seen, barrier = world.last_event(flag_id), threading.Barrier(PEOPLE)
    with world.services.sessions() as session:
        rows = session.scalars(select(User).where(User.login.in_(people))).all()
        principals = [Principal(row.id, row.login, row.name, "reviewer") for row in rows]

    def work(principal: Principal) -> str:
        barrier.wait()
        with world.services.sessions() as session:
            try:
                decide(session, principal, uuid.UUID(flag_id), "confirm", "campaign_text", "", seen)
                session.commit()
            except (Conflict, NotAllowed, OperationalError) as error:
                return type(error).__name__
            return "decided"

    with ThreadPoolExecutor(PEOPLE) as pool:
        outcomes = Counter(pool.map(work, principals))
    assert outcomes == {"decided": 1, "Conflict": PEOPLE - 1}


def fill(world: World, number: int) -> list[str]:
    """Copies of one flag, each of a submission of its own."""
    first, _ = world.flagged()
    made = [first]
    with world.services.sessions() as session:
        flag = session.get_one(Flag, uuid.UUID(first))
        for count in range(number - 1):
            submission, screening = copy(flag.submission, key=f"salinan-{count}"), copy(flag.screening)
            session.add(submission)
            session.flush()
            screening.submission_id = submission.id
            session.add(screening)
            session.flush()
            twin = copy(flag, submission_id=submission.id, screening_id=screening.id)
            session.add(twin)
            session.flush()
            system = Principal(None, "system", "Netra", "system")
            twin.last_event = audit.append(session, system, "flag.raised", "flag", twin.id, {}).id
            made.append(str(twin.id))
        session.commit()
    return made


def copy(row: Any, **change: Any) -> Any:
    """A row with the same columns and a new id."""
    values = {column.key: getattr(row, column.key) for column in row.__table__.columns if column.key != "id"}
    return type(row)(**(values | {"id": uuid.uuid4()} | change))
