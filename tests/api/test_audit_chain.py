"""The event chain: appended only, and every change is found."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from app import audit
from app.auth.principal import SYSTEM


def fill(session: Session, count: int = 5) -> None:
    for number in range(count):
        audit.append(session, SYSTEM, "test.act", "thing", number, {"note": "é ✌🏽", "score": 0.1 + number})
    session.commit()


def drop_guard(engine: Engine) -> None:
    """What an intruder with full rights would do first."""
    statements = (
        ["DROP TRIGGER event_append_only ON event"]
        if engine.dialect.name == "postgresql"
        else ["DROP TRIGGER event_append_only_UPDATE", "DROP TRIGGER event_append_only_DELETE"]
    )
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_an_untouched_chain_verifies(session: Session) -> None:
    fill(session)
    assert audit.verify(session) == audit.Verification(5, None)


@pytest.mark.parametrize("statement", ["UPDATE event SET actor = 'x' WHERE id = 3", "DELETE FROM event WHERE id = 3"])
def test_the_database_refuses_to_change_events(session: Session, engine: Engine, statement: str) -> None:
    fill(session)
    with pytest.raises(DBAPIError, match="only ever appended"), engine.begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE event SET actor = 'x' WHERE id = 3", 3),
        ("UPDATE event SET data = '{}' WHERE id = 2", 2),
        ("DELETE FROM event WHERE id = 3", 4),
        ("DELETE FROM event WHERE id = 5", 4),
        ("UPDATE event SET previous = hash WHERE id = 4", 4),
    ],
)
def test_a_change_behind_the_guard_is_found(session: Session, engine: Engine, statement: str, broken_at: int) -> None:
    fill(session)
    drop_guard(engine)
    with engine.begin() as connection:
        connection.execute(text(statement))
    assert audit.verify(session).broken_at == broken_at


def test_appenders_in_parallel_make_one_chain(sessions: sessionmaker[Session]) -> None:
    def work() -> None:
        for _ in range(10):
            with sessions() as session:
                fill(session, 1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sessions() as session:
        assert audit.verify(session) == audit.Verification(40, None)


def test_a_rolled_back_act_leaves_no_event(session: Session) -> None:
    fill(session, 1)
    audit.append(session, SYSTEM, "test.act", "thing", 2)
    session.rollback()
    assert audit.verify(session).events == 1


def test_the_chain_verifies_while_people_work(sessions: sessionmaker[Session]) -> None:
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            with sessions() as session:
                fill(session, 1)

    with sessions() as session:
        fill(session, 300)
    writer = threading.Thread(target=work)
    writer.start()
    try:
        for _ in range(5):
            with sessions() as session:
                assert audit.verify(session).broken_at is None
    finally:
        stop.set()
        writer.join()
