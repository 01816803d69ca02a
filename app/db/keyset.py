"""Pages by keyset: an order of rows that an index can follow, and what lies behind one row of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

Row = TypeVar("Row")
Key = tuple[InstrumentedAttribute[Any], bool]


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
