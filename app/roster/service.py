"""Writing the roster: elections, contests, pairs. Every change is an event and a new version for the matchers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.tables import CandidateRow, ContestRow, Election, PaslonRow
from app.errors import BadInput, Conflict
from app.roster.file import ContestFile, ElectionFile, PaslonFile, RosterFile, paslon_id, photo_path
from app.text.registry import plain_name

ALIKE = 0.8
"""The least likeness (0..1) of two spellings of one word of a name."""


def changed(session: Session, contest_id: str) -> None:
    """Tell every process that this contest must be loaded anew."""
    step = update(ContestRow).where(ContestRow.id == contest_id).values(roster_version=ContestRow.roster_version + 1)
    session.execute(step)


@dataclass(slots=True)
class Imported:
    """What an import did: photos to enrol as (candidate id, file, face), to be done one by one."""

    contests: list[str] = field(default_factory=list)
    photos: list[tuple[str, Path, int | None]] = field(default_factory=list)


def import_roster(session: Session, principal: Principal, roster: RosterFile, folder: Path) -> Imported:
    """Create or update everything the file names, except photos, which are returned; the caller commits.

    What the file does not name stays; what is the same already makes no event. Raises BadInput when a photo lies
    outside `folder` or is missing."""
    principal.require("roster.write")
    save_election(session, principal, roster.election)
    done = Imported()
    for entry in roster.contests:
        save_contest(session, principal, roster.election.id, entry)
        done.contests.append(entry.id)
        for pair in entry.paslon:
            row = save_paslon(session, principal, entry.id, pair)
            ids = {person.position: person.id for person in row.candidates}
            for place, person in enumerate(pair.candidates, 1):
                for photo in person.photo_files():
                    done.photos.append((ids[place], photo_path(folder, photo.file), photo.face))
    return done


def save_election(session: Session, principal: Principal, entry: ElectionFile) -> Election:
    """Create or update an election; the caller commits."""
    principal.require("roster.write")
    row = session.get(Election, entry.id)
    action = "election.updated" if row else "election.created"
    if row is None:
        row = Election(id=entry.id)
        session.add(row)
    row.name, row.kind, row.voting_day = entry.name, entry.kind, entry.voting_day
    if not session.is_modified(row):
        return row
    for contest in row.contests:
        changed(session, contest.id)
    audit.append(session, principal, action, "election", entry.id, entry.model_dump(mode="json"))
    return row


def save_contest(session: Session, principal: Principal, election_id: str, entry: ContestFile) -> ContestRow:
    """Create or update a contest without its pairs; the caller commits. Raises Conflict when its id is taken."""
    principal.require("roster.write")
    if session.get(Election, election_id) is None:
        raise BadInput("Pemilu ini tidak terdaftar / There is no such election", field="election")
    row = session.get(ContestRow, entry.id)
    action = "contest.updated" if row else "contest.created"
    if row is None:
        row = ContestRow(id=entry.id, election_id=election_id)
        session.add(row)
    elif row.election_id != election_id:
        raise Conflict("Kode ini dipakai pemilihan lain / This id belongs to another election's contest", field="id")
    row.name, row.region_code, row.region_name = entry.name, entry.region.code, entry.region.name
    row.timezone = entry.timezone
    row.stage_overrides = [[s.stage, s.first.isoformat(), s.last.isoformat()] for s in entry.stages]
    if not session.is_modified(row):
        return row
    session.flush()
    changed(session, entry.id)
    facts = entry.model_dump(mode="json", exclude={"paslon"})
    audit.append(session, principal, action, "contest", entry.id, facts)
    return row


def save_paslon(session: Session, principal: Principal, contest_id: str, entry: PaslonFile) -> PaslonRow:
    """Create or update a pair with its people and words; the caller commits. Raises Conflict when its id is taken.

    Photos and id stay with a person whose name is corrected. Who takes somebody else's place gets a new id, so that
    nothing that was found of one person is ever said of another; the photos go with that person."""
    principal.require("roster.write")
    row = _find_paslon(session, contest_id, entry)
    action = "paslon.updated" if row else "paslon.created"
    if row is None:
        row = PaslonRow(id=_free_id(session, contest_id, entry), contest_id=contest_id)
        session.add(row)
    people = {person.position: person for person in row.candidates}
    leaving = _leaving(people, entry)
    facts = entry.model_dump(mode="json") | _left(leaving)
    for gone in leaving:
        row.candidates.remove(people.pop(gone.position))
    if leaving:
        session.flush()  # their places are free before somebody else takes them
    row.number = entry.number
    for words in ("aliases", "slogans", "hashtags", "parties", "accounts", "salam"):
        setattr(row, words, list(getattr(entry, words)))
    for place, person in enumerate(entry.candidates, 1):
        candidate = people.get(place)
        if candidate is None:
            candidate = CandidateRow(id=_candidate_id(row, place, new=action == "paslon.created"), position=place)
            row.candidates.append(candidate)
        candidate.name, candidate.nicknames = person.name, list(person.nicknames)
    if not leaving and not any(session.is_modified(thing) for thing in (row, *row.candidates)):
        return row
    session.flush()
    changed(session, contest_id)
    session.refresh(row, ["candidates"])  # in their order
    audit.append(session, principal, action, "paslon", row.id, facts)
    return row


def _leaving(people: Mapping[int, CandidateRow], entry: PaslonFile) -> list[CandidateRow]:
    """Who is in the pair and will not be: the place is gone, or somebody else's."""
    names = {place: person.name for place, person in enumerate(entry.candidates, 1)}
    return [
        person for place, person in people.items() if place not in names or not same_person(person.name, names[place])
    ]


def _left(leaving: Sequence[CandidateRow]) -> dict[str, Any]:
    """What the event tells of those who leave."""
    if not leaving:
        return {}
    return {
        "left": [{"candidate": person.id, "name": person.name} for person in leaving],
        "photos_withdrawn": [photo.sha256 for person in leaving for photo in person.photos],
    }


def _candidate_id(row: PaslonRow, place: int, *, new: bool) -> str:
    """The place's own id goes to the first who takes it."""
    return f"{row.id}/{place}" if new else f"{row.id}/{place}-{uuid.uuid4().hex[:8]}"


def same_person(before: str, after: str) -> bool:
    """Whether a changed name may still be the same person's: titles and degrees apart, words were added or left out
    or are spelt a little differently. In doubt it is not: a new photo costs less than a wrong name."""
    fewer, more = sorted((plain_name(before), plain_name(after)), key=len)
    if not fewer:
        return before == after
    return all(get_close_matches(word, more, 1, ALIKE) for word in fewer)


def _free_id(session: Session, contest_id: str, entry: PaslonFile) -> str:
    """The id of a new pair. Raises Conflict when another pair has had it: ids never change their meaning."""
    pair_id = paslon_id(contest_id, entry)
    if session.get(PaslonRow, pair_id) is not None:
        raise Conflict(
            "Pasangan lain memakai kode ini; ubah pasangan itu lebih dahulu"
            f" / Another pair has this id, change that one first: {pair_id}",
            field="number",
        )
    return pair_id


def _find_paslon(session: Session, contest_id: str, entry: PaslonFile) -> PaslonRow | None:
    """The same pair: by its number, by its people when the number has only now been drawn, by its head before."""
    rows = session.scalars(select(PaslonRow).where(PaslonRow.contest_id == contest_id)).all()
    names = [person.name for person in entry.candidates]

    def same_number(row: PaslonRow) -> bool:
        return entry.number is not None and row.number == entry.number

    def same_people(row: PaslonRow) -> bool:
        return row.number in (None, entry.number) and [c.name for c in row.candidates] == names

    def same_head(row: PaslonRow) -> bool:
        return row.number is None and entry.number is None and row.id == paslon_id(contest_id, entry)

    tests: tuple[Callable[[PaslonRow], bool], ...] = (same_number, same_people, same_head)
    return next((row for test in tests for row in rows if test(row)), None)
