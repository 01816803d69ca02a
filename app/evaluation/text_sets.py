"""Texts to measure on: JSON lines with labels, a table with labels, or plain lines without any."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import BadInput
from app.text.signals import Direction

PARTISAN: Mapping[str, tuple[bool, Direction | None]] = {
    "partisan": (True, None), "1": (True, None), "true": (True, None), "confirmed": (True, None),
    "support": (True, "pro"), "pro": (True, "pro"), "attack": (True, "contra"), "contra": (True, "contra"),
    "hinder": (True, "hinder"), "non_partisan": (False, None), "neutral": (False, None), "0": (False, None),
    "false": (False, None), "none": (False, None), "dismissed": (False, None),
}  # fmt: skip
"""What a label says: whether the text takes a side, and which where the label tells."""
LARGEST = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """A text with what is known of it. `partisan` is None without a label; `pair` is a ballot number or a name as the
    file gives it; `codes` are expected signals ("AJAKAN" stands for both kinds of calls), None where none are given."""

    text: str
    partisan: bool | None = None
    direction: Direction | None = None
    pair: str = ""
    kind: str = ""
    codes: frozenset[str] | None = None
    account: str = ""


def read_texts(path: Path) -> tuple[Sample, ...]:
    """The texts of a file: `.jsonl` (a JSON object with `text` a line), `.csv` (a column `text`), else a text a line.

    `label` may be partisan or non_partisan, support, attack, hinder or neutral; `direction` or `stance`, `paslon` or
    `tokoh`, `kind`, `signals`, `group` or `account` are read where they are there. Raises BadInput."""
    try:
        if path.stat().st_size > LARGEST:
            raise BadInput(f"Berkas terlalu besar / The file is too large: {path.name}", field="FILE")
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"Tidak terbaca / Not readable: {path} ({error})", field="FILE") from error
    if path.suffix.lower() == ".jsonl":
        found = tuple(_from_json(content, path.name))
    elif path.suffix.lower() == ".csv":
        found = tuple(_from_table(content, path.name))
    else:
        found = tuple(Sample(line.strip()) for line in content.split("\n") if line.strip())
    if not found:
        raise BadInput(f"Tidak ada teks / No text in {path.name}", field="FILE")
    return found


def _from_json(content: str, name: str) -> Iterable[Sample]:
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadInput(f"{name}:{number}: bukan JSON / not JSON ({error})", field="FILE") from error
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise BadInput(f'{name}:{number}: tidak ada "text" / "text" is missing', field="FILE")
        yield _sample(row, f"{name}:{number}")


def _from_table(content: str, name: str) -> Iterable[Sample]:
    try:
        rows = list(csv.DictReader(content.splitlines(keepends=True)))
    except csv.Error as error:
        raise BadInput(f"{name}: {error}", field="FILE") from error
    if rows and "text" not in rows[0]:
        raise BadInput(f'{name}: tidak ada kolom "text" / there is no column "text"', field="FILE")
    for number, row in enumerate(rows, start=2):
        yield _sample({key: value for key, value in row.items() if key and value is not None}, f"{name}:{number}")


def _sample(row: Mapping[str, Any], where: str) -> Sample:
    label = str(row.get("label", "")).strip().lower()
    if label and label not in PARTISAN:
        raise BadInput(f"{where}: label tidak dikenal / unknown label: {label}", field="FILE")
    partisan, told = PARTISAN[label] if label else (None, None)
    stance = str(row.get("direction") or row.get("stance") or "").strip().lower()
    direction = told or (PARTISAN.get(stance, (None, None))[1] if partisan else None)
    codes = row.get("signals")
    return Sample(
        text=str(row.get("text", "")),
        partisan=partisan,
        direction=direction,
        pair=str(row.get("paslon") or row.get("tokoh") or "").strip(),
        kind=str(row.get("kind") or ""),
        codes=frozenset(map(str, codes)) if isinstance(codes, list) else None,
        account=str(row.get("group") or row.get("account") or ""),
    )
