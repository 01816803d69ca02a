"""What is written together: one transaction for all who wait, and everybody's own outcome."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import String, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from app.db.engine import open_engine, session_factory
from app.db.together import Together


class Base(DeclarativeBase):
    pass


class Word(Base):
    __tablename__ = "word"
    text: Mapped[str] = mapped_column(String(20), primary_key=True)


class Desk:
    """Writes words, once the gate is open; remembers the batches."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self.batches: list[list[str]] = []
        self.gate = threading.Event()
        self.reached = threading.Event()
        self.sessions = sessions
        self.faults: dict[int, BaseException] = {}
        self.together = Together(sessions, self.write)

    def write(self, session: Session, items: Sequence[Word]) -> None:
        self.batches.append([item.text for item in items])
        self.reached.set()
        assert self.gate.wait(60)
        if len(self.batches) in self.faults:
            raise self.faults[len(self.batches)]
        session.add_all(items)
        session.flush()

    def stored(self) -> set[str]:
        with self.sessions() as session:
            return set(session.scalars(select(Word.text)))

    def behind(self, first: str, *others: str) -> dict[str, Future[None]]:
        """The first is being written while the others arrive; then the gate opens."""
        with ThreadPoolExecutor(len(others) + 1) as pool:
            futures = {first: pool.submit(self.together.record, Word(text=first))}
            assert self.reached.wait(60)
            futures |= {text: pool.submit(self.together.record, Word(text=text)) for text in others}
            while len(self.together._gathered) < len(others):
                time.sleep(0.001)
            assert not any(future.done() for future in futures.values())
            self.gate.set()
        return futures


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    engine = open_engine(f"sqlite:///{tmp_path / 'words.db'}")
    Base.metadata.create_all(engine)
    yield Desk(session_factory(engine))
    engine.dispose()


def test_who_waits_is_written_in_one_transaction_and_answered_after_it(desk: Desk) -> None:
    futures = desk.behind("a", "b", "c", "d")
    assert [sorted(batch) for batch in desk.batches] == [["a"], ["b", "c", "d"]]
    assert [future.result() for future in futures.values()] == [None] * 4
    assert desk.stored() == {"a", "b", "c", "d"}


def test_one_that_cannot_be_written_fails_alone(desk: Desk) -> None:
    futures = desk.behind("a", "b", "a", "c")
    assert isinstance(futures["a"].exception(), IntegrityError)
    assert futures["b"].exception() is futures["c"].exception() is None
    assert desk.stored() == {"a", "b", "c"}


def test_a_database_that_is_away_fails_all_at_once(desk: Desk) -> None:
    desk.gate.set()
    desk.faults[1] = OperationalError("INSERT", {}, Exception("the server went away"))
    with pytest.raises(OperationalError):
        desk.together.record(Word(text="a"))
    desk.together.record(Word(text="b"))
    assert desk.stored() == {"b"}
    assert desk.batches == [["a"], ["b"]]


def test_what_a_writer_took_and_broke_off_with_is_written_all_the_same(desk: Desk) -> None:
    desk.faults[2] = KeyboardInterrupt()
    futures = desk.behind("a", "b", "c")
    assert [sorted(batch) for batch in desk.batches[:2]] == [["a"], ["b", "c"]]
    broken = [text for text, future in futures.items() if isinstance(future.exception(), KeyboardInterrupt)]
    assert len(broken) == 1
    assert desk.stored() == {"a", "b", "c"} - set(broken)
