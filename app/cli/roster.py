"""Loading and listing rosters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth.principal import SYSTEM
from app.cli.console import bar, cell, complain, database, out
from app.db.contest_tables import CandidateRow, ContestRow, PaslonRow, ReferencePhoto
from app.errors import BadInput, Conflict, NotReady
from app.i18n import LANGUAGES, translator
from app.roster.enrol import enrol
from app.roster.file import read_roster
from app.roster.photo_report import report
from app.roster.reembed import behind, embed_again, states
from app.roster.service import Imported, import_roster
from app.screening.models import FaceModels, Models, load_faces, load_models
from app.settings import Settings, settings
from app.storage import Blobs

app = typer.Typer(help="Daftar pasangan calon / Rosters of candidate pairs", no_args_is_help=True)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="JSON as docs/roster.md describes, photos beside it")],
) -> None:
    """Create or update elections, contests, pairs and photos; the same file again changes nothing.

    A photo that cannot serve is refused with the reason; the others are enrolled all the same (exit code 2 then)."""
    roster = read_roster(file)
    chosen = settings()
    with database(chosen) as session:
        done = import_roster(session, SYSTEM, roster, file.parent)
        session.commit()
        refused = enrol_photos(session, chosen, done) if done.photos else 0
    for error in done.refused:
        complain(error)
    out.print(f"{', '.join(done.contests)}: {len(done.photos) - refused} foto / photos", highlight=False)
    if refused or done.refused:
        raise typer.Exit(2)


def enrol_photos(session: Session, chosen: Settings, done: Imported, models: Models | None = None) -> int:
    """Enrol the photos of an import one by one; how many were refused."""
    loaded = models or load_models(
        chosen.models_dir, chosen.model_pack, chosen.model_threads, detector=chosen.face_detector
    )
    blobs, refused = Blobs(chosen.blobs_url), 0
    with bar() as progress:
        for candidate, path, face in progress.track(done.photos, description="Foto / photos"):
            try:
                enrol(session, blobs, chosen, loaded, SYSTEM, candidate, path.read_bytes(), face)
                session.commit()
            except Conflict:
                session.rollback()  # enrolled by an earlier import
            except (BadInput, NotReady) as error:
                session.rollback()
                error.detail = f"{path.name}: {error.detail}"
                complain(error)
                refused += 1
    return refused


@app.command("reembed")
def re_embed(
    check: Annotated[bool, typer.Option("--check", help="only say what is left behind; exit code 3 then")] = False,
) -> None:
    """Embed reference photos of another model pack anew, from their originals; begun again, it goes on where it ended.

    A photo that cannot serve is listed with the reason and keeps its old embedding, which nothing is compared with."""
    chosen = settings()
    with database(chosen) as session:
        models = load_faces(chosen.models_dir, chosen.model_pack, chosen.model_threads, chosen.face_detector)
        model = models.embedder.model
        for one in states(session, model):
            out.print(f"{one.contest}: {one.photos - one.behind}/{one.photos} foto / photos", highlight=False)
        waiting = behind(session, model)
        if not waiting:
            out.print(f"{model}: semua cocok / all up to date", highlight=False)
        if check or not waiting:
            raise typer.Exit(3 if waiting else 0)
        refused = _embed_all(session, chosen, models, waiting)
    out.print(f"{model}: {len(waiting) - refused} foto / photos", highlight=False)
    if refused:
        raise typer.Exit(2)


def _embed_all(session: Session, chosen: Settings, models: FaceModels, waiting: list[UUID]) -> int:
    """Each photo in a transaction of its own; how many were refused."""
    blobs, refused = Blobs(chosen.blobs_url), 0
    with bar() as progress:
        for photo in progress.track(waiting, description="Foto / photos"):
            found = embed_again(session, blobs, chosen, models, SYSTEM, photo)
            session.commit()
            if found.outcome == "refused":
                complain(BadInput(f"{found.candidate} {found.photo}: {found.reason}"))
                refused += 1
    return refused


@app.command("photos")
def list_photos(contest: Annotated[str, typer.Argument(help="id of the contest")]) -> None:
    """Registered photos that are weak or resemble another candidate, and where more are asked for."""
    table = Table("nomor urut", "calon / candidate", "foto / photo", "lemah / weak", "mirip / resembles")
    with database() as session:
        people = report(session, settings(), contest)
    names = {person.candidate: person.name for person in people}
    for person in people:
        number = str(person.number or "–")
        for photo in person.photos:
            other = photo.resembles
            alike = f"{names.get(other.candidate, other.candidate)} ({other.score:.2f})" if other else "–"
            table.add_row(number, cell(person.name), photo.photo[:8], weaknesses(photo.warnings), cell(alike))
        if person.missing:
            table.add_row(number, cell(person.name), f"+{person.missing}", "perlu lagi / more are needed", "–")
    out.print(table)


def weaknesses(warnings: Sequence[str]) -> str:
    """What is weak about a photo, in both languages."""
    said = {language: translator(language, "console") for language in LANGUAGES}
    return "\n".join(" / ".join(tr(f"quality.short.{one}") for tr in said.values()) for one in warnings) or "–"


@app.command("list")
def list_contests() -> None:
    """All contests with their pairs and the number of registered photos."""
    table = Table("pemilihan / contest", "wilayah / region", "nomor urut", "paslon", "foto / photos")
    photos = (
        select(func.count(ReferencePhoto.id)).join(CandidateRow).where(CandidateRow.paslon_id == PaslonRow.id)
    ).scalar_subquery()
    with database() as session:
        rows = session.execute(
            select(ContestRow, PaslonRow, photos)
            .join(PaslonRow, PaslonRow.contest_id == ContestRow.id)
            .order_by(ContestRow.id, PaslonRow.number)
        )
        for contest, pair, count in rows:
            names = " – ".join(person.name for person in pair.candidates)
            table.add_row(contest.id, cell(contest.region_name), str(pair.number or "–"), cell(names), str(count))
    out.print(table)
