"""What became of the posts that were handed in: one's own, or all of them for those who review."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.deps import ServicesDep, SessionDep, may
from app.auth.principal import Principal
from app.db.contest_tables import ContestRow
from app.db.flag_tables import Flag
from app.db.people_tables import User
from app.db.submission_tables import Submission
from app.intake.own import NEWEST, STATES, Wanted, flags_of, own_submissions, told
from app.intake.upload import PLATFORMS, is_web_address
from app.review.rechecks import looks as worded_looks
from app.review.rechecks import rechecks_of
from app.web.capture_view import looked
from app.web.exporting import BATCH, Cell, export
from app.web.listing import SORT, Column, chosen_sort, listing
from app.web.page import language_of, render
from app.web.queue_view import title
from app.web.words import Words

router = APIRouter()
PATH = "/kiriman"
PAGE = 25
ALL = "semua"
SORTS = {"diterima": NEWEST}
COLUMNS = (
    Column("unggahan", "submissions.post"), Column("kontes", "field.contest"),
    Column("diterima", "context.received", "date"), Column("keadaan", "field.state"),
)  # fmt: skip
EXPORTED = (
    "export.submission", "submissions.post", "field.contest", "field.platform", "field.handle", "field.act_date",
    "context.received", "submissions.by", "field.state", "submissions.failure", "export.id",
)  # fmt: skip
LABELS = {
    "milik": "submissions.whose", "kontes": "field.contest", "keadaan": "field.state", "platform": "field.platform",
}  # fmt: skip


class SubmissionsQuery(BaseModel):
    """What the address says of filters and order."""

    milik: str = Field("", max_length=10)
    kontes: str = Field("", max_length=80)
    keadaan: str = Field("", max_length=20)
    platform: str = Field("", max_length=40)
    urut: str = Field("", max_length=20)

    def values(self, principal: Principal) -> dict[str, str]:
        """What is set; what is not known, or not for this caller, is left out."""
        given = {name: value.strip() for name, value in self.model_dump().items() if value.strip()}
        known = {"milik": (ALL,) if principal.may("submission.read") else (), "keadaan": STATES, "platform": PLATFORMS}
        return {name: value for name, value in given.items() if name not in known or value in known[name]}


Asked = Annotated[SubmissionsQuery, Query()]
Submitter = Annotated[Principal, may("submission.read-own")]
Marked = Annotated[UUID | None, Query()]


@router.get(PATH)
def own(
    request: Request,
    session: SessionDep,
    principal: Submitter,
    asked: Asked,
    setelah: Annotated[UUID | None, Query()] = None,
    baru: Marked = None,
    sama: Marked = None,
    dicek: Marked = None,
) -> Response:
    """Whoever may hand in posts: their own; those who review see all if they ask for them."""
    t, values = language_of(request), asked.values(principal)
    _, sort = chosen_sort(SORTS, values.get(SORT, ""))
    cursor = str(setelah or "")
    page = own_submissions(session, principal, cursor or None, PAGE, wanted=wanted(values), sort=sort)
    flags = flags_of(session, page.items)
    people = _submitters(session, page.items) if values.get("milik") == ALL else {}
    looks = rechecks_of(session, [row.id for row in page.items])
    contests = session.scalars(select(ContestRow).order_by(ContestRow.name, ContestRow.id)).all()
    rows = [
        {
            "id": row.id,
            "title": title(row, t),
            "handle": row.handle,
            "by": people.get(row.submitted_by, ""),
            "contest": row.contest.name,
            "pictures": len(row.images),
            "received_at": t.moment(row.received_at, row.contest.timezone),
            "state": told(flags[row.id]) if row.id in flags else row.state,
            "failure": t.one_of(row.failure or ""),
            "flag": flags[row.id].id if row.id in flags and principal.may("flag.read") else None,
            "marked": row.id in (baru, sama, dicek),
            "link": row.url if is_web_address(row.url) else "",
            "looks": looked(worded_looks(looks.get(row.id, ())), row.contest.timezone, t),
        }
        for row in page.items
    ]
    return render(
        request,
        "submissions.html",
        principal,
        list=listing(
            PATH, values, COLUMNS, t, sorts=SORTS,
            worded=_worded(values, {row.id: row.name for row in contests}, t), cursor=cursor, following=page.next,
        ),
        rows=rows,
        values=values,
        contests=contests,
        states=STATES,
        platforms=PLATFORMS[1:],
        may_see_all=principal.may("submission.read"),
        notice="submissions.same" if sama else "submissions.new" if baru else "said.recheck" if dicek else "",
        waiting=any(row["state"] == "queued" for row in rows),
    )  # fmt: skip


@router.post(f"{PATH}.csv")
def download(
    request: Request, session: SessionDep, services: ServicesDep, principal: Submitter, asked: Asked
) -> Response:
    """Whoever may hand in posts: what the filters show as a CSV file; the download is on record."""
    t, values = language_of(request), asked.values(principal)
    _, sort = chosen_sort(SORTS, values.get(SORT, ""))

    def read(own: Session) -> Iterator[Sequence[Cell]]:
        after: str | None = None
        while True:
            page = own_submissions(own, principal, after, BATCH, wanted=wanted(values), sort=sort)
            flags, people = flags_of(own, page.items), _submitters(own, page.items)
            for row in page.items:
                flag = flags.get(row.id)
                yield _cells(row, people.get(row.submitted_by, ""), flag, t)
            own.expunge_all()
            after = page.next
            if after is None:
                return

    return export(services, session, principal, t, "kiriman", [t(title) for title in EXPORTED], values, read)


def wanted(values: Mapping[str, str]) -> Wanted:
    """Values of the address as what to show."""
    everybody = values.get("milik") == ALL
    return Wanted(values.get("kontes", ""), values.get("keadaan", ""), values.get("platform", ""), everybody)


def _cells(row: Submission, by: str, flag: Flag | None, t: Words) -> list[Cell]:
    received = row.received_at.astimezone(ZoneInfo(row.contest.timezone))
    state = t(f"submission.{told(flag) if flag else row.state}")
    platform = t.either(f"platform.{row.platform}", row.platform)
    place: list[Cell] = [str(row.id), row.text, row.contest.name, platform, row.handle, row.act_date, received, by]
    return [*place, state, t.one_of(row.failure or ""), str(flag.id) if flag else ""]


def _submitters(session: Session, submissions: Sequence[Submission]) -> dict[Any, str]:
    """The logins of those who handed these in, by their ids."""
    ids = {row.submitted_by for row in submissions}
    return dict(session.execute(select(User.id, User.login).where(User.id.in_(ids))).all())


def _worded(values: Mapping[str, str], contests: Mapping[str, str], t: Words) -> list[tuple[str, str, str]]:
    words = dict(values)
    words["kontes"] = contests.get(values.get("kontes", ""), values.get("kontes", ""))
    if "milik" in values:
        words["milik"] = t("submissions.everybody")
    if "keadaan" in values:
        words["keadaan"] = t(f"submission.{values['keadaan']}")
    if "platform" in values:
        words["platform"] = t(f"platform.{values['platform']}")
    return [(name, t(label), words[name]) for name, label in LABELS.items() if name in values]
