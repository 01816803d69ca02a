"""The audit trail: every event of the chain, newest first, filtered, as a file, and its verification."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app import audit
from app.api.deps import Number, ServicesDep, SessionDep, may
from app.auth.principal import Principal
from app.db.event_tables import ChainHead, Event
from app.db.keyset import Sort, sliced
from app.i18n import LANGUAGES, messages
from app.review.fairness import withheld
from app.text.storable import storable
from app.web.exporting import BATCH, Cell, export
from app.web.listing import SORT, Column, asked_day, chosen_sort, listing
from app.web.page import language_of, render
from app.web.words import Words

router = APIRouter()
PATH = "/jejak-audit"
PAGE = 50
ZONE = "Asia/Jakarta"
UUID_TAIL = re.compile(r"^([0-9a-f]{8}-[0-9a-f]{4})(-[0-9a-f]{4}){2}-[0-9a-f]{12}$")
"""What a reader needs of the number of an item: its beginning."""
SORTS = {"nomor": Sort(((Event.id, True),))}
COLUMNS = (
    Column("nomor", "audit.number", "num"), Column("waktu", "audit.when", "date"), Column("oleh", "audit.actor"),
    Column("tindakan", "audit.action"), Column("objek", "audit.object"), Column("isi", "audit.data"),
)  # fmt: skip
EXPORTED = (
    "audit.number", "audit.when", "audit.actor", "people.role", "audit.action", "audit.kind", "audit.object",
    "audit.data", "audit.hash",
)  # fmt: skip
LABELS = {
    "tindakan": "audit.action", "oleh": "audit.actor", "objek": "audit.object", "dari": "audit.from",
    "sampai": "audit.until",
}  # fmt: skip
Auditor = Annotated[Principal, may("audit.read")]


class TrailQuery(BaseModel):
    """What the address says of filters and order; `dari` and `sampai` are days, both included."""

    tindakan: str = Field("", max_length=60)
    oleh: str = Field("", max_length=120)
    objek: str = Field("", max_length=140)
    dari: str = Field("", max_length=10)
    sampai: str = Field("", max_length=10)
    urut: str = Field("", max_length=20)

    def values(self) -> dict[str, str]:
        """What is set. Raises BadInput for a day that is none."""
        for name in ("dari", "sampai"):
            asked_day(getattr(self, name), name)
        return {name: value.strip() for name, value in self.model_dump().items() if value.strip()}


Asked = Annotated[TrailQuery, Query()]


@router.get(PATH)
def trail(
    request: Request,
    session: SessionDep,
    principal: Auditor,
    asked: Asked,
    setelah: Annotated[Number | None, Query()] = None,
    periksa: Annotated[bool, Query()] = False,
) -> Response:
    """Coordinators, admins, auditors."""
    t, values = language_of(request), asked.values()
    _, sort = chosen_sort(SORTS, values.get(SORT, ""))
    after = Event(id=setelah) if setelah is not None else None
    found = sliced(session, _filtered(session, values), sort, after, PAGE)
    last = str(found.items[-1].id) if found.more else None
    cursor = "" if setelah is None else str(setelah)
    return render(
        request,
        "audit.html",
        principal,
        list=listing(PATH, values, COLUMNS, t, sorts=SORTS, worded=_worded(values, t), cursor=cursor, following=last),
        rows=[_row(event, hidden, principal, t) for event, hidden in _seen(session, found.items, principal, values)],
        values=values,
        actions=actions(),
        total=session.scalar(select(ChainHead.event_id)) or 0,
        verification=audit.verify(session) if periksa else None,
    )


@router.post(f"{PATH}.csv")
def download(
    request: Request, session: SessionDep, services: ServicesDep, principal: Auditor, asked: Asked
) -> Response:
    """Coordinators, admins, auditors: what the filters show as a CSV file; the download is an event itself."""
    t, values = language_of(request), asked.values()
    _, sort = chosen_sort(SORTS, values.get(SORT, ""))

    def read(own: Session) -> Iterator[Sequence[Cell]]:
        query, last, more = _filtered(own, values), None, True
        while more:
            found = sliced(own, query, sort, last, BATCH)
            for event, hidden in _seen(own, found.items, principal, values):
                yield _cells(event, hidden, t)
            last, more = (found.items[-1] if found.items else None), found.more
            own.expunge_all()

    titles = [t(title) for title in EXPORTED]
    return export(services, session, principal, t, "jejak-audit", titles, values, read)


def actions() -> list[str]:
    """The kinds of acts that have a name; asking the table which have happened would read all of it."""
    prefix = "event."
    return sorted(key.removeprefix(prefix) for key in messages(LANGUAGES[0], "console") if key.startswith(prefix))


def _filtered(session: Session, values: dict[str, str]) -> Select[Event]:
    query = select(Event)
    for column, name in ((Event.actor, "oleh"), (Event.action, "tindakan"), (Event.object_id, "objek")):
        if name in values:
            query = query.where(column == storable(values[name]))
    zone = ZoneInfo(ZONE)
    if "dari" in values:
        begin = datetime.combine(date.fromisoformat(values["dari"]), time.min, zone)
        query = query.where(Event.id >= audit.first_since(session, begin))
    if "sampai" in values:
        last = date.fromisoformat(values["sampai"])
        if last < date.max:
            end = datetime.combine(last + timedelta(days=1), time.min, zone)
            query = query.where(Event.id < audit.first_since(session, end))
    return query


def _seen(
    session: Session, events: Sequence[Event], viewer: Principal, filters: Collection[str]
) -> Iterable[tuple[Event, bool]]:
    """The events, and whether each is withheld from this viewer; not even found by what is withheld of it."""
    hidden = withheld(session, events, viewer)
    telling = {"oleh", "tindakan"} & set(filters)
    return [(event, event.id in hidden) for event in events if event.id not in hidden or not telling]


def _row(event: Event, hidden: bool, viewer: Principal, t: Words) -> dict[str, Any]:
    is_item = event.object_type == "flag" and viewer.may("flag.read")
    return {
        "id": event.id,
        "at": t.moment(datetime.fromisoformat(event.at), ZONE),
        "actor": "–" if hidden else event.actor,
        "role": "" if hidden else t.either(f"role.{event.role}", event.role),
        "action": _act(event, hidden, t),
        "object": t.either(f"object.{event.object_type}", event.object_type),
        "object_id": event.object_id,
        "short": _named(event, t),
        "href": f"/antrean/{event.object_id}" if is_item else None,
        "data": json.dumps(event.data, ensure_ascii=False, indent=1) if event.data and not hidden else "",
        "hash": event.hash,
    }


def _named(event: Event, t: Words) -> str:
    """What an event is about, as people call it: the name of a list or of a setting, the beginning of a number."""
    short = UUID_TAIL.sub(r"\1", event.object_id)
    return (
        t.either(f"{event.object_type}.{event.object_id}", short) if event.object_type in ("list", "setting") else short
    )


def _cells(event: Event, hidden: bool, t: Words) -> list[Cell]:
    return [
        event.id,
        datetime.fromisoformat(event.at).astimezone(ZoneInfo(ZONE)),
        "–" if hidden else event.actor,
        "" if hidden else t.either(f"role.{event.role}", event.role),
        _act(event, hidden, t),
        t.either(f"object.{event.object_type}", event.object_type),
        event.object_id,
        "" if hidden or not event.data else json.dumps(event.data, ensure_ascii=False),
        event.hash,
    ]


def _act(event: Event, hidden: bool, t: Words) -> str:
    return t("audit.withheld") if hidden else t.either(f"event.{event.action}", event.action)


def _worded(values: dict[str, str], t: Words) -> list[tuple[str, str, str]]:
    words = dict(values)
    if "tindakan" in words:
        words["tindakan"] = t.either(f"event.{words['tindakan']}", words["tindakan"])
    for name in ("dari", "sampai"):
        if name in words:
            words[name] = t.day(date.fromisoformat(words[name]))
    return [(name, t(label), words[name]) for name, label in LABELS.items() if name in words]
