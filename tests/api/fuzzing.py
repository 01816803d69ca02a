"""Hooks of schemathesis, which loads this file by its path."""

from __future__ import annotations

import copy
import itertools
import os
import uuid
from typing import Any

import schemathesis
from schemathesis import CheckContext, GenerationMode, Response
from schemathesis.generation.case import Case

BETWEEN_FIELDS = {"value_error"}
"""Rules about several fields at once, which no schema can say: a stage that ends before it begins."""


@schemathesis.check
def fits_the_schema(ctx: CheckContext, response: Response, case: Case) -> None:
    """What was made to fit the schema is never refused by the validation of the schema: that would be two schemas."""
    generation = case.meta.generation if case.meta else None
    if response.status_code == 422 and generation is not None and generation.mode is GenerationMode.POSITIVE:
        problem = response.json()
        faults = [one for one in problem.get("errors") or [] if one["type"] not in BETWEEN_FIELDS]
        assert not faults, f"refused although it fits the document: {problem['detail']}"


turns = itertools.count()
HELPED = 4
"""Of so many steps along the links all but one are helped."""


@schemathesis.hook
def before_call(context: Any, case: Case, kwargs: dict[str, Any]) -> None:
    """The callers and their own tokens stay: without them, nothing after them would be tried."""
    kept = os.environ["FUZZ_KEPT"].split()
    for name in ("user_id", "token_id"):
        if str(case.path_parameters.get(name, "")) in kept:
            case.path_parameters[name] = str(uuid.UUID(int=4))
    if case.meta and case.meta.phase.name.value == "stateful" and next(turns) % HELPED:
        lead_somewhere(case)


def lead_somewhere(case: Case) -> None:
    """Let a step along the links find or make something, else there is nothing to follow: a list is asked for whole,
    and what is sent is the recorded example. What was made to be refused stays as it is."""
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    for name in ("If-None-Match", "If-Match"):
        case.headers.pop(name, None)
    if case.method.upper() == "GET":
        case.query.clear()
        return
    bodies = case.operation.definition.raw.get("requestBody", {}).get("content", {})
    example = bodies.get("application/json", {}).get("example")
    if example is not None and case.media_type == "application/json":
        case.body = copy.deepcopy(example)
