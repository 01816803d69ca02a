"""A worker inside this process: failures of screening, jobs that got lost, stopping and starting again."""

from __future__ import annotations

import logging
import signal
import threading
from datetime import timedelta
from uuid import UUID

import pytest
import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import jobs
from app.errors import NotFound, NotReady, UnsafeImage
from app.jobs import outcome, takeover, worker
from app.jobs.queue import client
from app.settings import Settings
from tests.durability.conftest import ATTEMPTS, Crew, until, working


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "RETRY_SECONDS", (0.02, 0.02))


def test_what_fails_for_a_moment_is_tried_again(crew: Crew, brisk: Settings) -> None:
    [one] = crew.submit()
    tries: list[int] = []

    def screen(submission_id: UUID, attempt: int) -> None:
        tries.append(attempt)
        if len(tries) < 3:
            raise OSError("the disk is away")
        crew.screen(submission_id, attempt)

    with working(brisk, screen):
        until(crew.settled)
    assert tries == [1, 1, 1]
    assert crew.results() == {one: 1}


def test_the_lines_of_a_job_name_its_submission(crew: Crew, brisk: Settings) -> None:
    [one] = crew.submit()
    bound: dict[str, object] = {}

    def screen(submission_id: UUID, attempt: int) -> None:
        bound.update(structlog.contextvars.get_contextvars())
        crew.screen(submission_id, attempt)

    with working(brisk, screen):
        until(crew.settled)
    assert bound == {"submission_id": str(one), "attempt": "1"}


def test_what_keeps_failing_is_failed_without_the_words_of_the_post(
    crew: Crew, brisk: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    [bad] = crew.submit(text="Budi Santoso")
    [good] = crew.submit()

    def screen(submission_id: UUID, attempt: int) -> None:
        text = crew.row(submission_id).text
        if submission_id == bad:
            raise ValueError(f"cannot read {text}")
        crew.screen(submission_id, attempt)

    with caplog.at_level(logging.DEBUG), working(brisk, screen):
        until(crew.settled)
    assert (crew.row(bad).state, crew.row(bad).failure) == ("failed", "ValueError")
    assert crew.row(good).state == "screened"
    assert "ValueError" in caplog.text
    assert "Budi" not in caplog.text


def test_a_fault_of_the_submission_is_not_tried_again(crew: Crew, brisk: Settings) -> None:
    [one] = crew.submit()
    tries: list[int] = []

    def screen(submission_id: UUID, attempt: int) -> None:
        tries.append(attempt)
        raise UnsafeImage("Gambar terpotong / The picture is truncated")

    with working(brisk, screen):
        until(crew.settled)
    assert tries == [1]
    assert crew.row(one).failure == "UnsafeImage: Gambar terpotong / The picture is truncated"


def brief(monkeypatch: pytest.MonkeyPatch, patience: float) -> None:
    """Put off for a moment, and for `patience` seconds in all."""
    monkeypatch.setattr(outcome, "SHORTEST_DELAY", timedelta(seconds=0.05))
    monkeypatch.setattr(outcome, "LONGEST_DELAY", timedelta(seconds=0.05))
    monkeypatch.setattr(outcome, "PATIENCE", timedelta(seconds=patience))


@pytest.mark.parametrize(
    "fault",
    [NotReady("kunci / key"), NotFound("asli / original"), OSError(), OperationalError("SELECT", {}, Exception())],
    ids=lambda fault: type(fault).__name__,
)
def test_a_fault_that_passes_costs_no_submission(
    crew: Crew, brisk: Settings, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    brief(monkeypatch, 60)
    [one] = crew.submit()
    attempts: list[int] = []

    def screen(submission_id: UUID, attempt: int) -> None:
        attempts.append(attempt)
        if attempt <= ATTEMPTS + 2:  # more than a job has that kills its workers
            raise fault
        crew.screen(submission_id, attempt)

    with working(brisk, screen):
        until(crew.settled)
    tries = len(worker.RETRY_SECONDS) + 1
    assert attempts == [n for n in range(1, ATTEMPTS + 3) for _ in range(tries)] + [ATTEMPTS + 3]
    assert (crew.row(one).state, crew.row(one).deaths) == ("screened", 0)
    assert crew.events("submission.failed") == []


def test_a_fault_that_does_not_pass_ends_on_record(
    crew: Crew, brisk: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief(monkeypatch, 0.4)
    [one] = crew.submit()
    message = "Berkas asli ab12 tidak ada / The original ab12 is not there"

    def screen(*_: object) -> None:
        raise NotFound(message)

    with working(brisk, screen):
        until(crew.settled)
    row = crew.row(one)
    assert (row.state, row.failure) == ("failed", f"NotFound: {message}")
    assert row.attempt > 1
    (event,) = crew.events("submission.failed")
    assert (event.actor, event.object_id) == ("system", str(one))
    assert event.data == {"attempt": row.attempt, "failure": row.failure}


def test_what_failed_is_queued_again_with_a_clean_slate(crew: Crew, brisk: Settings) -> None:
    [one] = crew.submit()
    watch = takeover.Watch("me", crew.engine, 2.0, ATTEMPTS)
    for attempt in range(1, ATTEMPTS + 1):
        takeover.hand_on(watch, f"{one}:{attempt}", 10)
    assert (crew.row(one).state, crew.row(one).deaths) == ("failed", ATTEMPTS)
    assert len(crew.events("submission.failed")) == 1
    with Session(crew.engine) as session, session.begin():
        assert jobs.failed_submissions(session) == [one]
        assert jobs.requeue(session, outcome.MACHINE, one)
        assert not jobs.requeue(session, outcome.MACHINE, one)
    row = crew.row(one)
    assert (row.state, row.attempt, row.deaths, row.failure) == ("queued", ATTEMPTS + 2, 0, None)
    with working(brisk, crew.screen):
        until(crew.settled)
    assert crew.results() == {one: 1}
    assert len(crew.events("submission.requeued")) == 1


def test_even_an_exit_inside_screening_leaves_the_worker_alive(crew: Crew, brisk: Settings) -> None:
    [fatal] = crew.submit(text="fatal")
    [good] = crew.submit()

    def screen(submission_id: UUID, attempt: int) -> None:
        if submission_id == fatal:
            raise SystemExit(1)
        crew.screen(submission_id, attempt)

    with working(brisk, screen):
        until(crew.settled)
    assert crew.row(fatal).failure == "SystemExit"
    assert crew.row(good).state == "screened"


def test_a_queued_submission_without_a_job_is_found(crew: Crew, brisk: Settings) -> None:
    lost, untouched = crew.submit(2)
    client(crew.engine).delete_workflow(f"{lost}:1")
    with working(brisk, crew.screen):
        until(crew.settled)
    assert (crew.row(lost).attempt, crew.row(untouched).attempt) == (2, 1)
    assert crew.results() == {lost: 1, untouched: 1}


def test_a_screening_that_records_nothing_ends_as_failed(
    crew: Crew, brisk: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    [one] = crew.submit()
    monkeypatch.setattr(worker, "SWEEP_SECONDS", 0.3)
    with working(brisk, lambda *_: None):
        until(crew.settled)
    assert crew.row(one).state == "failed"
    assert f"{ATTEMPTS} percobaan" in (crew.row(one).failure or "")


def test_two_takers_of_one_claim_make_one_job(crew: Crew) -> None:
    [one] = crew.submit()
    watches = [takeover.Watch(name, crew.engine, 2.0, ATTEMPTS) for name in ("first", "second")]
    together = threading.Barrier(2)

    def take(watch: takeover.Watch) -> None:
        together.wait()
        takeover.hand_on(watch, f"{one}:1", 10)

    threads = [threading.Thread(target=take, args=[watch]) for watch in watches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert crew.row(one).attempt == 2
    jobs_now = {job.workflow_id: job.status for job in client(crew.engine).list_workflows()}
    assert jobs_now == {f"{one}:1": "CANCELLED", f"{one}:2": "ENQUEUED"}


def test_finished_jobs_are_forgotten_after_a_while(
    crew: Crew, brisk: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = crew.submit(3)
    with working(brisk, crew.screen):
        until(crew.settled)
    [waiting] = crew.submit()
    watch = takeover.Watch("me", crew.engine, 2.0, ATTEMPTS)
    assert takeover.forget_finished(watch) == 0
    monkeypatch.setattr(takeover, "KEEP_FINISHED", -takeover.KEEP_FINISHED)
    assert takeover.forget_finished(watch) == len(done)
    assert [job.workflow_id for job in client(crew.engine).list_workflows()] == [f"{waiting}:1"]


def test_stopping_and_starting_again_in_one_process(crew: Crew, brisk: Settings) -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    for _ in range(2):
        with working(brisk, crew.screen) as started:
            with pytest.raises(RuntimeError, match="one worker"):
                jobs.start_worker(brisk, crew.screen)
            crew.submit()
            until(crew.settled)
            assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == handlers
        assert started.stop() is True
    assert set(crew.results().values()) == {1}
    with Session(crew.engine) as session:
        assert jobs.stats(session)["live_executors"] == 0
