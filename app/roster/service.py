"""Writing the roster: elections, contests, pairs. Every change is an event and a new version for the matchers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.tables import CandidateRow, ContestRow, Election, PaslonRow
from app.errors import BadInput, Conflict
from app.roster.file import ContestFile, ElectionFile, PaslonFile, RosterFile, paslon_id, photo_path


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
            for place, person in enumerate(pair.candidates, 1):
                for photo in person.photo_files():
                    done.photos.append((f"{row.id}/{place}", photo_path(folder, photo.file), photo.face))
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

    Photos stay with a person whose name is corrected, and go when somebody else takes the place."""
    principal.require("roster.write")
    row = _find_paslon(session, contest_id, entry)
    action = "paslon.updated" if row else "paslon.created"
    if row is None:
        row = PaslonRow(id=_free_id(session, contest_id, entry), contest_id=contest_id)
        session.add(row)
    people = {person.position: person for person in row.candidates}
    row.number = entry.number
    for words in ("aliases", "slogans", "hashtags", "parties", "accounts", "salam"):
        setattr(row, words, list(getattr(entry, words)))
    withdrawn: list[str] = []
    for place, person in enumerate(entry.candidates, 1):
        candidate = people.pop(place, None)
        if candidate is None:
            candidate = CandidateRow(id=f"{row.id}/{place}", position=place)
            row.candidates.append(candidate)
        elif not same_person(candidate.name, person.name):
            withdrawn += [photo.sha256 for photo in candidate.photos]
            candidate.photos.clear()  # they would give the new person's name to somebody else
        candidate.name, candidate.nicknames = person.name, list(person.nicknames)
    for gone in people.values():
        row.candidates.remove(gone)
    if not any(session.is_modified(thing) for thing in (row, *row.candidates)):
        return row
    session.flush()
    changed(session, contest_id)
    facts = entry.model_dump(mode="json") | ({"photos_withdrawn": withdrawn} if withdrawn else {})
    audit.append(session, principal, action, "paslon", row.id, facts)
    return row


def same_person(before: str, after: str) -> bool:
    """Whether a changed name may still be the same person's: a word of three letters or more has stayed."""
    old, new = (set(re.findall(r"\w{3,}", name.casefold())) for name in (before, after))
    return before == after or bool(old & new)


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
