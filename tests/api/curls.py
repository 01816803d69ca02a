"""The curl calls of a document, run against the application as they are written."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi.testclient import TestClient

Json = dict[str, Any]
FORMS = {"-F", "--form", "--form-string"}


@dataclass
class Call:
    """One call: its parts as sent, and which values of the answer go under which name."""

    method: str = ""
    url: str = ""
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)
    jar: str = ""
    """The file of cookies that it sends (-b) or writes (-c)."""


def calls_in(text: str) -> Iterator[str]:
    """The lines of all shell blocks that begin with curl."""
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        yield from (line for line in block.replace("\\\n", "").splitlines() if line.startswith("curl"))


def parsed(line: str, known: Mapping[str, str]) -> Call:
    """A line with its variables filled."""
    written, _, remark = line.partition("  # ")
    filled = re.sub(r"\$(\w+)", lambda found: known.get(found[1], found[0]), written)
    words = iter(shlex.split(filled))
    assert next(words) == "curl"
    call = Call(kept=[tuple(one.split("=", 1)) for one in remark.split()])  # type: ignore[misc]
    for word in words:
        if word == "|":
            break
        if word == "-X":
            call.method = next(words)
        elif word in {"-b", "-c"}:
            call.jar = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            if name == "Authorization":
                call.token = value.removeprefix("Bearer ")
            else:
                call.headers[name] = value
        elif word == "-d":
            call.body = next(words)
        elif word in FORMS:
            name, _, value = next(words).partition("=")
            is_file = value.startswith("@") and word != "--form-string"
            (call.files if is_file else call.fields).append((name, value.removeprefix("@") if is_file else value))
        elif not word.startswith("-"):  # -i, -s
            call.url = word
    call.method = call.method or ("POST" if call.body or call.fields or call.files else "GET")
    return call


def send(call: Call, callers: Mapping[str, TestClient], files: Mapping[str, bytes]) -> httpx.Response:
    """The answer to a call; `files` are those that it names with @."""
    client = callers[call.token or call.jar]
    if not call.jar:
        client.cookies.clear()  # curl keeps none
    if call.body is not None:
        content = files[call.body[1:]] if call.body.startswith("@") else call.body.encode()
        return client.request(call.method, call.url, content=content, headers=call.headers)
    if call.fields or call.files:
        parts: list[Any] = [(name, (None, value)) for name, value in call.fields]
        parts += [(name, (path, files[path])) for name, path in call.files]
        return client.request(call.method, call.url, files=parts, headers=call.headers)
    return client.request(call.method, call.url, headers=call.headers)


def found_at(answer: Any, path: str) -> str:
    """A value of an answer: `.items[0].id`."""
    for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        answer = answer[name] if name else answer[int(index)]
    return str(answer)
