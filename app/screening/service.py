"""The job: load what one submission needs, screen it, record the result in one transaction."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field, replace
from functools import partial

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from app import telemetry
from app.db.submission_tables import Submission
from app.imaging.decode import ImageLimits
from app.jobs import Backlog
from app.operating import Operating
from app.roster.closing import require_open
from app.roster.gallery import Scope, load_contest, load_gallery, scope_of
from app.rules.ruleset import RuleSet
from app.screening import text_models
from app.screening.copies import Copies
from app.screening.copy_index import CopyIndex
from app.screening.facts import facts_of
from app.screening.models import FaceModels, Models, load_faces, load_models
from app.screening.pipeline import Field, field_of, pipeline_version, screen
from app.screening.record import outdated, record
from app.screening.rule_versions import VERSIONS, live
from app.screening.trials import give_again
from app.settings import Settings
from app.storage import Blobs
from app.text.learned import TextModel


@dataclass
class Services:
    """What a process needs to serve or to screen. Models are opened on first use: an API process without a worker
    never loads them. `fields` caches the compiled roster of each contest by its version and that of its province,
    `rules` the live rules, `text_model` the trained score in use."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    blobs: Blobs
    fields: dict[str, tuple[Scope, Field]] = field(default_factory=dict)
    rules: tuple[int, RuleSet] | None = None
    text_model: tuple[int, TextModel] | None = None
    operating: Operating = field(init=False)
    backlog: Backlog = field(init=False)
    copy_index: CopyIndex = field(default_factory=CopyIndex)
    _models: Models | None = None
    _faces: FaceModels | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """The values that the office changes and what waits are read from this database."""
        self.operating = Operating(self.settings, self.sessions)
        self.backlog = Backlog(self.sessions)

    @property
    def models(self) -> Models:
        """The model pack. Raises NotReady when it is missing."""
        with self._lock:
            if self._models is None:
                chosen = self.settings
                self._models = load_models(
                    chosen.models_dir, chosen.model_pack, chosen.model_threads, self._faces, chosen.face_detector
                )
            return self._models

    @property
    def faces(self) -> FaceModels:
        """The face models alone: those of the pack where it is open, and the pack takes them over when it is opened,
        so that no process holds them twice. Raises NotReady when they are missing."""
        with self._lock:
            if self._models is not None:
                return FaceModels(self._models.detector, self._models.embedder, self._models.thresholds)
            if self._faces is None:
                chosen = self.settings
                self._faces = load_faces(
                    chosen.models_dir, chosen.model_pack, chosen.model_threads, chosen.face_detector
                )
            return self._faces

    @property
    def limits(self) -> ImageLimits:
        """What one picture may weigh."""
        return ImageLimits(self.settings.max_image_bytes, self.settings.max_image_pixels)

    @property
    def copies(self) -> Copies:
        """What finds copies; its index is filled when it is first used."""
        return Copies(self.copy_index, self.sessions, self.blobs, self.limits)


def field_for(services: Services, session: Session, contest_id: str) -> Field:
    """The compiled contest, reloaded when its roster has changed."""
    scope = scope_of(session, contest_id)
    cached = services.fields.get(contest_id)
    if cached is not None and cached[0] == scope:
        return cached[1]
    gallery = load_gallery(session, services.settings, *_named(scope, services.models.embedder.model))
    made = replace(field_of(load_contest(session, contest_id), gallery), provinces=scope.contests[1:])
    services.fields[contest_id] = (scope, made)
    return made


def _named(scope: Scope, model: str) -> tuple[str, ...]:
    own, *more = scope.ids
    return own, model, *more


def live_models(services: Services, session: Session) -> Models:
    """The models with the rules and the trained score that a coordinator made live; those of the pack, and none, where
    nobody did."""
    models = replace(services.models, text_model=_live_text_model(services, session))
    current, cached = VERSIONS.live_id(session), services.rules
    if current is None:
        return models
    if cached is None or cached[0] != current:
        found = live(session)
        if found.id is None:
            return models
        cached = services.rules = (found.id, found.rules)
    return replace(models, rules=cached[1])


def _live_text_model(services: Services, session: Session) -> TextModel | None:
    current, cached = text_models.VERSIONS.live_id(session), services.text_model
    if current is None:
        return None
    if cached is None or cached[0] != current:
        cached = services.text_model = (current, text_models.load(session, current))
    return cached[1]


def versions_of(models: Models, field: Field) -> dict[str, object]:
    """What a screening says of its making; `uncompared` counts candidates whose photos another pack embedded."""
    made: dict[str, object] = {"models": models.pack, "rules": models.rules.version, "roster": field.gallery.version}
    if field.provinces:
        made["province"] = ", ".join(f"{contest} {version}" for contest, version in field.provinces)
    if models.text_model is not None:
        made["text_model"] = models.text_model.version
    return made | ({"uncompared": len(field.gallery.absent)} if field.gallery.absent else {})


def screen_submission(services: Services, submission_id: uuid.UUID, attempt: int) -> None:
    """Screen one queued submission. Harmless when it was screened already or taken over by another attempt.

    Screened anew when the roster has lost meanwhile a pair or a person whom the result names. Raises Conflict when the
    election is closed: without its embeddings faces would silently stay unnamed."""
    while not _screened(services, submission_id, attempt):
        pass


def _screened(services: Services, submission_id: uuid.UUID, attempt: int) -> bool:
    """Screen it, unless somebody else has; False when the result is out of date already and was not recorded."""
    with services.sessions() as session:
        submission = session.get(Submission, submission_id)
        if submission is None or submission.state != "queued" or submission.attempt != attempt:
            return True
        require_open(session, submission.contest_id)
        on, text, facts = submission.act_date, submission.text, facts_of(submission)
        digests = [image.sha256 for image in submission.images]
        chosen = field_for(services, session, submission.contest_id)
        models = live_models(services, session)
    originals = [services.blobs.get(digest) for digest in digests]
    result = screen(originals, text, chosen, on, models, services.limits, facts=facts, with_prints=True)
    seen = services.copies.look(submission_id, result.prints)
    versions = versions_of(models, chosen)
    with services.sessions() as session:
        if outdated(session, chosen.contest.id, result.assessment):
            return False
        values = services.operating.now()
        link = partial(services.copies.link, seen=seen)
        version, sample = pipeline_version(models), values.unflagged_sample
        if record(session, submission_id, attempt, version, versions, result, sample, link) is not None:
            give_again(session, submission_id, values.gold_share)
        session.commit()
    telemetry.FLAGS.labels(result.assessment.band).inc()
    for stage, milliseconds in result.timings.items():
        telemetry.STAGE_SECONDS.labels(stage).observe(milliseconds / 1000)
    return True
