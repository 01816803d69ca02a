"""A multipart body as it streams in, part by part: what the forms of posts and of batches share."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from fastapi import Request
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect

from app.errors import BadInput

CALLBACKS = ("part_begin", "header_field", "header_value", "header_end", "headers_finished", "part_data", "part_end")
R = TypeVar("R", bound="PartReader")


@dataclass
class PartReader:
    """Callbacks of the parser, which bounds the headers itself. `begin` is called with the name of each part and its
    file name (None: it has none), `more` with its pieces, `end` when it is whole; `close` at the very end."""

    header_name: bytearray = field(default_factory=bytearray)
    header_value: bytearray = field(default_factory=bytearray)
    headers: dict[bytes, bytes] = field(default_factory=dict)

    def begin(self, name: str, filename: str | None) -> None:
        """A new part."""
        raise NotImplementedError

    def more(self, data: bytes) -> None:
        """A piece of the part's body."""
        raise NotImplementedError

    def end(self) -> None:
        """The part is whole."""

    def close(self) -> None:
        """Throw away what was spooled."""

    def on_part_begin(self) -> None:
        """A new part: forget the headers of the one before."""
        self.headers = {}

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
        """All headers of a part are there."""
        _, options = parse_options_header(self.headers.get(b"content-disposition", b""))
        filename = options.get(b"filename")
        name = options.get(b"name", b"").decode("utf-8", "replace")
        self.begin(name, None if filename is None else filename.decode("utf-8", "replace"))

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """A piece of the part's body, in the parser's words."""
        self.more(data[start:end])

    def on_part_end(self) -> None:
        """The part is whole, in the parser's words."""
        self.end()


@asynccontextmanager
async def parsing(request: Request, reader: R) -> AsyncIterator[R]:
    """The reader, once it has read the whole request; closed when the block ends.

    Raises BadInput when the form cannot be read at all, and what the reader raises."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 1 <= len(boundary) <= 200:
        raise BadInput("Kirim sebagai multipart/form-data / Send multipart/form-data", field="content-type")
    ended = False

    def finished() -> None:
        nonlocal ended
        ended = True

    callbacks: dict[str, Any] = {f"on_{name}": getattr(reader, f"on_{name}") for name in CALLBACKS}
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
