"""Links of the OpenAPI: which a run of schemathesis has followed, and which lead to where a call went."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.api.curls import found_at

Json = dict[str, Any]
Filled = frozenset[tuple[str, str]]


@dataclass
class Trail:
    """Which links lead from the answers of calls to later calls that were answered well."""

    links: Mapping[str, Mapping[str, Json]]
    """Operation -> link of its good answer -> what it says."""
    walked: set[tuple[str, str]] = field(default_factory=set)
    offered: dict[tuple[str, Filled], set[str]] = field(default_factory=dict)

    def passed(self, name: str, path: Mapping[str, str], answer: Any) -> None:
        """An operation was called with these parameters in its path and answered well."""
        here = frozenset(path.items())
        self.walked |= {(source, name) for source in self.offered.get((name, here), ())}
        for link in self.links.get(name, {}).values():
            try:
                filled = frozenset((key, value_of(said, path, answer)) for key, said in link["parameters"].items())
            except (IndexError, KeyError, TypeError):
                continue  # an empty list leads nowhere
            self.offered.setdefault((link["operationId"], filled), set()).add(name)

    def targets(self) -> set[str]:
        """All operations that a link leads to."""
        return {link["operationId"] for told in self.links.values() for link in told.values()}


def value_of(expression: str, path: Mapping[str, str], answer: Any) -> str:
    """What a runtime expression of the OpenAPI stands for. Raises where the answer does not have it."""
    if expression.startswith("$request.path."):
        return path[expression.removeprefix("$request.path.")]
    steps = expression.removeprefix("$response.body#/").split("/")
    return found_at(answer, "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in steps))


def links_of(operation: Json) -> dict[str, Json]:
    """The links of an operation's good answers."""
    answers = operation["responses"].items()
    return {name: one for status, told in answers if status < "300" for name, one in told.get("links", {}).items()}


def followed(events: Path) -> Counter[tuple[str, int]]:
    """(link, status of the answer) of every step that took its parameters from an answer before; from the report of
    events of schemathesis."""
    return Counter(_steps(events))


def _steps(events: Path) -> Iterator[tuple[str, int]]:
    with events.open(encoding="utf-8") as lines:
        for line in lines:
            recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
            for name, case in recorder.get("cases", {}).items():
                answer = recorder["interactions"].get(name, {}).get("response")
                if case["is_transition_applied"] and answer:
                    yield case["transition"]["id"], answer["status_code"]


def words(steps: Counter[tuple[str, int]], links: int) -> str:
    """The figures in words, then every operation that was reached and answered well."""
    reached = {link for link, _ in steps}
    well = {link for link, status in steps if 200 <= status < 300}
    targets = sorted({link.rsplit(" -> ", 1)[1] for link in well})
    first = f"{sum(steps.values())} steps along {len(reached)} of {links} links, {len(well)} of them answered 2xx, at:"
    return "\n  ".join([first, *targets])
