"""The filters of the queue page: their names in the address, what there is to choose from, and what is set in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.principal import PERMISSIONS
from app.db.contest_tables import ContestRow
from app.db.people_tables import User
from app.election.calendar import stage_codes
from app.i18n import translator
from app.intake.upload import PLATFORMS
from app.review.filters import BANDS, COORDINATION, MINE, WAITING, Filters
from app.review.queue import SORTS as ORDERS
from app.review.workflow import INFORMAL, STATES
from app.rules.lanes import LANES
from app.rules.signals import OWN_CODES
from app.rules.wording import stage_name
from app.text.signals import CODES, CONTEXT_CODES
from app.web.listing import SORT, Column
from app.web.words import Words

PATH = "/antrean"
ALL, ME = "semua", "saya"
FIELDS = {
    "keadaan": "state", "kontes": "contest", "tingkat": "band", "wilayah": "region", "tahap": "stage",
    "sinyal": "signal", "platform": "platform", "peninjau": "reviewer", "ditugaskan": "assigned", "jalur": "lane",
}  # fmt: skip
"""Names in the address and the fields of Filters that they set."""
RARE = ("wilayah", "tahap", "sinyal", "platform", "peninjau", "ditugaskan", "jalur")
LABELS = {
    "keadaan": "field.state", "kontes": "field.contest", "tingkat": "field.band", "wilayah": "queue.region",
    "tahap": "queue.stage", "sinyal": "queue.signal", "platform": "field.platform", "peninjau": "queue.reviewer",
    "ditugaskan": "queue.assigned", "jalur": "lane.title",
}  # fmt: skip
SIGNALS = (*OWN_CODES, *CODES, *CONTEXT_CODES)
SORTS = {"mendesak": ORDERS["priority"], "tenggat": ORDERS["due"], "masuk": ORDERS["created"]}
SORT_NAMES = {"mendesak": "priority", "tenggat": "due", "masuk": "created"}
COLUMNS = (
    Column("mendesak", "queue.urgency"), Column("indikasi", "queue.reason"), Column("paslon", "field.pair"),
    Column("kejadian", "field.act_date", "date"), Column("tenggat", "queue.due", "date"),
    Column("masuk", "queue.since", "date"), Column("keadaan", "field.state"),
)  # fmt: skip
FORMAL = tuple(state for state in STATES if state not in INFORMAL)
"""The states of the queue; informasi awal has a list of its own."""
JUDGES = tuple(sorted(PERMISSIONS["flag.decide"][0]))


class QueueQuery(BaseModel):
    """What the address says of filters and order. What is not known is taken as not said."""

    keadaan: str = Field("", max_length=20)
    kontes: str = Field("", max_length=80)
    tingkat: str = Field("", max_length=10)
    wilayah: str = Field("", max_length=20)
    tahap: str = Field("", max_length=40)
    sinyal: str = Field("", max_length=40)
    platform: str = Field("", max_length=40)
    peninjau: str = Field("", max_length=80)
    ditugaskan: str = Field("", max_length=80)
    jalur: str = Field("", max_length=20)
    urut: str = Field("", max_length=20)

    def values(self) -> dict[str, str]:
        """What is set, as the address keeps it."""
        given = {name: value.strip() for name, value in self.model_dump().items() if value.strip()}
        known = {"keadaan": (ALL, COORDINATION, *FORMAL), "tingkat": BANDS}
        return {name: value for name, value in given.items() if name not in known or value in known[name]}

    def filters(self) -> Filters:
        """The same as filters of the queue; no state means what waits for the reader."""
        return filters_of(self.values())


def filters_of(values: Mapping[str, str]) -> Filters:
    """Values of the address as filters."""
    given = {field: values.get(name, "") for name, field in FIELDS.items()}
    given["state"] = {"": WAITING, ALL: ""}.get(given["state"], given["state"])
    for field in ("assigned", "reviewer"):
        given[field] = MINE if given[field] == ME else given[field]
    return Filters(**given)


def values_of(filters: Filters, order: str = "") -> dict[str, str]:
    """Filters, and an order of SORT_NAMES, as values of the address."""
    made = {name: getattr(filters, field) for name, field in FIELDS.items()}
    made["keadaan"] = {WAITING: "", "": ALL}.get(filters.state, filters.state)
    for name in ("ditugaskan", "peninjau"):
        made[name] = ME if made[name] == MINE else made[name]
    names = {order_name: name for name, order_name in SORT_NAMES.items()}
    sort = names.get(order.removeprefix("-"), "")
    made[SORT] = f"-{sort}" if sort and order.startswith("-") else sort
    return {name: value for name, value in made.items() if value}


def order_of(values: Mapping[str, str]) -> str:
    """The order that the address names, as saved filters keep it."""
    wanted = values.get(SORT, "")
    name = SORT_NAMES.get(wanted.removeprefix("-"), "")
    return f"-{name}" if name and wanted.startswith("-") else name


@dataclass(frozen=True, slots=True)
class Choices:
    """Codes with their words, by the name of the filter, in the order of a select."""

    contests: Sequence[ContestRow]
    options: Mapping[str, Mapping[str, str]]


def choices(session: Session, coordinator: bool, t: Words) -> Choices:
    """What the form of the filters offers to this reader."""
    contests = session.scalars(select(ContestRow).order_by(ContestRow.name, ContestRow.id)).all()
    people = session.execute(select(User.login, User.name).where(User.role.in_(JUDGES)).order_by(User.name, User.login))
    named = {login: f"{name} ({login})" for login, name in people}
    label = translator(t.language)
    stages = {code: stage_name(code, t.language) for kind in ("pilkada", "pemilu") for code in stage_codes(kind)}
    states = {WAITING: t("queue.waiting_for_me")}
    if coordinator:
        states[COORDINATION] = t("queue.coordination")
    options: dict[str, dict[str, str]] = {
        "keadaan": {**states, ALL: t("queue.all"), **{code: t(f"state.{code}") for code in FORMAL}},
        "kontes": {row.id: row.name for row in contests},
        "tingkat": {code: t(f"band.{code}") for code in BANDS},
        "tahap": stages,
        "sinyal": dict(sorted(((code, label(f"label.{code}")) for code in SIGNALS), key=lambda pair: pair[1])),
        "platform": {code: t(f"platform.{code}") for code in PLATFORMS[1:]},
        "peninjau": {ME: t("queue.me"), **named},
        "ditugaskan": {ME: t("queue.me"), **named},
        "jalur": {code: label(f"lane.{code}") for code in LANES},
    }
    return Choices(contests, options)


def worded(values: Mapping[str, str], offered: Choices, t: Words) -> list[tuple[str, str, str]]:
    """(name in the address, label, value in words) of every filter that is set."""
    regions = {row.region_code: f"{row.region_name} ({row.region_code})" for row in offered.contests}
    options: Mapping[str, Mapping[str, str]] = {**offered.options, "wilayah": regions}
    return [(name, t(LABELS[name]), options[name].get(values[name], values[name])) for name in FIELDS if name in values]


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two addresses show the same, whatever their order of rows."""
    return {k: v for k, v in one.items() if k != SORT} == {k: v for k, v in other.items() if k != SORT}
