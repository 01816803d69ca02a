"""One verdict for an item and those of its copies that a person chose: one event for each, and every rule holds."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.principal import Principal
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.errors import AppError, BadInput
from app.review.copies import MOST
from app.review.decide import SECOND_LOOKS, decide
from app.review.queue import get_flag


@dataclass(frozen=True, slots=True)
class Skipped:
    """A copy to which the verdict was not applied, and why, in both languages."""

    flag_id: uuid.UUID
    why: str


@dataclass(frozen=True, slots=True)
class Together:
    """What came of it: the event of the item itself, those of its copies, and what was passed over."""

    event: Event
    events: Mapping[uuid.UUID, Event]
    skipped: tuple[Skipped, ...]


def decide_group(
    session: Session,
    principal: Principal,
    flag_id: uuid.UUID,
    verdict: str,
    reason: str,
    note: str,
    seen: int,
    copies: Mapping[uuid.UUID, int],
    *,
    paslon: str | None = None,
    article: str | None = None,
    second_look_share: float = SECOND_LOOKS,
) -> Together:
    """Decide an item, then its `copies` (flag id -> last event seen) in the same way; the caller commits.

    Raises for the item itself as `decide` does. A copy that is held by somebody else, was acted on since it was
    seen, is not this person's to decide, belongs to another contest or is no copy is passed over and reported. A pair
    or article left out is for each what was preselected there."""
    principal.require("flag.decide")
    if len(copies) > MOST:
        raise BadInput(f"Paling banyak {MOST} salinan sekali putus / At most {MOST} copies at a time", field="copies")
    lead = get_flag(session, flag_id)
    others = sorted(other for other in copies if other != flag_id)
    _lock(session, [flag_id, *others])
    facts = {"of": str(flag_id), "chosen": len(others)}

    def judge(one: uuid.UUID, last: int) -> Event:
        return decide(
            session, principal, one, verdict, reason, note, last,
            paslon=paslon, article=article, second_look_share=second_look_share, together=facts,
        )  # fmt: skip

    event = judge(flag_id, seen)
    events, skipped = dict[uuid.UUID, Event](), list[Skipped]()
    for other in others:
        try:
            _require_copy(lead, session.get(Flag, other))
            events[other] = judge(other, copies[other])
        except AppError as error:
            skipped.append(Skipped(other, error.detail))
    return Together(event, events, tuple(skipped))


def _lock(session: Session, ids: list[uuid.UUID]) -> None:
    """All of them before the first event, always in the same order: nobody then waits for each other."""
    session.scalars(select(Flag.id).where(Flag.id.in_(ids)).order_by(Flag.id).with_for_update()).all()


def _require_copy(lead: Flag, other: Flag | None) -> None:
    if other is None or lead.copy_group is None or other.copy_group != lead.copy_group:
        raise BadInput("Bukan salinan butir ini / Not a copy of this item", field="copies")
    if other.contest_id != lead.contest_id:
        text = "Dari pemilihan lain; putuskan tersendiri / Of another contest: decide it by itself"
        raise BadInput(text, field="copies")
