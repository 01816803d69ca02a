"""The day that a screenshot's words for a time mean: "12 Oktober pukul 09.41", "3 jam", "kemarin"."""

from __future__ import annotations

import re
from datetime import date, timedelta

MONTHS = ("jan", "feb", "mar", "apr", "mei", "jun", "jul", "agu", "sep", "okt", "nov", "des")
OTHER_NAMES = {"may": "mei", "aug": "agu", "ags": "agu", "oct": "okt", "dec": "des", "nop": "nov"}
_NAMED = re.compile(r"\b(\d{1,2})\s+([a-z]{3})[a-z]*\.?(?:\s+(\d{4}|\d{2}(?![.:\d])))?", re.IGNORECASE)
_MONTH_FIRST = re.compile(r"\b([a-z]{3})[a-z]*\.?\s+(\d{1,2})(?:,?\s+(\d{4}))?\b", re.IGNORECASE)
_NUMBERS = re.compile(r"\b(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})\b")
_AGO = re.compile(r"\b(\d{1,3})\s?(detik|menit|mnt|jam|hari|minggu|mgg|[smhdwj])\b", re.IGNORECASE)
DAYS = {"hari": 1, "d": 1, "minggu": 7, "mgg": 7, "w": 7}
PLAIN, NO_YEAR, RELATIVE = 0.85, 0.7, 0.4
"""How sure a day is that is written out, without its year, or counted back from when the post became known."""


def day_meant(words: str, known: date) -> tuple[date, float] | None:
    """The day and how sure it is, never after `known`; None where the words name no day."""
    named = _NAMED.search(words)
    if named is not None and (found := _day(named[1], named[2], named[3], known)):
        return found
    named = _MONTH_FIRST.search(words)
    if named is not None and (found := _day(named[2], named[1], named[3], known)):
        return found
    numbers = _NUMBERS.search(words)
    if numbers is not None:
        return _valid(_year(numbers[3]), int(numbers[2]), int(numbers[1]), known, PLAIN)
    ago = _AGO.search(words)
    if ago is not None:
        return known - timedelta(days=int(ago[1]) * DAYS.get(ago[2].lower(), 0)), RELATIVE
    if re.search(r"\b(kemarin|yesterday)\b", words, re.IGNORECASE):
        return known - timedelta(days=1), RELATIVE
    return (known, RELATIVE) if re.search(r"\b(baru saja|just now)\b", words, re.IGNORECASE) else None


def _day(day: str, name: str, year: str | None, known: date) -> tuple[date, float] | None:
    short = OTHER_NAMES.get(name.lower(), name.lower())
    if short not in MONTHS:
        return None
    month = MONTHS.index(short) + 1
    if year is not None:
        return _valid(_year(year), month, int(day), known, PLAIN)
    this = _valid(known.year, month, int(day), known, NO_YEAR)
    return this or _valid(known.year - 1, month, int(day), known, NO_YEAR)


def _year(written: str) -> int:
    return int(written) + (2000 if len(written) == 2 else 0)


def _valid(year: int, month: int, day: int, known: date, sure: float) -> tuple[date, float] | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return (found, sure) if found <= known else None
