"""The wording of the console: catalogue texts, dates by the contest's zone, numbers by the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal

from app.i18n import Translator, translator

ZONES = {"Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
CLOCK = {"id": "HH.mm", "en": "HH:mm"}


@dataclass(frozen=True, slots=True)
class Words:
    """One language: call it with a key of the catalogue, or ask for plurals, dates, moments and numbers."""

    translate: Translator

    @property
    def language(self) -> str:
        """ "id" or "en"."""
        return self.translate.language

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key. Raises MissingMessage."""
        return self.translate(key, **values)

    def plural(self, key: str, count: int, **values: object) -> str:
        """The text of a key in the form that `count` asks for; `{n}` in it is the number as people write it."""
        return self.translate.ntranslate(key, count, n=self.number(count), **values)

    def either(self, key: str, fallback: str) -> str:
        """The text of a key, or `fallback` where the catalogue has none (a code of a newer part)."""
        return self.translate(key) if self.translate.has(key) else fallback

    def yes(self, value: bool) -> str:
        """Yes or no."""
        return self("word.yes" if value else "word.no")

    def number(self, value: float, digits: int = 0) -> str:
        """1.234,5 in Indonesian, 1,234.5 in English."""
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return str(format_decimal(value, format=pattern, locale=self.language))

    def day(self, value: date) -> str:
        """2 Sep 2029."""
        return str(format_date(value, "d MMM y", locale=self.language))

    def short_day(self, value: date) -> str:
        """2 Sep, where the year is plain."""
        return str(format_date(value, "d MMM", locale=self.language))

    def moment(self, value: datetime, timezone: str) -> str:
        """2 Sep 2029 08.15 WIB: an aware moment on the clocks of `timezone` (an IANA name)."""
        zone = ZoneInfo(timezone)
        pattern = f"d MMM y {CLOCK[self.language]}"
        written = format_datetime(value, pattern, tzinfo=zone, locale=self.language)
        return f"{written} {self.zone(timezone, value)}"

    def clock(self, value: datetime, timezone: str) -> str:
        """08.15 WIB: the time of day of an aware moment on the clocks of `timezone`."""
        zone = ZoneInfo(timezone)
        written = format_datetime(value, CLOCK[self.language], tzinfo=zone, locale=self.language)
        return f"{written} {self.zone(timezone, value)}"

    def zone(self, timezone: str, at: datetime | None = None) -> str:
        """WIB, WITA or WIT: what people call an IANA zone; elsewhere its abbreviation at that moment."""
        return ZONES.get(timezone) or (at or datetime.now(UTC)).astimezone(ZoneInfo(timezone)).tzname() or timezone

    def age(self, since: datetime, at: datetime | None = None) -> str:
        """How long ago, in the largest unit that fits."""
        passed = (at or datetime.now(UTC)) - since
        return str(format_timedelta(max(passed, timedelta(0)), locale=self.language, threshold=0.99))

    def one_of(self, text: str) -> str:
        """This language's half of an error's "Indonesian / English" text; a text without halves as it is."""
        first, separator, second = text.partition(" / ")
        if not separator:
            return text
        return first if self.language == "id" else second


@cache
def words(language: str) -> Words:
    """The wording of a language of LANGUAGES."""
    return Words(translator(language, "console"))
