"""Lists by cursor: `after` and `limit` go in, `items` and `next` come out, in every list of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from app.db.keyset import Page

LONGEST_CURSOR = 200
MOST = 200
Item = TypeVar("Item")
Row = TypeVar("Row")


class PageIn(BaseModel):
    """Which page: the one behind the cursor `after` (`next` of the page before), the first without it."""

    after: str = Field("", max_length=LONGEST_CURSOR, description="`next` of the page before; the first without it")
    limit: int = Field(50, ge=1, le=MOST, description="how many at most")


PageDep = Annotated[PageIn, Query()]


class PageOut(BaseModel, Generic[Item]):
    """Some of a list in its order, and the cursor of the next page: null where nothing follows."""

    items: list[Item]
    next: str | None


def shown(page: Page[Row], show: Callable[[Row], Any]) -> dict[str, Any]:
    """`items` and `next` of an answer, each row as `show` says it."""
    return {"items": [show(row) for row in page.items], "next": page.next}
