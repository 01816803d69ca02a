"""A period of whole days on the clocks of a contest: what a page of figures is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.db.contest_tables import ContestRow
from app.errors import BadInput
from app.review.figures import NEWEST, Scope
from app.text.storable import storable

ZONE = "Asia/Jakarta"
USUAL, LONGEST = 30, 366
"""Days of a period, unless it is chosen, and at most."""
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)


@dataclass(frozen=True, slots=True)
class Period:
    """The days `first` to `last`, both included, of one contest or (None) of all; `zone` is an IANA name."""

    contest: str | None
    first: date
    last: date
    zone: str
    today: date

    @property
    def days(self) -> tuple[date, ...]:
        """Every day, in order."""
        return tuple(self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1))

    def scope(self, limit: int = NEWEST) -> Scope:
        """The same as moments, for the newest `limit` rows."""
        return Scope(self.contest, self._begin(self.first), self._begin(self.last + timedelta(days=1)), limit)

    def _begin(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)


def period_of(session: Session, contest: str = "", first: date | None = None, last: date | None = None) -> Period:
    """The period asked for; without days the last USUAL ones. Raises BadInput for an unknown contest, days in the wrong
    order, and more than LONGEST days."""
    row = session.get(ContestRow, storable(contest)) if contest else None
    if contest and row is None:
        raise BadInput("Pemilihan ini tidak terdaftar / There is no such contest", field="contest")
    zone = row.timezone if row else ZONE
    today = datetime.now(ZoneInfo(zone)).date()
    until = last or max(first or today, today)
    since = first or until - timedelta(days=USUAL - 1)
    if not EARLIEST <= since <= until <= LATEST:
        raise BadInput(
            "Hari pertama harus sebelum hari terakhir / The first day must come before the last", field="since"
        )
    if (until - since).days >= LONGEST:
        raise BadInput(f"Paling lama {LONGEST} hari / At most {LONGEST} days", field="since")
    return Period(row.id if row else None, since, until, zone, today)
