"""Where an item stands for the person who looks at it: who holds it and until when, and what they may do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.principal import Principal
from app.db.base import now
from app.db.flag_tables import Flag
from app.db.people_tables import User
from app.review.fairness import TOLD
from app.review.filters import waits_for
from app.review.queue import BY_URGENCY, loaded
from app.review.workflow import INFORMAL
from app.web.words import Words

Json = dict[str, Any]
Standing = Literal["form", "done", "read_only", "waits", "held", "info", "tip"]
AUDIBLE_SECONDS = 60
"""From here on the end of a claim is announced to screen readers."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The claim as this viewer sees it. `kind`: "mine", "over" (it was theirs and ran out), "other" or "free";
    `seconds` are left of it."""

    kind: Literal["mine", "over", "other", "free"]
    holder: str = ""
    clock: str = ""
    left: str = ""
    seconds: int = 0
    soon: int = AUDIBLE_SECONDS


def claim(session: Session, item: Json, t: Words) -> Claim:
    """Who holds the item and for how long."""
    work, zone = item["work"], item["context"]["contest"]["timezone"]
    if work["claimed_until"] is None:
        return Claim("over" if "renew" in work["acts"] else "free")
    until, moment = datetime.fromisoformat(work["claimed_until"]), now()
    left = max(0, int((until - moment).total_seconds()))
    holder = session.scalar(select(User.name).where(User.login == work["claimed_by"])) or work["claimed_by"]
    kind: Literal["mine", "other"] = "mine" if work["mine"] else "other"
    return Claim(kind, holder, t.clock(until, zone), t("claim.left", left=t.age(moment, until)), left)


def standing(item: Json, principal: Principal) -> Standing:
    """Which face the panel of the decision shows this viewer."""
    work = item["work"]
    if "confirm" in work["acts"]:
        return "form"
    if work["base_state"] in INFORMAL:
        return "tip"
    if work["base_state"] in TOLD:
        return "done"
    if not principal.may("flag.decide"):
        return "read_only"
    if work["why_not"]:
        return "waits"
    return "held" if work["claimed_by"] else "info"


def waiting(session: Session, principal: Principal, count: int) -> Sequence[Flag]:
    """The first items that this person would be given, what waits for a coordinator before the rest for those."""
    found: list[Flag] = []
    for desk in ("coordinator", "review") if principal.role == "coordinator" else ("review",):
        query = loaded().where(*waits_for(session, principal, desk)).order_by(*BY_URGENCY.order())
        query = query.limit(count - len(found))
        found += session.scalars(query).all() if len(found) < count else []
    return found


def held(session: Session, principal: Principal) -> Sequence[Flag]:
    """What this person holds now."""
    query = loaded().order_by(*BY_URGENCY.order()).where(Flag.claimed_by == principal.login, Flag.claimed_until > now())
    return session.scalars(query).all()
