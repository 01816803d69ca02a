"""The operational settings: what an office changes while Netra runs, and what its environment fixes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.api.deps import ServicesDep, SessionDep, may
from app.api.problems import problem_responses
from app.auth.principal import Principal
from app.office.change import change, environment, shown
from app.review.reasons import LONGEST_NOTE
from app.screening.service import Services

router = APIRouter(prefix="/api/v1/settings", tags=["settings"])
Reader = Annotated[Principal, may("settings.read")]
Writer = Annotated[Principal, may("settings.write")]


class SettingOut(BaseModel):
    """One value. `kind`: number, whole, share (0-1), days (0 is off), dates or switch; the last three are null where it
    is the default."""

    name: str
    group: str
    kind: str
    least: float
    most: float
    value: Any
    default: Any
    reason: str | None
    changed_by: str | None
    changed_at: datetime | None


class VariableOut(BaseModel):
    """What an environment variable fixes."""

    variable: str
    value: str


class SettingsOut(BaseModel):
    """The values that apply now, and what only the environment sets."""

    settings: list[SettingOut]
    environment: list[VariableOut]


class SettingsIn(BaseModel):
    """New values by name; null sets the default again. `seen`: the values that their author saw; where one has changed
    since, nothing is written."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"values": {"claim_minutes": 15}, "reason": "Butir panjang perlu lebih banyak waktu"}]
        },
    )
    values: dict[str, Any] = Field(max_length=50)
    reason: str = Field(max_length=LONGEST_NOTE)
    seen: dict[str, Any] | None = None


def _out(session: Session, services: Services) -> SettingsOut:
    rows = [
        SettingOut(
            name=one.spec.name, group=one.spec.group, kind=one.spec.kind, least=one.spec.least, most=one.spec.most,
            value=one.value, default=one.default, reason=one.reason or None, changed_by=one.changed_by or None,
            changed_at=one.changed_at,
        )
        for one in shown(session, services.settings)
    ]  # fmt: skip
    fixed = [VariableOut(variable=name, value=value) for name, value in environment(services.settings)]
    return SettingsOut(settings=rows, environment=fixed)


@router.get("", operation_id="read_settings")
def read_settings(_principal: Reader, session: SessionDep, services: ServicesDep) -> SettingsOut:
    """The values that apply now; every process follows a change within seconds."""
    return _out(session, services)


@router.put("", operation_id="change_settings", responses=problem_responses(409, 422))
def change_settings(body: SettingsIn, principal: Writer, session: SessionDep, services: ServicesDep) -> SettingsOut:
    """Set values for a reason of at least 10 characters; all of them or none. Each change is an event."""
    change(session, principal, services.settings, body.values, body.reason, body.seen)
    session.commit()
    services.operating.forget()
    return _out(session, services)
