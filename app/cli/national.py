"""`netra screen --national`: faces that got no name, beside the candidates of all other contests of the roster."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.cli.console import bar, err
from app.election.contest import Contest
from app.roster.file import contest_of, read_roster
from app.screening.models import Models
from app.screening.offline import choose_contest, elsewhere, gallery_from_file, photos_of
from app.screening.pipeline import Screened
from app.vision.gallery import NAMED, Gallery, match_faces

LABEL = "pencarian nasional / national search"
NATIONAL = LABEL + ": wajah / face {face}: {candidate}, {contest} ({band})"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Others:
    """The contests that screening leaves out, and the photos of their candidates."""

    contests: tuple[Contest, ...]
    gallery: Gallery


def open_others(path: Path, contest: str | None, models: Models) -> Others:
    """All contests of the roster file but the one screened for and its province's."""
    document = read_roster(path)
    entries = elsewhere(document, choose_contest(document, contest))
    with bar() as progress:
        task = progress.add_task("Foto calon lain / Other candidates' photos", total=photos_of(entries))
        gallery = gallery_from_file(
            document, entries, path.parent, models,
            lambda line: err.print(line, markup=False), lambda: progress.advance(task),
        )  # fmt: skip
    return Others(tuple(contest_of(document, entry) for entry in entries), gallery)


def describe_elsewhere(result: Screened, others: Others, models: Models) -> list[Json]:
    """Whom the faces without a name resemble elsewhere. It changes neither score nor band of the result."""
    found: list[Json] = []
    number = 0
    for picture in result.evidence.pictures:
        matches = match_faces(picture.seen.faces, others.gallery, models.thresholds)
        for own, match in zip(picture.matches, matches, strict=True):
            number += 1
            contest = next((one for one in others.contests if match.candidate and one.pair_of(match.candidate)), None)
            if own.band in NAMED or contest is None or match.candidate is None:
                continue
            pair = contest.pair_of(match.candidate)
            name = next(c.name for c in pair.candidates if c.id == match.candidate) if pair else match.candidate
            found.append(
                {
                    "label": LABEL,
                    "face": number,
                    "band": match.band,
                    "candidate": name,
                    "paslon": pair.number if pair else None,
                    "contest": contest.name,
                }
            )
    return found
