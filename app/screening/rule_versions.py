"""Versions of the rules: a coordinator drafts and publishes them with a reason; screening uses the live one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.base import now
from app.db.engine import rows_changed
from app.db.event_tables import Event
from app.db.rule_tables import RuleVersion
from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.rules.revise import Change, changes
from app.rules.ruleset import RuleSet, load_rules, own_source, parse_rules
from app.text.storable import storable

LONGEST_SOURCE = 100_000
SHORTEST_REASON, LONGEST_REASON = 10, 2000


@dataclass(frozen=True, slots=True)
class Live:
    """The rules that screening uses: `id` is None where the project's own file applies."""

    id: int | None
    rules: RuleSet
    source: str


def live(session: Session) -> Live:
    """The live rules."""
    row = session.scalar(select(RuleVersion).where(RuleVersion.state == "live"))
    if row is None:
        return Live(None, load_rules(), own_source())
    return Live(row.id, parse_rules(row.source.encode()), row.source)


def live_id(session: Session) -> int | None:
    """The id of the live version, cheaply; None where the project's own file applies."""
    return session.scalar(select(RuleVersion.id).where(RuleVersion.state == "live"))


def list_versions(session: Session, limit: int = 100) -> list[RuleVersion]:
    """The newest versions."""
    return list(session.scalars(select(RuleVersion).order_by(RuleVersion.id.desc()).limit(limit)))


def get_version(session: Session, version_id: int) -> RuleVersion:
    """A version. Raises NotFound."""
    row = session.get(RuleVersion, version_id)
    if row is None:
        raise NotFound("Versi aturan ini tidak ada / There is no such version of the rules")
    return row


def differences(session: Session, version_id: int) -> tuple[Change, ...]:
    """What publishing this version would change. Raises NotFound."""
    return changes(live(session).rules, parse_rules(get_version(session, version_id).source.encode()))


def draft(session: Session, principal: Principal, source: str, reason: str) -> RuleVersion:
    """Keep a weights file as a draft; it changes nothing. The same text again is the same row; the caller commits.

    Raises NotAllowed (only a coordinator), BadInput (rules that break a principle, no reason)."""
    require_coordinator(principal)
    why = reason_of(reason)
    if len(source) > LONGEST_SOURCE:
        raise BadInput("Berkas aturan terlalu besar / The rules file is too large", field="rules")
    text = storable(source)
    rules = parse_rules(text.encode())
    known = select(RuleVersion).where(RuleVersion.version == rules.version)
    existing = session.scalar(known)
    if existing is not None:
        return existing
    facts = {"version": rules.version, "reason": why, "changes": _facts(changes(live(session).rules, rules))}
    event = audit.append(session, principal, "rules.drafted", "rules", rules.version, facts)
    raced = session.scalar(known)  # appenders queue up, so whoever came first is seen now
    if raced is not None:
        raise Conflict(f"Rancangan ini sudah ada / This draft exists already: {raced.id} ({event.actor})")
    row = RuleVersion(version=rules.version, source=text, reason=why, made_by=principal.login)
    session.add(row)
    session.flush()
    return row


def publish(session: Session, principal: Principal, version_id: int, reason: str, replaces: int | None) -> Event:
    """Let screening use a draft, or a retired version again, from the next submission on; nothing already screened
    changes. `replaces` is the id of the live version that the caller saw; the caller commits.

    Raises NotAllowed (only a coordinator), NotFound, BadInput (no reason), Conflict (live already, or stale)."""
    require_coordinator(principal)
    why = reason_of(reason)
    row = get_version(session, version_id)
    if row.state == "live":
        raise Conflict("Versi ini sudah berlaku / This version is live already")
    before = live(session)
    after = parse_rules(row.source.encode())
    facts = {
        "version": row.version,
        "before": before.rules.version,
        "reason": why,
        "changes": _facts(changes(before.rules, after)),
    }
    event = audit.append(session, principal, "rules.published", "rules", row.version, facts)
    if before.id != replaces or live_id(session) != replaces:
        raise Conflict(
            "Aturan yang berlaku sudah diganti; muat ulang / The live rules have changed meanwhile: reload",
            live=live_id(session),
        )
    session.execute(update(RuleVersion).where(RuleVersion.state == "live").values(state="retired"))
    moved = update(RuleVersion).where(RuleVersion.id == version_id, RuleVersion.state != "live")
    if rows_changed(session.execute(moved.values(state="live", live_since=now()))) != 1:
        raise Conflict("Versi ini sudah berlaku / This version is live already")
    session.flush()
    return event


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


def _facts(found: tuple[Change, ...]) -> list[list[object]]:
    return [[change.name, change.before, change.after] for change in found]
