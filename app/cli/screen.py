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
from app.cli.national import NATIONAL, Others, describe_elsewhere, open_others
from app.election.contest import NOWHERE, Contest
from app.errors import AppError, BadInput
from app.imaging.decode import SUFFIXES, ImageLimits, inspect
from app.roster.file import provinces, read_roster
from app.rules.signals import PictureEvidence, Signal
from app.rules.wording import faces_seen, sentence, summary
from app.screening.models import Models, load_models
from app.screening.offline import choose_contest, field_from_file, no_contest, photos_of
from app.screening.pipeline import Field, Screened
from app.screening.pipeline import screen as screen_post
from app.settings import settings
from app.vision.face_quality import quality_json, seen_as
from app.vision.gallery import NAMED, FaceMatch
from app.vision.observations import Box, Face
from app.vision.screen_layout import understand

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
    found = describe(path, result, field.contest, on)
    return found if others is None else found | {"national": describe_elsewhere(result, others, models)}


def read(path: Path, limits: ImageLimits) -> bytes:
    """The bytes of a picture whose header is acceptable. Raises BadInput."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"Tidak dapat dibaca / Cannot be read: {error.strerror}") from error
    inspect(data, limits)
    return data


def blank(path: Path | None) -> Json:
    """The keys that every result has."""
    empty: Json = {"path": None if path is None else str(path), "flagged": False, "band": "none", "score": None}
    return empty | {
        "paslon": None,
        "faces": [],
        "hands": [],
        "text": [],
        "signals": [],
        "context": {},
        "timings_ms": {},
    }


def describe(path: Path | None, result: Screened, contest: Contest, on: date) -> Json:
    """One result with its stable keys. `paslon` is a nomor urut; a face is named only when it may be flagged.
    Without a contest there is no calendar: its id, the stage and what follows from it are null then."""
    assessment = result.assessment
    known = contest.id != NOWHERE
    pictures = result.evidence.pictures
    signals = [signal for signal in assessment.signals if signal.kind != "context"]
    against = [signal for signal in assessment.signals if signal.kind == "context"]
    return blank(path) | {
        "flagged": assessment.flagged,
        "band": assessment.band,
        "score": assessment.score,
        "paslon": number_of(contest, assessment.paslon),
        "faces": [
            describe_face(face, match, contest)
            for picture in pictures
            for face, match in zip(picture.seen.faces, picture.matches, strict=True)
        ],
        "hands": [
            {"box": rounded(h.box), "fingers": h.fingers, "name": h.name, "confidence": round(h.confidence, 3)}
            for picture in pictures
            for h in picture.seen.hands
        ],
        "text": [line for picture in pictures for line in describe_lines(picture)],
        "signals": [describe_signal(signal, contest) for signal in signals],
        "context": {
            "contest": contest.id if known else None,
            "on": on.isoformat(),
            "stage": assessment.stage if known else None,
            "track": assessment.track if known else None,
            "articles": list(assessment.articles) if known else [],
            "direction": assessment.direction,
            "rules": assessment.rules_version,
            "bias": assessment.bias,
            "summary_id": summary(assessment, contest, "id"),
            "summary_en": summary(assessment, contest, "en"),
            "against": [describe_signal(signal, contest) for signal in against],
            "screenshots": [describe_screenshot(picture) for picture in pictures],
        },
        "timings_ms": result.timings,
    }


def rounded(box: Box) -> list[float]:
    """Tenths of a pixel."""
    return [round(value, 1) for value in box]


def number_of(contest: Contest, paslon_id: str | None) -> int | None:
    """The nomor urut of a pair."""
    pair = contest.by_id(paslon_id) if paslon_id else None
    return pair.number if pair else None


def describe_face(face: Face, match: FaceMatch, contest: Contest) -> Json:
    """A face. Below the bands that may be flagged nobody is named: `hint` says whom a reviewer might compare. `seen`
    says why a face that names nobody does so."""
    pair = contest.pair_of(match.candidate) if match.candidate else None
    name = next((c.name for c in pair.candidates if c.id == match.candidate), None) if pair else None
    named = match.band in NAMED
    quality = quality_json(face)
    return {
        "box": rounded(face.box),
        "candidate": name if named else None,
        "paslon": pair.number if pair and named else None,
        "contest": (pair.contest or None) if pair else None,
        "score": None if match.score is None else round(match.score, 4),
        "band": match.band,
        "size": round(face.size, 1),
        "hint": None if named else name,
        "quality": quality,
        "seen": "matched" if match.candidate else seen_as(match.band, quality["blur"]),
    }


def describe_lines(picture: PictureEvidence) -> list[Json]:
    """The lines read in a picture, each with the codes of its signals."""
    codes: dict[int, list[str]] = {}
    for index, signal in picture.text:
        codes.setdefault(index, []).append(signal.code)
    return [
        {"line": line.text, "box": rounded(line.box), "signals": codes.get(index, [])}
        for index, line in enumerate(picture.seen.lines)
    ]


def describe_screenshot(picture: PictureEvidence) -> Json:
    """What the picture says of its post where it is a screenshot: read by a machine, to be checked."""
    layout = understand(picture.seen.lines, picture.seen.height)
    return {
        "platform": layout.platform or None,
        "fields": {
            field.name: {"value": field.value, "confidence": field.confidence}
            for field in layout.fields
            if field.name != "platform"
        },
    }


def describe_signal(signal: Signal, contest: Contest) -> Json:
    """One reason in words."""
    return {
        "code": signal.code,
        "paslon": number_of(contest, signal.paslon),
        "weight": signal.weight,
        "sentence_id": sentence(signal, contest, "id"),
        "sentence_en": sentence(signal, contest, "en"),
    }


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
