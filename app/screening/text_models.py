"""Trained scores of texts: a coordinator drafts, publishes and switches them off, with a reason; at first none is."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.event_tables import Event
from app.db.rule_tables import TextModelVersion
from app.errors import BadInput
from app.screening.versions import Versions, reason_of, require_coordinator
from app.text.learned import TextModel, model_from_text, reported

FIGURES = ("n", "precision", "recall", "auc")
"""What an event tells of a model's report."""
VERSIONS = Versions(
    TextModelVersion,
    "text_model",
    missing="Versi skor teks ini tidak ada / There is no such version of the text score",
    live_already="Versi ini sudah dipakai / This version is in use already",
    stale="Skor yang dipakai sudah diganti; muat ulang / The score in use has changed meanwhile: reload",
)
"""Of the trained scores; where none is live, none is used."""


def load(session: Session, version_id: int) -> TextModel:
    """The model of a version. Raises NotFound."""
    return model_from_text(VERSIONS.get(session, version_id).body)


def live_model(session: Session) -> TextModel | None:
    """The score in use, None where none is."""
    current = VERSIONS.live_id(session)
    return None if current is None else load(session, current)


def draft(session: Session, principal: Principal, body: str, reason: str) -> TextModelVersion:
    """Keep a model file as a draft; it changes nothing. The same model again is the same row; the caller commits.

    Raises NotAllowed (only a coordinator), BadInput (no model file, no report, no reason)."""
    require_coordinator(principal)
    why = reason_of(reason)
    model = model_from_text(body)
    _require_report(model)
    existing = VERSIONS.called(session, model.version)
    if existing is not None:
        return existing
    row = TextModelVersion(
        version=model.version, body=body, report=dict(model.report), reason=why, made_by=principal.login
    )
    return VERSIONS.add(session, principal, row, {"report": _figures(model)})


def publish(session: Session, principal: Principal, version_id: int, reason: str, replaces: int | None) -> Event:
    """Let screening use a draft, or a retired version again, from the next submission on. `replaces` is the id of the
    version in use that the caller saw (None: none); the caller commits.

    Raises NotAllowed, NotFound, BadInput (no report, no reason), Conflict (in use already, or stale)."""
    require_coordinator(principal)
    why = reason_of(reason)
    row = VERSIONS.get(session, version_id)
    model = model_from_text(row.body)
    _require_report(model)
    return VERSIONS.go_live(session, principal, row, why, replaces, {"report": _figures(model)})


def withdraw(session: Session, principal: Principal, version_id: int, reason: str) -> Event:
    """Use no trained score from the next submission on; the caller commits.

    Raises NotAllowed, NotFound, BadInput (no reason), Conflict (this version is not in use)."""
    require_coordinator(principal)
    why = reason_of(reason)
    row = VERSIONS.get(session, version_id)
    facts = {"version": row.version, "reason": why}
    event = audit.append(session, principal, "text_model.withdrawn", "text_model", row.version, facts)
    VERSIONS.require_live(session, version_id)
    VERSIONS.retire(session)
    session.flush()
    return event


def _require_report(model: TextModel) -> None:
    if not reported(model):
        raise BadInput(
            "Model tanpa laporan uji silang tidak dapat dipakai; latih dengan `netra text train`"
            " / A model without its cross-validated report cannot be used: train it with `netra text train`",
            field="model",
        )


def _figures(model: TextModel) -> dict[str, object]:
    return {name: model.report[name] for name in FIGURES}
