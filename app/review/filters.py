"""What to show of the queue, as conditions: those that an index answers, and those that are looked at row by row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, Uuid, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.auth.principal import Principal
from app.db.base import now
from app.db.contest_tables import ConflictOfInterest, ContestRow
from app.db.event_tables import Event
from app.db.flag_tables import Flag, Screening
from app.db.gold_tables import GOLD
from app.db.submission_tables import Submission
from app.errors import BadInput
from app.review.workflow import COORDINATORS, INFORMAL, STATES, WORK
from app.text.storable import storable

BANDS = ("high", "medium", "low")
WAITING, COORDINATION = "waiting", "coordination"
"""Two more words for `state`: what the viewer may decide now, and what lies on the coordinators' desk for them."""
DESKS = {WAITING: "review", COORDINATION: "coordinator"}
ON_DESK = {"review": sorted(WORK), "coordinator": sorted(COORDINATORS)}
COMMON = frozenset({"new", "confirmed", "dismissed", "closed"})
"""States in which very many items can be."""
MINE = "@me"
"""In place of a login: the viewer. No login contains an @."""
SECRET = frozenset({"decided_once", "disagreement", "needs_info", "escalated"})
"""States in which somebody's verdict may still be hidden from those who decide next."""
CHOICES = {"state": (*STATES, *DESKS), "band": BANDS}


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show; empty values leave nothing out but informasi awal (INFORMAL). `state` is one of STATES or DESKS,
    `region` a code or the beginning of one, `signal` a code of a signal, `reviewer` the login of somebody who gave a
    verdict, `assigned` that of the person to whom the item is given; MINE stands for oneself."""

    state: str = ""
    contest: str = ""
    band: str = ""
    region: str = ""
    stage: str = ""
    signal: str = ""
    platform: str = ""
    reviewer: str = ""
    assigned: str = ""
    lane: str = ""

    @property
    def given(self) -> dict[str, str]:
        """The filters that are set, as a database can compare them."""
        return {name: storable(getattr(self, name)) for name in self.__slots__ if getattr(self, name)}


@dataclass(frozen=True, slots=True)
class Pile:
    """Flags by the state that they show: the column that tells it, and what makes a flag one of them."""

    state: ColumnElement[str] | InstrumentedAttribute[str]
    among: tuple[ColumnElement[bool], ...] = ()

    def lies_on(self, desk: str) -> ColumnElement[bool]:
        """Whether a flag waits there."""
        return self.state.in_(ON_DESK[desk]) if self.among else Flag.desk == desk


STORED = Pile(Flag.state)
"""As the rows say. A claim that ran out stands in them until somebody asks for the next item."""


def ran_out(moment: datetime) -> Pile:
    """The flags whose claim ran out: again what they were before it. Few, and an index knows them."""
    return Pile(Flag.resume, (Flag.claimed_by.is_not(None), Flag.claimed_until <= moment))


def check(filters: Filters) -> None:
    """Raise BadInput for a state or band that does not exist."""
    for field, known in CHOICES.items():
        if getattr(filters, field) not in ("", *known):
            raise BadInput(f"Tidak dikenal; pilihan / Unknown; choices: {', '.join(known)}", field=field)


def conditions(filters: Filters, viewer: Principal | None = None) -> list[ColumnElement[bool]]:
    """The filters as conditions on Flag, for this viewer; the words of DESKS are none, see `waits_for`.

    Raises BadInput for a state or band that does not exist."""
    return [*indexed(filters, viewer), *looked_at(filters)]


def indexed(filters: Filters, viewer: Principal | None = None, pile: Pile = STORED) -> list[ColumnElement[bool]]:
    """The conditions that an index answers. Raises BadInput for a state or band that does not exist."""
    check(filters)
    given, made = filters.given, list[ColumnElement[bool]](pile.among)
    state = given.get("state", WAITING)
    if "state" not in given:
        made.append(pile.state.not_in(sorted(INFORMAL)))
    if state not in DESKS:
        made.append(pile.state == state)
    if state == "claimed":
        made.append(Flag.claimed_until > now())
    if "contest" in given:
        made.append(Flag.contest_id == given["contest"])
    if not pile.among and (state in COMMON or ("contest" in given and state not in DESKS)):
        made.append(Flag.desk == desk_of(state))  # says nothing new, but the other indexes begin with it
    if "assigned" in given:
        made.append(Flag.assigned_to == _login(given["assigned"], viewer))
    if "reviewer" in given:
        made.append(_has_verdict_of(_login(given["reviewer"], viewer), viewer))
    return made


def looked_at(filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions for which rows are read one after the other: rare values make a long search."""
    given, made = filters.given, list[ColumnElement[bool]]()
    if "band" in given:
        made.append(Flag.band == given["band"])
    if "stage" in given:
        made.append(Flag.stage == given["stage"])
    if "lane" in given:
        made.append(Flag.lane == given["lane"])
    if "region" in given:
        made.append(Flag.contest_id.in_(_contests_of(given["region"])))
    if "platform" in given:
        here = Submission.platform == given["platform"]
        made.append(exists().where(Submission.id == Flag.submission_id, here))
    if "signal" in given:
        code = f'"code": "{given["signal"]}"'
        holds = cast(Screening.signals, String).contains(code, autoescape=True)
        made.append(exists().where(Screening.id == Flag.screening_id, holds))
    return made


def narrowed(session: Session, filters: Filters) -> Filters:
    """The same filters, a region with one contest put as this contest: an index knows contests."""
    if not filters.region or filters.contest:
        return filters
    found = session.scalars(_contests_of(filters.given["region"]).limit(2)).all()
    return replace(filters, region="", contest=found[0]) if len(found) == 1 else filters


def waits_for(
    session: Session, principal: Principal | None, desk: str = "review", pile: Pile = STORED
) -> list[ColumnElement[bool]]:
    """Conditions for what lies on a desk and this person may decide; of copies only the most urgent."""
    made: list[ColumnElement[bool]] = [pile.lies_on(desk)]
    if desk == "review":
        made.append(first_of_its_group(principal, pile))
    if principal is None or not principal.may("flag.decide"):
        return made
    made.append(~Flag.barred.contains(f"|{principal.login}|", autoescape=True))
    made.append(or_(Flag.assigned_to.is_(None), Flag.assigned_to == principal.login))
    if principal.role == "coordinator":  # knows which items are known cases; they hand back what was escalated
        made.append(or_(Flag.origin != GOLD, pile.state == "escalated"))
    declared = select(ConflictOfInterest.contest_id).where(ConflictOfInterest.user_id == principal.user_id)
    conflicts = session.scalars(declared).all()
    return [*made, Flag.contest_id.not_in(conflicts)] if conflicts else made


def first_of_its_group(principal: Principal | None, pile: Pile = STORED) -> ColumnElement[bool]:
    """Whether no more urgent copy of the same contest waits for its first verdict: one that this person would be given,
    or that somebody is at work on. Most flags are in no group; for the others the index of groups answers."""
    ahead = aliased(Flag)
    left = and_(ahead.state == "claimed", ahead.claimed_until <= now())
    waits: ColumnElement[bool] = or_(ahead.state == "new", left)
    if principal is not None and principal.may("flag.decide"):
        free = or_(ahead.assigned_to.is_(None), ahead.assigned_to == principal.login)
        waits = and_(waits, ~ahead.barred.contains(f"|{principal.login}|", autoescape=True), free)
    more_urgent = exists().where(
        ahead.copy_group == Flag.copy_group,
        ahead.state.in_(("new", "claimed")),
        or_(ahead.priority > Flag.priority, and_(ahead.priority == Flag.priority, ahead.id < Flag.id)),
        ahead.contest_id == Flag.contest_id,
        or_(ahead.state == "new", ahead.resume == "new"),
        or_(waits, and_(ahead.state == "claimed", ~left)),
    )
    return or_(Flag.copy_group.is_(None), pile.state != "new", ~more_urgent)


def desk_of(state: str) -> str:
    """The pile on which an item in this state waits."""
    return "review" if state in WORK else "coordinator" if state in COORDINATORS else ""


def _contests_of(region: str) -> Select[str]:
    return select(ContestRow.id).where(ContestRow.region_code.startswith(region, autoescape=True))


def _login(given: str, viewer: Principal | None) -> str:
    return viewer.login if given == MINE and viewer is not None else given


def _has_verdict_of(login: str, viewer: Principal | None) -> ColumnElement[bool]:
    """Whether this person gave a verdict; of a colleague's, only where it is no secret to the viewer any more."""
    decided = select(Event.object_id).where(
        Event.object_type == "flag", Event.action.in_(["flag.confirm", "flag.dismiss"]), Event.actor == login
    )
    ids = decided.subquery().c.object_id
    given = Flag.id.in_(select(cast(func.replace(ids, "-", ""), Uuid)))
    if viewer is None or not viewer.judges or viewer.login == login:
        return given
    secret = SECRET - {"disagreement"} if viewer.role == "coordinator" else SECRET
    return and_(given, case((Flag.state == "claimed", Flag.resume), else_=Flag.state).not_in(secret))
