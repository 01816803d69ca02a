"""The OpenAPI as programs read it: permissions, problems, headers, links and recorded examples on every operation."""

from __future__ import annotations

import re
from typing import Any, cast

from fastapi import FastAPI

from app.api.deps import PUBLIC, SIGNED_IN, route_acts
from app.api.document_parts import NOT_MODIFIED, TAGS, components, name_of
from app.api.examples import answers, illustrate
from app.api.leads import lead_on
from app.auth.principal import PERMISSIONS

Json = dict[str, Any]
ABOUT = """Posts come in, are kept as evidence, become observations, signals and one explained flag, which people
decide.

Programs send a token (`Authorization: Bearer ntr_…`). Errors are problems (RFC 9457) worded in Indonesian and English.
Lists go by cursor (`after`, `limit` → `items`, `next`). Answers to GET carry an ETag; `If-None-Match` saves the body.
Times are ISO 8601 in UTC."""


def publish_document(app: FastAPI) -> None:
    """Let `app.openapi()` say all that this module knows."""
    build = app.openapi

    def described() -> Json:
        if app.openapi_schema is None:
            document = build()
            acts = route_acts(app)
            finish(document, {(method, re.sub(r":\w+\}", "}", path)): act for (method, path), act in acts.items()})
        return cast(Json, app.openapi_schema)

    app.openapi = described  # type: ignore[method-assign]


def finish(document: Json, acts: dict[tuple[str, str], str | None]) -> None:
    """Add to the document of FastAPI what it cannot know. `acts`: (method, path) -> act of each route."""
    document["info"] |= {
        "description": ABOUT,
        "contact": {"name": "Pengelola server ini / Whoever runs this server"},
        "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
    }
    document["servers"] = [{"url": "/", "description": "This server"}]
    document["tags"] = [{"name": name, "description": about} for name, about in TAGS.items()]
    for kind, parts in components().items():
        document["components"].setdefault(kind, {}).update(parts)
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
    others = answers(operation for item in document["paths"].values() for operation in item.values())
    for path, item in document["paths"].items():
        for method, operation in item.items():
            permit(operation, acts[method.upper(), path])
            describe_answers(method, path, operation)
            illustrate(operation, others)
    lead_on(document["paths"])


def permit(operation: Json, act: str | None) -> None:
    """Say who may call an operation, and with which problems it refuses others."""
    statuses = ["429", *(["400", "413"] if "requestBody" in operation else [])]
    if act is None or act == PUBLIC:
        statement: Json = {"act": act, "roles": ["anyone"], "scopes": []}
        operation["security"] = []
    else:
        roles, scopes = PERMISSIONS.get(act, (frozenset({"anyone signed in"}), frozenset({"any"})))
        statement = {"act": act, "roles": sorted(roles), "scopes": sorted(scopes)}
        statuses += ["401"] if act == SIGNED_IN else ["401", "403"]
    operation["x-netra-permission"] = statement
    for status in statuses:
        operation["responses"].setdefault(status, {})
    scopes_told = ", ".join(statement["scopes"]) or ("none needed" if act in (None, PUBLIC) else "none; people only")
    sentence = f"Roles: {', '.join(statement['roles'])}. Token scopes: {scopes_told}."
    operation["description"] = f"{operation.get('description', '')}\n\n{sentence}".strip()
    operation["summary"] = operation["operationId"].replace("_", " ").capitalize()


def describe_answers(method: str, path: str, operation: Json) -> None:
    """Point to the common problems; say that what is read can be read conditionally."""
    answers = operation["responses"]
    for status in answers:
        if int(status) >= 400:
            answers[status] = {"$ref": f"#/components/responses/{name_of(status)}"}
    if method == "get" and path.startswith("/api/") and "application/json" in answers["200"].get("content", {}):
        answers["200"].setdefault("headers", {})["ETag"] = {"$ref": "#/components/headers/ETag"}
        answers["304"] = NOT_MODIFIED
        operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IfNoneMatch"})
    operation["responses"] = dict(sorted(answers.items()))
