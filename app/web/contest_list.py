"""Elections and their contests as lists: filters, orders, pages, and the file for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.api.deps import ServicesDep, SessionDep, may
from app.auth.principal import Principal
from app.db.contest_tables import CandidateRow, ContestRow, Election, PaslonRow, ReferencePhoto
from app.db.keyset import Sort, sliced
from app.election.calendar import stage_on
from app.roster.gallery import outline
from app.rules.wording import stage_name
from app.text.storable import storable
from app.web.exporting import BATCH, Cell, export
from app.web.listing import SORT, Column, chosen_sort, listing
from app.web.page import language_of, render
from app.web.words import Words

router = APIRouter()
PATH = "/kontes"
PAGE = 50
Reader = Annotated[Principal, may("roster.read")]
BLANK = {
    "id": "", "name": "", "kind": "pilkada", "voting_day": "", "election": "", "region_code": "", "region_name": "",
    "timezone": "Asia/Jakarta",
}  # fmt: skip
SORTS = {
    "nama": Sort(((ContestRow.name, False), (ContestRow.id, False))),
    "wilayah": Sort(((ContestRow.region_code, False), (ContestRow.id, False))),
}
COLUMNS = (
    Column("nama", "field.contest"), Column("wilayah", "contests.region"), Column("pemilu", "contests.election"),
    Column("tahap", "contests.stage_now"), Column("paslon", "contests.pairs", "num"),
    Column("foto", "contests.photos", "num"),
)  # fmt: skip
EXPORTED = (
    "contests.id", "field.contest", "contests.region_code", "contests.region", "contests.election",
    "contests.voting_day", "contests.stage_now", "contests.pairs", "contests.photos",
)  # fmt: skip


class ContestQuery(BaseModel):
    """What the address says of filters and order."""

    cari: str = Field("", max_length=80)
    pemilu: str = Field("", max_length=80)
    urut: str = Field("", max_length=20)

    def values(self) -> dict[str, str]:
        """What is set."""
        return {name: value.strip() for name, value in self.model_dump().items() if value.strip()}


Asked = Annotated[ContestQuery, Query()]


@router.get(PATH)
def elections(
    request: Request,
    session: SessionDep,
    principal: Reader,
    asked: Asked,
    setelah: Annotated[str, Query(max_length=80)] = "",
) -> Response:
    """Anyone signed in."""
    return draw_elections(request, session, principal, values=asked.values(), cursor=setelah)


@router.post(f"{PATH}.csv")
def download(request: Request, session: SessionDep, services: ServicesDep, principal: Reader, asked: Asked) -> Response:
    """Anyone signed in: the contests that the filters show as a CSV file; the download is on record."""
    t, values = language_of(request), asked.values()
    _, sort = chosen_sort(SORTS, values.get(SORT, ""))

    def read(own: Session) -> Iterator[Sequence[Cell]]:
        last, more = None, True
        while more:
            found = sliced(own, _contests(values), sort, last, BATCH)
            counts = _counts(own, found.items)
            for row in found.items:
                pairs, photos = counts.get(row.id, (0, 0))
                place: list[Cell] = [row.id, row.name, row.region_code, row.region_name]
                yield [*place, row.election.name, row.election.voting_day, _stage(row, t), pairs, photos]
            last, more = (found.items[-1] if found.items else None), found.more

    return export(services, session, principal, t, "pemilihan", [t(title) for title in EXPORTED], values, read)


def draw_elections(
    request: Request,
    session: Session,
    principal: Principal,
    *,
    failure: dict[str, Any] | None = None,
    given: dict[str, str] | None = None,
    values: dict[str, str] | None = None,
    cursor: str = "",
) -> Response:
    """The page of elections and contests; `failure` tells which form was refused, `given` what it held."""
    t, kept = language_of(request), values or {}
    _, sort = chosen_sort(SORTS, kept.get(SORT, ""))
    known = _elections(session)
    last = session.get(ContestRow, storable(cursor)) if cursor else None
    found = sliced(session, _contests(kept), sort, last, PAGE)
    counts = _counts(session, found.items)
    names = {row.id: row.name for row, _ in known}
    following = found.items[-1].id if found.more else None
    return render(
        request,
        "contests.html",
        principal,
        status=failure["status"] if failure else 200,
        list=listing(
            PATH, kept, COLUMNS, t, sorts=SORTS, worded=_worded(kept, names, t), cursor=cursor, following=following
        ),
        rows=[(row, _stage(row, t), *counts.get(row.id, (0, 0))) for row in found.items],
        values=kept,
        elections=[(row, t.day(row.voting_day), contests) for row, contests in known],
        may_write=principal.may("roster.write"),
        failure=failure,
        given=BLANK | (given or {}),
    )


def _contests(values: Mapping[str, str]) -> Select[ContestRow]:
    query = select(ContestRow)
    if "pemilu" in values:
        query = query.where(ContestRow.election_id == storable(values["pemilu"]))
    if "cari" in values:
        wanted = storable(values["cari"])
        places = (ContestRow.name, ContestRow.region_name)
        inside = [column.icontains(wanted, autoescape=True) for column in places]
        query = query.where(or_(*inside, ContestRow.region_code.startswith(wanted, autoescape=True)))
    return query


def _elections(session: Session) -> list[tuple[Election, int]]:
    """All elections, the newest first, each with the number of its contests."""
    count = select(func.count()).where(ContestRow.election_id == Election.id).scalar_subquery()
    query = select(Election, count).order_by(Election.voting_day.desc(), Election.id)
    return [(row, contests) for row, contests in session.execute(query)]


def _counts(session: Session, contests: Sequence[ContestRow]) -> dict[str, tuple[int, int]]:
    """How many pairs and photos each of the contests has; one query for all."""
    query = (
        select(PaslonRow.contest_id, func.count(PaslonRow.id.distinct()), func.count(ReferencePhoto.id))
        .outerjoin(CandidateRow, CandidateRow.paslon_id == PaslonRow.id)
        .outerjoin(ReferencePhoto, ReferencePhoto.candidate_id == CandidateRow.id)
        .where(PaslonRow.contest_id.in_([row.id for row in contests]))
        .group_by(PaslonRow.contest_id)
    )
    return {contest_id: (pairs, photos) for contest_id, pairs, photos in session.execute(query)}


def _stage(row: ContestRow, t: Words) -> str:
    contest = outline(row)
    today = datetime.now(ZoneInfo(contest.timezone)).date()
    return stage_name(stage_on(contest, today).code, t.language)


def _worded(values: Mapping[str, str], names: Mapping[str, str], t: Words) -> list[tuple[str, str, str]]:
    election = values.get("pemilu", "")
    words = (("cari", "contests.search", values.get("cari", "")), ("pemilu", "contests.election", names.get(election)))
    return [(name, t(label), word or election) for name, label, word in words]
