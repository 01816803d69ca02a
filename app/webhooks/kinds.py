"""What may be told to others: a small vocabulary, made from the acts of the chain. No message holds personal data.

Of verdicts only what stands is told: nothing of a first verdict before the second, nothing of trials of known cases."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.db.contest_tables import CandidateRow, PaslonRow
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.db.gold_tables import GOLD, GoldTrial
from app.db.submission_tables import Submission
from app.review.workflow import Case, replay, step

PING = "webhook.ping"
"""The test message; it needs no subscription."""
TIP = "tip.received"
"""Informasi awal of the public; it is told as `flag.raised` when a person makes it a case."""
DECIDED = frozenset({"confirmed", "dismissed"})
ROSTER = tuple(
    f"{thing}.{act}"
    for thing, acts in (
        ("election", ("created", "updated", "closed")),
        ("contest", ("created", "updated", "deleted", "calendar")),
        ("paslon", ("created", "updated", "deleted")),
        ("photo", ("enrolled", "withdrawn", "reembedded")),
    )
    for act in acts
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message: its code and the acts that make it."""

    code: str
    actions: tuple[str, ...]


KINDS = (
    Kind("submission.screened", ("submission.screened",)),
    Kind("submission.failed", ("submission.failed",)),
    Kind("submission.destroyed", ("submission.destroyed",)),
    Kind("flag.raised", ("flag.raised", "flag.convert")),
    Kind("flag.confirmed", ("flag.confirm",)),
    Kind("flag.dismissed", ("flag.dismiss",)),
    Kind("flag.reverted", ("flag.undo",)),
    Kind("flag.appealed", ("flag.appeal",)),
    Kind("flag.reopened", ("flag.reopen",)),
    Kind("flag.closed", ("flag.close", "flag.route", "flag.lapse", "flag.unconvert")),
    Kind(TIP, ("flag.raised",)),
    Kind("roster.changed", ROSTER),
    Kind("work.done", ("work.done",)),
    Kind("work.failed", ("work.failed",)),
)
PATHS = {
    "submission": "/api/v1/submissions/",
    "flag": "/api/v1/flags/",
    "contest": "/api/v1/contests/",
    "work": "/api/v1/works/",
}
"""Where the API shows an object; the caller's own token decides what it may know of it."""
CODES = tuple(kind.code for kind in KINDS)
OF_NO_CONTEST = frozenset({"work.done", "work.failed"})
"""Kinds that are never about a contest."""
BY_CODE = {kind.code: kind for kind in KINDS}
BY_ACTION = {action: kind for kind in reversed(KINDS) for action in kind.actions}
"""An act that makes two kinds stands for the first; what came from the public is told apart by its event."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a message says. `contest` and `id` are empty where there is none; `number` is that of the event."""

    kind: str
    number: int | None
    at: str
    object: str = ""
    id: str = ""
    contest: str = ""

    def body(self, public_url: str) -> str:
        """The message as it is sent, byte for byte."""
        path = PATHS.get(self.object)
        url = f"{public_url.rstrip('/')}{path}{self.id}" if path else None
        data = {"object": self.object or None, "id": self.id or None, "contest": self.contest or None, "url": url}
        whole = {"type": self.kind, "timestamp": self.at, "number": self.number, "data": data}
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def actions_of(codes: Iterable[str]) -> list[str]:
    """The acts that can make one of these kinds."""
    return [action for code in codes if code in BY_CODE for action in BY_CODE[code].actions]


def told_of(session: Session, event: Event) -> Told | None:
    """What others are told of this event; None where they are told nothing."""
    kind = BY_ACTION.get(event.action)
    if kind is None:
        return None
    if event.object_type == "flag":
        return _of_flag(session, event, kind)
    if event.object_type == "submission":
        return _of_submission(session, event, kind)
    if event.object_type == "work":
        return Told(kind.code, event.id, event.at, "work", event.object_id)
    return _of_roster(session, event, kind)


def _of_flag(session: Session, event: Event, kind: Kind) -> Told | None:
    flag = session.get(Flag, uuid.UUID(event.object_id))
    if flag is None or flag.origin == GOLD or (event.action in TOLD_IF and not _may_be_told(session, event)):
        return None
    code = TIP if event.data.get("tip") else kind.code
    return Told(code, event.id, event.at, "flag", event.object_id, flag.contest_id)


TOLD_IF: Mapping[str, Callable[[Case, Case], bool]] = {
    "flag.confirm": lambda _before, after: after.state in DECIDED,
    "flag.dismiss": lambda _before, after: after.state in DECIDED,
    "flag.undo": lambda before, _after: before.state in DECIDED,
    "flag.lapse": lambda before, _after: not before.informal,
}
"""Acts that are told only where everybody may know: both verdicts are in, or one was enough; and where the item was
told of before, which a tip that never became a case was not."""


def _may_be_told(session: Session, event: Event) -> bool:
    query = select(Event).where(Event.object_type == "flag", Event.object_id == event.object_id, Event.id < event.id)
    before = replay(session.scalars(query.order_by(Event.id)))
    return TOLD_IF[event.action](before, step(before, event))


def _of_submission(session: Session, event: Event, kind: Kind) -> Told | None:
    row = session.get(Submission, uuid.UUID(event.object_id))
    if row is None or session.scalar(select(exists().where(GoldTrial.submission_id == row.id))):
        return None
    return Told(kind.code, event.id, event.at, "submission", event.object_id, row.contest_id)


def _of_roster(session: Session, event: Event, kind: Kind) -> Told:
    """Roster messages are about a contest, whatever in it has changed; about an election where that is meant."""
    if event.object_type == "election":
        return Told(kind.code, event.id, event.at, "election", event.object_id)
    contest = event.object_id
    if event.object_type == "candidate":
        found = session.get(CandidateRow, contest)
        contest = found.paslon_id if found else contest
    if event.object_type in {"candidate", "paslon"}:
        pair = session.get(PaslonRow, contest)
        contest = pair.contest_id if pair else contest.split("/")[0]
    return Told(kind.code, event.id, event.at, "contest", contest, contest)
