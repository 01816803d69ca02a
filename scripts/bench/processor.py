"""CPU time of the pipeline by stage, and of its model runs replayed on the very tensors the pipeline fed them."""

from __future__ import annotations

import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from material import Item

from app.demo.pictures import reference_photos
from app.demo.run import DAYS_TO_VOTING
from app.imaging.decode import ImageLimits
from app.roster.file import parse_roster
from app.screening.models import Models, load_models
from app.screening.offline import choose_contest, field_from_file
from app.screening.pipeline import Field, Stopwatch, screen
from app.settings import Settings

Seconds = dict[str, float]
"""CPU-seconds by stage."""


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One run of a model: which, what was asked for, with which tensors, in which stage."""

    session: ort.InferenceSession
    outputs: Sequence[str] | None
    feed: dict[str, Any]
    stage: str


@dataclass(frozen=True, slots=True)
class Round:
    """CPU-seconds of one picture: the whole pipeline, its stages, and the replayed model runs by stage."""

    pipeline: float
    stages: Seconds
    models: Seconds


@dataclass(frozen=True, slots=True)
class Bench:
    """What the pipeline needs beside the picture."""

    field: Field
    models: Models
    on: date

    def screen(self, item: Item, watch: Stopwatch) -> None:
        """One post through the real pipeline."""
        screen([item.data], item.text, self.field, self.on, self.models, ImageLimits(), watch, with_prints=True)


def demo_bench(warn: Callable[[str], None]) -> Bench:
    """The models with the demo's contest and gallery, on a day of its campaign."""
    chosen = Settings()
    models = load_models(chosen.models_dir, chosen.model_pack, chosen.model_threads, detector=chosen.face_detector)
    today = date.today()
    document = json.loads(files("app.demo").joinpath("data/roster.json").read_text(encoding="utf-8"))
    document["election"]["voting_day"] = (today + timedelta(days=DAYS_TO_VOTING)).isoformat()
    roster = parse_roster(document)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, data in reference_photos().items():
            (folder / file).write_bytes(data)
        field = field_from_file(roster, choose_contest(roster, None), folder, models, warn, lambda: None)
    return Bench(field, models, today)


@contextmanager
def recording(stage: Callable[[], str]) -> Iterator[list[Call]]:
    """Every run of every session inside the block, with copies of what it was fed."""
    calls: list[Call] = []
    run = ort.InferenceSession.run

    def recorded(session: ort.InferenceSession, outputs: Any, feed: dict[str, Any], options: Any = None) -> Any:
        calls.append(Call(session, outputs, {name: np.array(value) for name, value in feed.items()}, stage()))
        return run(session, outputs, feed, options)

    ort.InferenceSession.run = recorded
    try:
        yield calls
    finally:
        ort.InferenceSession.run = run


def measure(bench: Bench, item: Item, rounds: int) -> list[Round]:
    """Pipeline and replay by turns, so that whatever else the machine does falls on both."""
    watch = Stopwatch()
    with recording(lambda: watch.stage) as calls:
        bench.screen(item, watch)
    measured = []
    for number in range(rounds):
        if number % 2:
            replayed = replay(calls)
            pipeline, stages = timed(bench, item)
        else:
            pipeline, stages = timed(bench, item)
            replayed = replay(calls)
        measured.append(Round(pipeline, stages, replayed))
    return measured


def timed(bench: Bench, item: Item) -> tuple[float, Seconds]:
    """CPU-seconds of all threads for one post, and by stage."""
    watch = Stopwatch(time.process_time)
    begin = time.process_time()
    bench.screen(item, watch)
    spent = time.process_time() - begin
    return spent, {stage: milliseconds / 1000 for stage, milliseconds in watch.spent.items()}


def replay(calls: Sequence[Call]) -> Seconds:
    """The same runs on the same tensors and sessions, and nothing else."""
    spent: defaultdict[str, float] = defaultdict(float)
    for call in calls:
        begin = time.process_time()
        call.session.run(call.outputs, call.feed)
        spent[call.stage] += time.process_time() - begin
    return dict(spent)
