"""Taking in a tip: no identity, the same checks as any upload, a receipt code that is told once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.auth.principal import THE_PUBLIC
from app.db.base import now
from app.db.people_tables import User
from app.db.tip_tables import TIP, SpentChallenge, Tip
from app.errors import BadInput, Conflict, NotFound, TooMany
from app.intake.accept import take_in
from app.intake.upload import Upload
from app.operating import Values
from app.settings import Settings
from app.storage import Blobs
from app.text.storable import storable
from app.tips.codes import fingerprint, new_code
from app.tips.proof import Challenge

MOST_PICTURES = 4
LEAST_SEEN, LONGEST_SEEN = 10, 4000
DAY = timedelta(days=1)
FULL_WAIT = 3600


@dataclass(frozen=True, slots=True)
class Received:
    """The tip, and the receipt code, which is nowhere else."""

    tip: Tip
    code: str


def require_open(values: Values) -> None:
    """Raise NotFound while the office takes no tips."""
    if not values.tips_open:
        raise NotFound("Penyampaian informasi awal sedang ditutup / The office takes no informasi awal at present")


def require_share(session: Session, values: Values, *, worked: bool) -> None:
    """Raise TooMany when the last day brought as many tips as the office takes; without a proof of work already at half
    of them, so that programs which answer the question cannot fill the day for people."""
    most = values.tips_per_day if worked else max(1, values.tips_per_day // 2)
    came = session.scalar(select(func.count()).select_from(Tip).where(Tip.made_at > now() - DAY)) or 0
    if came >= most:
        raise TooMany(
            "Hari ini sudah terlalu banyak informasi yang masuk; coba lagi besok atau datang ke kantor pengawas"
            " / Too much came in today: try again tomorrow, or come to the office",
            retry_after=FULL_WAIT,
        )


def require_unspent(session: Session, challenge: Challenge) -> None:
    """Raise Conflict when a tip was sent with this challenge already, by whatever process it was taken in."""
    if session.get(SpentChallenge, challenge.id) is not None:
        raise spent()


def spent() -> Conflict:
    """The refusal of a challenge that served before."""
    return Conflict(
        "Formulir ini sudah terkirim; kodenya hanya ditampilkan sekali. Buka formulir baru untuk informasi lain"
        " / This form was sent already and its code is shown once: open a new form for something else",
        field="challenge",
    )


def receive(
    session: Session, blobs: Blobs, settings: Settings, upload: Upload, seen: str, challenge: Challenge
) -> Received:
    """Take in one tip; the caller has checked the challenge and the limits, commits, and acknowledges only then.

    Two people who send the same have sent two tips, each with a code of its own. Raises an AppError naming the field,
    Conflict when the challenge was spent."""
    kept = _seen(seen)
    if len(upload.images) > MOST_PICTURES:
        raise BadInput(
            f"Paling banyak {MOST_PICTURES} gambar / At most {MOST_PICTURES} pictures", field="images"
        )  # fmt: skip
    require_unspent(session, challenge)
    _name_the_public(session)
    tip_id, code = uuid.uuid4(), new_code()
    taken = take_in(session, blobs, settings, THE_PUBLIC, replace(upload, capture_method=TIP), str(tip_id))
    tip = Tip(id=tip_id, submission_id=taken.submission.id, code_hash=fingerprint(code), seen=kept)
    session.execute(delete(SpentChallenge).where(SpentChallenge.expires_at <= now()))
    session.add_all([tip, SpentChallenge(id=challenge.id, expires_at=challenge.expires)])
    try:
        session.flush()
    except IntegrityError as error:  # the same form, sent twice at the same time
        session.rollback()
        raise spent() from error
    return Received(tip, code)


def _seen(text: str) -> str:
    kept = storable(text.replace("\r\n", "\n").strip())
    if not LEAST_SEEN <= len(kept) <= LONGEST_SEEN:
        raise BadInput(
            f"Ceritakan apa yang Anda lihat, {LEAST_SEEN}-{LONGEST_SEEN} karakter"
            f" / Say what you saw in {LEAST_SEEN} to {LONGEST_SEEN} characters",
            field="seen",
        )
    return kept


def _name_the_public(session: Session) -> None:
    """The row that submissions of nobody name, made when the first one comes; committed at once, for `take_in` begins
    its own transaction."""
    if session.get(User, THE_PUBLIC.user_id) is not None:
        return
    user = User(id=THE_PUBLIC.user_id, login=THE_PUBLIC.login, name=THE_PUBLIC.name, role=THE_PUBLIC.role)
    user.password_hash, user.active = "", False
    session.add(user)
    try:
        session.commit()
    except IntegrityError:  # somebody else's first tip came at the same moment
        session.rollback()
