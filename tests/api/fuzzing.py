"""Hooks of schemathesis, which loads this file by its path."""

from __future__ import annotations

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


@schemathesis.hook
def before_call(context: Any, case: Case, kwargs: dict[str, Any]) -> None:
    """The callers and their own tokens stay: without them, nothing after them would be tried."""
    kept = os.environ["FUZZ_KEPT"].split()
    for name in ("user_id", "token_id"):
        if str(case.path_parameters.get(name, "")) in kept:
            case.path_parameters[name] = str(uuid.UUID(int=4))
