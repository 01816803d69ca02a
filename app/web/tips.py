"""Informasi awal for people of the office: the list, what is made of each, and the sheet about a reporter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.deps import Number, ServicesDep, SessionDep, may
from app.api.multipart import to_date
from app.auth.principal import Principal
from app.db.contest_tables import ContestRow
from app.errors import BadInput, Conflict, NotAllowed
from app.sealing import fernet
from app.tips import convert, found, sheet
from app.web.item_page import Attempt, refused
from app.web.listing import Column, listing
from app.web.page import language_of, render, see_other
from app.web.queue_view import title
from app.web.tip_view import READ
from app.web.words import Words

router = APIRouter(prefix="/informasi-awal")
PATH = "/informasi-awal"
PAGE = 25
COLUMNS = (
    Column("informasi", "tip.list_seen"), Column("kontes", "field.contest"), Column("tingkat", "tip.list_band"),
    Column("diterima", "context.received", "date"), Column("keadaan", "field.state"),
)  # fmt: skip
Text = Annotated[str, Form()]
Seen = Annotated[Number, Form()]
Reader = Annotated[Principal, may("flag.read")]
Officer = Annotated[Principal, may("tip.convert")]


class TipsQuery(BaseModel):
    """What the address says of filters."""

    keadaan: str = Field("", max_length=20)
    kontes: str = Field("", max_length=80)

    def values(self) -> dict[str, str]:
        """What is set; what is not known is left out."""
        given = {name: value.strip() for name, value in self.model_dump().items() if value.strip()}
        return {name: value for name, value in given.items() if name != "keadaan" or value in found.STATES}


@router.get("")
def tips(
    request: Request,
    session: SessionDep,
    principal: Reader,
    asked: Annotated[TipsQuery, Query()],
    setelah: Annotated[UUID | None, Query()] = None,
) -> Response:
    """Reviewers, coordinators, admins, auditors: newest first, flagged by the rules or not."""
    t, values = language_of(request), asked.values()
    cursor = str(setelah or "")
    state, contest = values.get("keadaan", ""), values.get("kontes", "")
    page = found.list_tips(session, state=state, contest=contest, after=cursor or None, limit=PAGE)
    contests = session.scalars(select(ContestRow).order_by(ContestRow.name, ContestRow.id)).all()
    names = {row.id: row.name for row in contests}
    words = {"keadaan": t(f"tip.state.{state}") if state else "", "kontes": names.get(contest, contest)}
    labels = {"keadaan": "field.state", "kontes": "field.contest"}
    worded = [(name, t(label), words[name]) for name, label in labels.items() if name in values]
    return render(
        request,
        "tips.html",
        principal,
        list=listing(
            PATH, values, COLUMNS, t, worded=worded, cursor=cursor, following=page.next, export=False
        ),
        rows=[_row(one, t) for one in page.items],
        values=values,
        contests=contests,
        states=found.STATES,
    )  # fmt: skip


def _row(one: found.Listed, t: Words) -> dict[str, Any]:
    tip, post = one.tip, one.tip.submission
    return {
        "id": tip.id,
        "title": title(post, t),
        "seen": tip.seen if len(tip.seen) <= 160 else f"{tip.seen[:159]}…",
        "contest": post.contest.name,
        "pictures": len(post.images),
        "received": t.moment(tip.made_at, post.contest.timezone),
        "state": tip.state,
        "kind": tip.kind,
        "screening": post.state,
        "flag": one.flag.id if one.flag else None,
        "flag_state": one.flag.state if one.flag and tip.kind else "",
        "band": one.flag.band if one.flag and one.flag.origin == "rules" else "",
    }


# -- what is made of a tip --------------------------------------------------------------------------------------------


class ConversionForm(BaseModel):
    """The form of a conversion as it was typed; the fields of the reporter are there for a laporan."""

    seen: Number
    known_date: str = ""
    place: str = ""
    note: str = ""
    officer: str = ""
    name: str = ""
    address: str = ""
    contact: str = ""
    id_number: str = ""
    standing: str = ""
    relation: str = ""
    witnesses: str = ""
    signed: str = ""

    def wanted(self, kind: str) -> convert.Conversion:
        """The same as what the tip becomes. Raises BadInput for a date that is none."""
        reporter = sheet.Reporter(
            self.name, self.address, self.contact, self.id_number, self.standing, self.relation, self.witnesses,
            signed=bool(self.signed),
        )  # fmt: skip
        known = to_date("known_date", self.known_date)
        return convert.Conversion(kind, known, self.place, self.note, self.officer, reporter)


@router.post("/{tip_id}/temuan")
@router.post("/{tip_id}/laporan")
def make(
    request: Request,
    session: SessionDep,
    services: ServicesDep,
    principal: Officer,
    tip_id: UUID,
    form: Annotated[ConversionForm, Form()],
) -> Response:
    """Reviewers and coordinators: the office's own finding, or a report with its reporter on a sheet of their own."""
    kind = convert.LAPORAN if request.url.path.endswith(convert.LAPORAN) else convert.TEMUAN

    def act() -> object:
        wanted = form.wanted(kind)
        return convert.convert(session, principal, fernet(services.settings), tip_id, wanted, form.seen)

    return _done(request, session, principal, tip_id, kind, form.model_dump(mode="json"), act)


@router.post("/{tip_id}/sisihkan")
def put_aside(
    request: Request,
    session: SessionDep,
    principal: Officer,
    tip_id: UUID,
    seen: Seen,
    reason: Text = "",
    note: Text = "",
) -> Response:
    """Reviewers and coordinators: nothing is made of it."""
    given = {"reason": reason, "note": note}

    def act() -> object:
        return convert.set_aside(session, principal, tip_id, reason, note, seen)

    return _done(request, session, principal, tip_id, "sisihkan", given, act)


@router.post("/{tip_id}/ambil-lagi")
def look_again(request: Request, session: SessionDep, principal: Officer, tip_id: UUID, seen: Seen) -> Response:
    """Reviewers and coordinators: look again at what was set aside."""
    return _done(
        request,
        session,
        principal,
        tip_id,
        "ambil-lagi",
        {},
        lambda: convert.take_back(session, principal, tip_id, seen),
    )


@router.post("/{tip_id}/batalkan")
def undo(
    request: Request, session: SessionDep, principal: Officer, tip_id: UUID, seen: Seen, note: Text = ""
) -> Response:
    """Who converted it, or a coordinator: informasi awal again."""

    def act() -> object:
        return convert.unconvert(session, principal, tip_id, note, seen)

    return _done(request, session, principal, tip_id, "batalkan", {"note": note}, act)


@router.post("/{tip_id}/pelapor")
def reporter(
    request: Request,
    session: SessionDep,
    services: ServicesDep,
    principal: Annotated[Principal, may("reporter.read")],
    tip_id: UUID,
    note: Text = "",
) -> Response:
    """Coordinators: the sheet about the reporter, for a reason that is on record."""
    try:
        opened = sheet.read(session, principal, fernet(services.settings), tip_id, note, "note")
    except BadInput as error:
        flag = found.flag_of(session, found.get_tip(session, tip_id))
        return refused(request, session, principal, flag.id, Attempt(error, READ, {"note": note}))
    flag_id = found.flag_of(session, found.get_tip(session, tip_id)).id
    session.commit()
    return render(request, "tip_reporter.html", principal, reporter=opened, flag=flag_id, reason=note)


def _done(
    request: Request,
    session: Session,
    principal: Principal,
    tip_id: UUID,
    form: str,
    given: Mapping[str, str],
    act: Callable[[], object],
) -> Response:
    """The item after the act, or the item with the form as it was typed and the reason why it was refused."""
    flag_id = found.flag_of(session, found.get_tip(session, tip_id)).id
    try:
        act()
    except (BadInput, Conflict, NotAllowed) as error:
        return refused(request, session, principal, flag_id, Attempt(error, form, given))
    session.commit()
    return see_other(f"/antrean/{flag_id}?sudah={form}")
