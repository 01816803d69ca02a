"""Accepting one submission: check, store and sync the originals, then rows, event and job in one transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import BinaryIO
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import audit, jobs, originals
from app.auth.principal import Principal
from app.db.tables import ContestRow, Election, Submission, SubmissionImage
from app.election.days import check_dates
from app.errors import AppError, BadInput
from app.imaging.decode import ImageLimits, decode, inspect
from app.intake.capture import check_capture, compare, remember, sent_before
from app.intake.upload import Upload, check, key_of
from app.rules.facts import UNKNOWN
from app.settings import Settings
from app.storage import Blobs
from app.text.storable import storable

DECODERS = threading.BoundedSemaphore(2)
"""Decodings at a time, for trial and for the console: a PNG may take hundreds of megabytes at the pixel limit."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The submission, and whether it is new or was there already."""

    submission: Submission
    created: bool


def accept(session: Session, blobs: Blobs, settings: Settings, principal: Principal, upload: Upload) -> Accepted:
    """Take in one upload; the caller commits, and acknowledges only then. Raises an AppError naming the field.

    The same upload again is the same submission; if that has failed, it is queued again. Ends the transaction of
    `session` before pictures are decoded, which may take long: nothing of the caller's may wait in it."""
    principal.require("submission.create")
    if principal.user_id is None:
        raise BadInput("Pengunggah harus dikenal / The submitter must be known")
    check(upload, settings)
    check_capture(upload)
    contest = find_contest(session, upload.contest, upload.region)
    contest_id, zone = contest.id, contest.timezone
    session.rollback()
    today = datetime.now(ZoneInfo(zone)).date()
    known = upload.known_date or today
    act = upload.act_date or min(known, today)
    check_dates(act, known, today)
    limits = ImageLimits(settings.max_image_bytes, settings.max_image_pixels)
    images = [_store(blobs, limits, position, stream) for position, stream in enumerate(upload.images)]
    digests = [image.sha256 for image in images]
    verified = compare(upload, digests)
    key = key_of(upload, digests, contest_id, str(principal.user_id))
    existing = sent_before(session, principal.user_id, upload, key) or _with_key(session, key)
    if existing is not None:
        return _again(session, principal, existing)
    submission = _row(upload, contest_id, principal, key, act, known)
    submission.images = images
    streams = {image.sha256: stream for image, stream in zip(images, upload.images, strict=True)}
    told = partial(remember, session, submission, upload, verified=verified)
    return _insert(session, blobs, principal, submission, streams, told)


def find_contest(session: Session, contest_id: str, region: str) -> ContestRow:
    """The contest by its id or by the region of an open election. Raises BadInput when there is none or several."""
    if contest_id:
        row = session.get(ContestRow, storable(contest_id))
        if row is None or row.election.closed_at is not None:
            raise BadInput(
                "Pemilihan ini tidak terdaftar atau sudah ditutup / No such contest, or it is closed", field="contest"
            )
        return row
    if not region:
        raise BadInput("Sebut pemilihan atau wilayahnya / Name the contest or its region", field="contest")
    code = storable(region)
    query = select(ContestRow).join(Election).where(ContestRow.region_code == code, Election.closed_at.is_(None))
    rows = session.scalars(query).all()
    if len(rows) != 1:
        reason = (
            "Tidak ada pemilihan terbuka / No open contest" if not rows else "Beberapa pemilihan / Several contests"
        )
        raise BadInput(f"{reason}: {code}", field="region")
    return rows[0]


def _store(blobs: Blobs, limits: ImageLimits, position: int, stream: BinaryIO) -> SubmissionImage:
    try:
        data = stream.read(limits.max_bytes + 1)
        header = inspect(data, limits)
        with DECODERS:
            decode(data, limits, scale=0)  # the smallest copy: the whole file is read all the same
    except AppError as error:
        error.field = "images"
        error.extra["image"] = position
        raise
    digest = blobs.put(data)
    return SubmissionImage(
        position=position,
        sha256=digest,
        mime=header.mime,
        size=len(data),
        width=header.width,
        height=header.height,
    )


def _row(upload: Upload, contest_id: str, principal: Principal, key: str, act: date, known: date) -> Submission:
    return Submission(
        key=key,
        contest_id=contest_id,
        text=storable(upload.text),
        platform=upload.platform,
        url=storable(upload.url),
        handle=storable(upload.handle),
        subject_type=upload.subject_type,
        agency=storable(upload.agency),
        act_date=act,
        known_date=known,
        capture_method=upload.capture_method,
        public=upload.channel,
        parent=storable(upload.parent),
        parent_text=storable(upload.parent_text),
        account=upload.account or UNKNOWN,
        submitted_by=principal.user_id,
        token_id=principal.token_id,
    )


def _with_key(session: Session, key: str) -> Submission | None:
    return session.scalar(select(Submission).where(Submission.key == key))


def _again(session: Session, principal: Principal, existing: Submission) -> Accepted:
    if existing.state == "failed" and jobs.requeue(session, principal, existing.id):
        session.refresh(existing, ["state", "attempt", "failure"])
    return Accepted(existing, created=False)


def _insert(
    session: Session,
    blobs: Blobs,
    principal: Principal,
    submission: Submission,
    streams: Mapping[str, BinaryIO],
    told: Callable[[], Mapping[str, object]],
) -> Accepted:
    key = submission.key
    session.add(submission)
    try:
        session.flush()
        capture = told()
    except IntegrityError:
        session.rollback()  # nothing else was written yet
        existing = _with_key(session, key)  # the same upload arrived a moment ago, on another connection
        if existing is None:
            raise
        return _again(session, principal, existing)
    digests = [image.sha256 for image in submission.images]
    facts = {"contest": submission.contest_id, "images": digests, "capture_method": submission.capture_method}
    audit.append(session, principal, "submission.received", "submission", submission.id, facts | dict(capture))
    originals.keep(session, blobs, {digest: partial(_reread, stream) for digest, stream in streams.items()})
    jobs.enqueue(session, submission.id)
    return Accepted(submission, created=True)


def _reread(stream: BinaryIO) -> bytes:
    stream.seek(0)
    return stream.read()
