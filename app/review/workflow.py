"""The life of an item: one table of states and acts, and the fold that derives a case from its events.

A case is a stack: "claimed", "escalated" and "needs_info" lie upon the state to which the item comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, Protocol

from app.errors import Conflict

State = Literal[
    "new", "claimed", "decided_once", "disagreement", "confirmed", "dismissed", "needs_info", "escalated", "appealed",
    "reopened", "closed", "tip", "set_aside",
]  # fmt: skip
STATES: tuple[State, ...] = State.__args__  # type: ignore[attr-defined]

SAME, UNDER, VERDICT, BEFORE = "same", "under", "verdict", "before"
"""Where an act leads besides to a state: nowhere, to the state underneath, to what four eyes say, before a verdict."""

ALWAYS = {"comment": SAME}
HANDLED = {"claim": "claimed", "assign": SAME, "unassign": SAME, "ask": "needs_info", "escalate": "escalated"}
JUDGED = {"confirm": VERDICT, "dismiss": VERDICT}
ROUTED = {"route": "closed"}
OPEN = ALWAYS | HANDLED | JUDGED | ROUTED
RETIRED = {"retire": "closed"}
"""How the system ends a known case that was given once more and decided on."""
DECIDED = ALWAYS | RETIRED | {"undo": BEFORE, "appeal": "appealed", "reopen": "reopened", "close": "closed"}

TABLE: dict[str, dict[str, str]] = {
    "new": OPEN | {"lapse": "closed", "unconvert": "tip"},
    "reopened": OPEN,
    "appealed": OPEN,
    "decided_once": ALWAYS | HANDLED | JUDGED | RETIRED | {"undo": BEFORE},
    "disagreement": ALWAYS | JUDGED | ROUTED | RETIRED
    | {"claim": "claimed", "ask": "needs_info", "undo": BEFORE},
    "escalated": ALWAYS | JUDGED | ROUTED
    | {"claim": "claimed", "ask": "needs_info", "hand_back": UNDER, "undo": BEFORE},
    "needs_info": ALWAYS | {"answer": UNDER, "escalate": "escalated", "undo": BEFORE},
    "confirmed": DECIDED,
    "dismissed": DECIDED,
    "closed": ALWAYS | {"appeal": "appealed", "reopen": "reopened"},
    # informasi awal of the public: no case, and never judged, until a person makes it a temuan or a laporan
    "tip": ALWAYS | {"convert": "new", "set_aside": "set_aside", "lapse": "closed"},
    "set_aside": ALWAYS | {"take_back": "tip", "lapse": "closed"},
    # a claimed item takes these acts, and of the rest what the state under the claim takes
    "claimed": {"renew": SAME, "release": UNDER, "expire": UNDER},
}  # fmt: skip
ACTS = tuple(dict.fromkeys(act for row in TABLE.values() for act in row))

NEWS = frozenset(ACTS) - {"claim", "renew", "release", "expire", "assign", "unassign", "comment"}
"""Acts that a verdict must know of: each makes a page drawn before it stale."""
COORDINATORS = frozenset({"disagreement", "escalated"})
"""States in which only a coordinator gives a verdict."""
WORK = frozenset({"new", "reopened", "appealed", "decided_once"})
"""States that wait on the desk of the reviewers."""
INFORMAL = frozenset({"tip", "set_aside"})
"""States of informasi awal that nobody made a case: apart from the queue, from figures and from exports."""
VERDICTS = ("confirm", "dismiss")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one person decided in this round; `stack` is the state to which an undo leads back."""

    event: int
    actor: str
    verdict: str
    paslon: str | None
    stack: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that the events of an item say. `earlier` are the people who decided in rounds before an appeal or a
    reopening; `informed` those who took back their verdict after having seen another's. `tip`: it came from the public;
    `converted` is who made it a temuan or a laporan, None while it is neither."""

    stack: tuple[str, ...] = ("new",)
    verdicts: tuple[Verdict, ...] = ()
    earlier: frozenset[str] = frozenset()
    informed: frozenset[str] = frozenset()
    round: int = 1
    holder: str | None = None
    held_since: datetime | None = None
    held_until: datetime | None = None
    assigned: str | None = None
    last_event: int = 0
    round_event: int = 0
    tip: bool = False
    converted: str | None = None

    @property
    def state(self) -> str:
        """The state on top: the one that people see."""
        return self.stack[-1]

    @property
    def informal(self) -> bool:
        """Whether it is informasi awal that nobody made a case: it can be neither judged nor reopened."""
        return self.tip and self.converted is None

    @property
    def base(self) -> str:
        """The state under a claim; the state itself where there is none."""
        return self.stack[-2] if self.state == "claimed" else self.state

    @property
    def desk(self) -> str:
        """The pile on which the item waits: "review", "coordinator" or "" while held, waiting or decided."""
        return "review" if self.state in WORK else "coordinator" if self.state in COORDINATORS else ""

    @property
    def deciders(self) -> frozenset[str]:
        """Who may give no (further) verdict: those of this round and of earlier ones."""
        return self.earlier | {verdict.actor for verdict in self.verdicts}

    def held_by_other(self, login: str, moment: datetime) -> bool:
        """Whether somebody else's claim still runs."""
        return self.holder not in (None, login) and self.held_until is not None and self.held_until > moment


class Recorded(Protocol):
    """An event as far as the fold reads it."""

    id: int
    at: str
    actor: str
    action: str
    data: dict[str, Any]


def target(case: Case, act: str) -> str:
    """What the table says of this act now. Raises Conflict where it is not allowed, saying why."""
    found = _found(case, act)
    if found is None:
        raise Conflict(refusal(case, act), state=case.state, act=act)
    return found


def allows(case: Case, act: str) -> bool:
    """Whether the table allows this act now."""
    return _found(case, act) is not None


def _found(case: Case, act: str) -> str | None:
    found = TABLE[case.state].get(act)
    if found is None and case.state == "claimed" and act != "claim":
        found = TABLE[case.base].get(act)
    if found == BEFORE and not case.verdicts:
        return None
    if act == "unconvert" and (case.converted is None or case.round > 1):
        return None
    return None if case.informal and case.state == "closed" and act != "comment" else found


def refusal(case: Case, act: str) -> str:
    """Why an act is not possible now, in both languages."""
    state = case.base
    if act == "claim" and case.state == "claimed":
        return "Butir ini sedang dipegang / This item is held already"
    if case.informal:
        return (
            "Ini informasi awal; jadikan temuan atau laporan dahulu"
            " / This is informasi awal: make it a temuan or a laporan first"
        )
    if state == "closed":
        return (
            "Butir ini sudah ditutup; hanya keberatan atau pembukaan kembali"
            " / This item is closed: only an objection or a reopening is possible"
        )
    if act in VERDICTS:
        return (
            "Butir ini sudah diputuskan; urungkan dahulu / This item is decided already; undo first"
            if state in {"confirmed", "dismissed"}
            else "Butir ini menunggu keterangan; jawab dahulu / This item waits for information; answer first"
        )
    if act == "undo":
        return "Belum ada keputusan untuk diurungkan / There is no decision to undo"
    return f"{act} tidak dapat dilakukan pada keadaan {state} / {act} is not possible in the state {state}"


def outcome(case: Case, verdict: str, paslon: str | None, second_look: bool) -> str:
    """What follows from one more verdict: two who agree decide, two who do not need the coordinator, who settles it."""
    if case.base == "disagreement":
        return "confirmed" if verdict == "confirm" else "dismissed"
    if not case.verdicts:
        return "decided_once" if verdict == "confirm" or second_look else "dismissed"
    first = case.verdicts[-1]
    if first.verdict != verdict or (verdict == "confirm" and first.paslon != paslon):
        return "disagreement"
    return "confirmed" if verdict == "confirm" else "dismissed"


def replay(events: Iterable[Recorded]) -> Case:
    """The case that these events make, oldest first."""
    case = Case()
    for event in events:
        case = step(case, event)
    return case


def step(case: Case, event: Recorded) -> Case:
    """The case after one more event of the item; events that are no acts change nothing."""
    act = event.action.removeprefix("flag.")
    if act == "raised":
        tip = bool(event.data.get("tip"))
        stack = ("tip",) if tip else case.stack
        return replace(case, stack=stack, tip=tip, last_event=event.id, round_event=event.id)
    if act in {"rescreened", "corrected"}:  # what people see has changed, what they decided has not
        return replace(case, last_event=event.id)
    if act not in ACTS:
        return case
    target(case, act)
    after = EFFECTS[act](case, event)
    return replace(after, last_event=event.id) if act in NEWS else after


def _same(case: Case, _event: Recorded) -> Case:
    return case


def _free(case: Case, _event: Recorded | None = None) -> Case:
    """The case without its claim."""
    stack = case.stack[:-1] if case.state == "claimed" else case.stack
    return replace(case, stack=stack, holder=None, held_since=None, held_until=None)


def _claimed(case: Case, event: Recorded) -> Case:
    held = replace(case, stack=(*case.stack, "claimed"), holder=event.actor)
    return _renewed(replace(held, held_since=datetime.fromisoformat(event.at)), event)


def _renewed(case: Case, event: Recorded) -> Case:
    return replace(case, held_until=datetime.fromisoformat(event.data["until"]))


def _assigned(case: Case, event: Recorded) -> Case:
    return replace(_free(case), assigned=event.data.get("to"))


def _laid_aside(case: Case, event: Recorded) -> Case:
    free = _free(case)
    return replace(free, stack=(*free.stack, TABLE[free.state][event.action.removeprefix("flag.")]), assigned=None)


def _taken_up(case: Case, _event: Recorded) -> Case:
    free = _free(case)
    return replace(free, stack=free.stack[:-1])


def _closed(case: Case, _event: Recorded) -> Case:
    return replace(_free(case), stack=("closed",), assigned=None)


def _anew(case: Case, event: Recorded) -> Case:
    """A new round, in which nobody may decide who did before."""
    begun = TABLE[case.state][event.action.removeprefix("flag.")]
    after = replace(_free(case), stack=(begun,), verdicts=(), earlier=case.deciders, informed=frozenset())
    return replace(after, round=case.round + 1, round_event=event.id)


def _converted(case: Case, event: Recorded) -> Case:
    return replace(case, stack=("new",), converted=event.actor)


def _unconverted(case: Case, _event: Recorded) -> Case:
    return replace(_free(case), stack=("tip",), converted=None, assigned=None)


def _set_aside(case: Case, event: Recorded) -> Case:
    return replace(case, stack=(TABLE[case.state][event.action.removeprefix("flag.")],))


def _judged(case: Case, event: Recorded) -> Case:
    free, data = _free(case), event.data
    act = event.action.removeprefix("flag.")
    result = outcome(free, act, data.get("paslon"), bool(data.get("second_look")))
    given = Verdict(event.id, event.actor, act, data.get("paslon"), free.stack)
    return replace(free, stack=(result,), verdicts=(*free.verdicts, given), assigned=None)


def _undone(case: Case, _event: Recorded) -> Case:
    *kept, last = case.verdicts
    informed = case.informed | {last.actor} if kept else case.informed
    return replace(_free(case), stack=last.stack, verdicts=tuple(kept), informed=informed, assigned=None)


EFFECTS: Mapping[str, Callable[[Case, Recorded], Case]] = {
    "comment": _same, "claim": _claimed, "renew": _renewed, "release": _free, "expire": _free,
    "assign": _assigned, "unassign": _assigned, "confirm": _judged, "dismiss": _judged, "undo": _undone,
    "ask": _laid_aside, "escalate": _laid_aside, "answer": _taken_up, "hand_back": _taken_up,
    "close": _closed, "route": _closed, "lapse": _closed, "retire": _closed, "appeal": _anew, "reopen": _anew,
    "convert": _converted, "unconvert": _unconverted, "set_aside": _set_aside, "take_back": _set_aside,
}  # fmt: skip
