"""Registered photos that resemble another candidate: of the wrong person, or of two people whom the model confuses."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db.tables import CandidateRow, PaslonRow, ReferencePhoto
from app.errors import NotReady
from app.roster.gallery import load_gallery
from app.settings import Settings
from app.vision.gallery import FaceThresholds, Likeness, crossed
from app.vision.packs import find_pack

MOST = 800
"""Photos of a contest that are compared with each other for a page."""


def confusable(session: Session, settings: Settings, contest_id: str) -> dict[str, Likeness] | None:
    """Photo -> the photo of another candidate of the contest that it resembles as much as a found face must resemble
    somebody to be named; None where that cannot be told: another key, or more than MOST photos."""
    query = (
        select(ReferencePhoto.model, func.count())
        .join(CandidateRow)
        .join(PaslonRow)
        .where(PaslonRow.contest_id == contest_id)
        .group_by(ReferencePhoto.model)
    )
    models = {row[0]: row[1] for row in session.execute(query)}
    if sum(models.values()) > MOST:
        return None
    least = limits(settings).possible
    found: dict[str, Likeness] = {}
    try:
        for model in models:
            found |= crossed(load_gallery(session, settings, contest_id, model), least)
    except NotReady:
        return None
    return found


def limits(settings: Settings) -> FaceThresholds:
    """The thresholds of the pack in use, without opening it; the standard ones where its list cannot be read."""
    try:
        return find_pack(settings.models_dir, settings.model_pack).thresholds
    except NotReady:
        return FaceThresholds()
