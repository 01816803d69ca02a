"""Screening without a database: the contest and its gallery straight from a roster file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from app.election.contest import NOWHERE, Contest
from app.errors import AppError, BadInput
from app.imaging.decode import ImageLimits, decode
from app.roster.file import ContestFile, RosterFile, contest_of, photo_path, provinces
from app.screening.models import Models
from app.screening.pipeline import Field, field_of
from app.vision.enrolment import choose_face
from app.vision.faces import find_faces
from app.vision.gallery import Gallery
from app.vision.observations import Floats

Advance = Callable[[], None]
Warn = Callable[[str], None]


def choose_contest(roster: RosterFile, contest_id: str | None) -> ContestFile:
    """The contest named, or the only one. Raises BadInput when it is not clear which."""
    known = {contest.id: contest for contest in roster.contests}
    if contest_id is None and len(known) == 1:
        return roster.contests[0]
    if contest_id not in known:
        raise BadInput(f"Sebut satu / Name one of: {', '.join(known)}", field="contest")
    return known[contest_id]


def field_from_file(
    roster: RosterFile, entry: ContestFile, folder: Path, models: Models, warn: Warn, advance: Advance
) -> Field:
    """Contest and gallery of a roster file, with the faces of its province, their photos embedded here and now.

    A photo that cannot serve is passed to `warn`. Raises BadInput when a candidate has photos and none can serve."""
    own = [entry, *provinces(roster, entry)]
    return field_of(contest_of(roster, entry), gallery_from_file(roster, own, folder, models, warn, advance))


def gallery_from_file(
    roster: RosterFile, entries: Sequence[ContestFile], folder: Path, models: Models, warn: Warn, advance: Advance
) -> Gallery:
    """The photos of these contests, embedded here and now; warns and raises as `field_from_file` does."""
    rows: list[tuple[str, str, Floats]] = []
    pairs = [both for entry in entries for both in zip(entry.paslon, contest_of(roster, entry).paslon, strict=True)]
    for pair, row in pairs:
        for person, candidate in zip(pair.candidates, row.candidates, strict=True):
            usable = 0
            for photo in person.photo_files():
                try:
                    embedding = embed(photo_path(folder, photo.file), photo.face, models)
                    rows.append((candidate.id, photo.file, embedding))
                    usable += 1
                except AppError as error:
                    warn(f"{photo.file} ({person.name}): {error.detail}")
                advance()
            if person.photos and not usable:
                raise BadInput(f"Tidak ada foto yang dapat dipakai / No usable photo: {person.name}", field="photos")
    matrix = np.stack([vector for *_, vector in rows]) if rows else np.zeros((0, 1), np.float32)
    ids, names = tuple(row[0] for row in rows), tuple(row[1] for row in rows)
    return Gallery(matrix, ids, names, models.embedder.model)


def photos_of(entries: Sequence[ContestFile]) -> int:
    """How many photos these contests name."""
    return sum(len(person.photos) for entry in entries for pair in entry.paslon for person in pair.candidates)


def elsewhere(roster: RosterFile, entry: ContestFile) -> list[ContestFile]:
    """All contests of the file whose candidates a screening for this one does not compare: for a search on request."""
    near = [entry, *provinces(roster, entry)]
    return [one for one in roster.contests if one not in near]


def embed(path: Path, choice: int | None, models: Models) -> Floats:
    """The embedding of the one face of a reference photo. Raises BadInput as enrolment does."""
    picture = decode(path.read_bytes(), ImageLimits())
    face = choose_face(find_faces(picture.pixels, models.detector, models.embedder, models.thresholds), choice)
    if face.embedding is None:
        raise BadInput("Wajah tidak dapat dibandingkan / The face cannot be compared", field="photo")
    return face.embedding


def no_contest(on: date) -> Field:
    """Where no roster is given: nobody is registered, so only text and gestures are read, and nobody is named."""
    contest = Contest(id=NOWHERE, name="-", region_code="00", region_name="-", voting_day=on)
    return field_of(contest, Gallery(np.zeros((0, 1), np.float32), (), (), ""))
