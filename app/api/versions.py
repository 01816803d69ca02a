"""The shapes that versions of the rules and trained scores have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from app.api.deps import Number, may
from app.auth.principal import Principal
from app.db.rule_tables import RuleVersion, TextModelVersion
from app.screening.versions import LONGEST_REASON

Reader = Annotated[Principal, may("figures.read")]
Changer = Annotated[Principal, may("rules.change")]


class Versioned(BaseModel):
    """What every version says of itself; `state` is draft, live or retired."""

    id: int
    version: str
    state: str
    reason: str
    made_by: str
    made_at: datetime
    live_since: datetime | None


class Reasoned(BaseModel):
    """Why something is changed."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(max_length=LONGEST_REASON)


class Replacing(Reasoned):
    """Why, and the id of the version that is replaced as the caller saw it (null: there was none)."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "Disetujui rapat 30 Oktober", "replaces": None}]}
    )
    replaces: Number | None


class Appended(BaseModel):
    """The event that was appended."""

    event: int
    hash: str


Shape = TypeVar("Shape", bound=Versioned)


def told(shape: type[Shape], row: RuleVersion | TextModelVersion) -> Shape:
    """The version in this shape."""
    return shape(**{name: getattr(row, name) for name in shape.model_fields})
