"""What the pages of rules and of trained scores have in common: files handed in, and versions as rows."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, UploadFile

from app.db.rule_tables import RuleVersion, TextModelVersion
from app.errors import BadInput, TooLarge
from app.web.words import Words

ZONE = "Asia/Jakarta"
Text = Annotated[str, Form()]


def replaced(text: str) -> int | None:
    """The id of the live version that the page showed; None where it showed none. Raises BadInput."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise BadInput("Muat ulang halaman ini / Reload this page", field="ganti")
    return int(text)


def text_of(
    file: UploadFile | str | None, largest: int, encoding: str, *, missing: str, too_large: str, unreadable: str
) -> str:
    """The text of an uploaded file of at most `largest` bytes. Raises BadInput and TooLarge with these words."""
    if isinstance(file, str) or file is None or not file.filename:
        raise BadInput(missing, field="berkas")
    data = file.file.read(largest + 1)
    if len(data) > largest:
        raise TooLarge(too_large, field="berkas")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadInput(unreadable, field="berkas") from error


def row_of(row: RuleVersion | TextModelVersion, t: Words) -> dict[str, Any]:
    """What a list says of a version."""
    return {
        "id": row.id,
        "version": row.version,
        "state": row.state,
        "reason": row.reason,
        "made_by": row.made_by,
        "made_at": t.moment(row.made_at, ZONE),
        "live_since": t.moment(row.live_since, ZONE) if row.live_since else "",
    }
