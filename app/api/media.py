"""Pictures for the console: made on request from the originals, never stored, never cached by anybody."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from app.api.deps import ServicesDep, SessionDep, may
from app.api.problems import problem_responses
from app.auth.principal import Principal
from app.db.submission_tables import SubmissionImage
from app.errors import NotFound
from app.imaging.decode import ImageLimits, Picture, decode
from app.imaging.redact import MARGIN, Rectangle, blur_except, crop, encode_jpeg
from app.intake.accept import DECODERS
from app.review.decide import has_unblurred, log_unblur
from app.review.explain import reference_photo, stored_assessment, tags
from app.review.queue import get_flag
from app.screening.service import Services

router = APIRouter(prefix="/media", tags=["media"], include_in_schema=False)
Reader = Annotated[Principal, may("flag.read")]
LONGEST, SMALL = 1600, 240
FACE = 320


def _picture(services: Services, digest: str, scale: float) -> Picture:
    """The original, at no less than `scale` of its size."""
    settings = services.settings
    data = services.blobs.get(digest)
    return decode(data, ImageLimits(settings.max_image_bytes, settings.max_image_pixels), scale)


def _jpeg(data: bytes) -> Response:
    return Response(data, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


def _scaled(box: Rectangle, scale: float) -> Rectangle:
    x0, y0, x1, y1 = (value * scale for value in box)
    return x0, y0, x1, y1


def _image(session: Session, flag_id: uuid.UUID, position: int) -> SubmissionImage:
    images = get_flag(session, flag_id).submission.images
    if not 0 <= position < len(images):
        raise NotFound("Gambar ini tidak ada / There is no such picture")
    return images[position]


def _face(services: Services, digest: str, box: Rectangle) -> Response:
    """A face with some margin. The picture is decoded no larger than that takes."""
    x0, y0, x1, y1 = box
    shown = max(x1 - x0, y1 - y0, 1) * (1 + 2 * MARGIN)
    with DECODERS:
        picture = _picture(services, digest, FACE / shown)
        return _jpeg(encode_jpeg(crop(picture.pixels, _scaled(box, picture.scale)), FACE))


@router.get("/flags/{flag_id}/images/{position}", responses=problem_responses(404))
def flag_image(
    flag_id: uuid.UUID,
    position: int,
    principal: Reader,
    services: ServicesDep,
    session: SessionDep,
    blur: Annotated[bool, Query()] = False,
    small: Annotated[bool, Query()] = False,
) -> Response:
    """A picture of a flag, at most 1600 px, or 240 px with small=1; with blur=1 everything is blurred but the boxes of
    its signals.

    The whole picture is shown only with its event: the first look of each person is logged here, if not before."""
    image, flag = _image(session, flag_id, position), get_flag(session, flag_id)
    longest = SMALL if small else LONGEST
    with DECODERS:
        picture = _picture(services, image.sha256, longest / max(image.width, image.height))
        if blur:
            signals = stored_assessment(flag).signals
            boxes = [_scaled(s.box, picture.scale) for s in signals if s.box is not None and s.picture == position]
            return _jpeg(encode_jpeg(blur_except(picture.pixels, boxes), longest))
        data = encode_jpeg(picture.pixels, longest)
    if not has_unblurred(session, principal, flag):
        log_unblur(session, principal, flag_id, "direct")
        session.commit()
    return _jpeg(data)


@router.get("/flags/{flag_id}/faces/{tag}", responses=problem_responses(404))
def flag_face(flag_id: uuid.UUID, tag: str, _principal: Reader, services: ServicesDep, session: SessionDep) -> Response:
    """The found face of a signal, cropped with a margin."""
    signals = stored_assessment(get_flag(session, flag_id)).signals
    for name, signal in zip(tags(signals), signals, strict=True):
        if name == tag and signal.kind == "face" and signal.box is not None and signal.picture is not None:
            return _face(services, _image(session, flag_id, signal.picture).sha256, signal.box)
    raise NotFound("Wajah ini tidak ada / There is no such face")


@router.get("/references/{photo_id}", responses=problem_responses(404))
def reference(
    photo_id: uuid.UUID,
    _principal: Annotated[Principal, may("roster.read")],
    services: ServicesDep,
    session: SessionDep,
) -> Response:
    """A registered photo of a candidate, cropped to the enrolled face."""
    photo = reference_photo(session, photo_id)
    if photo is None:
        raise NotFound("Foto ini tidak ada / There is no such photo")
    x0, y0, x1, y1 = photo.box
    return _face(services, photo.sha256, (x0, y0, x1, y1))
