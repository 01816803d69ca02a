"""Several people of one photo who show the same pose, beside what chance alone would give.

Chance: each person shows a pose on their own with the share found on ordinary photos (data/pose_shares.json), so the
count is binomial. People who stand together do copy each other: the number says "hardly by accident", never why.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from app.stats.rates import wilson
from app.vision.observations import Face, Hand

LEAST = 2
"""People who must show a pose before it is shared."""
SMALLEST_FACE = 20.0
"""px; who is smaller has hands too small to read and is not counted among the people (PalmSettings.smallest_face)."""
NAMELESS = "other"


@dataclass(frozen=True, slots=True)
class SharedPose:
    """One pose (`name` as in Hand.name) that `people` of `of` people show with a readable hand; `hands` are the indices
    of these hands. `expected` people would show it by chance; `chance` (0..1) is how often so many or more would."""

    name: str
    people: int
    of: int
    hands: tuple[int, ...]
    expected: float
    chance: float


def shared_poses(faces: Sequence[Face], hands: Sequence[Hand]) -> tuple[SharedPose, ...]:
    """Poses that two or more people of one picture show, the least accidental first.

    A person is a face large enough for readable hands; both hands of a person count once, hands of nobody do not."""
    people = sum(face.size >= SMALLEST_FACE for face in faces)
    showing: dict[str, dict[int, list[int]]] = {}
    for index, hand in enumerate(hands):
        counted = hand.face is not None and faces[hand.face].size >= SMALLEST_FACE
        if hand.readable and hand.name != NAMELESS and counted and hand.face is not None:
            showing.setdefault(hand.name, {}).setdefault(hand.face, []).append(index)
    found = []
    for name, by_person in showing.items():
        if len(by_person) >= LEAST:
            share = pose_share(name)
            indices = tuple(sorted(index for own in by_person.values() for index in own))
            chance = at_least(len(by_person), people, share)
            found.append(SharedPose(name, len(by_person), people, indices, people * share, chance))
    return tuple(sorted(found, key=lambda pose: (pose.chance, pose.name)))


def pose_share(name: str) -> float:
    """The share of people who show a pose on an ordinary photo: the upper end of the 95 % interval of what was found,
    so that chance is rather given too much than too little."""
    hands, shown = _found()
    return wilson(shown.get(name, 0), hands)[1]


def at_least(hits: int, cases: int, share: float) -> float:
    """The chance of `hits` or more in `cases` independent cases of chance `share` each."""
    return min(1.0, sum(math.comb(cases, k) * share**k * (1 - share) ** (cases - k) for k in range(hits, cases + 1)))


@cache
def _found() -> tuple[int, dict[str, int]]:
    table = json.loads(files("app.vision").joinpath("data/pose_shares.json").read_text(encoding="utf-8"))
    return table["hands"], table["shown"]
