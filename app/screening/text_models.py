"""Trained scores of texts: a coordinator drafts, publishes and switches them off, with a reason; at first none is."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.base import now
from app.db.engine import rows_changed
from app.db.event_tables import Event
from app.db.rule_tables import TextModelVersion
from app.errors import BadInput, Conflict, NotFound
from app.screening.rule_versions import reason_of, require_coordinator
from app.text.learned import TextModel, model_from_text, reported

FIGURES = ("n", "precision", "recall", "auc")
"""What an event tells of a model's report."""


def live_id(session: Session) -> int | None:
    """The id of the score in use, None where none is."""
    return session.scalar(select(TextModelVersion.id).where(TextModelVersion.state == "live"))


def load(session: Session, version_id: int) -> TextModel:
    """The model of a version. Raises NotFound."""
    return model_from_text(get_version(session, version_id).body)


def live_model(session: Session) -> TextModel | None:
    """The score in use, None where none is."""
    current = live_id(session)
    return None if current is None else load(session, current)


def list_versions(session: Session, limit: int = 100) -> Sequence[TextModelVersion]:
    """The newest versions, without their bodies."""
    return session.scalars(select(TextModelVersion).order_by(TextModelVersion.id.desc()).limit(limit)).all()


def get_version(session: Session, version_id: int) -> TextModelVersion:
    """A version. Raises NotFound."""
    row = session.get(TextModelVersion, version_id)
    if row is None:
        raise NotFound("Versi skor teks ini tidak ada / There is no such version of the text score")
    return row


def draft(session: Session, principal: Principal, body: str, reason: str) -> TextModelVersion:
    """Keep a model file as a draft; it changes nothing. The same model again is the same row; the caller commits.

    Raises NotAllowed (only a coordinator), BadInput (no model file, no report, no reason)."""
    require_coordinator(principal)
    why = reason_of(reason)
    model = model_from_text(body)
    _require_report(model)
    known = select(TextModelVersion).where(TextModelVersion.version == model.version)
    existing = session.scalar(known)
    if existing is not None:
        return existing
    facts = {"version": model.version, "reason": why, "report": _figures(model)}
    audit.append(session, principal, "text_model.drafted", "text_model", model.version, facts)
    raced = session.scalar(known)
    if raced is not None:
        raise Conflict(f"Rancangan ini sudah ada / This draft exists already: {raced.id}")
    row = TextModelVersion(
        version=model.version, body=body, report=dict(model.report), reason=why, made_by=principal.login
    )
    session.add(row)
    session.flush()
    return row


def publish(session: Session, principal: Principal, version_id: int, reason: str, replaces: int | None) -> Event:
    """Let screening use a draft, or a retired version again, from the next submission on. `replaces` is the id of the
    version in use that the caller saw (None: none); the caller commits.

    Raises NotAllowed, NotFound, BadInput (no report, no reason), Conflict (in use already, or stale)."""
    require_coordinator(principal)
    why = reason_of(reason)
    row = get_version(session, version_id)
    if row.state == "live":
        raise Conflict("Versi ini sudah dipakai / This version is in use already")
    model = model_from_text(row.body)
    _require_report(model)
    facts = {"version": row.version, "reason": why, "report": _figures(model)}
    event = audit.append(session, principal, "text_model.published", "text_model", row.version, facts)
    _require_seen(session, replaces)
    _retire(session)
    moved = update(TextModelVersion).where(TextModelVersion.id == version_id, TextModelVersion.state != "live")
    if rows_changed(session.execute(moved.values(state="live", live_since=now()))) != 1:
        raise Conflict("Versi ini sudah dipakai / This version is in use already")
    session.flush()
    return event


def withdraw(session: Session, principal: Principal, version_id: int, reason: str) -> Event:
    """Use no trained score from the next submission on; the caller commits.

    Raises NotAllowed, NotFound, BadInput (no reason), Conflict (this version is not in use)."""
    require_coordinator(principal)
    why = reason_of(reason)
    row = get_version(session, version_id)
    facts = {"version": row.version, "reason": why}
    event = audit.append(session, principal, "text_model.withdrawn", "text_model", row.version, facts)
    _require_seen(session, version_id)
    _retire(session)
    session.flush()
    return event


def _require_seen(session: Session, seen: int | None) -> None:
    if live_id(session) != seen:
        raise Conflict(
            "Skor yang dipakai sudah diganti; muat ulang / The score in use has changed meanwhile: reload",
            live=live_id(session),
        )


def _retire(session: Session) -> None:
    session.execute(update(TextModelVersion).where(TextModelVersion.state == "live").values(state="retired"))
    session.expire_all()


def _require_report(model: TextModel) -> None:
    if not reported(model):
        raise BadInput(
            "Model tanpa laporan uji silang tidak dapat dipakai; latih dengan `netra text train`"
            " / A model without its cross-validated report cannot be used: train it with `netra text train`",
            field="model",
        )


def _figures(model: TextModel) -> dict[str, object]:
    return {name: model.report[name] for name in FIGURES}
