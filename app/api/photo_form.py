"""The form with a reference photo, read only after it is known that its sender may change the roster."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect

from app.api.deps import ServicesDep, may
from app.auth.principal import Principal
from app.errors import BadInput

LARGEST_CHOICE = 999
FIELDS = 8
PHOTO_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["photo"],
    "properties": {
        "photo": {"type": "string", "format": "binary", "description": "JPEG, PNG or WebP with the candidate's face"},
        "choice": {
            "type": "integer",
            "minimum": 0,
            "maximum": LARGEST_CHOICE,
            "description": "which face, when there are several",
        },
    },
}
NO_PHOTO = "Sertakan foto sebagai berkas / Send the photo as a file"
NO_CHOICE = (
    f"Pilihan wajah berupa angka 0-{LARGEST_CHOICE} / The choice of a face is a number from 0 to {LARGEST_CHOICE}"
)


@dataclass(frozen=True, slots=True)
class PhotoForm:
    """The photo, cut one byte above the largest that is taken, the face chosen in it, and whose it is (in the form of
    a page)."""

    data: bytes
    choice: int | None
    candidate: str


async def read_photo(
    request: Request, services: ServicesDep, _principal: Annotated[Principal, may("roster.write")]
) -> AsyncIterator[PhotoForm]:
    """The form of a photo. Raises BadInput naming the field."""
    try:
        async with request.form(max_files=1, max_fields=FIELDS) as form:
            photo, choice, candidate = form.get("photo"), form.get("choice", ""), form.get("candidate", "")
            if not isinstance(photo, UploadFile):
                raise BadInput(NO_PHOTO, field="photo")
            if not isinstance(choice, str) or not isinstance(candidate, str):
                raise BadInput(NO_CHOICE, field="choice")
            data = await photo.read(services.settings.max_image_bytes + 1)
    except ClientDisconnect as error:
        raise BadInput("Sambungan terputus; kirim ulang / The connection was lost: send it again") from error
    yield PhotoForm(data, to_choice(choice), candidate)


def to_choice(text: str) -> int | None:
    """The number of a face; None for an empty field. Raises BadInput."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 3):
        raise BadInput(NO_CHOICE, field="choice")
    return int(text)


PhotoDep = Annotated[PhotoForm, Depends(read_photo)]
