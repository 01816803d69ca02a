"""The pure path from bytes and text to one assessment: decode, see, read, match, judge. No database, no HTTP."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

from app import __version__
from app.copies.prints import Prints, fingerprint
from app.election.contest import Contest
from app.errors import AppError
from app.imaging.decode import ImageLimits, Picture, decode
from app.imaging.pyramid import Pyramid
from app.imaging.taken import taken_on
from app.rules.circumstances import owner
from app.rules.facts import Facts
from app.rules.judge import NO_FACTS, judge
from app.rules.signals import Assessment, Evidence, Learned, PictureEvidence
from app.screening.models import Models
from app.screening.pictured_text import screen_lines
from app.text.learned import TextModel
from app.text.registry import Registry, compile_registry
from app.text.screen import pairs_named, screen_text
from app.text.signals import TextSignal
from app.vision.faces import find_faces
from app.vision.gallery import Gallery, match_faces
from app.vision.observations import Box, Face, Hand, Observations, TextLine

STAGES = ("decode", "faces", "hands", "reading", "copies", "text", "match", "judge")


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """The contest a post is screened for: its registry of names and its gallery of registered photos. `provinces`:
    the contests of its province whose candidates are in the gallery too, each with the version of its roster."""

    contest: Contest
    registry: Registry
    gallery: Gallery
    provinces: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Screened:
    """The result: the assessment, the evidence behind it, what could not be read, and milliseconds per stage. `prints`
    by which copies are known: one per picture, None for an unreadable one; empty where they were not asked for."""

    assessment: Assessment
    evidence: Evidence
    unreadable: tuple[tuple[int, str], ...]
    timings: dict[str, float]
    prints: tuple[Prints | None, ...] = ()


def field_of(contest: Contest, gallery: Gallery) -> Field:
    """Compile what matching needs; worth caching per version of the roster."""
    return Field(contest, compile_registry(contest), gallery)


def pipeline_version(models: Models) -> str:
    """Names code, models and rules: the same version screens the same bytes to the same result."""
    score = "" if models.text_model is None else f"/{models.text_model.version}"
    return f"{__version__}/{models.pack}/{models.rules.version}{score}"


class Stopwatch:
    """Milliseconds per stage, by the wall clock or another `clock` that counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.clock = clock
        self.stage = ""
        self.spent: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Time the block as part of `stage`."""
        self.stage, begin = stage, self.clock()
        try:
            yield
        finally:
            self.spent[stage] += (self.clock() - begin) * 1000

    def rounded(self) -> dict[str, float]:
        """Tenths of a millisecond, every stage present."""
        return {stage: round(self.spent[stage], 1) for stage in STAGES}


def screen(
    originals: Sequence[bytes],
    text: str,
    field: Field,
    on: date,
    models: Models,
    limits: ImageLimits,
    watch: Stopwatch | None = None,
    facts: Facts = NO_FACTS,
    with_prints: bool = False,
) -> Screened:
    """Screen one post: its pictures (original bytes) and its text, as an act of the day `on`, with what is stated.

    A picture that cannot be decoded is listed in `unreadable`; it never stops the others. `watch` may be given to
    time the stages by another clock. `with_prints` asks for the fingerprints by which copies are found."""
    watch = watch or Stopwatch()
    prints: list[Prints | None] = []
    pictures: list[PictureEvidence] = []
    unreadable: list[tuple[int, str]] = []
    for index, data in enumerate(originals):
        try:
            with watch("decode"):
                picture = decode(data, limits)
        except AppError as error:
            unreadable.append((index, error.detail))
            pictures.append(PictureEvidence(Observations(0, 0)))
            prints.append(None)
            continue
        pyramid = Pyramid(picture.pixels)
        pictures.append(replace(_look(picture, pyramid, field, models, watch), taken=taken_on(data)))
        if with_prints:
            with watch("copies"):
                prints.append(fingerprint(pyramid))
    with watch("text"):
        caption, learned, parent = read_caption(text, field.contest, field.registry, facts, models.text_model)
    evidence = Evidence(tuple(pictures), caption, models.thresholds, learned, parent)
    with watch("judge"):
        assessment = judge(evidence, field.contest, on, models.rules, facts)
    return Screened(assessment, evidence, tuple(unreadable), watch.rounded(), tuple(prints) if with_prints else ())


def read_caption(
    text: str, contest: Contest, registry: Registry, facts: Facts, model: TextModel | None
) -> tuple[tuple[TextSignal, ...], Learned | None, frozenset[str]]:
    """The signals of the caption, what a trained score says of it, and the pairs that the text it answers names."""
    answered = pairs_named(screen_text(facts.parent_text, registry)) if facts.parent_text else frozenset[str]()
    account = owner(contest, facts.parent)
    about = answered if account is None else {account.id}
    caption = screen_text(text, registry, answers=len(about) == 1)
    if model is None or not caption:
        return caption, None, answered
    return caption, Learned(model.chance(text, caption, registry), model.version), answered


def observe(picture: Picture, pyramid: Pyramid, models: Models, watch: Stopwatch) -> Observations:
    """All that is seen in one picture, in pixels of the upright original."""
    with watch("faces"):
        faces = find_faces(pyramid, models.detector, models.embedder, models.thresholds)
    with watch("hands"):
        hands = models.hands.find(pyramid, faces)
    with watch("reading"):
        lines = models.reader.read(pyramid)
    seen = Observations(picture.width, picture.height, faces, hands, lines)
    return seen if picture.scale == 1 else _enlarged(seen, 1 / picture.scale)


def _look(picture: Picture, pyramid: Pyramid, field: Field, models: Models, watch: Stopwatch) -> PictureEvidence:
    seen = observe(picture, pyramid, models, watch)
    with watch("match"):
        matches = match_faces(seen.faces, field.gallery, models.thresholds)
    with watch("text"):
        found = screen_lines(seen.lines, field.registry, seen.height)
    return PictureEvidence(seen, matches, found)


def _enlarged(seen: Observations, factor: float) -> Observations:
    """The same observations for a picture `factor` times as large."""

    def box(small: Box) -> Box:
        x0, y0, x1, y1 = (value * factor for value in small)
        return x0, y0, x1, y1

    def face(small: Face) -> Face:
        return replace(small, box=box(small.box), landmarks=small.landmarks * factor)

    def hand(small: Hand) -> Hand:
        return replace(small, box=box(small.box), landmarks=small.landmarks * factor)

    def line(small: TextLine) -> TextLine:
        return replace(small, corners=small.corners * factor)

    return replace(
        seen,
        faces=tuple(map(face, seen.faces)),
        hands=tuple(map(hand, seen.hands)),
        lines=tuple(map(line, seen.lines)),
    )
