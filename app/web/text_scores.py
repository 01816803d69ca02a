"""Trained scores of texts: their reports, which is in use, handing in a model file, using it and switching it off."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.deps import Number, SessionDep
from app.api.versions import Changer, Reader
from app.auth.principal import Principal
from app.db.rule_tables import TextModelVersion
from app.errors import AppError
from app.screening import text_models as models
from app.screening.versions import SHORTEST_REASON
from app.text.learned import LARGEST
from app.web.page import language_of, render, see_other
from app.web.versions import Text, replaced, row_of, text_of
from app.web.words import Words

router = APIRouter()
PATH = "/skor-teks"


@router.get(PATH)
def scores(request: Request, session: SessionDep, principal: Reader) -> Response:
    """Coordinators, admins, auditors."""
    return _draw(request, session, principal)


@router.post(PATH)
def upload(
    request: Request,
    session: SessionDep,
    principal: Changer,
    berkas: Annotated[UploadFile | str | None, File()] = None,
    alasan: Text = "",
) -> Response:
    """Coordinators: a model file as a draft. It changes nothing before it is used."""
    try:
        models.draft(session, principal, _text_of(berkas), alasan)
        session.commit()
    except AppError as error:
        session.rollback()
        return _draw(request, session, principal, error, alasan)
    return see_other(PATH)


@router.post(PATH + "/{version_id}/pakai")
def use(
    request: Request, session: SessionDep, principal: Changer, version_id: Number, alasan: Text = "", ganti: Text = ""
) -> Response:
    """Coordinators: use this score from the next submission on."""
    models.VERSIONS.get(session, version_id)
    try:
        models.publish(session, principal, version_id, alasan, replaced(ganti))
        session.commit()
    except AppError as error:
        session.rollback()
        return _draw(request, session, principal, error, alasan)
    return see_other(PATH)


@router.post(PATH + "/{version_id}/hentikan")
def stop(request: Request, session: SessionDep, principal: Changer, version_id: Number, alasan: Text = "") -> Response:
    """Coordinators: use no trained score."""
    models.VERSIONS.get(session, version_id)
    try:
        models.withdraw(session, principal, version_id, alasan)
        session.commit()
    except AppError as error:
        session.rollback()
        return _draw(request, session, principal, error, alasan)
    return see_other(PATH)


def _text_of(file: UploadFile | str | None) -> str:
    return text_of(
        file,
        LARGEST,
        "ascii",
        missing="Pilih berkas model (.json) / Choose a model file (.json)",
        too_large="Berkas model terlalu besar / The model file is too large",
        unreadable="Ini bukan berkas model / This is no model file",
    )


def _draw(
    request: Request, session: Session, principal: Principal, error: AppError | None = None, reason: str = ""
) -> Response:
    t = language_of(request)
    rows = [_row(row, t) for row in models.VERSIONS.newest(session)]
    return render(
        request,
        "text_scores.html",
        principal,
        status=error.status if error else 200,
        rows=rows,
        live=next((row for row in rows if row["state"] == "live"), None),
        may_change=principal.may("rules.change"),
        problem=t.one_of(error.detail) if error else "",
        reason=reason,
        shortest=SHORTEST_REASON,
    )


def _row(row: TextModelVersion, t: Words) -> dict[str, Any]:
    told = row.report
    return row_of(row, t) | {
        "counts": t("scores.counts", **{name: _count(told[name], t) for name in ("n", "positive", "groups")}),
        "figures": [
            (t("scores.precision"), _share(told, "precision", t)),
            (t("scores.recall"), _share(told, "recall", t)),
            ("AUC", _number(told["auc"], t)),
            ("Brier", _number(told["brier"], t)),
        ],
    }


def _share(told: dict[str, Any], name: str, t: Words) -> str:
    interval = told.get(f"{name}_interval")
    whole = _number(told[name], t)
    if not isinstance(interval, list) or len(interval) != 2:
        return whole
    return f"{whole} ({_number(interval[0], t)}–{_number(interval[1], t)})"


def _count(value: object, t: Words) -> str:
    return t.number(value, 0) if isinstance(value, int) else "–"


def _number(value: object, t: Words) -> str:
    return t.number(float(value), 2) if isinstance(value, int | float) else "–"
