"""The rules as versions: which are live, what a draft would change in plain words, publishing and files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.deps import Number, SessionDep
from app.api.versions import Changer, Reader
from app.auth.principal import Principal
from app.db.contest_tables import ContestRow
from app.errors import AppError
from app.jobs import errands
from app.office.rescreening import LOOK
from app.rules.revise import changes
from app.rules.ruleset import own_source, parse_rules
from app.screening import rule_versions as versions
from app.screening.versions import SHORTEST_REASON
from app.web.page import language_of, render, see_other
from app.web.rule_words import change_words, faults
from app.web.versions import ZONE, Text, replaced, row_of, text_of
from app.web.words import Words

router = APIRouter()
PATH = "/aturan"


@router.get(PATH)
def rules(request: Request, session: SessionDep, principal: Reader) -> Response:
    """Coordinators, admins, auditors."""
    return _draw_list(request, session, principal)


@router.post(PATH)
def upload(
    request: Request,
    session: SessionDep,
    principal: Changer,
    berkas: Annotated[UploadFile | str | None, File()] = None,
    alasan: Text = "",
    bawaan: Text = "",
) -> Response:
    """Coordinators: a weights file, or the project's own one (`bawaan`), as a draft: nothing changes before it is
    published."""
    try:
        row = versions.draft(session, principal, own_source() if bawaan == "ya" else _text_of(berkas), alasan)
        session.commit()
    except AppError as error:
        session.rollback()
        return _draw_list(request, session, principal, error, alasan)
    return see_other(f"{PATH}/{row.id}")


@router.get(PATH + "/berkas")
def live_file(session: SessionDep, _principal: Reader) -> Response:
    """The file of the rules that apply now."""
    found = versions.live(session)
    return _file(found.rules.version, found.source)


@router.get(PATH + "/{version_id}")
def version(request: Request, session: SessionDep, principal: Reader, version_id: Number) -> Response:
    """One version: what it would change, and how it becomes live."""
    return _draw_version(request, session, principal, version_id)


@router.get(PATH + "/{version_id}/berkas")
def version_file(session: SessionDep, _principal: Reader, version_id: Number) -> Response:
    """The file of a version, to be edited and handed in as another draft."""
    row = versions.VERSIONS.get(session, version_id)
    return _file(row.version, row.source)


@router.post(PATH + "/{version_id}/terbitkan")
def publish(
    request: Request, session: SessionDep, principal: Changer, version_id: Number, alasan: Text = "", ganti: Text = ""
) -> Response:
    """Coordinators: use this version from the next submission on; refused when another became live meanwhile."""
    try:
        versions.publish(session, principal, version_id, alasan, replaced(ganti))
        session.commit()
    except AppError as error:
        session.rollback()
        return _draw_version(request, session, principal, version_id, error, alasan)
    return see_other(f"{PATH}?terbit={version_id}")


def _text_of(file: UploadFile | str | None) -> str:
    return text_of(
        file,
        versions.LONGEST_SOURCE * 4,
        "utf-8-sig",
        missing="Pilih berkas aturan (.toml) / Choose a rules file (.toml)",
        too_large="Berkas aturan terlalu besar / The rules file is too large",
        unreadable="Berkas ini bukan teks UTF-8; unduh berkas yang berlaku dan ubah itu"
        " / This file is not UTF-8 text: download the live file and edit that one",
    )


def _file(name: str, source: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="netra-aturan-{name}.toml"', "Cache-Control": "no-store"}
    return Response(source.encode(), media_type="application/toml", headers=headers)


def _draw_list(
    request: Request, session: Session, principal: Principal, error: AppError | None = None, reason: str = ""
) -> Response:
    t = language_of(request)
    live = versions.live(session)
    rows = versions.VERSIONS.newest(session)
    headline, found = "", list[str]()
    if error is not None:
        headline, found = faults(error.detail, t) if error.field == "rules" else (t.one_of(error.detail), [])
    current = next((row_of(row, t) for row in rows if row.id == live.id), None)
    return render(
        request,
        "rules.html",
        principal,
        status=error.status if error else 200,
        live=current,
        live_version=live.rules.version,
        bands=[(t(f"band.{band}"), t.number(least, 2)) for band, least in live.rules.bands.items()],
        rows=[row_of(row, t) for row in rows],
        published=request.query_params.get("terbit", "") == str(live.id),
        may_change=principal.may("rules.change"),
        problem=headline,
        faults=found,
        reason=reason,
        shortest=SHORTEST_REASON,
    )


def _draw_version(
    request: Request,
    session: Session,
    principal: Principal,
    version_id: int,
    error: AppError | None = None,
    reason: str = "",
) -> Response:
    t = language_of(request)
    row = versions.VERSIONS.get(session, version_id)
    live = versions.live(session)
    found = changes(live.rules, parse_rules(row.source.encode()))
    return render(
        request,
        "rules_version.html",
        principal,
        status=error.status if error else 200,
        row=row_of(row, t),
        live_version=live.rules.version,
        replaces="" if live.id is None else live.id,
        changes=[change_words(one, t) for one in found],
        looks=_looks(session, version_id, t) if principal.may("queue.manage") else [],
        contests=session.scalars(select(ContestRow).order_by(ContestRow.name)).all(),
        may_change=principal.may("rules.change"),
        problem=t.one_of(error.detail) if error else "",
        reason=reason,
        shortest=SHORTEST_REASON,
    )


def _looks(session: Session, version_id: int, t: Words) -> list[dict[str, str]]:
    """Tests of this version on past submissions, the newest first."""
    found = [row for row in errands.listed(session) if row.kind == LOOK and row.params.get("draft") == version_id]
    return [
        {
            "id": str(row.id),
            "made": t.moment(row.made_at, ZONE),
            "state": t(f"work.state.{row.state}"),
            "contest": row.params["contest"],
        }
        for row in found
    ]
