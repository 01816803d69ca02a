"""Figures that cost more than a page may take are kept for a minute by each process, with the time they are of."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Generic, TypeVar, cast

from fastapi import Depends, Request

from app.db.base import now

KEEP = timedelta(minutes=1)
MOST = 64
"""Different figures that a process keeps; the ones asked for longest ago make room."""
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Of(Generic[Value]):
    """Figures, and the moment that they are of."""

    value: Value
    at: datetime


class Kept:
    """What one process keeps."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._lock = threading.Lock()
        self._busy: OrderedDict[Hashable, threading.Lock] = OrderedDict()
        self._found: dict[Hashable, Of[Any]] = {}

    def get(self, key: Hashable, compute: Callable[[], Value]) -> Of[Value]:
        """The figures of `key`, not older than KEEP; whoever asks while they are computed waits for them."""
        with self._lock:
            busy = self._busy.setdefault(key, threading.Lock())
            self._busy.move_to_end(key)
            while len(self._busy) > MOST:
                oldest, _ = self._busy.popitem(last=False)
                self._found.pop(oldest, None)
        with busy:
            found = self._found.get(key)
            if found is None or now() - found.at > KEEP:
                found = Of(compute(), now())
                with self._lock:
                    if self._busy.get(key) is busy:
                        self._found[key] = found
            return found


def kept_of(request: Request) -> Kept:
    """What the running application keeps."""
    return cast(Kept, request.app.state.kept)


KeptDep = Annotated[Kept, Depends(kept_of)]
