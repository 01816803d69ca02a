"""The OpenAPI as a product: names that stay, everything described, problems with examples, links that lead on."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from pydantic import BaseModel, ValidationError

from app.api.document_parts import TAGS
from app.api.flag_models import FlagWhole
from app.api.leads import LEADS
from app.roster.file import PhotoFile
from tests.api.conftest import build, settings_for
from tests.api.world import World

Json = dict[str, Any]
DOCUMENT: Json = build(settings_for("", Path())).openapi()
OPERATIONS: dict[str, tuple[str, str, Json]] = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
NAMES = Path(__file__).with_name("operations.txt")


def resolved(part: Json) -> Json:
    """What a reference stands for."""
    while "$ref" in part:
        found: Any = DOCUMENT
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def valid(schema: Json, value: Any) -> bool:
    """Whether a value fits a schema of the document."""
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": DOCUMENT["components"], **schema}
    return bool(jsonschema_rs.validator_for(whole, validate_formats=True).is_valid(value))


def test_the_names_of_operations_stay() -> None:
    """Programs are made from these names: a line that changes here breaks them, so it is changed on purpose only."""
    made = [f"{method} {path} {name}" for name, (method, path, _) in OPERATIONS.items()]
    assert sorted(made) == NAMES.read_text(encoding="utf-8").splitlines()


def test_the_document_says_what_it_is() -> None:
    info = DOCUMENT["info"]
    assert all(info[name] for name in ("title", "version", "summary", "description", "contact", "license"))
    assert DOCUMENT["servers"] == [{"url": "/", "description": "This server"}]
    assert DOCUMENT["components"]["securitySchemes"].keys() == {"token", "session"}


def test_every_tag_is_described() -> None:
    used = {tag for _, _, operation in OPERATIONS.values() for tag in operation["tags"]}
    assert used == TAGS.keys()
    assert {tag["name"] for tag in DOCUMENT["tags"] if tag["description"]} == used


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_described(name: str) -> None:
    method, path, operation = OPERATIONS[name]
    assert operation["summary"]
    assert len(operation["description"]) > 40
    assert "x-netra-permission" in operation
    for status, response in operation["responses"].items():
        told = resolved(response)
        assert told["description"]
        if int(status) >= 400:
            (content,) = told["content"].values()
            assert valid(content["schema"], content["example"]), status
            assert content["example"]["status"] == int(status)
    if method == "GET" and path.startswith("/api/") and "application/json" in operation["responses"]["200"]["content"]:
        assert "ETag" in operation["responses"]["200"]["headers"]
        assert "304" in operation["responses"]


def test_no_answer_is_without_a_type() -> None:
    for name, (_, _, operation) in OPERATIONS.items():
        for status, response in operation["responses"].items():
            schema = response.get("content", {}).get("application/json", {}).get("schema", {})
            assert "title" not in schema or "anyOf" in schema, (name, status)


def test_links_lead_to_operations_and_fill_their_addresses() -> None:
    assert LEADS.keys() <= OPERATIONS.keys()
    leading = [name for name, (_, _, one) in OPERATIONS.items() if any("links" in r for r in one["responses"].values())]
    assert set(leading) == LEADS.keys()
    for name in leading:
        for response in OPERATIONS[name][2]["responses"].values():
            for link in response.get("links", {}).values():
                path = OPERATIONS[link["operationId"]][1]
                assert all("{" + parameter + "}" in path for parameter in link["parameters"]), (name, path)
                assert path.count("{") == len(link["parameters"])


def further(part: Any, where: str = "flag") -> list[str]:
    """What an answer holds that its model does not know."""
    if isinstance(part, list):
        return [found for one in part for found in further(one, where)]
    if not isinstance(part, BaseModel):
        return []
    members = {name: getattr(part, name) for name in type(part).model_fields}
    extra = [f"{where}.{name}" for name in part.model_extra or {}]
    return extra + [found for name, value in members.items() for found in further(value, f"{where}.{name}")]


def test_the_model_of_a_flag_is_whole(sqlite_world: World) -> None:
    flag_id, _ = sqlite_world.flagged(captured_at="2026-11-20T08:15:00+07:00", page_title="Halaman")
    answer = sqlite_world.browser("coordinator").get(f"/api/v1/flags/{flag_id}")
    assert answer.status_code == 200
    assert answer.json()["capture"]["page_title"] == "Halaman"
    assert further(FlagWhole.model_validate(answer.json())) == []


def test_the_reference_has_a_page_for_every_part(sqlite_world: World) -> None:
    nobody = sqlite_world.nobody()
    for tag in TAGS:
        page = nobody.get(f"/rujukan-api/{tag}")
        assert page.status_code == 200, tag
        assert all(name in page.text for name, (*_, one) in OPERATIONS.items() if tag in one["tags"])


def test_a_name_of_blanks_does_not_fit_the_document() -> None:
    """It is refused, because nothing is left when blanks around it are taken off."""
    photo = {"$ref": "#/components/schemas/PhotoFile"}
    assert [valid(photo, {"file": name}) for name in (" ", "\u3000\u00a0", " a b ", "")] == [False, False, True, False]


@pytest.mark.parametrize(
    ("face", "good"), [(3, True), (3.0, True), (None, True), (3.5, False), ("3", False), (True, False), (-1, False)]
)
def test_a_face_is_counted_as_the_document_says(face: object, good: bool) -> None:
    given = {"file": "a.jpg", "face": face}
    assert valid({"$ref": "#/components/schemas/PhotoFile"}, given) is good
    with nullcontext() if good else pytest.raises(ValidationError):
        PhotoFile.model_validate(given)
