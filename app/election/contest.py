"""A contest as the pure core sees it: pairs, their candidates, and the words that name them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

NOWHERE = "-"
"""The id of the contest that stands for none: it has no calendar, so no stage of it may be told."""
_EMPTY_COLUMN = re.compile(r"\s*(kolom|kotak)\s+kosong\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One registered person of a pair (calon). `name` carries titles as registered; `nicknames` are short forms."""

    id: str
    name: str
    nicknames: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paslon:
    """A candidate pair. `number` (nomor urut) is None before the drawing; `salam` names the gestures it adopted.
    A pair without candidates is the empty column (kolom kosong) that stands against a single pair. `contest` names its
    contest where that is not the one in question (see Contest.beside)."""

    id: str
    number: int | None
    candidates: tuple[Candidate, ...]
    aliases: tuple[str, ...] = ()
    slogans: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    salam: tuple[str, ...] = ()
    contest: str = ""

    @property
    def empty(self) -> bool:
        """Whether it is the empty column."""
        return not any(person.name.strip() and not is_empty_column(person.name) for person in self.candidates)

    @property
    def label(self) -> str:
        """The two names as they stand on the ballot."""
        return " – ".join(candidate.name for candidate in self.candidates) or "Kolom kosong"


def is_empty_column(name: str) -> bool:
    """Whether a registered name stands for the empty column, as the commission writes it ("KOLOM KOSONG")."""
    return _EMPTY_COLUMN.match(name) is not None


@dataclass(frozen=True, slots=True)
class Contest:
    """One election in one region. `timezone` is an IANA name (Asia/Jakarta, Asia/Makassar, Asia/Jayapura).

    `beside` are the pairs of the province's contest on the same ballot day: their faces are known here too, while
    numbers, poses and words are read for `paslon` alone."""

    id: str
    name: str
    region_code: str
    region_name: str
    voting_day: date
    kind: str = "pilkada"
    timezone: str = "Asia/Jakarta"
    paslon: tuple[Paslon, ...] = ()
    stage_overrides: tuple[tuple[str, date, date], ...] = field(default=())
    """(stage code, first day, last day) where a region's calendar differs from the standard offsets."""
    beside: tuple[Paslon, ...] = ()

    @property
    def everybody(self) -> tuple[Paslon, ...]:
        """Its own pairs, then those of the province."""
        return (*self.paslon, *self.beside)

    def by_id(self, paslon_id: str) -> Paslon | None:
        """The pair with this id."""
        return next((pair for pair in self.everybody if pair.id == paslon_id), None)

    def pair_of(self, candidate_id: str) -> Paslon | None:
        """The pair to which this candidate belongs."""
        return next((pair for pair in self.everybody if any(c.id == candidate_id for c in pair.candidates)), None)


def province_of(region_code: str) -> str | None:
    """The code of the province of a regency or city: "16.12" and "1612" lie in "16"; None for a province itself."""
    digits = region_code.replace(".", "")
    return digits[:2] if len(digits) > 2 and digits.isdigit() else None
