"""Versions of the rules: a coordinator drafts and publishes them with a reason; screening uses the live one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.principal import Principal
from app.db.event_tables import Event
from app.db.rule_tables import RuleVersion
from app.errors import BadInput
from app.rules.revise import Change, changes
from app.rules.ruleset import RuleSet, load_rules, own_source, parse_rules
from app.screening.versions import Versions, reason_of, require_coordinator
from app.text.storable import storable

LONGEST_SOURCE = 100_000
VERSIONS = Versions(
    RuleVersion,
    "rules",
    missing="Versi aturan ini tidak ada / There is no such version of the rules",
    live_already="Versi ini sudah berlaku / This version is live already",
    stale="Aturan yang berlaku sudah diganti; muat ulang / The live rules have changed meanwhile: reload",
)
"""Of the rules; where none is live, the project's own file applies."""


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


def differences(session: Session, version_id: int) -> tuple[Change, ...]:
    """What publishing this version would change. Raises NotFound."""
    return changes(live(session).rules, parse_rules(VERSIONS.get(session, version_id).source.encode()))


def draft(session: Session, principal: Principal, source: str, reason: str) -> RuleVersion:
    """Keep a weights file as a draft; it changes nothing. The same text again is the same row; the caller commits.

    Raises NotAllowed (only a coordinator), BadInput (rules that break a principle, no reason)."""
    require_coordinator(principal)
    why = reason_of(reason)
    if len(source) > LONGEST_SOURCE:
        raise BadInput("Berkas aturan terlalu besar / The rules file is too large", field="rules")
    text = storable(source)
    rules = parse_rules(text.encode())
    existing = VERSIONS.called(session, rules.version)
    if existing is not None:
        return existing
    row = RuleVersion(version=rules.version, source=text, reason=why, made_by=principal.login)
    return VERSIONS.add(session, principal, row, {"changes": _facts(changes(live(session).rules, rules))})


def publish(session: Session, principal: Principal, version_id: int, reason: str, replaces: int | None) -> Event:
    """Let screening use a draft, or a retired version again, from the next submission on; nothing already screened
    changes. `replaces` is the id of the live version that the caller saw; the caller commits.

    Raises NotAllowed (only a coordinator), NotFound, BadInput (no reason), Conflict (live already, or stale)."""
    require_coordinator(principal)
    why = reason_of(reason)
    row = VERSIONS.get(session, version_id)
    before = live(session)
    if before.id != replaces and row.state != "live":
        raise VERSIONS.outdated(session)
    told = _facts(changes(before.rules, parse_rules(row.source.encode())))
    facts = {"before": before.rules.version, "changes": told}
    return VERSIONS.go_live(session, principal, row, why, replaces, facts)


def _facts(found: tuple[Change, ...]) -> list[list[object]]:
    return [[change.name, change.before, change.after] for change in found]
