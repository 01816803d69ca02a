"""What hands say in a contest: a pose can be read as numbers, many to many, once numbers have been drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from app.election.contest import Contest
from app.rules.ruleset import Pose, RuleSet
from app.rules.signals import Evidence, Param, PictureEvidence, Signal
from app.vision.groups import shared_poses
from app.vision.observations import Box, Hand

MANY, RARE = 3, 0.01
"""People who show the same pose before it is a group's, and how seldom so many would by chance."""
NOBODY: Box = (0.0, 0.0, 0.0, 0.0)
"""The place of a face that is not counted among the people."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A pose in one picture with the hands (index, hand) that show it, surest first. `people` counts those who do."""

    pose: Pose
    hands: tuple[tuple[int, Hand], ...]
    people: int

    @property
    def params(self) -> dict[str, Param]:
        """The parameters that every signal about it carries."""
        index, surest = self.hands[0]
        params: dict[str, Param] = {"gesture": self.pose.id, "hand": index + 1, "count": self.people}
        if len(self.hands) > 1:
            params["hands"] = ",".join(str(number + 1) for number in sorted(index for index, _ in self.hands))
        return params if surest.face is None else {**params, "owner": surest.face + 1}

    @property
    def confidence(self) -> float:
        """That of the surest hand."""
        return self.hands[0][1].confidence

    @property
    def box(self) -> Box:
        """Where to look: the surest hand, both hands for a pose made of two."""
        boxes = [hand.box for _, hand in self.hands[: 2 if self.pose.made_of else 1]]
        return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def gesture_signals(evidence: Evidence, contest: Contest, drawn: bool, rules: RuleSet) -> Iterator[Signal]:
    """One signal per picture, pose and pair that it can be read as; neutral poses speak against where they are all
    that is shown. Before the drawing (`drawn` False) a pose is noted and means no number."""
    adopted = {pose for pair in contest.paslon for pose in pair.salam}
    for picture, content in enumerate(evidence.pictures):
        shown = list(_shown(content.seen.hands, rules.poses, contest))
        if drawn:
            telling = [signal for item in shown for signal in _readings(item, picture, contest, rules)]
            yield from _groups(telling, content, contest, rules)
        else:
            early = [item for item in shown if item.pose.read_as or item.pose.id in adopted]
            telling = [_signal("BEFORE_DRAW", item, picture, rules) for item in early]
        yield from telling
        if not telling:
            for item in shown:
                if item.pose.neutral and item.pose.id not in adopted:
                    yield _signal("NEUTRAL_POSE", item, picture, rules)


def read_as(pose: Pose, contest: Contest) -> Mapping[str, str]:
    """Paslon.id of every pair that the pose can stand for -> how: its adopted "salam", or its "number"."""
    readings = {}
    for pair in sorted(contest.paslon, key=lambda pair: pair.number or 0):
        if pose.id in pair.salam:
            readings[pair.id] = "salam"
        elif pair.number in pose.read_as:
            readings[pair.id] = "number"
    return readings


def _readings(item: Shown, picture: int, contest: Contest, rules: RuleSet) -> Iterator[Signal]:
    readings = read_as(item.pose, contest)
    elsewhere = "salam" in readings.values()
    for paslon, reading in readings.items():
        by_number = item.pose.strength * (rules.adopted_elsewhere if elsewhere else 1.0)
        strength = 1.0 if reading == "salam" else by_number
        adopted: dict[str, Param] = {"adopted": 1} if elsewhere and reading == "number" else {}
        yield Signal(
            "GESTURE",
            "hand",
            rules.weights["GESTURE"] * strength,
            paslon=paslon,
            direction="pro",
            score=item.confidence,
            picture=picture,
            box=item.box,
            params={**item.params, "reading": reading, **adopted},
        )


def _groups(telling: Sequence[Signal], content: PictureEvidence, contest: Contest, rules: RuleSet) -> Iterator[Signal]:
    """A pose that several people show, more than chance would give. A pair's own candidates are not counted: whether
    they hold up their number says nothing about the others."""
    for signal in telling:
        pair = contest.by_id(signal.paslon or "")
        own = {person.id for person in pair.candidates} if pair else set()
        matches = dict(enumerate(content.matches))
        others = [
            replace(face, box=NOBODY) if index in matches and matches[index].candidate in own else face
            for index, face in enumerate(content.seen.faces)
        ]
        for shared in shared_poses(others, content.seen.hands):
            if shared.name == signal.params["gesture"] and shared.people >= MANY and shared.chance < RARE:
                strength = signal.weight / rules.weights["GESTURE"] if rules.weights["GESTURE"] else 0.0
                people: dict[str, Param] = {"count": shared.people, "of": shared.of}
                people |= {name: signal.params[name] for name in ("gesture", "hand")}
                weight = rules.weights["GROUP_POSE"] * strength
                yield replace(signal, code="GROUP_POSE", weight=weight, score=None, params=people)


def _signal(code: str, item: Shown, picture: int, rules: RuleSet) -> Signal:
    weight = rules.weights[code]
    return Signal(code, "context", weight, score=item.confidence, picture=picture, box=item.box, params=item.params)


def _shown(hands: Sequence[Hand], poses: Mapping[str, Pose], contest: Contest) -> Iterator[Shown]:
    """Readable hands grouped by pose; two hands of one person are read together where a pair has such a number."""
    readable = [(index, hand) for index, hand in enumerate(hands) if hand.readable and hand.name in poses]
    for pose in poses.values():
        if pose.made_of and any(pair.number in pose.read_as for pair in contest.paslon):
            both = [couple for couple in _couples(readable) if _makes(pose, couple)]
            if both:
                taken = [member for couple in both for member in couple]
                readable = [member for member in readable if member not in taken]
                yield Shown(pose, tuple(taken), len(both))
    for name in dict.fromkeys(hand.name for _, hand in readable):
        same = [(index, hand) for index, hand in readable if hand.name == name]
        same.sort(key=lambda member: -member[1].confidence)
        yield Shown(poses[name], tuple(same), len(same))


def _couples(readable: Sequence[tuple[int, Hand]]) -> Iterator[tuple[tuple[int, Hand], tuple[int, Hand]]]:
    for owner in dict.fromkeys(hand.face for _, hand in readable if hand.face is not None):
        own = [member for member in readable if member[1].face == owner]
        if len(own) == 2:
            yield own[0], own[1]


def _makes(pose: Pose, couple: tuple[tuple[int, Hand], tuple[int, Hand]]) -> bool:
    names = sorted(hand.name for _, hand in couple)
    return any(sorted(parts) == names for parts in pose.made_of)
