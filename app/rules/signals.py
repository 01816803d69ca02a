"""The result of judging: signals with their weight, and one assessment of the whole submission."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from app.election.contest import Paslon
from app.text.signals import Direction, TextSignal
from app.vision.gallery import FaceMatch, FaceThresholds
from app.vision.observations import Box, Observations

Band = Literal["high", "medium", "low", "none"]
Kind = Literal["face", "hand", "text", "context", "rule"]
Param = str | int | float

FACE_CODES = ("FACE_MATCH", "FACE_POSSIBLE", "FACE_REVIEW")
JOINT_CODES = ("FACE_AND_GESTURE", "TEXT_AND_GESTURE", "FACE_AND_TEXT")
PICTURE_CONTEXT_CODES = ("ALL_PAIRS", "NEUTRAL_POSE", "CONTRADICTION", "BEFORE_DRAW", "POSE_ALONE")
CIRCUMSTANCE_CODES = (
    "NUMBER_WORN", "GROUP_POSE", "PARENT_ACCOUNT", "OFFICIAL_ACCOUNT", "CAMPAIGN_ACCOUNT", "SUBJECT_DUTY", "CHILDREN",
    "MEDIA_ACCOUNT", "TEXT_MODEL",
)  # fmt: skip
OWN_CODES = (*FACE_CODES, "GESTURE", *JOINT_CODES, *PICTURE_CONTEXT_CODES, "MASA_TENANG", *CIRCUMSTANCE_CODES)
"""Codes of the rules themselves; those of texts are app.text.signals.CODES and CONTEXT_CODES."""

PAIR_PARAMS = ("paslon_a", "paslon_b")
"""Parameters that hold a Paslon.id, like Signal.paslon."""


@dataclass(frozen=True, slots=True)
class PictureEvidence:
    """One picture: what was seen, who was matched (aligned with `seen.faces`), and the signals of its text as
    (index of the line, signal), the signal's span counted within that line. `taken` is the day its camera wrote."""

    seen: Observations
    matches: tuple[FaceMatch, ...] = ()
    text: tuple[tuple[int, TextSignal], ...] = ()
    taken: date | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """What a trained score says of the caption: how likely people would confirm it, 0..1, and which model said so."""

    chance: float
    model: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that was observed of one submission. `limits` are those by which the faces were matched; `learned` is
    None where no trained score is in use, `parent` the pairs named by the text that the post answers."""

    pictures: tuple[PictureEvidence, ...] = ()
    caption: tuple[TextSignal, ...] = ()
    limits: FaceThresholds = dataclasses.field(default_factory=FaceThresholds)
    learned: Learned | None = None
    parent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason, for or against. `weight` is its part of the log-odds (negative: speaks against). `paslon` is a
    Paslon.id; `score` and `threshold` are the measurement behind it; `picture` is the index of the picture and `box`
    the place in it; `field` is "caption" or "picture" for text and `span` the characters there (of line `line`).

    `params`, by code: `face`, `hand` and `line` count from 1 as on the tags F1, H1, T1; `candidate` is a Candidate.id
    and `photo` that person's closest photo; `gesture` is a pose id, `count` the hands that show it and `hands` their
    numbers (of GROUP_POSE: the people who show it, and `of` how many there are); `reading` is "number" or "salam",
    `adopted` 1 where another pair made it its salute; `repeat` 1 marks words already counted elsewhere, `before_draw` 1
    a number that did not exist yet, `assumed` 1 a phrase given to the only pair that the post names; `account` is the
    registered account that the circumstances name, `subject` the subject's type."""

    code: str
    kind: Kind
    weight: float
    paslon: str | None = None
    direction: Direction | None = None
    score: float | None = None
    threshold: float | None = None
    picture: int | None = None
    box: Box | None = None
    field: Literal["caption", "picture"] | None = None
    line: int | None = None
    span: tuple[int, int] | None = None
    quote: str | None = None
    params: Mapping[str, Param] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the rules make of the evidence. `score` is 0..1 and only orders work; people see `band` and signals.
    `articles` are codes of the catalogue, offered as kandidat pasal; `stage` is the stage of the act's date; `lane` is
    the desk it belongs to (app.rules.lanes).

    `paslon` is the pair for which most speaks. A signal counts for the score when its `paslon` is that pair or None;
    signals of other pairs are listed after them with the weight they have for *their* pair, and do not count here.
    score = 1 / (1 + exp(-(bias + sum of the weights that count))). `pairs` are those that the signals speak of, as
    they were: who stands for a pair may change later, what was found may not."""

    band: Band
    score: float
    paslon: str | None
    direction: Direction | None
    signals: tuple[Signal, ...]
    stage: str
    track: str
    articles: tuple[str, ...]
    rules_version: str
    bias: float
    pairs: tuple[Paslon, ...]
    lane: str = "netralitas"

    @property
    def flagged(self) -> bool:
        """Whether people should look at it."""
        return self.band != "none"
