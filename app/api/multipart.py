"""Reading an upload while it streams, after it is known who sends it and whether their minute allows it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Any, BinaryIO, cast

from fastapi import Depends, Header, Request

from app.api.deps import BearerDep, CookieDep, ServicesDep, Stated, caller, may, services_of
from app.api.parts import PartReader, parsing
from app.auth import limits
from app.auth.principal import Principal
from app.errors import AppError, BadInput, TooLarge
from app.intake.room import require_room
from app.intake.upload import FACTS_OF_CAPTURE, LENGTHS, Upload
from app.screening.service import Services
from app.settings import Settings

SPOOL = 1024 * 1024
TEXT_FIELDS = (
    "text", "contest", "region", "platform", "url", "handle", "subject_type", "agency", "act_date", "known_date",
    "capture_method", "public", "parent", "parent_text", "account", *FACTS_OF_CAPTURE, "sha256", "text_sha256",
)  # fmt: skip
DATES = ("act_date", "known_date")
VERBATIM = ("text", "parent_text", "evidence")
UPLOAD_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "images": {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "description": "JPEG, PNG or WebP, up to 10",
        },
        **{name: {"type": "string"} for name in TEXT_FIELDS},
    }
    | {name: {"anyOf": [{"type": "string", "format": "date"}, {"const": ""}]} for name in DATES},
}


@dataclass
class Part:
    """One part of the form: a text field, or a picture spooled to disk beyond a mebibyte. `blank`: sent without a
    file name, as browsers do for a file field that was left empty."""

    name: str
    file: BinaryIO | None
    blank: bool = False
    size: int = 0
    value: bytearray = field(default_factory=bytearray)


@dataclass
class Reader(PartReader):
    """The parts of one post's form, with the limits of the settings.

    The first part that is too large or not expected ends the reading; a `patient` reader passes over such parts and
    remembers the first reason in `error`, so that a page can show the rest of the form again. `without_pictures`:
    those are passed over, because the form is refused already. `fields` are the texts that are expected, `most` the
    pictures where they are fewer than the settings allow."""

    settings: Settings = field(kw_only=True)
    patient: bool = False
    fields: tuple[str, ...] = TEXT_FIELDS
    most: int | None = None
    error: AppError | None = None
    without_pictures: bool = False
    passing_over: bool = False
    parts: list[Part] = field(default_factory=list)

    def begin(self, name: str, filename: str | None) -> None:
        """Open the part, if one of this name is expected."""
        self.passing_over = name == "images" and self.without_pictures
        if self.passing_over:
            return
        if name == "images":
            number = sum(part.file is not None for part in self.parts) + 1
            limit = min(self.settings.max_images, self.most or self.settings.max_images)
            if number > limit:
                self.refuse(BadInput(f"Paling banyak {limit} gambar / At most {limit} pictures", field="images"))
                return
            spooled = cast(BinaryIO, tempfile.SpooledTemporaryFile(SPOOL))  # noqa: SIM115
            self.parts.append(Part(name, spooled, blank=filename == ""))
        elif name in self.fields:
            if any(part.name == name for part in self.parts):
                self.refuse(BadInput("Isian ini dikirim dua kali / This field was sent twice", field=name))
                return
            self.parts.append(Part(name, None))
        else:
            expected = ", ".join(("images", *self.fields))
            self.refuse(BadInput(f"Isian tidak dikenal / Unknown field; expected: {expected}", field=name[:80] or None))

    def refuse(self, error: AppError) -> None:
        """Refuse the present part."""
        if not self.patient:
            raise error
        self.error = self.error or error
        self.passing_over = True

    def more(self, data: bytes) -> None:
        """A piece of the part's body."""
        if self.passing_over:
            return
        part = self.parts[-1]
        part.size += len(data)
        if part.file is not None:
            if part.size > self.settings.max_image_bytes:
                self.refuse(picture_too_large(self.settings))
                return
            part.file.write(data)
            return
        limit = longest(part.name, self.settings)
        if part.size > 4 * limit + 4:
            self.refuse(BadInput(f"Lebih dari {limit} karakter / More than {limit} characters", field=part.name))
            return
        part.value += data

    def close(self) -> None:
        """Throw the spooled files away."""
        for part in self.parts:
            if part.file is not None:
                part.file.close()


def longest(name: str, settings: Settings) -> int:
    """The most characters that are read of a text field."""
    return max(settings.max_text_chars, LENGTHS.get(name, 0))


def picture_too_large(settings: Settings) -> TooLarge:
    """The error of a picture with more bytes than one may have."""
    limit = settings.max_image_bytes
    return TooLarge(f"Gambar lebih dari {limit} bita / A picture has more than {limit} bytes", field="images")


async def within_minute(request: Request, principal: Annotated[Principal, may("submission.create")]) -> Principal:
    """The caller, who may hand in and has not used up the minute of their token, or in the console their own."""
    spend_one(services_of(request), principal)  # in memory: decided on the spot, not in a thread
    return principal


def spend_one(services: Services, principal: Principal) -> None:
    """Count one post of this token, or in the console of this person; TooMany when the minute is used up."""
    who = str(principal.token_id or principal.user_id)
    limits.spend("submission", services.operating.latest().submissions_per_minute, who)


@dataclass(frozen=True, slots=True)
class Submitting(Stated):
    """A dependency that lets a program's upload through before it is read; all that asks the database in one thread,
    because under load every change of threads costs more than the question."""

    def __call__(self, request: Request, credentials: BearerDep, cookie: CookieDep) -> Principal:
        """The caller, who may hand in and for whom there is room. Raises TooMany when their minute or day is over,
        QueueFull and StorageFull besides what `Stated.allowed` raises."""
        principal = self.allowed(caller(request, credentials, cookie))
        services = services_of(request)
        spend_one(services, principal)
        require_room(services, principal)
        return principal


SubmitterDep = Annotated[Principal, Depends(Submitting("submission.create"))]
WithinMinuteDep = Annotated[Principal, Depends(within_minute)]


@dataclass(frozen=True, slots=True)
class Sent:
    """An upload and whose it is: asked for as one, because whatever is named twice is resolved twice."""

    principal: Principal
    upload: Upload


async def read_upload(
    request: Request,
    principal: SubmitterDep,
    key: Annotated[str, Header(alias="Idempotency-Key", max_length=80)] = "",
) -> AsyncIterator[Sent]:
    """The upload of a program. Raises BadInput or TooLarge."""
    async with parsing(request, Reader(settings=services_of(request).settings)) as reader:
        yield Sent(principal, replace(to_upload(reader.parts), idempotency_key=key.strip()))


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a page: its texts as they came, and the upload or the reason why there is none."""

    texts: dict[str, str]
    outcome: Upload | AppError


def refusal_of(principal: WithinMinuteDep, services: ServicesDep) -> AppError | None:
    """Why a page cannot take anything now, to be told above the form; None when there is room."""
    try:
        require_room(services, principal)
    except AppError as error:
        return error
    return None


async def read_form(
    request: Request, services: ServicesDep, refusal: Annotated[AppError | None, Depends(refusal_of)]
) -> AsyncIterator[Form]:
    """The form of a page, also when a part of it or all is refused. Raises BadInput when it cannot be read at all."""
    reader = Reader(settings=services.settings, patient=True, error=refusal, without_pictures=refusal is not None)
    async with parsing(request, reader):
        texts = {part.name: part.value.decode("utf-8", "replace") for part in reader.parts if part.file is None}
        try:
            outcome = reader.error or to_upload(reader.parts)
        except BadInput as error:
            outcome = error
        yield Form(texts, outcome)


def to_upload(parts: list[Part]) -> Upload:
    """The parts as an Upload. Raises BadInput for text that is no UTF-8 and dates that are none."""
    images, texts = [], {}
    for part in parts:
        if part.file is None:
            texts[part.name] = decoded(part.name, part.value)
        elif part.size or not part.blank:
            part.file.seek(0)
            images.append(part.file)
    return upload_of(texts, images)


def decoded(name: str, value: bytes | bytearray) -> str:
    """The text of a field. Raises BadInput naming it."""
    try:
        return value.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise BadInput("Teks bukan UTF-8 / The text is not UTF-8", field=name) from error


def upload_of(texts: Mapping[str, str], images: Sequence[BinaryIO]) -> Upload:
    """An Upload of the texts as they were sent, by TEXT_FIELDS. Raises BadInput for dates that are none."""
    values: dict[str, Any] = {}
    for name, text in texts.items():
        if name in DATES:
            values[name] = to_date(name, text)
        elif text or name == "text":
            values[name] = text if name in VERBATIM else text.strip()
    return Upload(images=tuple(images), **values)


def to_date(name: str, text: str) -> date | None:
    """An ISO date, None for an empty field. Raises BadInput."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput("Tanggal ditulis TTTT-BB-HH / Write the date as YYYY-MM-DD", field=name) from error


SentDep = Annotated[Sent, Depends(read_upload)]
FormDep = Annotated[Form, Depends(read_form)]
