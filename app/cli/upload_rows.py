"""What `netra upload` sends: one row for each post, of a folder or of a CSV, with what is wrong with it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.api.multipart import TEXT_FIELDS, upload_of
from app.cli.screen import find_pictures
from app.errors import AppError, BadInput
from app.intake.capture import check_capture
from app.intake.upload import check
from app.settings import Settings

FIELDS = tuple(name for name in TEXT_FIELDS if name not in {"sha256", "text_sha256"})
FILES = "files"
BETWEEN_FILES = "|"
DELIMITERS = ",;\t"
LONGEST_CELL = 1_000_000
UNBOUNDED = {"max_images": 10_000, "max_text_chars": LONGEST_CELL}
"""The server's own limits apply, not those of the machine on which the command runs."""


@dataclass(frozen=True, slots=True)
class Row:
    """One post: its number (of a CSV as a spreadsheet shows it), the name that results list, its texts by field, its
    pictures. `fault`: why it cannot be sent."""

    number: int
    name: str
    fields: Mapping[str, str]
    files: tuple[Path, ...]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A row as it is sent: the bytes of its pictures and the key that makes sending it again harmless."""

    row: Row
    fields: Mapping[str, str]
    pictures: tuple[bytes, ...]
    key: str

    @property
    def size(self) -> int:
        """Bytes of its pictures."""
        return sum(map(len, self.pictures))


def read_rows(source: Path, shared: Mapping[str, str], settings: Settings) -> list[Row]:
    """The rows of a folder or a CSV; `shared` fills the fields that a row leaves empty.

    Raises BadInput for what is neither, and for a CSV that cannot be read or whose columns are not known."""
    if source.is_dir():
        rows = list(of_folder(source))
    elif source.is_file():
        rows = list(of_csv(source))
    else:
        raise BadInput(f"Tidak ada folder atau CSV / No such folder or CSV: {source}", field="SOURCE")
    if not rows:
        raise BadInput(f"Tidak ada gambar atau baris / No picture and no row: {source}", field="SOURCE")
    given = {"capture_method": "bulk"} | {name: value for name, value in shared.items() if value}
    lenient = settings.model_copy(update=UNBOUNDED)
    return [checked(row, given, lenient) for row in rows]


def checked(row: Row, shared: Mapping[str, str], settings: Settings) -> Row:
    """The row with the shared fields, and with its fault if one can be seen from here."""
    fields = dict(shared) | {name: value for name, value in row.fields.items() if value}
    fault = row.fault
    missing = [path.name for path in row.files if not path.is_file()]
    if not fault and missing:
        fault = f"Tidak ada berkas / No such file: {', '.join(missing)}"
    if not fault and not fields.get("contest") and not fields.get("region"):
        fault = "contest: Sebut pemilihan atau wilayahnya / Name the contest or its region"
    try:
        upload = upload_of(fields, [io.BytesIO()] * len(row.files))
        check(upload, settings)
        check_capture(upload)
    except AppError as error:
        fault = fault or f"{error.field}: {error.detail}"
    return Row(row.number, row.name, fields, row.files, fault)


def of_folder(folder: Path) -> Iterator[Row]:
    """One row for each picture in the folder and those below it, with what stands beside it under the same name:
    the post's words in a .txt, its fields in a .json."""
    for number, path in enumerate(find_pictures([folder]), 1):
        fields: dict[str, str] = {}
        fault = ""
        try:
            if (words := path.with_suffix(".txt")).is_file():
                fields["text"] = words.read_text(encoding="utf-8-sig")
            if (context := path.with_suffix(".json")).is_file():
                fields |= of_json(context)
        except (OSError, ValueError, BadInput) as error:
            told = error.detail if isinstance(error, BadInput) else "tidak terbaca / cannot be read"
            fault = f"{path.stem}.txt/.json: {told}"
        yield Row(number, path.relative_to(folder).as_posix(), fields, (path,), fault)


def of_json(path: Path) -> dict[str, str]:
    """The fields in a JSON file. Raises BadInput for unknown ones and for values that are no texts."""
    found = json.loads(path.read_text(encoding="utf-8-sig"))
    if not isinstance(found, dict) or not all(isinstance(value, str | None) for value in found.values()):
        raise BadInput("Tulis objek dengan teks / Write an object of texts")
    known_only(found)
    return {name: value for name, value in found.items() if value is not None}


def of_csv(path: Path) -> Iterator[Row]:
    """The rows of a CSV: UTF-8 with or without a mark, delimited by commas, semicolons (Excel's) or tabs. Raises
    BadInput for the whole; what is wrong with one row is its fault."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        hint = "Simpan sebagai CSV UTF-8 / Save it as CSV UTF-8"
        raise BadInput(f"{hint}: {path.name}", field="SOURCE") from error
    except OSError as error:
        raise BadInput(f"Tidak dapat dibaca / Cannot be read: {error.strerror}", field="SOURCE") from error
    head = text.lstrip("\r\n").split("\n", 1)[0]
    csv.field_size_limit(LONGEST_CELL)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=head.count), strict=True)
    try:
        table = [(number, cells) for number, cells in enumerate(lines, 1) if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        told = f"Baris {lines.line_num} rusak / Line {lines.line_num} is damaged: {error}"
        raise BadInput(told, field="SOURCE") from error
    if not table:
        return
    names = [name.strip().lower() for name in table[0][1]]
    known_only(dict.fromkeys(names), FILES)
    if len(set(names)) < len(names):
        raise BadInput("Dua kolom bernama sama / Two columns have the same name", field="SOURCE")
    for number, cells in table[1:]:
        yield of_cells(path.parent, number, names, cells)


def of_cells(folder: Path, number: int, names: list[str], cells: list[str]) -> Row:
    """One row of a CSV; its files lie relative to the CSV."""
    fault = ""
    if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
        fault = f"{len(cells)} kolom, bukan {len(names)} / {len(cells)} columns, not {len(names)}"
    given = dict(zip(names, cells, strict=False))
    listed = [name.strip() for name in given.pop(FILES, "").split(BETWEEN_FILES) if name.strip()]
    files = tuple(folder / name for name in listed)
    return Row(number, BETWEEN_FILES.join(listed), {k: v for k, v in given.items() if v.strip()}, files, fault)


def known_only(names: Mapping[str, object], *more: str) -> None:
    """Raise BadInput for names that no post has."""
    known = (*FIELDS, *more)
    unknown = [name or '""' for name in names if name not in known]
    if unknown:
        told = f"Kolom tidak dikenal / Unknown columns: {', '.join(unknown)}"
        raise BadInput(f"{told}; {', '.join(known)}", field="SOURCE")


def as_post(row: Row) -> Post:
    """The row with the bytes of its pictures and their sums. Raises BadInput when one cannot be read.

    Its key follows from content and context: whoever sends the same row again, also without a journal, sends the
    same key."""
    try:
        pictures = tuple(path.read_bytes() for path in row.files)
    except OSError as error:
        raise BadInput(f"Tidak dapat dibaca / Cannot be read: {error.strerror}") from error
    fields = dict(row.fields)
    digests = [hashlib.sha256(picture).hexdigest() for picture in pictures]
    if digests:
        fields["sha256"] = ",".join(digests)
    told = json.dumps([sorted(row.fields.items()), digests])
    return Post(row, fields, pictures, f"upload-{hashlib.sha256(told.encode()).hexdigest()}")
