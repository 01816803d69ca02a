"""The table of risk classes as a CSV file: all of it is taken or none, and every line that is wrong is told."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.auth.principal import Principal
from app.errors import BadInput
from app.review.risk import risks, set_risk
from app.rules.priority import RISKS

COLUMNS = ("region", "risk", "note")
NAMES = {"wilayah": "region", "kode": "region", "kelas": "risk", "risiko": "risk", "catatan": "note"} | {
    name: name for name in COLUMNS
}
CLASSES = {"tinggi": "high", "sedang": "medium", "rendah": "low"} | {name: name for name in RISKS}
MOST = 2000
TOLD = 10
"""Wrong lines that one message names."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One region of the file."""

    region: str
    risk: str
    note: str


def parse_risks(data: bytes) -> list[Entry]:
    """The regions of a CSV file (UTF-8; comma, semicolon or tab) with the columns region, risk and perhaps note, also
    under their Indonesian names. Raises BadInput that names the lines."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("Simpan berkas sebagai UTF-8 / Save the file as UTF-8", field="file") from error
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return _entries(rows)
    except csv.Error as error:
        raise BadInput("Berkas bukan CSV / The file is no CSV", field="file") from error


def _entries(rows: Iterable[list[str]]) -> list[Entry]:
    waiting = iter(rows)
    names = [NAMES.get(cell.strip().lower(), "") for cell in next(waiting, [])]
    if "region" not in names or "risk" not in names:
        raise BadInput(
            "Baris pertama menyebut kolom wilayah dan kelas (catatan bila ada)"
            " / The first line names the columns region and risk (and note, if any)",
            field="file",
        )
    found: dict[str, Entry] = {}
    wrong: list[str] = []
    for number, cells in enumerate(waiting, 2):
        if not any(cell.strip() for cell in cells):
            continue
        row = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
        region, risk = row.get("region", ""), CLASSES.get(row.get("risk", "").lower(), "")
        if not 1 <= len(region) <= 20 or region in found or not risk:
            wrong.append(str(number))
            continue
        found[region] = Entry(region, risk, row.get("note", ""))
        if len(found) > MOST:
            raise BadInput(f"Paling banyak {MOST} wilayah / At most {MOST} regions", field="file")
    if wrong or not found:
        lines = ", ".join(wrong[:TOLD]) + ("…" if len(wrong) > TOLD else "")
        raise BadInput(
            f"Tidak ada yang disimpan. Baris {lines or '2'}: kode wilayah 1-20 karakter tanpa ganda, kelas"
            f" tinggi/sedang/rendah / Nothing was kept. Lines {lines or '2'}: a region's code of 1-20 characters, each"
            " once, and a class high/medium/low",
            field="file",
        )
    return list(found.values())


def import_risks(session: Session, principal: Principal, entries: Iterable[Entry]) -> int:
    """Class these regions; how many changed. What the file does not name stays. The caller commits."""
    principal.require("queue.manage")
    known = {row.region_code: (row.risk, row.note) for row in risks(session)}
    changed = [one for one in entries if known.get(one.region) != (one.risk, one.note)]
    for one in changed:
        set_risk(session, principal, one.region, one.risk, one.note)
    return len(changed)
