"""What rule sets and trained scores have in common: versions of which at most one is live, changed by a coordinator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.base import now
from app.db.engine import rows_changed
from app.db.event_tables import Event
from app.db.rule_tables import RuleVersion, TextModelVersion
from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.text.storable import storable

SHORTEST_REASON, LONGEST_REASON = 10, 2000
Row = TypeVar("Row", RuleVersion, TextModelVersion)


@dataclass(frozen=True, slots=True)
class Versions(Generic[Row]):
    """The versions of one kind: their table, their name in events, and the words of refusals. The caller commits."""

    table: type[Row]
    name: str
    missing: str
    live_already: str
    stale: str

    def live_id(self, session: Session) -> int | None:
        """The id of the live version, None where none is."""
        return session.scalar(select(self.table.id).where(self.table.state == "live"))

    def newest(self, session: Session, limit: int = 100) -> list[Row]:
        """The newest versions."""
        return list(session.scalars(select(self.table).order_by(self.table.id.desc()).limit(limit)))

    def get(self, session: Session, version_id: int) -> Row:
        """A version. Raises NotFound."""
        row = session.get(self.table, version_id)
        if row is None:
            raise NotFound(self.missing)
        return row

    def called(self, session: Session, version: str) -> Row | None:
        """The version of this content, if it was handed in before."""
        return session.scalar(select(self.table).where(self.table.version == version))

    def add(self, session: Session, principal: Principal, row: Row, facts: Mapping[str, object]) -> Row:
        """Keep a draft. Raises Conflict when somebody else came first."""
        told = {"version": row.version, "reason": row.reason} | dict(facts)
        event = audit.append(session, principal, f"{self.name}.drafted", self.name, row.version, told)
        raced = self.called(session, row.version)  # appenders queue up, so whoever came first is seen now
        if raced is not None:
            raise Conflict(f"Rancangan ini sudah ada / This draft exists already: {raced.id} ({event.actor})")
        session.add(row)
        session.flush()
        return row

    def go_live(
        self,
        session: Session,
        principal: Principal,
        row: Row,
        why: str,
        replaces: int | None,
        facts: Mapping[str, object],
    ) -> Event:
        """Make a draft or a retired version the live one in the place of `replaces`. Raises Conflict (live already, or
        another one is live by now)."""
        version_id = row.id
        if row.state == "live":
            raise Conflict(self.live_already)
        told = {"version": row.version, "reason": why} | dict(facts)
        event = audit.append(session, principal, f"{self.name}.published", self.name, row.version, told)
        self.require_live(session, replaces)
        self.retire(session)
        moved = update(self.table).where(self.table.id == version_id, self.table.state != "live")
        if rows_changed(session.execute(moved.values(state="live", live_since=now()))) != 1:
            raise Conflict(self.live_already)
        session.flush()
        return event

    def require_live(self, session: Session, version_id: int | None) -> None:
        """Raise Conflict when another version is live than the one that the caller saw."""
        if self.live_id(session) != version_id:
            raise self.outdated(session)

    def outdated(self, session: Session) -> Conflict:
        """The refusal that names the version which is live now."""
        return Conflict(self.stale, live=self.live_id(session))

    def retire(self, session: Session) -> None:
        """No version is live any more."""
        session.execute(update(self.table).where(self.table.state == "live").values(state="retired"))
        session.expire_all()


def require_coordinator(principal: Principal) -> None:
    """Thresholds are a person's choice, never the system's: being its administrator is not enough."""
    if principal.role != "coordinator" or (principal.scopes is not None and "review" not in principal.scopes):
        raise NotAllowed("Hanya koordinator yang mengubah aturan / Only a coordinator changes the rules")


def reason_of(reason: str) -> str:
    """The reason as it is kept. Raises BadInput where it is too short or too long."""
    why = storable(reason.strip())
    if not SHORTEST_REASON <= len(why) <= LONGEST_REASON:
        raise BadInput(
            f"Sebutkan alasan, {SHORTEST_REASON} sampai {LONGEST_REASON} karakter"
            f" / Give a reason of {SHORTEST_REASON} to {LONGEST_REASON} characters",
            field="reason",
        )
    return why
