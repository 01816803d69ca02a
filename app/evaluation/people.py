"""Labelled photos of people in folders: `known/<person>/*.jpg` and, one person each, `unknown/*.jpg`."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from app.errors import BadInput
from app.imaging.decode import SUFFIXES

Half = Literal["tune", "report"]
GROUPS = "groups.csv"


@dataclass(frozen=True, slots=True)
class Person:
    """One person. `known` people have several photos and may stand in a gallery; the others are only met."""

    name: str
    known: bool
    photos: tuple[Path, ...]
    groups: Mapping[str, str] = field(default_factory=dict)

    @property
    def half(self) -> Half:
        """Limits are chosen on one half of the people and reported on the other; the name alone decides which."""
        return half_of(self.name)


def half_of(name: str) -> Half:
    """The half of a name: the lowest bit of its SHA-256's first byte. The same on every machine and for every run."""
    return "report" if hashlib.sha256(name.encode()).digest()[0] % 2 else "tune"


def read_people(folder: Path) -> tuple[Person, ...]:
    """Everybody in `folder`, known people first, sorted by name.

    `groups.csv` (columns: person, then one per question, such as hijab) may say to which groups people belong who
    agreed to it. Raises BadInput when the folder has not this form or nobody has two photos."""
    known = folder / "known"
    if not known.is_dir():
        raise BadInput(
            f"Tidak ada map known/<orang>/*.jpg di {folder} / There is no folder known/<person>/*.jpg in {folder}",
            field="DIR",
        )
    groups = _groups(folder / GROUPS)
    people = [
        Person(path.name, True, photos, groups.get(path.name, {}))
        for path in sorted(known.iterdir())
        if path.is_dir() and (photos := _photos(path))
    ]
    if not any(len(person.photos) > 1 for person in people):
        raise BadInput(
            f"Tidak ada orang dengan dua foto atau lebih di {known} / Nobody in {known} has two photos or more",
            field="DIR",
        )
    unknown = folder / "unknown"
    people += [
        Person(f"unknown/{photo.stem}", False, (photo,), groups.get(photo.stem, {}))
        for photo in (_photos(unknown) if unknown.is_dir() else ())
    ]
    return tuple(people)


def _photos(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file()))


def _groups(path: Path) -> dict[str, dict[str, str]]:
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        return {row.pop("person"): {column: value for column, value in row.items() if column} for row in rows}
    except (KeyError, UnicodeError, csv.Error) as error:
        raise BadInput(
            f"{GROUPS} perlu kolom person, UTF-8 / {GROUPS} needs a column person, UTF-8", field=GROUPS
        ) from error
