"""`netra screen`: the same pure pipeline on files and folders, with no server and no database."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from app.cli.console import bar, cell, complain, err, out
from app.cli.description import blank, describe
from app.cli.national import NATIONAL, Others, describe_elsewhere, open_others
from app.errors import AppError, BadInput
from app.imaging.decode import SUFFIXES, ImageLimits, inspect
from app.roster.file import provinces, read_roster
from app.rules.wording import faces_seen
from app.screening.models import Models, load_models
from app.screening.offline import choose_contest, field_from_file, no_contest, photos_of
from app.screening.pipeline import Field
from app.screening.pipeline import screen as screen_post
from app.settings import settings

FLAGGED, BAD = 10, 2
Json = dict[str, Any]


def screen(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH…", help="pictures and folders of pictures")
    ] = None,
    text: Annotated[str, typer.Option(help="text of the post, screened with every picture")] = "",
    roster: Annotated[Path | None, typer.Option(help="roster file; without one nobody can be named")] = None,
    contest: Annotated[str | None, typer.Option(help="which contest, when the roster has several")] = None,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="date of the act; default today")] = None,
    national: Annotated[
        bool, typer.Option("--national", help="compare faces that got no name with all other contests of the roster")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="a JSON list, one object per file")] = False,
) -> None:
    """Screen files: exit code 0 nothing flagged, 10 something flagged, 2 bad input."""
    day = on.date() if on else date.today()
    limit = settings().max_text_chars
    if len(text) > limit:
        raise BadInput(f"Lebih dari {limit} karakter / More than {limit} characters", field="text")
    files: list[Path | None] = list(find_pictures(paths or []))
    if not files and not text.strip():
        raise BadInput("Sebut gambar, map, atau --text / Name a picture, a folder or --text", field="PATH")
    chosen = settings()
    with err.status("Membuka model / Opening the models…"):
        models = load_models(chosen.models_dir, chosen.model_pack, chosen.model_threads, detector=chosen.face_detector)
    if national and roster is None:
        raise BadInput("--national memerlukan --roster / --national needs --roster", field="roster")
    field = open_field(roster, contest, day, models)
    others = open_others(roster, contest, models) if national and roster is not None else None
    limits = ImageLimits(chosen.max_image_bytes, chosen.max_image_pixels)
    with bar() as progress:
        tracked = progress.track(files or [None], description="Menapis / Screening")
        results = [screen_one(path, text, field, day, models, limits, others) for path in tracked]
    show(results, as_json)
    if any("error" in result for result in results):
        raise typer.Exit(BAD)
    raise typer.Exit(FLAGGED if any(result["flagged"] for result in results) else 0)


def find_pictures(paths: Iterable[Path]) -> list[Path]:
    """The files named, and the pictures in the folders named, sorted. Raises BadInput for what is not there."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
        elif path.is_file():
            found.append(path)
        else:
            raise BadInput(f"Tidak ada berkas / No such file: {path}", field="PATH")
    return list(dict.fromkeys(found))


def open_field(roster: Path | None, contest: str | None, day: date, models: Models) -> Field:
    """The contest to screen for."""
    if roster is None:
        err.print("Tanpa --roster tidak ada calon yang dikenal / Without --roster nobody can be named", highlight=False)
        return no_contest(day)
    document = read_roster(roster)
    entry = choose_contest(document, contest)
    total = photos_of([entry, *provinces(document, entry)])
    with bar() as progress:
        task = progress.add_task("Foto calon / Registered photos", total=total)
        return field_from_file(
            document,
            entry,
            roster.parent,
            models,
            lambda line: err.print(line, markup=False),
            lambda: progress.advance(task),
        )


def screen_one(
    path: Path | None,
    text: str,
    field: Field,
    on: date,
    models: Models,
    limits: ImageLimits,
    others: Others | None = None,
) -> Json:
    """The result for one file, or for the text alone. Raises what is not the fault of the file: NotReady."""
    try:
        originals = [] if path is None else [read(path, limits)]
        result = screen_post(originals, text, field, on, models, limits)
        if result.unreadable:
            raise BadInput(result.unreadable[0][1])
    except AppError as error:
        if error.status >= 500:
            raise
        error.field = error.field if path is None else str(path)
        complain(error)
        return blank(path) | {"error": error.detail}
    found = describe(path, result, field, on, models)
    return found if others is None else found | {"national": describe_elsewhere(result, others, models)}


def read(path: Path, limits: ImageLimits) -> bytes:
    """The bytes of a picture whose header is acceptable. Raises BadInput."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"Tidak dapat dibaca / Cannot be read: {error.strerror}") from error
    inspect(data, limits)
    return data


def show(results: list[Json], as_json: bool) -> None:
    """JSON for programs, a table for people."""
    if as_json:
        typer.echo(json.dumps(results, ensure_ascii=False, indent=1))
        return
    table = Table("berkas / file", "pita / band", "skor", "paslon", "alasan / reasons")
    for result in results:
        said = [signal["sentence_id"] for signal in result["signals"]]
        kinds = Counter(face["seen"] for face in result["faces"])
        said += [faces_seen(kinds, "id")] if kinds else []
        said += [NATIONAL.format(**one) for one in result.get("national", [])]
        reasons = "\n".join(said) or result.get("error", "–")
        score = "–" if result["score"] is None else f"{result['score']:.2f}"
        table.add_row(
            cell(result["path"] or "(teks)"), result["band"], score, str(result["paslon"] or "–"), cell(reasons)
        )
    out.print(table)
