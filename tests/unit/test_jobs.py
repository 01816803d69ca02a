"""The small rules of the job queue that need no database."""

from __future__ import annotations

import logging
from uuid import uuid4

import pytest
from sqlalchemy.exc import InterfaceError

from app.errors import NotFound, NotReady, StorageFull, TooLarge, UnsafeImage
from app.jobs.faults import describe, is_final, is_passing, reason
from app.jobs.queue import OncePerWhile, parse_workflow_id, workflow_id


def test_the_name_of_an_attempt_reads_back() -> None:
    submission_id = uuid4()
    assert parse_workflow_id(workflow_id(submission_id, 7)) == (submission_id, 7)


@pytest.mark.parametrize("name", ["", "x:1", f"{uuid4()}", f"{uuid4()}:", f"{uuid4()}:one"])
def test_a_foreign_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        parse_workflow_id(name)


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (UnsafeImage("x"), True),
        (TooLarge("x"), True),
        (NotReady("x"), False),
        (OSError("x"), False),
        (KeyError(), False),
        (NotFound("x"), False),
    ],
)
def test_only_a_fault_of_the_submission_is_final(error: Exception, final: bool) -> None:
    assert is_final(error) is final


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (NotReady("x"), True), (StorageFull("x"), True), (NotFound("x"), True), (OSError(), True),
        (InterfaceError("SELECT", {}, Exception()), True), (UnsafeImage("x"), False), (KeyError(), False),
        (SystemExit(1), False),
    ],
)  # fmt: skip
def test_a_fault_of_what_is_around_may_pass(error: BaseException, passing: bool) -> None:
    assert is_passing(error) is passing


def test_a_foreign_error_keeps_its_words_to_itself() -> None:
    with pytest.raises(ValueError) as caught:
        raise ValueError("Budi Santoso")
    assert reason(caught.value) == "ValueError"
    assert describe(caught.value).startswith("ValueError at test_jobs.py:")
    assert reason(UnsafeImage("rusak / broken")) == "UnsafeImage: rusak / broken"


def test_each_place_in_the_code_speaks_once_in_a_while() -> None:
    def record(line: int) -> logging.LogRecord:
        return logging.LogRecord("dbos", logging.WARNING, "queue.py", line, "away", None, None)

    once = OncePerWhile(60)
    assert [once.filter(record(line)) for line in (1, 1, 2, 1, 2)] == [True, False, True, False, False]
    always = OncePerWhile(0)
    assert [always.filter(record(1)) for _ in range(2)] == [True, True]
