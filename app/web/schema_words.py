"""JSON schemas in few words, for the reference of the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
REF = "#/components/schemas/"
BOUNDS = (
    ("minLength", "≥ {} char"), ("maxLength", "≤ {} char"), ("minimum", "≥ {}"), ("maximum", "≤ {}"),
    ("minItems", "≥ {} items"), ("maxItems", "≤ {} items"), ("pattern", "{}"), ("default", "default {}"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter or a member of an object; `place` is path, query or header for a parameter."""

    name: str
    place: str
    kind: str
    required: bool
    about: str


def kind_of(schema: Json) -> str:
    """What a value is: "string (uuid)", "list of FlagOut", "integer ≥ 1 ≤ 200", "a | b"."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(REF)
    if "anyOf" in schema:
        return " | ".join(kind_of(one) for one in schema["anyOf"])
    if "const" in schema:
        return str(schema["const"])
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    kind = str(schema.get("type", "any"))
    if kind == "array":
        kind = f"list of {kind_of(schema.get('items', {}))}"
    elif kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        kind = f"object of {kind_of(schema['additionalProperties'])}"
    elif "format" in schema:
        kind = f"{kind} ({schema['format']})"
    bounds = [words.format(schema[name]) for name, words in BOUNDS if schema.get(name) not in (None, "", [])]
    return ", ".join([kind, *bounds])


def fields_of(schema: Json) -> tuple[Field, ...]:
    """The members of an object."""
    required = schema.get("required", [])
    return tuple(
        Field(name, "", kind_of(one), name in required, one.get("description", ""))
        for name, one in schema.get("properties", {}).items()
    )


def names_in(part: Any, schemas: Json) -> list[str]:
    """The schemas that a part of the document speaks of, those inside of them too, by name."""
    found: set[str] = set()
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            reference = one.get("$ref")
            if isinstance(reference, str) and reference.startswith(REF) and reference.removeprefix(REF) not in found:
                name = reference.removeprefix(REF)
                found.add(name)
                waiting.append(schemas[name])
            waiting += [value for key, value in one.items() if key not in {"example", "examples"}]
    return sorted(found)
