"""What an office changes while Netra runs: the values, their ranges, and reading them with a short memory.

A value without a row in `setting` is the environment's, or the one stated here. Every process looks again after
CACHE_SECONDS, so a change reaches all of them within that time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.db.office_tables import Setting
from app.errors import BadInput
from app.settings import Settings

CACHE_SECONDS = 3.0
MOST_HOLIDAYS = 400
Kind = Literal["number", "whole", "count", "share", "days", "dates", "switch"]


@dataclass(frozen=True, slots=True)
class Spec:
    """One value: what it is, its range, its default where the environment has none of that name. Days, count: 0 off."""

    name: str
    group: str
    kind: Kind
    least: float = 0
    most: float = 1
    default: object = None


SPECS: tuple[Spec, ...] = (
    Spec("claim_minutes", "review", "number", 1, 240),
    Spec("second_look_share", "review", "share"),
    Spec("unflagged_sample", "review", "share"),
    Spec("gold_share", "review", "share", 0, 0.2),
    Spec("public_holidays", "review", "dates"),
    Spec("keep_unreviewed_days", "retention", "days", 0, 3650, 30),
    Spec("keep_dismissed_days", "retention", "days", 0, 3650, 30),
    Spec("keep_confirmed_days", "retention", "days", 0, 36500, 0),
    Spec("keep_working_days", "retention", "days", 0, 3650, 14),
    Spec("keep_deliveries_days", "retention", "days", 0, 3650, 30),
    Spec("requests_per_minute", "limits", "whole", 10, 1_000_000),
    Spec("strangers_per_minute", "limits", "whole", 10, 1_000_000),
    Spec("costly_per_minute", "limits", "whole", 1, 1_000_000),
    Spec("submissions_per_minute", "limits", "whole", 1, 100_000),
    Spec("submissions_per_day", "limits", "count", 0, 10_000_000),
    Spec("queue_limit", "limits", "count", 0, 1_000_000),
    Spec("reserved_megabytes", "limits", "count", 0, 1_000_000),
    Spec("sign_in_per_minute", "limits", "whole", 1, 100_000),
    Spec("session_hours", "limits", "number", 0.25, 720),
    Spec("own_token_days", "limits", "days", 0, 366, 90),
    Spec("tips_open", "tips", "switch", default=False),
    Spec("tips_per_hour", "tips", "whole", 1, 100_000, 10),
    Spec("tips_per_day", "tips", "whole", 1, 100_000, 300),
    Spec("tip_bits", "tips", "whole", 1, 26, 17),
)
BY_NAME = {spec.name: spec for spec in SPECS}


@dataclass(frozen=True, slots=True)
class Values:
    """The values that apply now."""

    claim_minutes: float
    second_look_share: float
    unflagged_sample: float
    gold_share: float
    public_holidays: frozenset[date]
    keep_unreviewed_days: int
    keep_dismissed_days: int
    keep_confirmed_days: int
    keep_working_days: int
    keep_deliveries_days: int
    requests_per_minute: int
    strangers_per_minute: int
    costly_per_minute: int
    submissions_per_minute: int
    submissions_per_day: int
    queue_limit: int
    reserved_megabytes: int
    sign_in_per_minute: int
    session_hours: float
    own_token_days: int
    tips_open: bool
    tips_per_hour: int
    tips_per_day: int
    tip_bits: int


def checked(name: str, value: object) -> Any:
    """The value as it is stored (JSON). Raises BadInput naming the setting: unknown, no number, or out of range."""
    spec = BY_NAME.get(name)
    if spec is None:
        raise BadInput(f"Setelan tidak dikenal / Unknown setting: {name[:40]}", field="name")
    if spec.kind == "dates":
        return _dates(name, value)
    if spec.kind == "switch":
        if isinstance(value, bool):
            return value
        raise BadInput("Tulis true atau false / Write true or false", field=name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput("Tulis sebuah angka / Write a number", field=name)
    whole = spec.kind in {"whole", "count", "days"}
    if not spec.least <= value <= spec.most or (whole and value != int(value)):
        kind = "bilangan bulat / a whole number" if whole else "angka / a number"
        raise BadInput(f"Tulis {kind}: {spec.least:g} – {spec.most:g}", field=name)
    return int(value) if whole else float(value)


def _dates(name: str, value: object) -> list[str]:
    hint = "Tulis tanggal seperti 2029-12-25 / Write dates like 2029-12-25"
    if not isinstance(value, list | tuple | set | frozenset) or len(value) > MOST_HOLIDAYS:
        raise BadInput(f"{hint}; paling banyak / at most {MOST_HOLIDAYS}", field=name)
    found = set()
    for one in value:
        try:
            day = one if isinstance(one, date) else date.fromisoformat(str(one))
        except ValueError as error:
            raise BadInput(f"{hint}: {str(one)[:40]}", field=name) from error
        found.add(day.isoformat())
    return sorted(found)


def default_of(spec: Spec, settings: Settings) -> Any:
    """The value without a row, as JSON: the environment's, else the one stated here."""
    return [] if spec.kind == "dates" else getattr(settings, spec.name, spec.default)


def values_of(stored: Mapping[str, object], settings: Settings) -> Values:
    """The values that these rows and the environment make; a row that no longer fits its range counts as none."""
    found: dict[str, Any] = {}
    for spec in SPECS:
        try:
            value = checked(spec.name, stored[spec.name]) if spec.name in stored else default_of(spec, settings)
        except BadInput:
            value = default_of(spec, settings)
        found[spec.name] = frozenset(map(date.fromisoformat, value)) if spec.kind == "dates" else value
    return Values(**found)


def read(session: Session, settings: Settings) -> Values:
    """The values as they stand in the database now."""
    return values_of(dict(session.execute(select(Setting.name, Setting.value)).all()), settings)


def holidays(session: Session) -> frozenset[date]:
    """The public holidays as they stand in the database now."""
    stored = session.scalar(select(Setting.value).where(Setting.name == "public_holidays"))
    return frozenset(map(date.fromisoformat, stored or ()))


class Operating:
    """The values for one process, at most CACHE_SECONDS old."""

    def __init__(
        self, settings: Settings, sessions: sessionmaker[Session], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._clock = clock
        self._lock = threading.Lock()
        self._known: tuple[float, Values] | None = None
        self._latest = values_of({}, settings)

    def now(self) -> Values:
        """The values that apply."""
        known = self._known
        if known is not None and self._clock() - known[0] < CACHE_SECONDS:
            return known[1]
        asked = self._clock()
        with self._sessions() as session:
            values = read(session, self._settings)
        with self._lock:
            if self._known is None or self._known[0] < asked:
                self._known = (asked, values)
                self._latest = values
        return values

    def latest(self) -> Values:
        """The values as this process knew them last, whatever their age: for callers that must not wait."""
        return self._latest

    def forget(self) -> None:
        """Look anew at the next question: this process has changed something."""
        with self._lock:
            self._known = None
