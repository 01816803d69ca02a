"""The result of judging: signals with their weight, and one assessment of the whole submission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.text.signals import Direction, TextSignal
from app.vision.gallery import FaceMatch
from app.vision.observations import Box, Observations

Band = Literal["high", "medium", "low", "none"]
Kind = Literal["face", "hand", "text", "context", "rule"]
Param = str | int | float


@dataclass(frozen=True, slots=True)
class PictureEvidence:
    """One picture: what was seen, who was matched (aligned with `seen.faces`), and the signals of its text as
    (index of the line, signal), the signal's span counted within that line."""

    seen: Observations
    matches: tuple[FaceMatch, ...] = ()
    text: tuple[tuple[int, TextSignal], ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that was observed of one submission."""

    pictures: tuple[PictureEvidence, ...] = ()
    caption: tuple[TextSignal, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason, for or against. `weight` is its part of the log-odds (negative: speaks against). `paslon` is a
    Paslon.id; `score` and `threshold` are the measurement behind it; `picture` is the index of the picture and `box`
    the place in it; `field` is "caption" or "picture" for text and `span` the characters there (of line `line`)."""

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
    params: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the rules make of the evidence. `score` is 0..1 and only orders work; people see `band` and signals.
    `articles` are codes of the SKB catalogue, offered as kandidat pasal; `stage` is the stage of the act's date."""

    band: Band
    score: float
    paslon: str | None
    direction: Direction | None
    signals: tuple[Signal, ...]
    stage: str
    track: str
    articles: tuple[str, ...]
    rules_version: str

    @property
    def flagged(self) -> bool:
        """Whether people should look at it."""
        return self.band != "none"
