"""What people may do with an item besides deciding: one small form for each act, only where it is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.auth.principal import Principal
from app.db.flag_tables import Flag
from app.db.gold_tables import GoldCase
from app.review import handling
from app.review.claims import assignable
from app.review.handling import LEAST_NOTE

Json = dict[str, Any]
NOTED = {
    "ask": ("tanya", LEAST_NOTE, handling.ask), "answer": ("jawab", 1, handling.answer),
    "escalate": ("teruskan", 1, handling.escalate), "hand_back": ("kembalikan", 0, handling.hand_back),
    "close": ("tutup", 0, handling.close), "reopen": ("buka-kembali", LEAST_NOTE, handling.reopen),
}  # fmt: skip
"""Acts that take a note: the last part of their address, the least characters of the note, and what does them."""
APART = {
    "comment": ("komentar", 1), "assign": ("tugaskan", 0), "appeal": ("keberatan", LEAST_NOTE), "gold": ("acuan", 0),
}  # fmt: skip
"""Acts with a form of their own: the last part of their address, the least characters of the note."""
ORDER = ("answer", "hand_back", "comment", "ask", "escalate", "assign", "appeal", "close", "reopen", "gold")
FIRST = {"needs_info": ("answer",), "escalated": ("hand_back",)}
"""What is asked for in a state, and therefore not folded away."""


@dataclass(frozen=True, slots=True)
class Handle:
    """The form of an act: where it is sent, how long its note must be, and what was typed into it before."""

    act: str
    path: str
    least: int
    given: Mapping[str, str] = field(default_factory=dict)
    tried: bool = False


@dataclass(frozen=True, slots=True)
class Handles:
    """The forms that lie open, those under "other acts", and what they offer to choose from."""

    first: list[Handle]
    others: list[Handle]
    people: list[tuple[str, str]]
    gold: GoldCase | None


def handles(
    session: Session, flag: Flag, item: Json, principal: Principal, tried: str, given: Mapping[str, str]
) -> Handles:
    """The acts that this viewer may do now; `tried` was refused just now and keeps what was `given`."""
    allowed = set(item["work"]["acts"])
    coordinates = principal.may("flag.coordinate")
    if coordinates and item["known_case"] is None:
        allowed.add("gold")
    if "unassign" in allowed:
        allowed.add("hand_back")
    offered = [_handle(act, act == tried, given) for act in ORDER if act in allowed]
    urgent = FIRST.get(item["work"]["base_state"], ())
    able = assignable(session, flag) if "assign" in allowed else []
    return Handles(
        first=[one for one in offered if one.act in urgent],
        others=[one for one in offered if one.act not in urgent],
        people=[(user.login, f"{user.name} ({user.login})") for user in able],
        gold=session.get(GoldCase, flag.id) if coordinates else None,
    )


def _handle(act: str, tried: bool, given: Mapping[str, str]) -> Handle:
    path, least = (f"tindakan/{NOTED[act][0]}", NOTED[act][1]) if act in NOTED else APART[act]
    return Handle(act, path, least, given if tried else {}, tried)
