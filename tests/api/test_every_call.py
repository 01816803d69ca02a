"""docs/api-calls.md: every operation once, as written; what is answered becomes the examples of the OpenAPI."""

from __future__ import annotations

import json
import re
import socket
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

import app.api.examples
from app.auth.principal import ROLE_SCOPES
from app.db.base import now
from app.demo.pictures import reference_photos
from app.rules.ruleset import own_source
from app.sealing import signing_key
from app.tips.proof import read, work
from app.webhooks.sending import Answer
from tests.api.call_things import AFTER, BEFORE, found_beforehand, happens
from tests.api.curls import Call, Json, calls_in, found_at, parsed, send
from tests.api.edge import PASSWORD
from tests.api.links import Trail, links_of
from tests.api.people import add
from tests.api.test_document import DOCUMENT, OPERATIONS, valid
from tests.api.test_text_models import model_file
from tests.api.tipping import let_tips_in
from tests.api.world import World
from tests.conftest import REPOSITORY

EXAMPLES = Path(app.api.examples.__file__).parent / "data" / "examples.json"
NOT_LED_TO = {"settle_submission_context", "save_election"}
"""Operations that a link leads to and that are called here once only, with what no call before has answered."""
LONGEST, MOST, LEVELS = 300, 2, 6


def operation_of(call: Call) -> tuple[str, dict[str, str]]:
    """The operation that a call is of, and its path parameters."""
    path = urlsplit(call.url).path
    fitting = []
    for name, (method, pattern, _) in OPERATIONS.items():
        found = re.fullmatch(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(pattern)), path)
        if found and method == call.method:
            fitting.append((len(re.sub(r"\{\w+\}", "", pattern)), name, found.groupdict()))
    _, name, parameters = max(fitting, key=lambda one: one[0])
    return name, parameters


def cut(value: Any) -> Any:
    """The value without the rest of long lists and texts."""
    if isinstance(value, dict):
        return {name: cut(one) for name, one in value.items()}
    if isinstance(value, list):
        return [cut(one) for one in value[:MOST]] if any(isinstance(one, dict) for one in value) else value[:20]
    return f"{value[:LONGEST]}…" if isinstance(value, str) and len(value) > LONGEST else value


def example_of(call: Call, parameters: dict[str, str], answer: httpx.Response, sent: bytes | None) -> Json:
    """What the OpenAPI shows of this call."""
    query = dict(parse_qsl(urlsplit(call.url).query))
    shown: Json = {"path": parameters, "query": {k: int(v) if v.isdigit() else v for k, v in query.items()}}
    if sent is not None:
        shown["request"] = hidden(cut(json.loads(sent)))
    elif call.fields and not call.files:
        shown["request"] = dict(call.fields)
    if answer.content and answer.headers["content-type"] == "application/json":
        shown["answer"] = hidden(cut(answer.json()))
    shown["located"] = "location" in answer.headers
    return {name: value for name, value in shown.items() if value not in ({}, False)}


def hidden(value: Any) -> Any:
    """Nothing that could be taken for a secret, although they were all made for the test."""
    if not isinstance(value, dict):
        return value
    covers = {"token": "ntr_…", "secret": "whsec_…", "password": "kata sandi panjang"}
    return {name: covers[name] if name in covers and isinstance(one, str) else one for name, one in value.items()}


def fits(name: str, shown: Json) -> bool:
    """Whether an example still fits the document."""
    if name not in OPERATIONS:
        return False
    operation = OPERATIONS[name][2]
    bodies = operation.get("requestBody", {}).get("content", {})
    asked = all(valid(one["schema"], shown["request"]) for one in bodies.values()) if "request" in shown else True
    answers = operation["responses"]
    good = next(one for status, one in answers.items() if status.startswith("2"))
    schema = good.get("content", {}).get("application/json", {}).get("schema")
    told = schema is None or ("answer" in shown and valid(schema, shown["answer"]))
    return asked and told and all(
        valid(answers[status]["content"]["application/json"]["schema"], one)
        for status, one in shown.get("others", {}).items()
    )  # fmt: skip


def test_every_call_works_as_written(
    sqlite_world: World, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
    monkeypatch.setattr("app.webhooks.addresses.socket.getaddrinfo", lambda *_, **__: public)
    monkeypatch.setattr("app.webhooks.delivering.post", lambda *_, **__: Answer("", 204, 12))
    add(sqlite_world, "kedua")
    people = {"SUBMIT": "monitor", "REVIEW": "reviewer", "COORDINATE": "coordinator", "ADMIN": "admin"}
    callers = {f"${name}": sqlite_world.program(role, *ROLE_SCOPES[role]) for name, role in people.items()}  # type: ignore[index]
    callers |= {"$SECOND": sqlite_world.program("kedua", *ROLE_SCOPES["reviewer"])}
    callers |= {name: sqlite_world.nobody() for name in ("", "cookies.txt")}
    reason = "Antrean terlalu penuh"
    files = {
        "keberatan.pdf": b"%PDF-1.7 keberatan", "calon.png": reference_photos()["bagus-1.png"],
        "rules.json": json.dumps({"source": own_source(), "reason": reason}).encode(),
        "score.json": json.dumps({"model": model_file(), "reason": "Dilatih dari putusan Oktober"}).encode(),
    }  # fmt: skip
    known = {"N": "http://testserver", "LOGIN": "reviewer", "PASSWORD": PASSWORD, "TODAY": date.today().isoformat()}
    known |= found_beforehand(sqlite_world)
    let_tips_in(sqlite_world)
    made: Json = {}
    statuses: dict[str, int] = {}
    trail = Trail({name: links_of(operation) for name, (_, _, operation) in OPERATIONS.items()})
    for line in calls_in((REPOSITORY / "docs" / "api-calls.md").read_text(encoding="utf-8")):
        call = parsed(line, known)
        name, parameters = operation_of(call)
        happens(BEFORE, name, sqlite_world)
        answer = send(call, callers, files)
        assert answer.status_code < 300, (line, answer.text)
        known |= {name: found_at(answer.json(), path) for name, path in call.kept}
        if name == "read_tip_challenge":
            known["PROOF"] = work(read(signing_key(sqlite_world.settings, "tip challenge"), known["CHALLENGE"], now()))
        body = call.body
        sent = None if body is None else files[body[1:]] if body.startswith("@") else body.encode()
        shown = example_of(call, parameters, answer, sent)
        made.setdefault(name, shown)
        if answer.status_code != statuses.setdefault(name, answer.status_code):
            made[name]["others"] = {str(answer.status_code): shown["answer"]}
        trail.passed(name, parameters, shown.get("answer"))
        happens(AFTER, name, sqlite_world)
    assert sorted(made) == sorted(OPERATIONS)
    assert trail.targets() - {target for _, target in trail.walked} == NOT_LED_TO
    assert [name for name, shown in made.items() if not fits(name, shown)] == []
    if request.config.getoption("--record-examples"):
        old = json.loads(EXAMPLES.read_text(encoding="utf-8"))
        kept = {name: shown for name, shown in old.items() if name in made and fits(name, shown)}
        kept = {name: shown for name, shown in kept.items() if shown.keys() == made[name].keys()}
        text = json.dumps(dict(sorted((made | kept).items())), ensure_ascii=False, indent=1)
        EXAMPLES.write_text(f"{text}\n", encoding="utf-8")


def test_the_examples_are_of_every_operation_and_fit() -> None:
    recorded = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    again = "pytest tests/api/test_every_call.py --record-examples"
    assert sorted(recorded) == sorted(OPERATIONS), again
    assert [name for name, shown in recorded.items() if not fits(name, shown)] == [], again


def test_the_document_shows_them() -> None:
    assert DOCUMENT["paths"]["/api/v1/users"]["post"]["responses"]["201"]["headers"].keys() == {"Location"}
    for name, (_, _, operation) in OPERATIONS.items():
        for status, good in operation["responses"].items():
            if status.startswith("2") and "application/json" in good.get("content", {}):
                assert "example" in good["content"]["application/json"], (name, status)
