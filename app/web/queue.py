"""The queue page: what waits, most urgent first; filters, kept filters as tabs, and the whole as a CSV file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.deps import Number, ServicesDep, SessionDep, may
from app.auth.principal import Principal
from app.review.filters import COORDINATION, Filters
from app.review.queue import count_found, count_open, list_flags
from app.review.saved import restored, saved_filters
from app.web.exporting import BATCH, Cell, export
from app.web.listing import SORT, address, chosen_sort, listing
from app.web.page import language_of, render
from app.web.queue_filters import (
    ALL,
    COLUMNS,
    ME,
    PATH,
    RARE,
    SORTS,
    QueueQuery,
    choices,
    filters_of,
    same,
    values_of,
    worded,
)
from app.web.queue_view import EXPORTED, rows, spreadsheet
from app.web.undo import offer
from app.web.words import Words

router = APIRouter()
PAGE = 25
FEW = 100
"""The numbers on the tabs stop here."""
Reader = Annotated[Principal, may("flag.read")]
Asked = Annotated[QueueQuery, Query()]


@dataclass(frozen=True, slots=True)
class Tab:
    """A view of the queue under a name; `count` in words, empty where only a search could tell. `saved` is the id of a
    kept filter, `owner` the name of the colleague who shares it."""

    name: str
    href: str
    current: bool
    count: str = ""
    saved: UUID | None = None
    shared: bool = False
    owner: str = ""
    mine: bool = False


@router.get(PATH)
def queue(
    request: Request,
    session: SessionDep,
    principal: Reader,
    asked: Asked,
    setelah: Annotated[str, Query(max_length=80)] = "",
    putus: Annotated[Number | None, Query()] = None,
    habis: Annotated[bool, Query()] = False,
) -> Response:
    """Reviewers, coordinators, admins, auditors."""
    t, values = language_of(request), asked.values()
    _, sort = chosen_sort(SORTS, values.get(SORT, ""))
    found = list_flags(session, filters=asked.filters(), viewer=principal, sort=sort, after=setelah or None, limit=PAGE)
    offered = choices(session, principal.may("flag.coordinate"), t)
    made = listing(
        PATH, values, COLUMNS, t, sorts=SORTS, worded=worded(values, offered, t), cursor=setelah, following=found.next
    )
    made_tabs = tabs(session, principal, values, t)
    return render(
        request,
        "queue.html",
        principal,
        list=made,
        rows=rows(session, found.items, t, principal),
        searched=found.searched,
        waiting=count_open(session, principal),
        values=values,
        offered=offered.options,
        regions=sorted({(row.region_code, row.region_name) for row in offered.contests}),
        rare=RARE,
        tabs=made_tabs,
        here_saved=next((tab for tab in made_tabs if tab.current and tab.mine), None),
        next_action=address(f"{PATH}/berikutnya", {name: value for name, value in values.items() if name != SORT}),
        save_action=address(f"{PATH}/saringan", values),
        done=offer(session, principal, putus),
        ended=habis,
    )


@router.post(f"{PATH}.csv")
def download(request: Request, session: SessionDep, services: ServicesDep, principal: Reader, asked: Asked) -> Response:
    """Reviewers, coordinators, admins, auditors: what the filters show as a CSV file; the download is on record."""
    t, values = language_of(request), asked.values()
    _, sort = chosen_sort(SORTS, values.get(SORT, ""))

    def read(own: Session) -> Iterator[Sequence[Cell]]:
        after: str | None = None
        while True:
            page = list_flags(own, filters=asked.filters(), viewer=principal, sort=sort, after=after, limit=BATCH)
            yield from spreadsheet(own, page.items, t)
            own.expunge_all()
            after = page.next
            if after is None:
                return

    titles = [t(title) for title in EXPORTED]
    return export(services, session, principal, t, "antrean", titles, values, read)


def tabs(session: Session, principal: Principal, values: dict[str, str], t: Words) -> list[Tab]:
    """The views that everybody has, then the kept filters."""
    views = [("queue.waiting_for_me", {}), ("queue.assigned_to_me", {"ditugaskan": ME})]
    if principal.may("flag.coordinate"):
        views.insert(1, ("queue.coordination", {"keadaan": COORDINATION}))
    if not principal.may("flag.decide"):
        views = views[:1]
    made = [Tab(t(key), address(PATH, view), same(view, values), _count(session, principal, filters_of(view), t))
            for key, view in views]  # fmt: skip
    whole = {"keadaan": ALL}
    made.append(Tab(t("queue.everything"), address(PATH, whole), same(whole, values)))
    for row in saved_filters(session, principal):
        filters, order = restored(row.parameters)
        view = values_of(filters, order)
        own = row.user_id == principal.user_id
        count, owner = _count(session, principal, filters, t), "" if own else row.user.name
        may_change = own or principal.may("flag.coordinate")
        made.append(
            Tab(row.name, address(PATH, view), same(view, values), count, row.id, row.shared, owner, may_change)
        )
    return made


def _count(session: Session, principal: Principal, filters: Filters, t: Words) -> str:
    count = count_found(session, filters, principal, FEW)
    if count is None:
        return ""
    return f"{t.number(FEW - 1)}+" if count == FEW else t.number(count)
