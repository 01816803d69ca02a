"""Group commit: what several threads want to write at the same time goes into one transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Ticket(Generic[T]):
    """One thing to write, and what became of it."""

    item: T
    done: bool = False
    error: Exception | None = None


class Together(Generic[T]):
    """Writes items in batches, without a thread of its own: whoever gets the pen writes what has gathered until then.

    `write` puts items into a session. A batch that fails is written again one by one, so that no item suffers for
    another's fault; a database that is away or full fails them all."""

    def __init__(self, sessions: sessionmaker[Session], write: Callable[[Session, Sequence[T]], None]) -> None:
        self._sessions = sessions
        self._write = write
        self._pen = threading.Lock()
        self._gathering = threading.Lock()
        self._gathered: list[Ticket[T]] = []

    def record(self, item: T) -> None:
        """Write `item` and return once it is committed. Raises what its writing raised."""
        ticket = Ticket(item)
        with self._gathering:
            self._gathered.append(ticket)
        with self._pen:
            if not ticket.done:
                self._settle(self._taken(ticket))
        if ticket.error is not None:
            raise ticket.error

    def _taken(self, own: Ticket[T]) -> list[Ticket[T]]:
        with self._gathering:
            batch, self._gathered = self._gathered, []
        return batch if own in batch else [*batch, own]  # whoever took it broke off

    def _settle(self, batch: Sequence[Ticket[T]]) -> None:
        error = self._committed(batch)
        alone = len(batch) == 1 or isinstance(error, OperationalError)
        for one in batch:
            one.error = error if error is None or alone else self._committed([one])
            one.done = True

    def _committed(self, batch: Sequence[Ticket[T]]) -> Exception | None:
        with self._sessions() as session:
            try:
                self._write(session, [one.item for one in batch])
                session.commit()
            except Exception as error:
                session.rollback()  # what was added is nobody's again, and can be added anew
                return error
        return None
