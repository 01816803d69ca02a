"""The table of states and acts: every pair of them, and every way to have two people decide."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.errors import Conflict
from app.review.workflow import ACTS, EFFECTS, NEWS, STATES, TABLE, Case, allows, replay, step, target

LATER = (datetime.now(UTC) + timedelta(hours=1)).isoformat()


@dataclass
class Act:
    """An event as the fold reads it."""

    id: int
    actor: str
    action: str
    data: dict[str, Any] = field(default_factory=dict)
    at: str = "2026-11-21T00:00:00+00:00"


def history(*acts: str) -> list[Act]:
    """Events from words such as "ani:confirm"; "second" after a dismissal asks for a second look."""
    tip = acts[:1] == ("tip",)
    made = [Act(1, "system", "flag.raised", {"tip": True} if tip else {})]
    for number, word in enumerate(acts[tip:], 2):
        actor, act, *more = word.split(":")
        data: dict[str, Any] = {"second_look": "second" in more, "to": "dewi" if act == "assign" else None}
        data |= {"paslon": more[0] if act == "confirm" and more else "p/1", "until": LATER}
        made.append(Act(number, actor, f"flag.{act}", data))
    return made


def case(*acts: str) -> Case:
    return replay(history(*acts))


ROADS: dict[str, tuple[str, ...]] = {
    "new": (),
    "claimed": ("ani:claim",),
    "decided_once": ("ani:confirm",),
    "disagreement": ("ani:confirm", "budi:dismiss"),
    "confirmed": ("ani:confirm", "budi:confirm"),
    "dismissed": ("ani:dismiss",),
    "needs_info": ("ani:ask",),
    "escalated": ("ani:escalate",),
    "appealed": ("ani:confirm", "budi:confirm", "koor:appeal"),
    "reopened": ("ani:dismiss", "koor:reopen"),
    "closed": ("ani:dismiss", "koor:close"),
    "tip": ("tip",),
    "set_aside": ("tip", "ani:set_aside"),
}  # fmt: skip

AFTER = {
    # state: {act: state after}; whatever is missing is refused
    "new": {
        "route": "closed",
        "claim": "claimed", "assign": "new", "unassign": "new", "comment": "new", "confirm": "decided_once",
        "dismiss": "dismissed", "ask": "needs_info", "escalate": "escalated", "lapse": "closed",
    },
    "claimed": {
        "route": "closed",
        "renew": "claimed", "release": "new", "expire": "new", "assign": "new", "unassign": "new", "comment": "claimed",
        "confirm": "decided_once", "dismiss": "dismissed", "ask": "needs_info", "escalate": "escalated",
        "lapse": "closed",
    },
    "decided_once": {
        "claim": "claimed", "assign": "decided_once", "unassign": "decided_once", "comment": "decided_once",
        "confirm": "confirmed", "dismiss": "disagreement", "ask": "needs_info", "escalate": "escalated", "undo": "new",
        "retire": "closed",
    },
    "disagreement": {
        "route": "closed",
        "claim": "claimed", "comment": "disagreement", "confirm": "confirmed", "dismiss": "dismissed",
        "ask": "needs_info", "undo": "decided_once", "retire": "closed",
    },
    "confirmed": {
        "retire": "closed",
        "comment": "confirmed", "undo": "decided_once", "appeal": "appealed", "reopen": "reopened", "close": "closed",
    },
    "dismissed": {
        "retire": "closed",
        "comment": "dismissed", "undo": "new", "appeal": "appealed", "reopen": "reopened", "close": "closed",
    },
    "needs_info": {"comment": "needs_info", "answer": "new", "escalate": "escalated"},
    "escalated": {
        "route": "closed",
        "comment": "escalated", "claim": "claimed", "confirm": "decided_once", "dismiss": "dismissed",
        "ask": "needs_info", "hand_back": "new",
    },
    "appealed": {
        "route": "closed",
        "claim": "claimed", "assign": "appealed", "unassign": "appealed", "comment": "appealed",
        "confirm": "decided_once", "dismiss": "dismissed", "ask": "needs_info", "escalate": "escalated",
    },
    "reopened": {
        "route": "closed",
        "claim": "claimed", "assign": "reopened", "unassign": "reopened", "comment": "reopened",
        "confirm": "decided_once", "dismiss": "dismissed", "ask": "needs_info", "escalate": "escalated",
    },
    "closed": {"comment": "closed", "appeal": "appealed", "reopen": "reopened"},
    "tip": {"comment": "tip", "convert": "new", "set_aside": "set_aside", "lapse": "closed"},
    "set_aside": {"comment": "set_aside", "take_back": "tip", "lapse": "closed"},
}  # fmt: skip


def test_the_table_is_whole() -> None:
    assert set(TABLE) == set(ROADS) == set(AFTER) == set(STATES)
    assert set(EFFECTS) == set(ACTS)
    assert set(ACTS) >= NEWS
    for state, road in ROADS.items():
        assert case(*road).state == state


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", STATES)
def test_every_act_in_every_state(state: str, act: str) -> None:
    before = case(*ROADS[state])
    event = history(*ROADS[state], f"citra:{act}")[-1]
    wanted = AFTER[state].get(act)
    assert allows(before, act) is (wanted is not None)
    if wanted is None:
        with pytest.raises(Conflict) as refused:
            step(before, event)
        assert " / " in refused.value.detail
        return
    after = step(before, event)
    assert after.state == wanted
    assert after.last_event == (event.id if act in NEWS else before.last_event)


@pytest.mark.parametrize(
    ("acts", "state"),
    [
        (("ani:confirm:p/1", "budi:confirm:p/1"), "confirmed"),
        (("ani:confirm:p/1", "budi:confirm:p/2"), "disagreement"),
        (("ani:dismiss:second",), "decided_once"),
        (("ani:dismiss:second", "budi:dismiss"), "dismissed"),
        (("ani:dismiss:second", "budi:confirm"), "disagreement"),
        (("ani:confirm", "budi:dismiss", "koor:confirm"), "confirmed"),
        (("ani:confirm", "budi:dismiss", "koor:dismiss", "koor:undo"), "disagreement"),
        (("ani:confirm", "budi:confirm", "budi:undo", "ani:undo"), "new"),
        (("ani:escalate", "koor:confirm"), "decided_once"),
        (("ani:escalate", "koor:confirm", "koor:undo"), "escalated"),
        (("ani:confirm", "budi:claim", "budi:escalate", "koor:claim", "koor:ask", "budi:answer"), "escalated"),
        (("ani:confirm", "budi:ask", "ani:undo"), "new"),
        (("ani:claim", "ani:ask", "ani:answer"), "new"),
        (("tip", "ani:convert"), "new"),
        (("tip", "ani:convert", "budi:claim", "koor:unconvert"), "tip"),
        (("tip", "ani:convert", "budi:dismiss", "koor:reopen"), "reopened"),
        (("tip", "ani:set_aside", "budi:take_back", "ani:convert"), "new"),
        (("ani:confirm", "budi:confirm", "k:appeal", "citra:dismiss", "k:close", "k:reopen"), "reopened"),
    ],
)  # fmt: skip
def test_roads(acts: tuple[str, ...], state: str) -> None:
    assert case(*acts).state == state


def test_new_rounds_need_new_people() -> None:
    first = case("ani:confirm", "budi:confirm", "koor:appeal")
    assert (first.round, first.verdicts, first.deciders) == (2, (), {"ani", "budi"})
    second = case("ani:confirm", "budi:confirm", "koor:appeal", "citra:dismiss", "koor:reopen")
    assert (second.round, second.deciders) == (3, {"ani", "budi", "citra"})


def test_who_took_back_a_verdict_after_the_other_is_no_longer_blind() -> None:
    assert case("ani:confirm", "ani:undo").informed == frozenset()
    assert case("ani:confirm", "budi:dismiss", "budi:undo").informed == {"budi"}


def test_an_act_ends_the_claim_and_undo_goes_through_it() -> None:
    held = case("ani:confirm", "budi:claim")
    assert (held.state, held.base, held.holder, held.desk) == ("claimed", "decided_once", "budi", "")
    assert target(held, "undo") == "before"
    free = case("ani:confirm", "budi:claim", "ani:undo")
    assert (free.state, free.holder, free.held_until, free.desk) == ("new", None, None, "review")


def test_events_that_are_no_acts_change_nothing() -> None:
    assert case("ani:unblurred") == case()


def test_a_correction_is_news_and_changes_no_state() -> None:
    before, after = case("ani:claim"), case("ani:claim", "ani:corrected")
    assert (after.state, after.holder) == (before.state, before.holder)
    assert after.last_event > before.last_event


def test_what_is_handed_over_is_free_of_claims_and_assignments() -> None:
    passed = case("ani:claim", "ani:route")
    assert (passed.state, passed.holder, passed.assigned, passed.desk) == ("closed", None, None, "")


@pytest.mark.parametrize("road", [("tip",), ("tip", "ani:set_aside"), ("tip", "system:lapse")])
def test_informasi_awal_is_neither_judged_nor_reopened(road: tuple[str, ...]) -> None:
    reached = case(*road)
    assert reached.desk == ""
    for act in ("confirm", "dismiss", "claim", "appeal", "reopen", "close", "escalate", "route"):
        assert not allows(reached, act), act
    with pytest.raises(Conflict, match="temuan"):
        target(reached, "confirm")


def test_a_conversion_is_taken_back_only_while_nobody_decided() -> None:
    assert case("tip", "ani:convert").converted == "ani"
    assert not case("tip", "ani:convert", "ani:unconvert").converted
    assert not allows(case("tip", "ani:convert", "budi:confirm"), "unconvert")
    assert not allows(case("tip", "ani:convert", "budi:dismiss", "koor:reopen"), "unconvert")
    assert not allows(case(), "unconvert")
