"""Rules as versioned data: drafts, publishing by a coordinator with a reason, and screening by the live version."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from app import audit
from app.auth.principal import SYSTEM, Principal, Role
from app.db.event_tables import Event
from app.db.flag_tables import Screening
from app.db.rule_tables import RuleVersion
from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.rules.revise import with_bands
from app.rules.ruleset import load_rules, own_source
from app.screening.rule_versions import VERSIONS, differences, draft, live, publish
from tests.api.world import World

REASON = "Terlalu banyak butir lemah di antrean"
STRICTER = with_bands(own_source(), {"low": 0.3})


def person(role: Role) -> Principal:
    return Principal(uuid.uuid4(), role, role, role)


COORDINATOR = person("coordinator")


def test_without_versions_the_own_file_applies(session: Session) -> None:
    found = live(session)
    assert (found.id, found.rules.version) == (None, load_rules().version)


def test_a_draft_changes_nothing_until_it_is_published(session: Session) -> None:
    row = draft(session, COORDINATOR, STRICTER, REASON)
    session.commit()
    assert live(session).id is None
    assert [(one.name, one.before, one.after) for one in differences(session, row.id)] == [("bands.low", 0.15, 0.3)]
    event = publish(session, COORDINATOR, row.id, REASON, replaces=None)
    session.commit()
    assert event.action == "rules.published"
    assert event.data["reason"] == REASON
    assert event.data["changes"] == [["bands.low", 0.15, 0.3]]
    assert live(session).rules.bands["low"] == 0.3
    assert audit.verify(session).broken_at is None


def test_going_back_is_publishing_again(session: Session) -> None:
    first = draft(session, COORDINATOR, own_source(), REASON)
    second = draft(session, COORDINATOR, STRICTER, REASON)
    publish(session, COORDINATOR, second.id, REASON, replaces=None)
    publish(session, COORDINATOR, first.id, REASON, replaces=second.id)
    publish(session, COORDINATOR, second.id, REASON, replaces=first.id)
    session.commit()
    session.expire_all()
    assert {row.id: row.state for row in VERSIONS.newest(session)} == {first.id: "retired", second.id: "live"}
    with pytest.raises(Conflict):
        publish(session, COORDINATOR, second.id, REASON, replaces=second.id)


def test_the_same_text_is_the_same_draft(session: Session) -> None:
    first = draft(session, COORDINATOR, STRICTER, REASON)
    assert draft(session, COORDINATOR, STRICTER, "Alasan lain sama sekali").id == first.id
    session.commit()
    assert session.scalars(select(Event.action)).all() == ["rules.drafted"]


def test_a_stale_publication_is_refused(session: Session) -> None:
    first = draft(session, COORDINATOR, own_source(), REASON)
    second = draft(session, COORDINATOR, STRICTER, REASON)
    publish(session, COORDINATOR, first.id, REASON, replaces=None)
    session.commit()
    with pytest.raises(Conflict):
        publish(session, COORDINATOR, second.id, REASON, replaces=None)
    session.rollback()
    assert live(session).id == first.id


@pytest.mark.parametrize("who", [person("monitor"), person("reviewer"), person("admin"), person("auditor"), SYSTEM])
def test_only_a_coordinator_changes_rules(session: Session, who: Principal) -> None:
    row = draft(session, COORDINATOR, STRICTER, REASON)
    with pytest.raises(NotAllowed):
        draft(session, who, own_source(), REASON)
    with pytest.raises(NotAllowed):
        publish(session, who, row.id, REASON, replaces=None)


def test_reasons_and_rules_are_checked(session: Session) -> None:
    with pytest.raises(BadInput) as refusal:
        draft(session, COORDINATOR, STRICTER, "  pendek ")
    assert refusal.value.field == "reason"
    with pytest.raises(BadInput) as refusal:
        draft(session, COORDINATOR, "bukan toml [", REASON)
    assert refusal.value.field == "rules"
    with pytest.raises(BadInput):
        draft(session, COORDINATOR, STRICTER + "#" * 100_000, REASON)
    with pytest.raises(NotFound):
        publish(session, COORDINATOR, 4711, REASON, replaces=None)


def test_two_versions_can_never_be_live_at_once(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        first, second = draft(session, COORDINATOR, own_source(), REASON), draft(session, COORDINATOR, STRICTER, REASON)
        session.commit()
    with sessions() as session:
        publish(session, COORDINATOR, first.id, REASON, replaces=None)
        session.commit()
    with sessions() as session:
        session.get_one(RuleVersion, second.id).state = "live"
        with pytest.raises(IntegrityError):
            session.flush()


def test_of_two_coordinators_at_once_one_publishes(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        ids = [draft(session, COORDINATOR, source, REASON).id for source in (own_source(), STRICTER)]
        session.commit()
    ready = threading.Barrier(2)

    def attempt(version_id: int) -> bool:
        with sessions() as session:
            ready.wait(60)
            try:
                publish(session, COORDINATOR, version_id, REASON, replaces=None)
                session.commit()
            except Conflict:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(attempt, ids))
    assert sorted(won) == [False, True]
    with sessions() as session:
        assert live(session).id == ids[won.index(True)]
        assert session.scalars(select(Event.action).where(Event.action == "rules.published")).all() != []
        assert audit.verify(session).broken_at is None


@pytest.mark.models
def test_screening_uses_the_live_rules(world: World) -> None:
    text = "Semoga sukses, Paslon nomor 2!"
    with world.services.sessions() as session:
        row = draft(session, COORDINATOR, with_bands(own_source(), {"low": 0.01}), REASON)
        session.commit()
    world.submit(text)
    world.screen_now()
    with world.services.sessions() as session:
        publish(session, COORDINATOR, row.id, REASON, replaces=None)
        session.commit()
    world.submit(text + " ")
    world.screen_now()
    world.submit(text + "  ")
    world.screen_now()
    with world.services.sessions() as session:
        found = session.scalars(select(Screening).order_by(Screening.created_at)).all()
        assert [one.versions["rules"] for one in found] == [load_rules().version, row.version, row.version]
        assert all(one.pipeline_version.endswith(one.versions["rules"]) for one in found)
