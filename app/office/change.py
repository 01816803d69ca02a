"""Changing an operational value: checked, with a reason, as an event that tells before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.base import now
from app.db.office_tables import Setting
from app.errors import Conflict
from app.operating import BY_NAME, SPECS, Spec, checked, default_of
from app.review.acts import note_of
from app.review.due import recount
from app.settings import Settings

LEAST_REASON = 10
NEVER_SHOWN = frozenset({"secret_key", "database_url", "blob_url", "data_dir", "models_dir"})
"""Secrets, addresses that may hold one, and where things lie on the machine."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One value as people are shown it; the last three are empty where it is the default."""

    spec: Spec
    value: Any
    default: Any
    reason: str = ""
    changed_by: str = ""
    changed_at: datetime | None = None


def change(
    session: Session,
    principal: Principal,
    settings: Settings,
    values: Mapping[str, object],
    reason: str,
    seen: Mapping[str, object] | None = None,
) -> list[str]:
    """Set these values (None: back to the default) for a reason of at least 10 characters; the caller commits, then
    lets `Operating` forget. The names of those that changed; the same value again is no change.

    Raises BadInput naming the setting, and Conflict where a value is no longer the one `seen` by its author."""
    principal.require("settings.write")
    wanted = {
        name: None if value is None and name in BY_NAME else checked(name, value) for name, value in values.items()
    }
    kept = note_of(reason, LEAST_REASON, "reason")
    audit.hold(session)  # whoever changes at the same time waits here
    found = select(Setting).where(Setting.name.in_(wanted)).execution_options(populate_existing=True)
    rows = {row.name: row for row in session.scalars(found)}
    changed = []
    for name, value in wanted.items():
        row, default = rows.get(name), default_of(BY_NAME[name], settings)
        before = row.value if row is not None else default
        _require_seen(name, before, seen)
        if before == (default if value is None else value):
            continue
        _write(session, principal, row, name, value, kept)
        facts = {"before": before, "after": default if value is None else value, "reason": kept}
        if name == "public_holidays":
            facts["moved"] = recount(session, frozenset(map(date.fromisoformat, facts["after"])))
        audit.append(session, principal, "setting.changed", "setting", name, facts)
        changed.append(name)
    return changed


def _write(session: Session, principal: Principal, row: Setting | None, name: str, value: object, reason: str) -> None:
    if value is None:
        session.delete(row)
        return
    row = row or Setting(name=name)
    row.value, row.reason, row.changed_by, row.changed_at = value, reason, principal.login, now()
    session.add(row)


def _require_seen(name: str, before: object, seen: Mapping[str, object] | None) -> None:
    if seen is not None and name in seen and checked(name, seen[name]) != checked(name, before):
        raise Conflict(
            "Rekan sudah mengubah setelan ini; muat ulang / A colleague has changed this setting already: reload",
            field=name,
        )


def shown(session: Session, settings: Settings) -> list[Shown]:
    """Every value with its default, and who changed it when and why."""
    rows = {row.name: row for row in session.scalars(select(Setting))}
    found = []
    for spec in SPECS:
        row, default = rows.get(spec.name), default_of(spec, settings)
        if row is None:
            found.append(Shown(spec, default, default))
        else:
            found.append(Shown(spec, row.value, default, row.reason, row.changed_by, row.changed_at))
    return found


def environment(settings: Settings) -> Sequence[tuple[str, str]]:
    """What only the environment sets: variable and value, without secrets."""
    database = make_url(settings.sqlalchemy_url).get_backend_name()
    names = [name for name in type(settings).model_fields if name not in NEVER_SHOWN and name not in BY_NAME]
    return [
        ("NETRA_DATABASE_URL", f"{database}://…"),
        *((f"NETRA_{n.upper()}", str(getattr(settings, n))) for n in names),
    ]
