"""Embedding the reference photos anew as long work, after the model pack was changed."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.auth.users import principal_of
from app.db.office_tables import Work
from app.db.people_tables import User
from app.errors import Conflict, NotAllowed, NotReady
from app.jobs import errands
from app.jobs.errands import Errand
from app.roster.reembed import behind, count_behind, embed_again, model_in_use
from app.screening.service import Services
from app.settings import Settings

REEMBED = "reembed"
LISTED = 100


def ask_to_reembed(session: Session, settings: Settings, principal: Principal) -> Work:
    """Have a worker embed the photos that another model pack embedded; the caller commits.

    Raises NotReady where the pack cannot be told, Conflict where there is nothing to do or it is under way."""
    principal.require("roster.write")
    audit.hold(session)  # two people press the button: one of them is told
    model = model_in_use(settings)
    if model is None:
        raise NotReady("Paket model tidak dapat dibaca / The model pack cannot be read")
    under_way = select(Work.id).where(Work.kind == REEMBED, Work.state.in_(errands.OPEN))
    if session.scalar(under_way.limit(1)) is not None:
        raise Conflict("Pembaruan foto acuan sedang berjalan / The photos are being embedded already")
    if not count_behind(session, model):
        raise Conflict("Semua foto acuan sudah dari paket ini / All reference photos are of this pack already")
    return errands.submit(session, principal, principal.user_id, REEMBED, {"model": model})


def reembed(services: Services, errand: Errand) -> dict[str, Any]:
    """One step per photo, each in a transaction of its own; what is refused is listed with its reason."""
    models = services.faces
    wanted = str(errand.params["model"])
    if models.embedder.model != wanted:
        raise Conflict(
            f"Pekerja ini memakai {models.embedder.model}, bukan {wanted}: mulai ulang pekerja, lalu minta lagi"
            f" / This worker uses {models.embedder.model}, not {wanted}: restart the workers, then ask again"
        )
    with services.sessions() as session:
        principal = _starter(session, errand)
        errand.plan([str(photo) for photo in behind(session, wanted)], model=wanted)
    for number, subject in errand.waiting():
        with services.sessions() as session:
            errand.fence(session)  # locks: the work before the chain
            found = embed_again(session, services.blobs, services.settings, models, principal, uuid.UUID(subject))
            stored = {"candidate": found.candidate, "outcome": found.outcome, "reason": found.reason}
            errand.done(session, number, stored)
            session.commit()
    outcomes = errand.outcomes()
    refused = [one for one in outcomes if one["outcome"] == "refused"]
    counted = dict(Counter(one["outcome"] for one in outcomes))
    return {"model": wanted, "outcomes": counted, "refused": refused[:LISTED]}


def _starter(session: Session, errand: Errand) -> Principal:
    """Who asked, with the role of today."""
    user = session.get(User, errand.user_id) if errand.user_id else None
    if user is None or not user.active:
        raise NotAllowed("Yang memintanya tidak lagi aktif / Whoever asked for it is no longer active")
    principal = principal_of(user)
    principal.require("roster.write")
    return principal
