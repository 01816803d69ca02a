"""A worker: claims jobs from the queue, screens them, says that it lives, and looks after its peers."""

from __future__ import annotations

import logging
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from uuid import UUID, uuid4

from dbos import DBOS, DBOSConfig
from dbos import error as engine_errors
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.db.engine import open_engine
from app.errors import NotReady
from app.jobs import outcome, rounds, takeover
from app.jobs.faults import describe, is_final, is_passing, reason
from app.jobs.queue import (
    APPLICATION,
    DEFAULT_PRIORITY,
    QUEUE,
    SERIALIZER,
    VERSION,
    WORKFLOW,
    client,
    declare_queue,
    workflow_id,
)
from app.jobs.rounds import Courier
from app.jobs.runner import Do, Runner
from app.settings import Settings
from app.telemetry import context

Screen = Callable[[UUID, int], None]

RETRY_SECONDS = (0.5, 2.0)  # pauses between the tries within one attempt
SWEEP_SECONDS = 30.0  # how often to look for lost jobs
STOP_SECONDS = 8.0  # a container is killed ten seconds after SIGTERM

NOT_MIGRATED = "Basis data belum siap; jalankan `netra migrate` / The database is not ready; run `netra migrate`"

log = logging.getLogger("netra.jobs")
_one_per_process = threading.Lock()  # the engine is a singleton


class Worker:
    """One worker in this process; start it with `start_worker`."""

    def __init__(
        self,
        settings: Settings,
        screen: Screen,
        kinds: Mapping[str, Do] | None = None,
        daily: tuple[str, ...] = (),
        courier: Courier | None = None,
    ) -> None:
        self._settings = settings
        self._screen = screen
        self._courier = courier
        self._engine = open_engine(settings.sqlalchemy_url)
        self._watch = takeover.Watch(
            f"{os.getpid()}-{uuid4().hex}", self._engine, settings.executor_silence_seconds, settings.max_attempts
        )
        self._runner = Runner(
            self._engine, self._watch.executor_id, kinds or {}, daily, settings.executor_silence_seconds,
            settings.max_attempts,
        )  # fmt: skip
        self._works = bool(kinds)
        self._running: set[str] = set()
        self._unaccounted: set[str] = set()
        self._stopping = threading.Event()
        self._retired = threading.Event()
        self._pulse = threading.Thread(target=self._live, name="netra-heartbeat", daemon=True)

    def _start(self) -> None:
        if not _one_per_process.acquire(blocking=False):
            raise RuntimeError("a process runs one worker; raise worker_concurrency instead")
        try:
            takeover.beat(self._watch)  # heard before the first claim
            declare_queue(client(self._engine), self._settings.worker_concurrency, overwrite=True)
            DBOS(config=self._config())
            DBOS.workflow(name=WORKFLOW)(self._job())
            self._declare_rounds()
            DBOS.launch()
        except Exception as error:
            DBOS.destroy(destroy_registry=True)
            self._close()
            if isinstance(error, SQLAlchemyError | engine_errors.DBOSException):
                raise NotReady(NOT_MIGRATED) from error
            raise
        self._pulse.start()
        if self._works:
            self._runner.start()

    def _close(self) -> None:
        self._engine.dispose()
        _one_per_process.release()

    def _config(self) -> DBOSConfig:
        return DBOSConfig(
            name=APPLICATION,
            application_version=VERSION,
            executor_id=self._watch.executor_id,
            system_database_engine=self._engine,
            serializer=SERIALIZER,
            run_migrations=False,
            use_listen_notify=False,  # serves messages between workflows, of which there are none
            notification_listener_polling_interval_sec=0.25,
            enable_otlp=False,
            log_level="WARNING",
        )

    def _declare_rounds(self) -> None:
        """Deliver to webhooks where this worker knows how; a round that it cannot do is left to its peers."""
        courier = self._courier
        if courier is None:
            DBOS.listen_queues([QUEUE])
            return

        def deliver(webhook_id: str, attempt: int) -> None:
            name = rounds.name_of(UUID(webhook_id), attempt)
            self._running.add(name)
            with context(webhook_id=webhook_id, attempt=str(attempt)):
                try:
                    courier.deliver(UUID(webhook_id), attempt, self._stopping)
                except Exception as error:
                    log.warning("round %s not recorded (%s); a later sweep repeats it", name, describe(error))
                finally:
                    self._running.discard(name)

        rounds.declare(client(self._engine), overwrite=True)
        DBOS.workflow(name=rounds.WORKFLOW)(deliver)

    def _job(self) -> Callable[[str, int], None]:
        def screen(submission_id: str, attempt: int) -> None:
            self._attend(UUID(submission_id), attempt)

        return screen

    def _attend(self, submission_id: UUID, attempt: int) -> None:
        name = workflow_id(submission_id, attempt)
        self._running.add(name)
        with context(submission_id=str(submission_id), attempt=str(attempt)):
            try:
                self._screen_or_fail(submission_id, attempt)
            except Exception as error:
                log.warning("outcome of %s not recorded (%s); a later sweep repeats it", name, describe(error))
            finally:
                self._running.discard(name)

    def _screen_or_fail(self, submission_id: UUID, attempt: int) -> None:
        for pause in (*RETRY_SECONDS, None):
            try:
                self._screen(submission_id, attempt)
            except BaseException as error:  # a SystemExit out of a library must not leave the job claimed for ever
                name = workflow_id(submission_id, attempt)
                if pause is None or is_final(error):
                    log.warning("screening %s failed: %s", name, describe(error))
                    self._end(submission_id, attempt, error)
                    return
                log.info("screening %s is tried again: %s", name, describe(error))
                self._stopping.wait(pause)
            else:
                return

    def _end(self, submission_id: UUID, attempt: int, error: BaseException) -> None:
        conclude = outcome.put_off if is_passing(error) else outcome.fail
        with Session(self._engine) as session, session.begin():
            conclude(session, submission_id, attempt, reason(error))

    def _live(self) -> None:
        heard = time.monotonic()
        patient_until = 0.0
        next_sweep = 0.0
        while True:
            try:
                takeover.beat(self._watch)
                since, heard = heard, time.monotonic()
                if heard - since > self._settings.executor_silence_seconds:
                    # The database was away or this process frozen: let the peers be heard again first.
                    patient_until = heard + self._settings.executor_silence_seconds
                if heard >= patient_until:
                    taken = takeover.take_over_silent(self._watch)
                    if taken:
                        log.warning("took over %d jobs of silent workers", taken)
                if heard >= next_sweep:
                    next_sweep = heard + SWEEP_SECONDS
                    self._sweep()
                if self._courier is not None and not self._stopping.is_set():
                    self._courier.wake()
            except Exception as error:
                log.warning("heartbeat failed: %s", describe(error))
            if self._retired.wait(self._settings.heartbeat_seconds):
                return

    def _sweep(self) -> None:
        mine = {
            claim.workflow_id: claim.priority or DEFAULT_PRIORITY
            for claim in takeover.claims(self._watch)
            if claim.executor_id == self._watch.executor_id
        }
        stray = mine.keys() - self._running
        for name in stray & self._unaccounted:  # claimed, yet not running at two sweeps
            takeover.hand_on(self._watch, name, mine[name])
        self._unaccounted = stray
        lost = takeover.requeue_lost(self._watch)
        if lost:
            log.warning("%d queued submissions or rounds had no job and were queued again", lost)
        takeover.forget_finished(self._watch)

    def stop(self, seconds: float = STOP_SECONDS) -> bool:
        """Claim nothing more, let running jobs finish for `seconds`, release the rest to peers.

        False: some job still runs in a thread of this process; it will write nothing.
        """
        if self._retired.is_set():
            return not self._running
        self._stopping.set()
        self._runner.ask_to_stop()
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=math.ceil(seconds) if self._running else 0)
        self._retired.set()
        self._pulse.join()
        finished = self._runner.join(seconds / 4) and not self._running
        try:
            takeover.retire(self._watch)
        except SQLAlchemyError as error:
            log.warning("jobs not released, peers will take them over: %s", describe(error))
        self._close()
        return finished


def start_worker(
    settings: Settings,
    screen: Screen,
    kinds: Mapping[str, Do] | None = None,
    daily: tuple[str, ...] = (),
    courier: Courier | None = None,
) -> Worker:
    """Start the worker of this process and return at once; it installs no signal handlers.

    `screen(submission_id, attempt)` records under the fence of `settle`; `kinds` does long work, `daily` names those
    kinds that are done once a day; `courier` delivers to webhooks. Call from a plain thread, not inside an event loop.
    Raises NotReady before `netra migrate` has run. `worker_concurrency` is kept in the database: the worker started
    last sets it for all.
    """
    worker = Worker(settings, screen, kinds, daily, courier)
    worker._start()
    return worker


def run_worker(
    settings: Settings,
    screen: Screen,
    stop_seconds: float = STOP_SECONDS,
    kinds: Mapping[str, Do] | None = None,
    daily: tuple[str, ...] = (),
    courier: Courier | None = None,
) -> None:
    """Work until SIGTERM or SIGINT, then finish or release what runs: the body of `netra worker`."""
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    worker = start_worker(settings, screen, kinds, daily, courier)
    asked.wait()
    if not worker.stop(stop_seconds):
        logging.shutdown()
        os._exit(0)  # the released job's thread would keep the interpreter waiting
