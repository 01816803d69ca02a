"""A submission as it comes in: what its rows will say, before there are any."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from app.auth.principal import Principal
from app.db.base import now
from app.intake.upload import Upload
from app.rules.facts import UNKNOWN
from app.text.storable import storable


@dataclass(frozen=True, slots=True)
class Original:
    """One picture of it, proven and stored."""

    position: int
    sha256: str
    mime: str
    size: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """The columns of a new `submission` and its pictures: cheaper than the entities, which nobody would change."""

    key: str
    contest_id: str
    text: str
    platform: str
    url: str
    handle: str
    subject_type: str
    agency: str
    act_date: date
    known_date: date
    capture_method: str
    public: str
    parent: str
    parent_text: str
    account: str
    submitted_by: uuid.UUID | None
    token_id: uuid.UUID | None
    images: tuple[Original, ...]
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    received_at: datetime = field(default_factory=now)
    state: str = "queued"
    failure: str | None = None

    def row(self) -> dict[str, Any]:
        """Its columns."""
        return {name: getattr(self, name) for name in COLUMNS}

    def image_rows(self) -> list[dict[str, Any]]:
        """The columns of its pictures."""
        return [
            {"submission_id": self.id} | {name: getattr(image, name) for name in IMAGE_COLUMNS} for image in self.images
        ]


COLUMNS = tuple(one.name for one in fields(Arrival) if one.name != "images")
IMAGE_COLUMNS = tuple(one.name for one in fields(Original))


def arrival_of(
    upload: Upload,
    images: tuple[Original, ...],
    principal: Principal,
    *,
    contest_id: str,
    key: str,
    act: date,
    known: date,
) -> Arrival:
    """What is written of this upload, with every text as databases can store it."""
    return Arrival(
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
        images=images,
    )
