"""Reading an upload while it streams, after it is known who sends it and whether their minute allows it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Any, BinaryIO, cast

from fastapi import Depends, Header, Request
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect

from app.api.deps import ServicesDep, may
from app.auth import limits
from app.auth.principal import Principal
from app.errors import AppError, BadInput, TooLarge
from app.intake.upload import FACTS_OF_CAPTURE, LENGTHS, Upload
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
    | {name: {"type": "string", "format": "date"} for name in DATES},
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
class Reader:
    """Callbacks of the parser, which bounds the headers itself, with the limits of the settings.

    The first part that is too large or not expected ends the reading; a `patient` reader passes over such parts and
    remembers the first reason in `error`, so that a page can show the rest of the form again."""

    settings: Settings
    patient: bool = False
    error: AppError | None = None
    passing_over: bool = False
    parts: list[Part] = field(default_factory=list)
    header_name: bytearray = field(default_factory=bytearray)
    header_value: bytearray = field(default_factory=bytearray)
    headers: dict[bytes, bytes] = field(default_factory=dict)

    def on_part_begin(self) -> None:
        """A new part: forget the headers of the one before."""
        self.headers = {}
        self.passing_over = False

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        """A piece of a header's name."""
        self.header_name += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        """A piece of a header's value."""
        self.header_value += data[start:end]

    def on_header_end(self) -> None:
        """A header is complete."""
        self.headers[bytes(self.header_name).lower()] = bytes(self.header_value)
        self.header_name.clear()
        self.header_value.clear()

    def on_headers_finished(self) -> None:
        """Open the part, if one of this name is expected."""
        _, options = parse_options_header(self.headers.get(b"content-disposition", b""))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if name == "images":
            number = sum(part.file is not None for part in self.parts) + 1
            if number > self.settings.max_images:
                limit = self.settings.max_images
                self.refuse(BadInput(f"Paling banyak {limit} gambar / At most {limit} pictures", field="images"))
                return
            spooled = cast(BinaryIO, tempfile.SpooledTemporaryFile(SPOOL))  # noqa: SIM115
            self.parts.append(Part(name, spooled, blank=options.get(b"filename") == b""))
        elif name in TEXT_FIELDS:
            if any(part.name == name for part in self.parts):
                self.refuse(BadInput("Isian ini dikirim dua kali / This field was sent twice", field=name))
                return
            self.parts.append(Part(name, None))
        else:
            expected = ", ".join(("images", *TEXT_FIELDS))
            self.refuse(BadInput(f"Isian tidak dikenal / Unknown field; expected: {expected}", field=name[:80] or None))

    def refuse(self, error: AppError) -> None:
        """Refuse the present part."""
        if not self.patient:
            raise error
        self.error = self.error or error
        self.passing_over = True

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """A piece of the part's body."""
        if self.passing_over:
            return
        part = self.parts[-1]
        part.size += end - start
        if part.file is not None:
            if part.size > self.settings.max_image_bytes:
                limit = self.settings.max_image_bytes
                text = f"Gambar lebih dari {limit} bita / A picture has more than {limit} bytes"
                self.refuse(TooLarge(text, field="images"))
                return
            part.file.write(data[start:end])
            return
        limit = max(self.settings.max_text_chars, LENGTHS.get(part.name, 0))
        if part.size > 4 * limit + 4:
            self.refuse(BadInput(f"Lebih dari {limit} karakter / More than {limit} characters", field=part.name))
            return
        part.value += data[start:end]

    def close(self) -> None:
        """Throw the spooled files away."""
        for part in self.parts:
            if part.file is not None:
                part.file.close()


def submitter(principal: Annotated[Principal, may("submission.create")], services: ServicesDep) -> Principal:
    """The caller, who may hand in and has not used up the minute of their token, or in the console their own."""
    who = str(principal.token_id or principal.user_id)
    limits.spend("submission", services.operating.now().submissions_per_minute, who)
    return principal


SubmitterDep = Annotated[Principal, Depends(submitter)]


@asynccontextmanager
async def reading(request: Request, settings: Settings, *, patient: bool = False) -> AsyncIterator[Reader]:
    """The parts of a multipart request; its spooled pictures live until the block ends.

    Raises BadInput or TooLarge as soon as a part breaks a limit, or when the form cannot be read at all."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 1 <= len(boundary) <= 200:
        raise BadInput("Kirim sebagai multipart/form-data / Send multipart/form-data", field="content-type")
    reader = Reader(settings, patient)
    names = ("part_begin", "header_field", "header_value", "header_end", "headers_finished", "part_data")
    ended = False

    def finished() -> None:
        nonlocal ended
        ended = True

    callbacks: dict[str, Any] = {f"on_{name}": getattr(reader, f"on_{name}") for name in names}
    with contextlib.closing(reader):
        try:
            parser = MultipartParser(boundary, cast(Any, callbacks | {"on_end": finished}))
            async for chunk in request.stream():
                parser.write(chunk)
            parser.finalize()
        except ClientDisconnect as error:
            raise BadInput("Sambungan terputus; kirim ulang / The connection was lost: send it again") from error
        except FormParserError as error:
            raise BadInput("Formulir rusak / The form is damaged", field="body") from error
        if not ended:
            raise BadInput("Formulir terpotong; kirim ulang / The form was cut off: send it again", field="body")
        yield reader


async def read_upload(
    request: Request,
    services: ServicesDep,
    _who: SubmitterDep,
    key: Annotated[str, Header(alias="Idempotency-Key", max_length=80)] = "",
) -> AsyncIterator[Upload]:
    """The upload of a program. Raises BadInput or TooLarge."""
    async with reading(request, services.settings) as reader:
        yield replace(to_upload(reader.parts), idempotency_key=key.strip())


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a page: its texts as they came, and the upload or the reason why there is none."""

    texts: dict[str, str]
    outcome: Upload | AppError


async def read_form(request: Request, services: ServicesDep, _who: SubmitterDep) -> AsyncIterator[Form]:
    """The form of a page, also when a part of it is refused. Raises BadInput when it cannot be read at all."""
    async with reading(request, services.settings, patient=True) as reader:
        texts = {part.name: part.value.decode("utf-8", "replace") for part in reader.parts if part.file is None}
        try:
            outcome = reader.error or to_upload(reader.parts)
        except BadInput as error:
            outcome = error
        yield Form(texts, outcome)


def to_upload(parts: list[Part]) -> Upload:
    """The parts as an Upload. Raises BadInput for text that is no UTF-8 and dates that are none."""
    values: dict[str, Any] = {}
    for part in parts:
        if part.file is not None:
            part.file.seek(0)
            if part.size or not part.blank:
                values.setdefault("images", []).append(part.file)
            continue
        try:
            text = part.value.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise BadInput("Teks bukan UTF-8 / The text is not UTF-8", field=part.name) from error
        if part.name in DATES:
            values[part.name] = to_date(part.name, text)
        elif text or part.name == "text":
            values[part.name] = text if part.name in VERBATIM else text.strip()
    return Upload(**values)


def to_date(name: str, text: str) -> date | None:
    """An ISO date, None for an empty field. Raises BadInput."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput("Tanggal ditulis TTTT-BB-HH / Write the date as YYYY-MM-DD", field=name) from error


UploadDep = Annotated[Upload, Depends(read_upload)]
FormDep = Annotated[Form, Depends(read_form)]
