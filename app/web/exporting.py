"""Lists as CSV files (RFC 4180) that spreadsheets open: streamed, bounded, on record, and never run as formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from fastapi.responses import Response, StreamingResponse
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.base import now
from app.screening.service import Services
from app.web.words import Words

Cell = str | int | float | date | None
Rows = Callable[[Session], Iterable[Sequence[Cell]]]
MOST_ROWS = 10_000
BATCH = 200
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes the file for one of the machine's old code page."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet may run when a text begins with it (OWASP, CSV Injection)."""


def export(
    services: Services,
    session: Session,
    principal: Principal,
    t: Words,
    name: str,
    titles: Sequence[str],
    filters: Mapping[str, str],
    rows: Rows,
) -> Response:
    """A list as a download; that it was taken, by whom and with which filters is an event, committed before a byte
    leaves. `rows` is called with a session of its own and should read in batches; at most MOST_ROWS are written."""
    facts = {"list": name, "filters": {key: value for key, value in filters.items() if value}, "most": MOST_ROWS}
    audit.append(session, principal, "list.exported", "list", name, facts)
    session.commit()

    def body() -> Iterator[bytes]:
        with services.sessions() as own:
            yield from written(titles, rows(own), t("export.cut", most=t.number(MOST_ROWS)))

    day = now().astimezone(ZoneInfo("Asia/Jakarta")).strftime("%Y%m%d-%H%M")
    headers = {"Content-Disposition": f'attachment; filename="netra-{name}-{day}.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(body(), media_type="text/csv; charset=utf-8", headers=headers)


def written(titles: Sequence[str], rows: Iterable[Sequence[Cell]], cut: str, most: int = MOST_ROWS) -> Iterator[bytes]:
    """The file in pieces: heads, rows, and the note `cut` in a last row where more rows were there than `most`."""
    yield (BYTE_ORDER_MARK + line(titles)).encode()
    waiting = iter(rows)
    while batch := list(islice(waiting, min(BATCH, most))):
        yield "".join(map(line, batch)).encode()
        most -= len(batch)
        if most == 0:
            break
    if next(waiting, None) is not None:
        yield line([cut, *[""] * (len(titles) - 1)]).encode()


def line(cells: Sequence[Cell]) -> str:
    """One record, ended by CR LF."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerow([text_of(cell) for cell in cells])
    return stream.getvalue()


def text_of(cell: Cell) -> str:
    """A cell as it is written: dates in ISO 8601, texts that a spreadsheet could run behind an apostrophe."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, date | int | float):
        return str(cell)
    return f"'{cell}" if cell.startswith(FORMULA) or cell.lstrip().startswith(FORMULA) else cell
