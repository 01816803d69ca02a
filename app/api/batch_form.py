"""Many posts in one request: pictures by their file names, spooled into one file, and the manifest that uses them."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, cast

from app.api.multipart import TEXT_FIELDS, decoded, longest, picture_too_large, upload_of
from app.api.parts import PartReader
from app.errors import AppError, BadInput, TooLarge
from app.intake.upload import Upload
from app.settings import Settings

MANIFEST = "manifest"
MANIFEST_BYTES = 4 * 1024 * 1024
SPOOL = 1024 * 1024
LONGEST_NAME = 255
KEY = "idempotency_key"
KNOWN = frozenset({*TEXT_FIELDS, "images", KEY})


@dataclass(slots=True)
class Picture:
    """One picture of a batch: its file name and where it lies in the spool. `fault`: why it was not kept."""

    name: str
    start: int
    size: int = 0
    fault: AppError | None = None


def spool() -> BinaryIO:
    """A file without a name, in memory up to a mebibyte."""
    return cast(BinaryIO, tempfile.SpooledTemporaryFile(SPOOL))


class Stretch(io.RawIOBase):
    """A part of a file that reads like a file of its own."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        super().__init__()
        self._file, self._start, self._size, self._at = file, start, size, 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, from the beginning."""
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation
        self._at = offset
        return offset

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes, all that are left without a size."""
        left = max(0, self._size - self._at)
        wanted = left if size is None or size < 0 else min(size, left)
        self._file.seek(self._start + self._at)
        data = self._file.read(wanted)
        self._at += len(data)
        return data


@dataclass
class BatchReader(PartReader):
    """Text fields of the names in `texts`, each once, and any number of pictures (`images`) up to `most`.

    One file takes all pictures, so that a batch needs one handle and hardly any memory. A picture that is too large is
    passed over; whatever else is not expected ends the reading."""

    settings: Settings = field(kw_only=True)
    texts: Mapping[str, int] = field(kw_only=True)
    """The names of the text fields, each with the most bytes that are read of it."""
    most: int = field(kw_only=True)
    fault: AppError | None = None
    """Why no picture is kept at all, if that is so."""
    given: dict[str, bytearray] = field(default_factory=dict)
    pictures: list[Picture] = field(default_factory=list)
    file: BinaryIO = field(default_factory=spool)
    current: Picture | None = None
    name: str = ""
    blank: bool = False

    def begin(self, name: str, filename: str | None) -> None:
        """Open the part, if one of this name is expected."""
        self.name, self.current, self.blank = name, None, False
        if name == "images":
            if len(self.pictures) == self.most:
                text = f"Paling banyak {self.most} gambar / At most {self.most} pictures"
                raise BadInput(text, field="images")
            self.current = Picture((filename or "")[:LONGEST_NAME], self.file.tell(), fault=self.fault)
            self.blank = filename == ""
        elif name not in self.texts:
            expected = ", ".join(("images", *self.texts))
            raise BadInput(f"Isian tidak dikenal / Unknown field; expected: {expected}", field=name[:80] or None)
        elif name in self.given:
            raise BadInput("Isian ini dikirim dua kali / This field was sent twice", field=name)
        else:
            self.given[name] = bytearray()

    def more(self, data: bytes) -> None:
        """A piece of a picture or of a text."""
        picture = self.current
        if picture is None:
            text = self.given[self.name]
            if len(text) + len(data) > (limit := self.texts[self.name]):
                raise TooLarge(f"Lebih dari {limit} bita / More than {limit} bytes", field=self.name)
            text += data
        elif picture.fault is None:
            picture.size += len(data)
            if picture.size > self.settings.max_image_bytes:
                picture.fault = picture_too_large(self.settings)
                self.file.seek(picture.start)
                self.file.truncate()
            else:
                self.file.write(data)

    def end(self) -> None:
        """Keep the picture, unless it stands for a field that was left empty."""
        picture, self.current = self.current, None
        if picture is not None and (picture.size or not self.blank):
            self.pictures.append(picture)

    def open(self, picture: Picture) -> BinaryIO:
        """The bytes of a picture. Raises the reason why there are none."""
        if picture.fault is not None:
            raise picture.fault
        return cast(BinaryIO, Stretch(self.file, picture.start, picture.size))

    def close(self) -> None:
        """Throw the spooled pictures away."""
        self.file.close()


def api_reader(settings: Settings) -> BatchReader:
    """For a program: a manifest, and as many pictures as its items can name."""
    most = settings.max_batch_items * settings.max_images
    return BatchReader(settings=settings, texts={MANIFEST: MANIFEST_BYTES}, most=most)


def form_reader(settings: Settings, fault: AppError | None = None) -> BatchReader:
    """For a page: fields that all posts share, and one picture for each post; with `fault` none is kept."""
    texts = {name: 4 * longest(name, settings) + 4 for name in TEXT_FIELDS}
    return BatchReader(settings=settings, texts=texts, most=settings.max_batch_items, fault=fault)


Entry = dict[str, Any] | AppError
"""One item of a manifest as it was written, or why it cannot be read."""


def entries(manifest: bytes | bytearray, most: int) -> list[Entry]:
    """The items of a manifest: a JSON array, or JSON lines. Raises BadInput, TooLarge.

    A line that is no JSON refuses its own item; an array that is none refuses the whole."""
    text = decoded(MANIFEST, manifest).removeprefix("\ufeff")
    if text.lstrip().startswith("["):
        found: list[Entry] = [one if isinstance(one, dict) else no_object() for one in parsed(text)]
    else:
        found = list(lines(text))
    if not found:
        raise BadInput("Manifes kosong / The manifest has no item", field=MANIFEST)
    if len(found) > most:
        raise TooLarge(f"Paling banyak {most} kiriman / At most {most} items", field=MANIFEST, limit=most)
    return found


def lines(text: str) -> Iterator[Entry]:
    """The items of JSON lines; empty lines are none."""
    for line in text.split("\n"):
        if not line.strip():
            continue
        try:
            one = parsed(line)
        except BadInput as error:
            yield error
            continue
        yield one if isinstance(one, dict) else no_object()


def parsed(text: str) -> Any:
    """What a JSON text says. Raises BadInput, also for what is nested too deeply or has too long a number."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput("Bukan JSON yang sah / Not valid JSON", field=MANIFEST) from error


def no_object() -> BadInput:
    """The error of an item that is something else."""
    return BadInput('Tulis objek JSON / Write a JSON object: {"images": ["a.jpg"], "text": "…"}', field=MANIFEST)


def upload_in(entry: Entry, reader: BatchReader) -> Upload:
    """The upload that an item describes. Raises an AppError naming the field."""
    if isinstance(entry, AppError):
        raise entry
    unknown = sorted(entry.keys() - KNOWN)
    if unknown:
        raise BadInput(f"Isian tidak dikenal / Unknown field; expected: {', '.join(sorted(KNOWN))}", field=MANIFEST)
    texts = {name: value for name, value in entry.items() if name != "images" and value is not None}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise BadInput("Tulis sebagai teks / Write it as a text", field=name)
    key = texts.pop(KEY, "")
    upload = upload_of(texts, pictures_of(entry.get("images") or [], reader))
    return replace(upload, idempotency_key=key.strip())


def pictures_of(named: Any, reader: BatchReader) -> list[BinaryIO]:
    """The pictures that an item names. Raises BadInput, or what is wrong with one of them."""
    if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        raise BadInput("Tulis daftar nama berkas / Write a list of file names", field="images")
    if len(named) > (most := reader.settings.max_images):
        raise BadInput(f"Paling banyak {most} gambar / At most {most} pictures", field="images")
    found = []
    for position, name in enumerate(named):
        meant = [picture for picture in reader.pictures if picture.name == name]
        if len(meant) != 1:
            reason = (
                "Tidak ada berkas dengan nama ini / There is no file of this name"
                if not meant
                else "Dua berkas bernama sama / Two files have this name"
            )
            raise BadInput(reason, field="images", image=position)
        if (fault := meant[0].fault) is not None:
            raise type(fault)(fault.detail, field=fault.field, image=position)
        found.append(reader.open(meant[0]))
    return found
