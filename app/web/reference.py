"""The reference of the API, drawn from the OpenAPI that the server itself publishes: one page per tag."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.api.deps import ANYONE, MaybePrincipalDep
from app.errors import NotFound
from app.web.page import render
from app.web.schema_words import Field, fields_of, kind_of, names_in

router = APIRouter(prefix="/rujukan-api", dependencies=[ANYONE])
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of an operation: its status, its words, the schema and an example of it, the headers that it has."""

    status: str
    about: str
    kind: str
    example: str
    headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as the page shows it."""

    name: str
    method: str
    path: str
    summary: str
    about: tuple[str, ...]
    roles: str
    scopes: str
    parameters: tuple[Field, ...]
    body: str
    body_fields: tuple[Field, ...]
    body_example: str
    answers: tuple[Answer, ...]
    curl: str
    leads: tuple[str, ...]


@router.get("")
def reference(request: Request, principal: MaybePrincipalDep) -> Response:
    """Anyone: what there is, by tag."""
    document = request.app.openapi()
    tags = [
        (tag["name"], tag["description"], [found[:3] for found in tagged(document, tag["name"])])
        for tag in document["tags"]
    ]
    about = document["info"]["description"].split("\n\n")
    return render(request, "reference.html", principal, info=document["info"], about=about, tags=tags)


@router.get("/{tag}")
def reference_of(request: Request, principal: MaybePrincipalDep, tag: str) -> Response:
    """Anyone: the operations of one tag, with the schemas that they speak of."""
    document = request.app.openapi()
    about = next((one["description"] for one in document["tags"] if one["name"] == tag), None)
    if about is None:
        raise NotFound("Bagian ini tidak ada / There is no such part")
    found = tagged(document, tag)
    homes = {name: home["name"] for home in document["tags"] for name, *_ in tagged(document, home["name"])}
    schemas = document["components"]["schemas"]
    spoken = names_in([operation for *_, operation in found], schemas)
    return render(
        request, "reference_tag.html", principal, tag=tag, about=about, homes=homes,
        operations=[shown(document, *one) for one in found],
        schemas=[(name, schemas[name].get("description", ""), fields_of(schemas[name])) for name in spoken],
    )  # fmt: skip


def tagged(document: Json, tag: str) -> list[tuple[str, str, str, Json]]:
    """(name, method, path, operation) of all operations with this tag."""
    return [
        (operation["operationId"], method.upper(), path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if tag in operation["tags"]
    ]


def resolved(document: Json, part: Json) -> Json:
    """What a reference stands for."""
    if "$ref" not in part:
        return part
    found: Any = document
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def shown(document: Json, name: str, method: str, path: str, operation: Json) -> Operation:
    """An operation in the words of the page."""
    allowed = operation["x-netra-permission"]
    parameters = [resolved(document, one) for one in operation.get("parameters", [])]
    bodies: Json = operation.get("requestBody", {}).get("content", {})
    media = next(iter(bodies), "")
    content: Json = bodies.get(media, {})
    schema: Json = content.get("schema", {})
    answers = [answer(document, status, one) for status, one in operation["responses"].items()]
    links = {target for one in operation["responses"].values() for target in one.get("links", {})}
    return Operation(
        name=name,
        method=method,
        path=path,
        summary=operation["summary"],
        about=tuple(operation["description"].split("\n\n")[:-1]),
        roles=", ".join(allowed["roles"]),
        scopes=", ".join(allowed["scopes"]),
        parameters=tuple(parameter(one) for one in parameters),
        body=media,
        body_fields=() if "$ref" in schema else fields_of(schema),
        body_example=pretty(content["example"]) if "example" in content else "",
        answers=tuple(answers),
        curl=curl(method, path, parameters, media, content.get("example"), public=not operation.get("security", True)),
        leads=tuple(sorted(links)),
    )


def parameter(one: Json) -> Field:
    """A parameter in the words of the page."""
    return Field(one["name"], one["in"], kind_of(one["schema"]), one.get("required", False), one.get("description", ""))


def answer(document: Json, status: str, response: Json) -> Answer:
    """One answer in the words of the page."""
    told = resolved(document, response)
    bodies: Json = told.get("content", {})
    content: Json = next(iter(bodies.values()), {})
    example = pretty(content["example"]) if "example" in content else ""
    kind = kind_of(content["schema"]) if content.get("schema") else ""
    return Answer(status, told["description"], kind, example, tuple(told.get("headers", {})))


def pretty(value: Any) -> str:
    """JSON for people; the fields of a form as they are."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def curl(method: str, path: str, parameters: list[Json], media: str, example: Any, *, public: bool) -> str:
    """The call as a line for a shell: what the address needs filled from the recorded example."""
    known = {one["name"]: str(one["example"]) for one in parameters if one["in"] == "path" and "example" in one}
    filled = re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], f"<{found[1]}>"), path)
    parts = ["curl", *(["-X", method] if method not in {"GET", "POST"} or not media else []), f'"$N{filled}"']
    if parts[1:3] == ["-X", "GET"]:
        del parts[1:3]
    if not public:
        parts.append('-H "Authorization: Bearer $TOKEN"')
    if media == "application/json":
        body = shlex.quote(json.dumps(example if example is not None else {}, ensure_ascii=False))
        parts += ["-H 'Content-Type: application/json'", f"-d {body}"]
    elif media:
        parts += [f"-F {shlex.quote(f'{name}={value}')}" for name, value in (example or {}).items()]
    return " ".join(parts)
