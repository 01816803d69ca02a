"""The form of an objection (keberatan) with its document, read only after it is known that its sender may lodge one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect

from app.api.deps import ServicesDep, may
from app.auth.principal import Principal
from app.errors import BadInput, TooLarge
from app.review.handling import Document
from app.review.reasons import LONGEST_NOTE

FIELDS = 4
LARGEST_NUMBER = 2**31 - 1
APPEAL_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["document", "note", "seen"],
    "properties": {
        "document": {"type": "string", "format": "binary", "description": "PDF, JPEG or PNG"},
        "note": {"type": "string", "minLength": 20, "maxLength": LONGEST_NOTE},
        "seen": {"type": "integer", "minimum": 0, "maximum": LARGEST_NUMBER},
    },
}


@dataclass(frozen=True, slots=True)
class AppealForm:
    """What was sent: the file's name, its bytes cut one above the `most` that are taken, the note and the event."""

    name: str
    data: bytes
    most: int
    note: str
    seen: str

    def document(self) -> Document:
        """The paper. Raises BadInput where none was chosen, TooLarge above the limit."""
        if not self.data:
            raise BadInput("Sertakan dokumen keberatan / Attach the document of the objection", field="document")
        if len(self.data) > self.most:
            raise TooLarge(
                f"Dokumen lebih dari {self.most:,} bita / The document has more than {self.most:,} bytes",
                field="document",
            )
        return Document(self.name, "", self.data)

    def seen_event(self) -> int:
        """The number of the last event that the sender saw. Raises BadInput."""
        digits = self.seen.isascii() and self.seen.isdecimal() and len(self.seen) <= 10
        if not digits or int(self.seen) > LARGEST_NUMBER:
            raise BadInput("Nomor peristiwa tidak sah / Not the number of an event", field="seen")
        return int(self.seen)


async def read_appeal_form(
    request: Request, services: ServicesDep, _principal: Annotated[Principal, may("flag.decide")]
) -> AsyncIterator[AppealForm]:
    """The form, its file not checked yet. Raises BadInput naming the field."""
    most = services.settings.max_image_bytes
    try:
        async with request.form(max_files=1, max_fields=FIELDS) as form:
            document, note, seen = form.get("document", ""), form.get("note", ""), form.get("seen", "")
            if not isinstance(note, str) or not isinstance(seen, str):
                raise BadInput("Catatan ditulis sebagai teks / The note is a text", field="note")
            name, data = "", b""
            if isinstance(document, UploadFile):
                name, data = document.filename or "", await document.read(most + 1)
    except ClientDisconnect as error:
        raise BadInput("Sambungan terputus; kirim ulang / The connection was lost: send it again") from error
    yield AppealForm(name, data, most, note, seen)


AppealDep = Annotated[AppealForm, Depends(read_appeal_form)]
