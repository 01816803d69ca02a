"""The roster file: one JSON document with an election, its contests, their pairs, and photos beside it."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, LiteralString
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from app.election.calendar import stage_codes
from app.election.contest import Candidate, Contest, Paslon, is_empty_column, province_of
from app.errors import BadInput
from app.rules.ruleset import load_rules

Span = tuple[str, date, date]
"""Stage, first day, last day."""
LARGEST = 20 * 1024 * 1024
UNKNOWN_POSE: LiteralString = "pose tidak dikenal; ada / unknown pose; known: {known}"
UNSEEN_POSE: LiteralString = (
    "pose {pose} tidak dapat dibaca mesin; pilih / cannot be read by the machine; choose from: {known}"
)
LONGEST_PAIR_ID = 115
"""Leaves room for a suffix in the column of 120."""


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("unknown time zone; use Asia/Jakarta, Asia/Makassar or Asia/Jayapura")
    return name


def slug(text: str) -> str:
    """Lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "x"


PRINTED = r"[^\x00-\x1f\x7f-\x9f]"
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=rf"^{PRINTED}*[^\s\x00-\x1f\x7f-\x9f]{PRINTED}*$")]
"""Blanks around it are taken off; of blanks alone nothing would be left."""
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]


def _counted(value: object) -> object:
    """A number is a number: text and true would be taken for one too. 2.0 is whole, as JSON knows no other kind."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise PydanticCustomError("int_type", "must be a whole number")


def _written(value: object) -> object:
    """A day is written: a number would be taken for seconds since 1970."""
    if isinstance(value, str | date):
        return value
    raise PydanticCustomError("date_type", "a day is written as YYYY-MM-DD")


YEARS = {"pattern": r"^(19[5-9]\d|20\d\d|21[0-4]\d|2150)-"}
Day = Annotated[
    date, BeforeValidator(_written), Field(ge=date(1950, 1, 1), le=date(2150, 12, 31), json_schema_extra=dict(YEARS))
]
"""A day that leaves room for the calendar around it."""
Terms = Annotated[list[Name], Field(max_length=200)]


class Strict(BaseModel):
    """A misspelt key is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class PhotoFile(Strict):
    """A reference photo: a path relative to the roster file, and which face when several are in it (from 0)."""

    file: Name
    face: Annotated[int, Field(ge=0), BeforeValidator(_counted)] | None = None


def _poses(schema: dict[str, Any]) -> None:
    schema["enum"] = [one.id for one in load_rules().poses.values() if one.seen]


def _pose(name: str) -> str:
    poses = load_rules().poses
    pose, known = poses.get(name), ", ".join(one.id for one in poses.values() if one.seen)
    if pose is None:
        raise PydanticCustomError("pose_unknown", UNKNOWN_POSE, {"known": known})
    if not pose.seen:
        raise PydanticCustomError("pose_unseen", UNSEEN_POSE, {"pose": name, "known": known})
    return name


class CandidateFile(Strict):
    """One person of a pair."""

    name: Name
    nicknames: Terms = []
    photos: list[PhotoFile | Name] = Field([], max_length=20)

    def photo_files(self) -> list[PhotoFile]:
        """The photos, a bare path being one without a choice of face."""
        return [photo if isinstance(photo, PhotoFile) else PhotoFile(file=photo) for photo in self.photos]


class PaslonFile(Strict):
    """A pair; `number` is null before the drawing. One person is enough for other kinds of contest."""

    number: Annotated[int, Field(ge=1, le=99), BeforeValidator(_counted)] | None = None
    candidates: list[CandidateFile] = Field(min_length=1, max_length=2)
    aliases: Terms = []
    slogans: Terms = []
    hashtags: Terms = []
    parties: Terms = []
    accounts: Terms = []
    salam: list[Annotated[str, AfterValidator(_pose), Field(json_schema_extra=_poses)]] = []


class RegionFile(Strict):
    """The region of a contest, with its Kemendagri code."""

    code: Annotated[str, Field(pattern=r"^[0-9]{2}(\.[0-9]{2}){0,2}$")]
    name: Name


class StageFile(Strict):
    """A stage whose days differ from the standard calendar."""

    stage: str
    first: Day
    last: Day

    @model_validator(mode="after")
    def first_comes_first(self) -> StageFile:
        """No stage that ends before it begins."""
        if self.last < self.first:
            raise ValueError("the last day is before the first")
        return self


class ContestFile(Strict):
    """One contest of the election."""

    id: Id
    name: Name
    region: RegionFile
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Jakarta"
    stages: list[StageFile] = []
    paslon: list[PaslonFile] = Field([], max_length=99)

    @model_validator(mode="after")
    def numbers_differ(self) -> ContestFile:
        """No number twice, no stage that does not exist."""
        numbers = [pair.number for pair in self.paslon if pair.number is not None]
        if len(numbers) != len(set(numbers)):
            raise ValueError("two pairs have the same number")
        known = dict.fromkeys((*stage_codes(), *stage_codes("pemilu")))
        unknown = {stage.stage for stage in self.stages} - known.keys()
        if unknown:
            raise ValueError(f"unknown stage: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
        return self


class ElectionFile(Strict):
    """The voting day."""

    id: Id
    name: Name
    kind: Literal["pilkada", "pemilu"] = "pilkada"
    voting_day: Day


class RosterFile(Strict):
    """The whole document."""

    election: ElectionFile
    contests: list[ContestFile] = Field(min_length=1)

    @model_validator(mode="after")
    def ids_differ(self) -> RosterFile:
        """No contest twice."""
        ids = [contest.id for contest in self.contests]
        if len(ids) != len(set(ids)):
            raise ValueError("two contests have the same id")
        return self


def read_roster(path: Path) -> RosterFile:
    """Read and check a roster file. Raises BadInput that names the place in the document."""
    try:
        if path.stat().st_size > LARGEST:
            raise BadInput(f"{path.name}: lebih dari 20 MiB / more than 20 MiB", field="roster")
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{path}: tidak dapat dibaca / cannot be read ({error.strerror})", field="roster") from error
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise BadInput(f"{path.name}: bukan JSON yang sah / not valid JSON ({error})", field="roster") from error
    return parse_roster(document)


def parse_roster(document: object) -> RosterFile:
    """Check a roster document. Raises BadInput that names the first place that does not fit."""
    try:
        return RosterFile.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "roster"
        raise BadInput(f"Daftar calon / Roster, {place}: {first['msg']}", field=place) from error


def photo_path(folder: Path, name: str) -> Path:
    """The photo beside the roster file. Raises BadInput when it is not inside the folder, not there or not readable."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise BadInput(f"Foto di luar map / Photo outside the folder: {name}", field="photos")
    if not path.is_file():
        raise BadInput(f"Foto tidak ada / Photo is missing: {name}", field="photos")
    if not os.access(path, os.R_OK):
        raise BadInput(f"Foto tidak dapat dibaca / Photo cannot be read: {name}", field="photos")
    return path


def paslon_id(contest_id: str, pair: PaslonFile) -> str:
    """A stable id: by number once drawn, by the first candidate's name before."""
    name = slug(pair.candidates[0].name) if pair.number is None else str(pair.number)
    return f"{contest_id}/{name}"[:LONGEST_PAIR_ID]


def contest_of(roster: RosterFile, entry: ContestFile) -> Contest:
    """The contest as the core sees it, straight from the file."""
    return Contest(
        id=entry.id,
        name=entry.name,
        region_code=entry.region.code,
        region_name=entry.region.name,
        voting_day=roster.election.voting_day,
        kind=roster.election.kind,
        timezone=entry.timezone,
        paslon=tuple(_pair(entry, pair) for pair in entry.paslon),
        stage_overrides=tuple((stage.stage, stage.first, stage.last) for stage in entry.stages),
        beside=tuple(
            replace(_pair(above, pair), contest=above.name)
            for above in provinces(roster, entry)
            for pair in above.paslon
        ),
    )


def provinces(roster: RosterFile, entry: ContestFile) -> list[ContestFile]:
    """The contests of the file whose candidates' faces count for this one too: those of its province."""
    code = province_of(entry.region.code)
    return [one for one in roster.contests if code is not None and one.region.code == code]


def _pair(entry: ContestFile, pair: PaslonFile) -> Paslon:
    pair_id = paslon_id(entry.id, pair)
    return Paslon(
        id=pair_id,
        number=pair.number,
        candidates=tuple(
            Candidate(f"{pair_id}/{place}", person.name, tuple(person.nicknames))
            for place, person in enumerate(pair.candidates, 1)
            if not is_empty_column(person.name)
        ),
        aliases=tuple(pair.aliases),
        slogans=tuple(pair.slogans),
        hashtags=tuple(pair.hashtags),
        parties=tuple(pair.parties),
        accounts=tuple(pair.accounts),
        salam=tuple(pair.salam),
    )
