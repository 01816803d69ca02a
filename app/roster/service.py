"""Writing the roster: elections, contests, pairs. Every change is an event and a new version for the matchers."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, originals
from app.auth.principal import Principal
from app.db.contest_tables import CandidateRow, ContestRow, Election, PaslonRow
from app.db.event_tables import Event
from app.errors import BadInput, Conflict
from app.roster.closing import changed, is_flagged, last_version
from app.roster.file import ContestFile, ElectionFile, PaslonFile, RosterFile, paslon_id, photo_path, slug
from app.text.registry import plain_name

ALIKE = 0.8
"""The least likeness (0..1) of two spellings of one word of a name."""


@dataclass(slots=True)
class Imported:
    """What an import did: photos to enrol as (candidate id, file, face), to be done one by one, and those refused."""

    contests: list[str] = field(default_factory=list)
    photos: list[tuple[str, Path, int | None]] = field(default_factory=list)
    refused: list[BadInput] = field(default_factory=list)


def import_roster(session: Session, principal: Principal, roster: RosterFile, folder: Path) -> Imported:
    """Create or update everything the file names, except photos, which are returned; the caller commits.

    What the file does not name stays; what is the same already makes no event. A photo that lies outside `folder` or
    is missing is refused, the others are not."""
    principal.require("roster.write")
    audit.hold(session)
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
                    try:
                        done.photos.append((ids[place], photo_path(folder, photo.file), photo.face))
                    except BadInput as error:
                        done.refused.append(error)
    return done


def save_election(session: Session, principal: Principal, entry: ElectionFile) -> Election:
    """Create or update an election; the caller commits."""
    principal.require("roster.write")
    audit.hold(session)
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
    audit.hold(session)
    if session.get(Election, election_id) is None:
        raise BadInput("Pemilu ini tidak terdaftar / There is no such election", field="election")
    row = session.get(ContestRow, entry.id)
    action = "contest.updated" if row else "contest.created"
    if row is None:
        version = last_version(session, entry.id) + 1
        row = ContestRow(id=entry.id, election_id=election_id, roster_version=version)
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
    """Create or update a pair with its people and words; the caller commits.

    Raises Conflict when its people or its number belong to another pair, or flags rely on the number it had.
    Photos and id stay with a person whose name is corrected. Who takes somebody else's place gets a new id, so that
    nothing that was found of one person is ever said of another; the photos go with that person."""
    principal.require("roster.write")
    audit.hold(session)
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
    originals.condemn(session, facts.get("photos_withdrawn", ()), "photo")
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
    """The id of a new pair: ids never change their meaning, so one that was ever used gets a suffix.

    Raises Conflict when the same head stands in another pair."""
    pair_id = paslon_id(contest_id, entry)
    if entry.number is None and session.get(PaslonRow, pair_id) is not None:
        raise Conflict(
            "Pasangan lain memakai kode ini; ubah pasangan itu lebih dahulu"
            f" / Another pair has this id, change that one first: {pair_id}",
            field="number",
        )
    names = itertools.chain([pair_id], (f"{pair_id}-{turn}" for turn in itertools.count(2)))
    return next(name for name in names if not _was_used(session, name))


def _was_used(session: Session, pair_id: str) -> bool:
    events = select(Event.id).where(Event.object_type == "paslon", Event.object_id == pair_id)
    return session.get(PaslonRow, pair_id) is not None or session.scalar(events.limit(1)) is not None


def _find_paslon(session: Session, contest_id: str, entry: PaslonFile) -> PaslonRow | None:
    """The same pair: by its number, by its people, before the drawing by its head.

    Raises Conflict when number and people are those of two pairs, or the number cannot be taken from the people."""
    rows = session.scalars(select(PaslonRow).where(PaslonRow.contest_id == contest_id)).all()
    names = [person.name for person in entry.candidates]
    numbered = next((row for row in rows if entry.number is not None and row.number == entry.number), None)
    people = next((row for row in rows if [person.name for person in row.candidates] == names), None)
    if people is None or people is numbered:
        head = (row for row in rows if row.number is None and entry.number is None and _same_head(row, entry))
        return numbered or next(head, None)
    if numbered is not None:
        raise Conflict(
            f"Pasangan ini terdaftar dengan nomor {people.number or '–'}, dan nomor {entry.number} milik pasangan lain;"
            " ubah atau hapus pasangan lain itu lebih dahulu"
            f" / These people are registered as number {people.number or '–'}, and number {entry.number} is another"
            " pair's: change or delete that one first",
            field="number",
        )
    if people.number not in (None, entry.number) and is_flagged(session, people):
        raise Conflict(
            f"Ada butir tinjauan tentang pasangan ini sebagai nomor {people.number}, jadi nomornya tetap;"
            " tambahkan pasangan yang benar setelah mengubah nama di nomor ini"
            f" / Items of the queue are about this pair as number {people.number}, so it keeps it: put the right names"
            " under this number, then add these people under theirs",
            field="number",
        )
    return people


def _same_head(row: PaslonRow, entry: PaslonFile) -> bool:
    return bool(row.candidates) and slug(row.candidates[0].name) == slug(entry.candidates[0].name)
