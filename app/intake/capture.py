"""The facts of a capture: checked, compared with what arrived, and stored beside the submission."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.principal import Principal
from app.db.capture_tables import Capture, IntakeKey
from app.db.submission_tables import Submission
from app.errors import BadInput
from app.intake.arrival import Arrival
from app.intake.upload import FACTS_OF_CAPTURE, Upload
from app.text.storable import storable

KEYS_FOR = timedelta(days=30)
"""How long an Idempotency-Key is remembered: far longer than any program tries again."""
TOGETHER = 1000
SHA256 = re.compile(r"[0-9a-f]{64}")


def check_capture(upload: Upload) -> None:
    """Raise BadInput, naming the field, when what is told of the capture can never be accepted."""
    if upload.captured_at and not _is_moment(upload.captured_at):
        raise BadInput(
            "Waktu tangkapan ditulis ISO 8601 dengan zona / Write the moment of capture as ISO 8601 with its zone,"
            " 2029-09-02T08:15:00+07:00",
            field="captured_at",
        )
    for field in ("sha256", "text_sha256"):
        if not all(SHA256.fullmatch(one) for one in _listed(getattr(upload, field))):
            raise BadInput("Sidik SHA-256 ditulis 64 angka heksadesimal / A SHA-256 has 64 hex digits", field=field)
    key = upload.idempotency_key
    if len(key) > 80 or not key.isprintable():
        raise BadInput("Paling banyak 80 karakter / At most 80 characters", field="Idempotency-Key")


def compare(upload: Upload, digests: Sequence[str]) -> bool:
    """Whether the sender's sums were given and hold; `digests` are those of the pictures as they arrived, in order.

    Raises BadInput where they differ: the bytes were changed on their way."""
    claimed = _listed(upload.sha256)
    if claimed and len(claimed) != len(digests):
        raise BadInput(
            f"{len(claimed)} sidik untuk {len(digests)} gambar / {len(claimed)} sums for {len(digests)} pictures",
            field="sha256",
        )
    for position, (sent, arrived) in enumerate(zip(claimed, digests, strict=False)):
        if sent != arrived:
            raise BadInput(
                f"Gambar {position + 1} tidak sama dengan yang ditangkap (SHA-256 berbeda); kirim ulang"
                f" / Picture {position + 1} is not what was captured (its SHA-256 differs): send it again",
                field="sha256",
                image=position,
                arrived=arrived,
            )
    if upload.text_sha256 and upload.text_sha256.lower() != _digest(upload.text):
        raise BadInput(
            "Teks tidak sama dengan yang ditangkap (SHA-256 berbeda); kirim ulang"
            " / The text is not what was captured (its SHA-256 differs): send it again",
            field="text_sha256",
        )
    return bool(claimed or upload.text_sha256)


def sent_before(session: Session, principal: Principal, upload: Upload, digest: str) -> Submission | None:
    """The submission that came with this Idempotency-Key before. Raises BadInput when that was another upload."""
    key = (principal.user_id, storable(upload.idempotency_key))
    known = session.get(IntakeKey, key) if upload.idempotency_key else None
    if known is None:
        return None
    if known.digest != digest:
        raise BadInput(
            "Kunci ini sudah dipakai untuk kiriman lain / This key was used for another upload",
            field="Idempotency-Key",
        )
    return session.get_one(Submission, known.submission_id)


def forget_keys(session: Session, moment: datetime) -> int:
    """Forget the oldest keys whose time is up at `moment`, a bounded number; how many. The caller commits, and asks
    again until there is none."""
    old = select(IntakeKey).where(IntakeKey.made_at < moment - KEYS_FOR).limit(TOGETHER)
    found = session.scalars(old).all()
    for row in found:
        session.delete(row)
    session.flush()
    return len(found)


def remember(session: Session, submission: Arrival, upload: Upload, *, verified: bool) -> dict[str, Any]:
    """Add what belongs to a new submission that was written, to be flushed by the caller; what its event tells of the
    capture, without words."""
    if upload.idempotency_key:
        session.add(
            IntakeKey(
                user_id=submission.submitted_by,
                key=storable(upload.idempotency_key),
                digest=submission.key,
                submission_id=submission.id,
            )
        )
    told = {name: storable(getattr(upload, name)) for name in FACTS_OF_CAPTURE}
    if verified or any(told.values()):
        session.add(Capture(submission_id=submission.id, verified=verified, **told))
    facts: dict[str, Any] = {"verified": True} if verified else {}
    if upload.captured_at:
        facts["captured_at"] = upload.captured_at
    if told["evidence"]:
        facts["evidence_sha256"] = _digest(told["evidence"])
    return facts


def _is_moment(text: str) -> bool:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return False
    return moment.tzinfo is not None and 2000 <= moment.year < 9000  # can be written in every zone


def _listed(text: str) -> list[str]:
    return text.lower().replace(",", " ").split()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
