"""People and tokens as lists: filters, orders, pages, and their files for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from app.api.deps import ServicesDep, SessionDep, may
from app.auth import tokens
from app.auth.principal import ROLES, Principal
from app.db.base import now
from app.db.keyset import Slice, Sort, sliced
from app.db.people_tables import ApiToken, User
from app.text.storable import storable
from app.web.exporting import Cell, export
from app.web.listing import SORT, Column, Listing, address, chosen_sort, listing, plain_headings
from app.web.page import language_of
from app.web.words import Words

router = APIRouter(prefix="/pengguna")
PATH, TOKENS = "/pengguna", "/pengguna/token"
PAGE = 25
ZONE = "Asia/Jakarta"
ACTIVE, INACTIVE, ALL = "aktif", "nonaktif", "semua"
SORTS = {
    "login": Sort(((User.login, False),)),
    "nama": Sort(((User.name, False), (User.id, False))),
    "dibuat": Sort(((User.created_at, True), (User.id, True))),
}
NEWEST = Sort(((ApiToken.created_at, True), (ApiToken.id, True)))
COLUMNS = (
    Column("login", "people.login"), Column("nama", "people.name"), Column("peran", "people.role"),
    Column("wilayah", "people.region"), Column("dibuat", "people.since", "date"), Column("keadaan", "field.state"),
    Column("tindakan", "people.acts"),
)  # fmt: skip
TOKEN_COLUMNS = (
    Column("nama", "people.name"), Column("pemilik", "token.owner"), Column("lingkup", "token.scopes"),
    Column("sampai", "token.until", "date"), Column("dipakai", "token.used", "date"), Column("keadaan", "field.state"),
    Column("tindakan", "people.acts"),
)  # fmt: skip
OWN_COLUMNS = tuple(column for column in TOKEN_COLUMNS if column.code != "pemilik")
SOON, LONG_UNUSED = timedelta(days=14), timedelta(days=30)
EXPORTED = ("people.login", "people.name", "people.role", "people.region", "people.since", "field.state")
TOKENS_EXPORTED = (
    "people.name", "token.owner", "token.scopes", "token.made", "token.until", "token.used", "field.state",
)  # fmt: skip


class PeopleQuery(BaseModel):
    """What the address says: `token=semua` also shows tokens that open nothing any more."""

    cari: str = Field("", max_length=80)
    peran: str = Field("", max_length=20)
    keadaan: str = Field("", max_length=20)
    token: str = Field("", max_length=10)
    urut: str = Field("", max_length=20)

    def values(self) -> dict[str, str]:
        """What is set; what is not known is left out."""
        given = {name: value.strip() for name, value in self.model_dump().items() if value.strip()}
        known = {"peran": ROLES, "keadaan": (ACTIVE, INACTIVE), "token": (ALL,)}
        return {name: value for name, value in given.items() if name not in known or value in known[name]}


Asked = Annotated[PeopleQuery, Query()]
Cursor = Annotated[UUID | None, Query()]


@router.post(".csv")
def download_people(
    request: Request,
    session: SessionDep,
    services: ServicesDep,
    principal: Annotated[Principal, may("user.manage")],
    asked: Asked,
) -> Response:
    """Admins: the people that the filters show as a CSV file; the download is on record."""
    t, values = language_of(request), asked.values()
    _, sort = chosen_sort(SORTS, values.get(SORT, ""))

    def read(own: Session) -> Iterator[Sequence[Cell]]:
        for user in own.scalars(_people(values).order_by(*sort.order()).execution_options(yield_per=200)):
            state = t("people.active" if user.active else "people.inactive")
            since = user.created_at.astimezone(ZoneInfo(ZONE))
            yield [user.login, user.name, t(f"role.{user.role}"), user.region_code, since, state]

    return export(services, session, principal, t, "pengguna", [t(title) for title in EXPORTED], values, read)


@router.post("/token.csv")
def download_tokens(
    request: Request,
    session: SessionDep,
    services: ServicesDep,
    principal: Annotated[Principal, may("token.manage")],
    asked: Asked,
) -> Response:
    """Admins: the tokens, without any secret, as a CSV file; the download is on record."""
    t, values = language_of(request), asked.values()
    zone = ZoneInfo(ZONE)

    def read(own: Session) -> Iterator[Sequence[Cell]]:
        for token in own.scalars(_tokens(values).order_by(*NEWEST.order()).execution_options(yield_per=200)):
            moments = [m and m.astimezone(zone) for m in (token.created_at, token.expires_at, token.last_used_at)]
            yield [token.name, token.user.login, ", ".join(token.scopes), *moments, state_of(token, t)]

    kept = {"token": values.get("token", "")}
    return export(services, session, principal, t, "token", [t(title) for title in TOKENS_EXPORTED], kept, read)


def lists(
    session: Session, values: dict[str, str], after: UUID | None, token_after: UUID | None, t: Words
) -> dict[str, Any]:
    """Both lists as the page draws them."""
    name, sort = chosen_sort(SORTS, values.get(SORT, ""))
    people = sliced(session, _people(values), sort, session.get(User, after) if after else None, PAGE)
    last = session.get(ApiToken, token_after) if token_after else None
    found: Slice[ApiToken] = sliced(session, _tokens(values), NEWEST, last, PAGE)
    following = str(people.items[-1].id) if people.more else None
    return {
        "list": listing(
            PATH, values, COLUMNS, t, sorts=SORTS, worded=_worded(values, t), cursor=str(after or ""),
            following=following,
        ),
        "people": [(user, t.day(user.created_at.astimezone(ZoneInfo(ZONE)).date())) for user in people.items],
        "values": values,
        "sorted": name,
        "tokens": [token_row(token, t) for token in found.items],
        "token_list": Listing(
            headings=plain_headings(TOKEN_COLUMNS, t),
            first=address(PATH, values) + "#token" if token_after else "",
            next=address(PATH, values, token_setelah=str(found.items[-1].id)) + "#token" if found.more else "",
            export=address(f"{TOKENS}.csv", {"token": values.get("token", "")}),
        ),
        "all_tokens": values.get("token") == ALL,
        "token_toggle": address(PATH, values, token="" if values.get("token") == ALL else ALL) + "#token",
    }  # fmt: skip


def token_row(token: ApiToken, t: Words) -> dict[str, Any]:
    """A token in words."""
    return {
        "row": token,
        "until": t.moment(token.expires_at, ZONE) if token.expires_at else "",
        "used": t.moment(token.last_used_at, ZONE) if token.last_used_at else "",
        "hints": hints(token, t) if tokens.alive(token) else [],
        "alive": tokens.alive(token),
        "state": state_of(token, t),
    }


def hints(token: ApiToken, t: Words) -> list[str]:
    """What its owner should know of a token that works: it ends soon, was not used, has two secrets for a while."""
    moment, found = now(), []
    if token.expires_at is not None and token.expires_at - moment < SOON:
        found.append(t("token.soon", days=t.number((token.expires_at - moment).days)))
    if token.previous_until is not None and token.previous_until > moment:
        found.append(t("token.two_secrets", until=t.moment(token.previous_until, ZONE)))
    elif token.last_used_at is None:
        found.append(t("token.never_used"))
    elif moment - token.last_used_at > LONG_UNUSED:
        found.append(t("token.long_unused", days=t.number((moment - token.last_used_at).days)))
    return found


def state_of(token: ApiToken, t: Words) -> str:
    """Why a token opens nothing any more, or that it does."""
    if token.revoked_at is not None:
        return t("token.revoked")
    if token.expires_at is not None and token.expires_at <= now():
        return t("token.expired")
    return t("token.works") if token.user.active else t("token.owner_inactive")


def _people(values: Mapping[str, str]) -> Select[User]:
    query = select(User).where(User.role.in_(ROLES))
    if "peran" in values:
        query = query.where(User.role == values["peran"])
    if "keadaan" in values:
        query = query.where(User.active.is_(values["keadaan"] == ACTIVE))
    if "cari" in values:
        wanted = storable(values["cari"])
        query = query.where(
            or_(User.login.contains(wanted.lower(), autoescape=True), User.name.icontains(wanted, autoescape=True))
        )
    return query


def _tokens(values: Mapping[str, str]) -> Select[ApiToken]:
    query = select(ApiToken).join(User)
    if values.get("token") == ALL:
        return query
    running = or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now())
    return query.where(and_(ApiToken.revoked_at.is_(None), running, User.active.is_(True)))


def _worded(values: Mapping[str, str], t: Words) -> list[tuple[str, str, str]]:
    words = {"cari": values.get("cari", "")}
    if "peran" in values:
        words["peran"] = t(f"role.{values['peran']}")
    if "keadaan" in values:
        words["keadaan"] = t("people.active" if values["keadaan"] == ACTIVE else "people.inactive")
    labels = {"cari": "people.search", "peran": "people.role", "keadaan": "field.state"}
    return [(name, t(labels[name]), word) for name, word in words.items() if name in values]
