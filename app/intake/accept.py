"""Accepting one submission: check, store and sync the originals, then rows, event and job in one transaction."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import audit, jobs, originals
from app.auth.principal import Principal
from app.db.contest_tables import ContestRow, Election
from app.db.submission_tables import Submission, SubmissionImage
from app.db.tip_tables import TIP
from app.election.days import check_dates
from app.errors import AppError, BadInput
from app.imaging.decode import ImageHeader, ImageLimits, inspect, prove
from app.intake.arrival import Arrival, Original, arrival_of
from app.intake.capture import check_capture, compare, remember, sent_before
from app.intake.upload import Upload, check, key_of
from app.settings import Settings
from app.storage import Blobs
from app.text.storable import storable

DECODERS = threading.BoundedSemaphore(2)
"""Decodings at a time, for trial and for the console: a PNG may take hundreds of megabytes at the pixel limit."""
LIGHT_PIXELS = 2_000_000
"""A progressive JPEG takes six bytes for each while it is read, so forty at a time take less than two at the limit."""
PIECE = 1024 * 1024
_OPEN = select(ContestRow.id, ContestRow.timezone).join(Election).where(Election.closed_at.is_(None))
_NAMED = _OPEN.where(ContestRow.id == bindparam("name"))
_OF_REGION = _OPEN.where(ContestRow.region_code == bindparam("name"))
_ADD, _ADD_IMAGES = insert(Submission), insert(SubmissionImage)
_WITH_KEY = select(Submission.id).where(Submission.key == bindparam("key"))


@dataclass(frozen=True, slots=True)
class Accepted:
    """The submission, and whether it is new or was there already."""

    submission: Submission | Arrival
    created: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """An upload that was checked, its originals stored, and that is new: what is left is to write its rows.
    `verified`: whether the sender's sums were given and held."""

    arrival: Arrival
    principal: Principal
    upload: Upload
    verified: bool


def accept(
    session: Session,
    blobs: Blobs,
    settings: Settings,
    principal: Principal,
    upload: Upload,
    record: Callable[[Entry], None] | None = None,
) -> Accepted:
    """Take in one upload; the caller commits, and acknowledges only then. Raises an AppError naming the field.

    The same upload again is the same submission; if that has failed, it is queued again. Ends the transaction of
    `session` before pictures are decoded, which may take long: nothing of the caller's may wait in it. `record`
    writes what is new elsewhere and commits it, as `Together.record` does; without it `session` writes it."""
    principal.require("submission.create")
    if principal.user_id is None:
        raise BadInput("Pengunggah harus dikenal / The submitter must be known")
    if upload.capture_method == TIP:
        raise BadInput("Hanya dari halaman publik / From the public page only", field="capture_method")
    return take_in(session, blobs, settings, principal, upload, str(principal.user_id), record)


def take_in(
    session: Session,
    blobs: Blobs,
    settings: Settings,
    principal: Principal,
    upload: Upload,
    sender: str,
    record: Callable[[Entry], None] | None = None,
) -> Accepted:
    """What `accept` does once it is known that the caller may; the same upload of the same `sender` is the same
    submission, whoever the caller is."""
    check(upload, settings)
    check_capture(upload)
    contest_id, zone = find_contest(session, upload.contest, upload.region)
    today = datetime.now(ZoneInfo(zone)).date()
    known = upload.known_date or today
    act = upload.act_date or min(known, today)
    check_dates(act, known, today)
    digests = [_digest(stream) for stream in upload.images]
    verified = compare(upload, digests)
    key = key_of(upload, digests, contest_id, sender)
    existing = sent_before(session, principal, upload, key) or _with_key(session, key)
    session.rollback()
    limits = ImageLimits(settings.max_image_bytes, settings.max_image_pixels)
    images = tuple(_store(blobs, limits, position, stream) for position, stream in enumerate(upload.images))
    if existing is not None:
        return _again(session, principal, existing)
    arrival = arrival_of(upload, images, principal, contest_id=contest_id, key=key, act=act, known=known)
    entry = Entry(arrival, principal, upload, verified)
    try:
        if record is None:
            write(blobs, session, [entry])
        else:
            record(entry)
    except IntegrityError:
        session.rollback()
        existing = _with_key(session, key)  # the same upload arrived a moment ago, on another connection
        if existing is None:
            raise
        return _again(session, principal, existing)
    return Accepted(arrival, created=True)


def write(blobs: Blobs, session: Session, entries: Sequence[Entry]) -> None:
    """Rows, events and jobs of these uploads; the caller commits. Raises IntegrityError when one of them is there."""
    connection = session.connection()
    connection.execute(_ADD, [entry.arrival.row() for entry in entries])
    if images := [row for entry in entries for row in entry.arrival.image_rows()]:
        connection.execute(_ADD_IMAGES, images)
    audit.append_all(session, [audit.Act(entry.principal, *_received(session, entry)) for entry in entries])
    streams = {
        image.sha256: stream
        for entry in entries
        for image, stream in zip(entry.arrival.images, entry.upload.images, strict=True)
    }
    originals.keep(session, blobs, {digest: partial(_reread, stream) for digest, stream in streams.items()})
    for entry in entries:
        jobs.enqueue(session, entry.arrival.id)


def _received(session: Session, entry: Entry) -> tuple[str, str, object, dict[str, Any]]:
    arrival = entry.arrival
    capture = remember(session, arrival, entry.upload, verified=entry.verified)
    digests = [image.sha256 for image in arrival.images]
    facts = {"contest": arrival.contest_id, "images": digests, "capture_method": arrival.capture_method}
    return "submission.received", "submission", arrival.id, facts | capture


def find_contest(session: Session, contest_id: str, region: str) -> tuple[str, str]:
    """Id and time zone of the contest with this id, or of the only one in this region, of an open election.

    Raises BadInput when there is none or several."""
    if not contest_id and not region:
        raise BadInput("Sebut pemilihan atau wilayahnya / Name the contest or its region", field="contest")
    if contest_id:
        row = session.connection().execute(_NAMED, {"name": storable(contest_id)}).one_or_none()
        if row is None:
            raise BadInput(
                "Pemilihan ini tidak terdaftar atau sudah ditutup / No such contest, or it is closed", field="contest"
            )
        return row.id, row.timezone
    code = storable(region)
    rows = session.connection().execute(_OF_REGION, {"name": code}).all()
    if len(rows) != 1:
        reason = (
            "Tidak ada pemilihan terbuka / No open contest" if not rows else "Beberapa pemilihan / Several contests"
        )
        raise BadInput(f"{reason}: {code}", field="region")
    return rows[0].id, rows[0].timezone


def _digest(stream: BinaryIO) -> str:
    running = hashlib.sha256()
    while piece := stream.read(PIECE):
        running.update(piece)
    stream.seek(0)
    return running.hexdigest()


def _store(blobs: Blobs, limits: ImageLimits, position: int, stream: BinaryIO) -> Original:
    try:
        data = stream.read(limits.max_bytes + 1)
        header = inspect(data, limits)
        with nullcontext() if _is_light(header) else DECODERS:
            prove(data, header)
    except AppError as error:
        error.field = "images"
        error.extra["image"] = position
        raise
    return Original(position, blobs.put(data), header.mime, len(data), header.width, header.height)


def _is_light(header: ImageHeader) -> bool:
    """Whether reading it takes little memory however it is made: small, and nothing that is unpacked whole."""
    return header.is_plain_jpeg and header.width * header.height <= LIGHT_PIXELS


def _with_key(session: Session, key: str) -> Submission | None:
    known = session.connection().scalar(_WITH_KEY, {"key": key})  # cheaper than asking for the whole row
    return None if known is None else session.get_one(Submission, known)


def _again(session: Session, principal: Principal, existing: Submission) -> Accepted:
    if existing.state == "failed" and jobs.requeue(session, principal, existing.id):
        session.refresh(existing, ["state", "attempt", "failure"])
    return Accepted(existing, created=False)


def _reread(stream: BinaryIO) -> bytes:
    stream.seek(0)
    return stream.read()
