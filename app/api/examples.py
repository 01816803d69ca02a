"""Requests and answers of the demo as they were, one of each per operation: `data/examples.json`.

They are recorded while the calls of the documents run (`pytest tests/api/test_every_call.py --record-examples`); long
lists and texts are cut.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

Json = dict[str, Any]


@cache
def recorded() -> Json:
    """Operation -> `path`, `query`, `request` and `answer` where there are such; `others`: answers with other statuses;
    `located`: it told where a new thing is."""
    found: Json = json.loads(files("app.api").joinpath("data/examples.json").read_text(encoding="utf-8"))
    return found


def illustrate(operation: Json, others: Mapping[str, Any]) -> None:
    """Put the recorded request and answer into an operation; where none was recorded, that of an operation which
    answers with the same. `others`: schema -> recorded answer."""
    good = next(status for status in operation["responses"] if status.startswith("2"))
    answer = operation["responses"][good]
    seen = recorded().get(operation["operationId"])
    if seen is None:
        borrow(answer, others)
        return
    bodies = operation.get("requestBody", {}).get("content", {})
    if "request" in seen:
        for content in bodies.values():
            content["example"] = seen["request"]
    for name, value in (seen.get("path", {}) | seen.get("query", {})).items():
        for parameter in operation.get("parameters", []):
            if parameter.get("name") == name:
                parameter["example"] = value
    if "answer" in seen:
        answer["content"]["application/json"]["example"] = seen["answer"]
    for status, other in seen.get("others", {}).items():
        operation["responses"][status]["content"]["application/json"]["example"] = other
    if seen.get("located"):
        answer.setdefault("headers", {})["Location"] = {"$ref": "#/components/headers/Location"}


def borrow(answer: Json, others: Mapping[str, Any]) -> None:
    """Show the recorded answer of another operation with this schema, where there is one."""
    content = answer.get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref")
    if name in others:
        content["example"] = others[name]


def answers(operations: Iterable[Json]) -> Json:
    """Schema -> an answer with it that was recorded."""
    found: Json = {}
    for operation in operations:
        seen = recorded().get(operation["operationId"], {})
        good = next(status for status in operation["responses"] if status.startswith("2"))
        content = operation["responses"][good].get("content", {}).get("application/json", {})
        if "answer" in seen and "$ref" in content.get("schema", {}):
            found.setdefault(content["schema"]["$ref"], seen["answer"])
    return found
