"""One way to list: columns that sort, filters that live in the address and can be taken off, pages by cursor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from app.db.keyset import Sort
from app.errors import BadInput
from app.web.exporting import MOST_ROWS
from app.web.words import Words

SORT, CURSOR = "urut", "setelah"
"""Names in the address: `urut=tenggat` begins with the smallest or largest as the column likes, `urut=-tenggat` with
the other end; `setelah` is the id of the last row of the page before."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `title` is a key of the catalogue, `kind` the class of its cells: "num", "date" or nothing."""

    code: str
    title: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's head as drawn: `href` sorts by it, `sorted` is what aria-sort says; both empty where it cannot."""

    text: str
    kind: str = ""
    href: str = ""
    sorted: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter in words, and the address without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What surrounds the rows of a table: heads, chips, ways to the first and the next page, the export.

    `kept` are names and values that the form of the filters carries along unseen; `clear` shows
    everything; `most` is how many rows an export holds."""

    headings: tuple[Heading, ...]
    chips: tuple[Chip, ...] = ()
    first: str = ""
    next: str = ""
    export: str = ""
    clear: str = ""
    most: int = MOST_ROWS
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def filtered(self) -> bool:
        """Whether anything is left out by a filter."""
        return bool(self.chips)


def asked_day(text: str, name: str) -> date | None:
    """The day that the address names as `name`; None for none. Raises BadInput for what is no day."""
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError as error:
        raise BadInput("Tulis tanggal sebagai TTTT-BB-HH / Write the date as YYYY-MM-DD", field=name) from error


def address(path: str, values: Mapping[str, str], **changed: str) -> str:
    """The path with these values as its query; empty ones are left out."""
    kept = {name: value for name, value in (dict(values) | changed).items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path


def chosen_sort(sorts: Mapping[str, Sort], wanted: str) -> tuple[str, Sort]:
    """The sort that the address names, and its name; the first of `sorts`, with an empty name, for none or unknown."""
    code, default = wanted.removeprefix("-"), next(iter(sorts))
    if code not in sorts or wanted == default:
        return "", sorts[default]
    return wanted, sorts[code].reversed() if wanted.startswith("-") else sorts[code]


def headings(
    path: str, values: Mapping[str, str], columns: Iterable[Column], sorts: Mapping[str, Sort], wanted: str, t: Words
) -> tuple[Heading, ...]:
    """The heads of a table; those of `sorts` are links that sort, and turn the order round when they do already."""
    name, sort = chosen_sort(sorts, wanted) if sorts else ("", None)
    code = name.removeprefix("-") or next(iter(sorts), "")
    made = []
    for column in columns:
        if column.code not in sorts or sort is None:
            made.append(Heading(t(column.title), column.kind))
            continue
        current = column.code == code
        turned = f"-{column.code}" if current and not name.startswith("-") else column.code
        href = address(path, values, **{SORT: turned, CURSOR: ""})
        direction = "descending" if sort.descending else "ascending"
        made.append(Heading(t(column.title), column.kind, href, direction if current else ""))
    return tuple(made)


def plain_headings(columns: Iterable[Column], t: Words) -> tuple[Heading, ...]:
    """The heads of a table that does not sort."""
    return tuple(Heading(t(column.title), column.kind) for column in columns)


def chips(path: str, values: Mapping[str, str], worded: Iterable[tuple[str, str, str]]) -> tuple[Chip, ...]:
    """Chips of the filters (name in the address, label, value in words) that are set in `values`."""
    return tuple(
        Chip(label, value, address(path, values, **{name: "", CURSOR: ""}))
        for name, label, value in worded
        if values.get(name)
    )


def listing(
    path: str,
    values: Mapping[str, str],
    columns: Sequence[Column],
    t: Words,
    *,
    sorts: Mapping[str, Sort] | None = None,
    worded: Iterable[tuple[str, str, str]] = (),
    cursor: str = "",
    following: str | None = None,
    export: bool = True,
) -> Listing:
    """The surroundings of one page of a list at `path` whose filters and order are `values` (without the cursor).

    `worded` are the filters in words as for `chips`; `cursor` is that of this page, `following` that of the next. The
    export is at the same path with `.csv` behind it."""
    wanted = values.get(SORT, "")
    return Listing(
        headings=headings(path, values, columns, sorts or {}, wanted, t),
        chips=chips(path, values, worded),
        first=address(path, values) if cursor else "",
        next=address(path, values, **{CURSOR: following}) if following else "",
        export=address(f"{path}.csv", values) if export else "",
        clear=address(path, {SORT: wanted}),
        kept={SORT: wanted} if wanted else {},
    )
