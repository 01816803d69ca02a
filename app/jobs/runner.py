"""Doing long work: one piece at a time, in a thread of the worker beside the screening."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from app.errors import AppError
from app.jobs import errands
from app.jobs.errands import Errand, Stopped
from app.jobs.faults import describe, is_final, reason

Do = Callable[[Errand], Mapping[str, Any]]
"""Does one kind of work: through the steps of its plan, to a result of JSON values. May be called again."""

LOOK_SECONDS = 1.0
RETRY_SECONDS = (0.5, 5.0)
SCHEDULE_SECONDS = 60.0
DAY = ZoneInfo("Asia/Jakarta")

log = logging.getLogger("netra.jobs")


class Runner:
    """The thread of one worker process that does long work; `kinds` says how, `daily` what is done once a day."""

    def __init__(
        self, engine: Engine, executor: str, kinds: Mapping[str, Do], daily: tuple[str, ...],
        silence_seconds: float, most_deaths: int,
    ) -> None:  # fmt: skip
        self._engine = engine
        self._executor = executor
        self._kinds = kinds
        self._daily = daily
        self._silence = silence_seconds
        self._most_deaths = most_deaths
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="netra-work", daemon=True)

    def start(self) -> None:
        """Begin to look for work."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Take nothing more, and give back what runs after its present step."""
        self._stopping.set()

    def join(self, seconds: float) -> bool:
        """Wait for the end; False when a step still runs after `seconds`."""
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        next_day_check = 0.0
        while not self._stopping.is_set():
            busy = False
            try:
                if time.monotonic() >= next_day_check:
                    next_day_check = time.monotonic() + SCHEDULE_SECONDS
                    self._schedule()
                errand = errands.claim(self._engine, self._executor, self._silence, self._most_deaths)
                busy = errand is not None
                if errand is not None:
                    self._attend(errand)
            except Exception as error:
                log.warning("long work: %s", describe(error))
            if not busy:
                self._stopping.wait(LOOK_SECONDS)

    def _schedule(self) -> None:
        today = datetime.now(DAY).date().isoformat()
        for kind in self._daily:
            errands.schedule(self._engine, kind, f"{kind}:{today}")

    def _attend(self, claimed: Errand) -> None:
        errand = Errand(
            claimed.id, claimed.attempt, claimed.kind, claimed.params, claimed.login, claimed.user_id, self._engine,
            self._stopping,
        )  # fmt: skip
        do = self._kinds.get(errand.kind)
        if do is None:
            errands.fail(errand, "Jenis pekerjaan tidak dikenal / Unknown kind of work")
            return
        for pause in (*RETRY_SECONDS, None):
            try:
                errands.finish(errand, do(errand))
            except Stopped:
                if self._stopping.is_set():
                    errands.give_back(errand)
                return
            except Exception as error:
                if pause is None or is_final(error) or (isinstance(error, AppError) and error.status < 500):
                    log.warning("work %s failed: %s", errand.id, describe(error))
                    errands.fail(errand, reason(error))
                    return
                log.info("work %s is tried again: %s", errand.id, describe(error))
                self._stopping.wait(pause)
            else:
                return
