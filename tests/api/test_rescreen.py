"""Screening again: a report first, new versions beside the old ones, and decisions that stay as they are."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from app import audit
from app.auth.principal import SYSTEM, Principal, Role
from app.db.event_tables import Event
from app.db.flag_tables import Flag, Screening
from app.errors import Conflict, NotAllowed
from app.rules.revise import with_bands
from app.rules.ruleset import RuleSet, own_source, parse_rules
from app.screening.models import Models
from app.screening.reapply import apply
from app.screening.rescreen import Again, Effect, again, choose, new_version, report, report_json, require_live
from app.screening.rule_versions import draft, publish
from app.screening.service import live_models
from tests.api.world import CONTEST, World

COORDINATOR = Principal(uuid.uuid4(), "koordinator", "Koordinator", "coordinator")
REASON = "Ambang baru hasil kalibrasi"
WEAK, CALL = "Keren, salam dua jari nomor 2 \N{THUMBS UP SIGN}", "Ayo coblos nomor 3, lanjutkan!"
SUPPORT, PLAIN = "Semangat paslon nomor 2! \N{VICTORY HAND}", "Selamat pagi, warga Muara Embun"
"""The rules give them .34 (low), .97 (high), .45 (medium) and .03."""


def rules_with(**bands: float) -> RuleSet:
    return parse_rules(with_bands(own_source(), bands).encode())


def post(world: World, text: str) -> uuid.UUID:
    """A screened submission."""
    answer = world.submit(text)
    assert answer.status_code == 202
    world.screen_now()
    return uuid.UUID(answer.headers["Location"].rsplit("/", 1)[-1])


def look(world: World, models: Models) -> dict[uuid.UUID, Again]:
    """Everything of the contest, screened again with these models."""
    with world.services.sessions() as session:
        chosen = choose(session, CONTEST)
    return {one.difference.submission: one for one in again(world.services, chosen, models)}


def write(world: World, found: Mapping[uuid.UUID, Again]) -> dict[uuid.UUID, Effect | None]:
    """Apply all of it."""
    done = {}
    for key, one in found.items():
        with world.services.sessions() as session:
            done[key] = apply(session, COORDINATOR, one)
            session.commit()
    return done


def flags(world: World) -> dict[uuid.UUID, dict[str, Any]]:
    """The flags as they are stored."""
    with world.services.sessions() as session:
        return {
            flag.submission_id: {"id": flag.id, "band": flag.band, "state": flag.state, "screening": flag.screening_id}
            for flag in session.scalars(select(Flag))
        }


def stricter(world: World) -> Models:
    """The models with rules that raise no weak flags."""
    return replace(world.services.models, rules=rules_with(low=0.39))


def test_the_present_rules_differ_in_nothing(world: World) -> None:
    post(world, WEAK)
    post(world, PLAIN)
    found = look(world, world.services.models)
    assert [one.difference.effect for one in found.values()] == ["same", "same"]
    assert all(one.version is None for one in found.values())
    assert set(write(world, found).values()) == {None}


def test_a_look_writes_nothing(world: World) -> None:
    weak, call, plain = post(world, WEAK), post(world, CALL), post(world, PLAIN)
    before = flags(world)
    found = look(world, stricter(world))
    assert {key: one.difference.effect for key, one in found.items()} == {
        weak: "falls away", call: "same", plain: "same",
    }  # fmt: skip
    seen = report([one.difference for one in found.values()])
    assert (seen.submissions, seen.effects, seen.bands) == (3, {"same": 2, "falls away": 1}, {("low", "none"): 1})
    body = json.loads(json.dumps(report_json(seen, [one.difference for one in found.values()])))
    assert body["bands"] == [{"before": "low", "after": "none", "count": 1}]
    assert [one["submission"] for one in body["differences"]] == [str(weak)]
    with world.services.sessions() as session:
        assert flags(world) == before
        assert len(session.scalars(select(Screening)).all()) == 3
        with pytest.raises(Conflict):
            require_live(session, stricter(world).rules)
        require_live(session, world.services.models.rules)


def test_new_rules_raise_and_change_flags(world: World) -> None:
    """A flag that is new takes what the new rules say; what was not flagged gets its flag, with events."""
    weak, support, plain = post(world, WEAK), post(world, SUPPORT), post(world, PLAIN)
    other = replace(world.services.models, rules=rules_with(low=0.01, medium=0.6))
    before, found = flags(world), look(world, other)
    expected = {weak: "same", support: "changes", plain: "appears"}
    assert {key: one.difference.effect for key, one in found.items()} == expected
    assert flags(world) == before
    assert write(world, found) == expected
    after = flags(world)
    assert {key: flag["band"] for key, flag in after.items()} == {weak: "low", support: "low", plain: "low"}
    assert after[weak] == before[weak]
    assert after[support]["screening"] != before[support]["screening"]
    assert after[support]["id"] == before[support]["id"]
    with world.services.sessions() as session:
        versions = session.scalars(select(Screening.pipeline_version).where(Screening.submission_id == weak)).all()
        assert len(set(versions)) == 2
        assert session.scalars(select(Event).where(Event.action == "submission.rescreened")).all() != []
        assert audit.verify(session).broken_at is None
    assert {one.version for one in look(world, other).values()} == {None}
    assert set(write(world, found).values()) == {None}  # the same results again change nothing


def test_a_flag_that_falls_away_is_left_to_people(world: World) -> None:
    weak = post(world, WEAK)
    before = flags(world)[weak]
    assert write(world, look(world, stricter(world))) == {weak: "falls away"}
    assert flags(world)[weak] == before
    with world.services.sessions() as session:
        event = session.scalars(select(Event).where(Event.action == "flag.rescreened")).one()
        assert (event.data["before"]["band"], event.data["after"]["band"]) == ("low", "none")
        assert session.get_one(Flag, before["id"]).last_event == event.id  # a page drawn before is stale


@pytest.mark.parametrize(("state", "effect"), [("confirmed", "decided"), ("claimed", "in hand"), ("closed", "decided")])
def test_what_people_decided_or_hold_stays(world: World, state: str, effect: str) -> None:
    call = post(world, CALL)
    with world.services.sessions() as session:
        session.scalars(select(Flag)).one().state = state
        session.commit()
    before = flags(world)[call]
    other = replace(world.services.models, rules=rules_with(high=0.8, medium=0.79, low=0.78))
    weaker = replace(other.rules, bands={"high": 0.9999, "medium": 0.5, "low": 0.1}, version="uji")
    assert write(world, look(world, replace(other, rules=weaker))) == {call: effect}
    assert flags(world)[call] == before
    with world.services.sessions() as session:
        assert session.scalars(select(Event.action).where(Event.object_type == "flag")).all() == ["flag.raised"]
        event = session.scalars(select(Event).where(Event.action == "submission.rescreened")).one()
        assert event.data["effect"] == effect


def test_the_state_at_the_time_of_writing_counts(world: World) -> None:
    """Somebody decides between the look and the writing."""
    weak = post(world, WEAK)
    found = look(world, stricter(world))
    with world.services.sessions() as session:
        session.scalars(select(Flag)).one().state = "dismissed"
        session.commit()
    assert write(world, found) == {weak: "decided"}
    assert flags(world)[weak]["state"] == "dismissed"


def test_published_rules_are_those_of_the_next_look(world: World) -> None:
    weak = post(world, WEAK)
    with world.services.sessions() as session:
        row = draft(session, COORDINATOR, with_bands(own_source(), {"low": 0.39}), REASON)
        publish(session, COORDINATOR, row.id, REASON, replaces=None)
        session.commit()
        models = live_models(world.services, session)
        require_live(session, models.rules)
    assert look(world, models)[weak].difference.effect == "falls away"


def test_a_missing_original_is_told_and_left_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.api.world import plain

    answer = world.submit(WEAK, [plain()])
    world.screen_now()
    key = uuid.UUID(answer.headers["Location"].rsplit("/", 1)[-1])
    digest = world.row(str(key)).images[0].sha256
    folder = world.settings.data_dir / "blobs"
    (path,) = [one for one in folder.rglob(digest) if one.is_file()]
    path.unlink()
    found = look(world, stricter(world))
    assert found[key].difference.effect == "missing"
    assert write(world, found) == {key: None}


@pytest.mark.parametrize("role", ["monitor", "reviewer", "admin", "auditor"])
def test_only_a_coordinator_applies(world: World, role: Role) -> None:
    post(world, WEAK)
    found = look(world, stricter(world))
    with world.services.sessions() as session:
        for one in found.values():
            with pytest.raises(NotAllowed):
                apply(session, Principal(uuid.uuid4(), role, role, role), one)


def test_the_system_may_apply_from_the_command_line(sqlite_world: World) -> None:
    post(sqlite_world, PLAIN)
    eager = replace(sqlite_world.services.models, rules=rules_with(low=0.01))
    (found,) = look(sqlite_world, eager).values()
    with sqlite_world.services.sessions() as session:
        assert apply(session, SYSTEM, found) == "appears"


def test_submissions_are_chosen(sqlite_world: World) -> None:
    weak, plain = post(sqlite_world, WEAK), post(sqlite_world, PLAIN)
    with sqlite_world.services.sessions() as session:
        assert choose(session, CONTEST) == [plain, weak]
        assert choose(session, CONTEST, flagged=True) == [weak]
        assert choose(session, CONTEST, flagged=False) == [plain]
        assert choose(session, CONTEST, limit=1) == [plain]
        assert choose(session, "lain") == []


def test_another_roster_makes_another_version() -> None:
    def done(version: str, roster: int) -> Screening:
        return Screening(pipeline_version=version, versions={"roster": roster})

    assert new_version("v", {"roster": 1}, []) == "v"
    assert new_version("v", {"roster": 1}, [done("v", 1)]) is None
    assert new_version("v", {"roster": 2}, [done("v", 1)]) == "v/r2"
    assert new_version("v", {"roster": 2}, [done("v", 1), done("v/r2", 2)]) is None
