"""Pages by keyset: an order of rows that an index can follow, and what lies behind one row of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, inspect, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.errors import BadInput

Row = TypeVar("Row")
Key = tuple[InstrumentedAttribute[Any], bool]
LARGEST = 2**31 - 1
"""The largest number that every database can compare with its own."""


@dataclass(frozen=True, slots=True)
class Sort:
    """An order: (column, whether the largest comes first), from the most telling column to one that is unique.

    The columns are those of the listed rows and never empty: a comparison with nothing would lose rows."""

    keys: tuple[Key, ...]

    @property
    def descending(self) -> bool:
        """Whether the most telling column has its largest value first."""
        return self.keys[0][1]

    def reversed(self) -> Sort:
        """The same rows from the other end; an index can be read both ways."""
        return Sort(tuple((column, not descending) for column, descending in self.keys))

    def order(self) -> list[ColumnElement[Any]]:
        """What stands behind ORDER BY."""
        return [column.desc() if descending else column.asc() for column, descending in self.keys]

    def behind(self, row: object) -> ColumnElement[bool]:
        """Whether a row comes after this one; written so that an index finds the place."""
        values = [getattr(row, column.key) for column, _ in self.keys]
        after: ColumnElement[bool] | None = None
        for (column, descending), value in reversed(list(zip(self.keys, values, strict=True))):
            beyond = column < value if descending else column > value
            reached = column <= value if descending else column >= value
            after = beyond if after is None else and_(reached, or_(beyond, after))
        assert after is not None
        return after


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    """Some rows in order; `more`: others follow the last of them."""

    items: list[Row]
    more: bool


def sliced(session: Session, query: Select[Row], sort: Sort, after: object | None, limit: int) -> Slice[Row]:
    """The first `limit` rows of the query in this order, those behind the row `after` where one is given."""
    if after is not None:
        query = query.where(sort.behind(after))
    found: Sequence[Row] = session.scalars(query.order_by(*sort.order()).limit(limit + 1)).all()
    return Slice(list(found[:limit]), len(found) > limit)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows in order, and the cursor of the page behind them; None where nothing follows."""

    items: list[Row]
    next: str | None


def paged(
    session: Session,
    query: Select[Row],
    sort: Sort,
    after: str = "",
    limit: int = 50,
    *,
    among: Select[Row] | None = None,
) -> Page[Row]:
    """A page of the query's rows. `after` is the `next` of the page before; its row is looked for `among` these where
    rows may leave the query between two pages.

    Raises BadInput for a cursor that names no such row."""
    last = None
    if after:
        places = query if among is None else among
        last = session.scalars(places.where(*_named(places, after))).first()
        if last is None:
            raise unknown_cursor()
    found = sliced(session, query, sort, last, limit)
    return Page(found.items, cursor(found.items[-1]) if found.more else None)


def cursor(row: object) -> str:
    """The primary key of a row as text."""
    return "/".join(str(part) for part in inspect(row).identity)


def unknown_cursor() -> BadInput:
    """The refusal of a cursor that leads nowhere."""
    return BadInput("Penanda halaman tidak dikenal / Unknown cursor", field="after")


def _named(query: Select[Any], after: str) -> list[ColumnElement[bool]]:
    keys = inspect(query.column_descriptions[0]["entity"]).primary_key
    parts = after.split("/", len(keys) - 1)
    if len(parts) != len(keys) or not after.isprintable():
        raise unknown_cursor()
    try:
        return [column == _value(column.type.python_type, part) for column, part in zip(keys, parts, strict=True)]
    except ValueError as error:
        raise unknown_cursor() from error


def _value(kind: type, text: str) -> object:
    """The part of a key; ValueError where it can be none."""
    if kind is int:
        number = int(text)
        if not 0 <= number <= LARGEST:
            raise ValueError(text)
        return number
    return UUID(text) if kind is UUID else text
