"""`netra evaluate`: how well the models do on labelled material, with intervals."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from app.cli.console import bar, err, out
from app.errors import BadInput
from app.evaluation.degraded import DEGRADATIONS
from app.evaluation.face_json import report_json
from app.evaluation.face_report import USUAL, Cell, Part, Report, report
from app.evaluation.people import Person, read_people
from app.evaluation.plots import roc_svg, scores_svg
from app.evaluation.shots import FaceEyes, Shot, shoot
from app.evaluation.ways import Way
from app.screening.models import load_faces
from app.settings import settings
from app.stats.clusters import Share
from app.vision.gallery import FaceThresholds
from app.vision.pack_parts import Pack
from app.vision.packs import find_pack, pack_version

app = typer.Typer(help="Ukur model pada bahan berlabel / measure the models on labelled material", no_args_is_help=True)

PackOption = Annotated[str, typer.Option("--pack", help="pack to look with; default: the one in use")]


class SplitChoice(StrEnum):
    """Whose figures are reported."""

    REPORT = "report"
    TUNE = "tune"
    ALL = "all"


@app.callback()
def evaluate() -> None:
    """Measure the models on labelled material."""


@app.command("faces")
def faces(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="known/<person>/*.jpg and unknown/*.jpg")],
    split: Annotated[SplitChoice, typer.Option(help="half of the people to report, by hash")] = SplitChoice.REPORT,
    false_names: Annotated[float, typer.Option(help="share of strangers that may get a name", min=0.0, max=1.0)] = 0.02,
    pack_name: PackOption = "",
    degrade: Annotated[bool, typer.Option(help="look at smaller, cropped and filmed photos too")] = True,
    plots: Annotated[Path | None, typer.Option(help="folder for roc.svg and scores.svg")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="every figure as one JSON object")] = False,
) -> None:
    """Open-set identification, verification and detection on photos of people, with intervals by person."""
    people = read_people(folder)
    pack, eyes = open_eyes(pack_name)
    reported = [person for person in people if split in (SplitChoice.ALL, person.half)]
    variants = tuple(DEGRADATIONS) if degrade else ()
    shots = list(looked(people, eyes, {person.name for person in reported}, variants))
    if not any(shot.face for shot in shots):
        raise BadInput("Tidak ada wajah yang ditemukan / No face was found", field="DIR")
    with err.status("Menghitung / Computing…"):
        found = report(people, shots, eyes.thresholds, split.value, false_names)
    if plots is not None:
        _write_plots(plots, found, eyes.thresholds)
    if as_json:
        typer.echo(json.dumps(report_json(found, pack_version(pack), eyes.thresholds), ensure_ascii=False, indent=1))
    else:
        show(found, pack)


def open_eyes(name: str = "") -> tuple[Pack, FaceEyes]:
    """The part of the pack `name`, or of the one in use, that looks at faces. Raises NotReady as screening would."""
    chosen = settings()
    pack = find_pack(chosen.models_dir, name or chosen.model_pack)
    with err.status("Membuka model / Opening the models…"):
        return pack, load_faces(chosen.models_dir, pack.name, chosen.model_threads, chosen.face_detector)


def looked(people: Sequence[Person], eyes: FaceEyes, degraded: set[str], variants: Sequence[str]) -> Iterator[Shot]:
    """Every photo through the pipeline's face stage, those of `degraded` people also in all `variants`."""
    with bar() as progress:
        for person in progress.track(people, description="Melihat / Looking"):
            yield from shoot(person, eyes, variants if person.name in degraded else ())


def _write_plots(folder: Path, found: Report, limits: FaceThresholds) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "roc.svg").write_text(roc_svg(found.pairs, "ROC"), encoding="utf-8")
        (folder / "scores.svg").write_text(scores_svg(found.pairs, limits, "Cosine"), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"Tidak dapat ditulis / Cannot be written: {error.strerror}", field="plots") from error


def show(found: Report, pack: Pack) -> None:
    """The figures as tables."""
    halves = {"report": "tune", "tune": "report", "all": "all"}
    out.print(
        f"{pack_version(pack)}: {found.images} foto / photos, {found.people} orang / people ({found.known} known), "
        f"setengah / half: {found.split}; ambang dari / limits from: {halves[found.split]}",
        highlight=False,
    )
    if found.split == "all":
        err.print("Ambang dipilih pada orang yang sama / Limits chosen on the same people: angka terlalu baik")
    _show_photos(found)
    _show_cells(found.cells)
    for title, parts in (
        ("lebar wajah / face width, px", found.by_size),
        ("ketajaman / sharpness", found.by_blur),
        ("foto / photo", found.degraded),
        ("kelompok / group", found.groups),
    ):
        if parts:
            _show_parts(title, parts)
    if found.ways:
        _show_ways(found.ways)


def _show_photos(found: Report) -> None:
    out.print(f"Wajah ditemukan / Faces found: {written(found.detected)}", highlight=False)
    for name in (*found.undetected, *found.unreadable):
        err.print(f"  – {name}", highlight=False, markup=False)
    for one in found.accepted:
        value = "–" if one.value is None else f"{one.value:.3f} [{one.low:.3f}-{one.high:.3f}] ≥ {one.threshold:.3f}"
        out.print(f"TAR @ FAR {one.rate:.0e}: {value}", highlight=False)
    out.print("ms: " + ", ".join(f"{stage} {value:g}" for stage, value in found.ms.items()), highlight=False)


def _show_cells(cells: Sequence[Cell]) -> None:
    table = Table(
        "galeri / gallery", "foto / photos", "orang / people", "ambang / limit", "tepat / hit",
        "nama salah / wrong name", "asing dinamai / false name", "paket / pack: hit", "false name", "review",
    )  # fmt: skip
    for cell in cells:
        limit = f"{cell.fitted.threshold:.3f}{'' if cell.fitted.shown else ' (?)'}"
        mine, theirs = cell.alone, cell.pack
        table.add_row(
            str(cell.gallery), str(cell.references), str(cell.people), limit, written(mine.hit),
            written(mine.wrong_name), written(mine.false_name), written(theirs.hit),
            written(theirs.false_name), written(cell.review),
        )  # fmt: skip
    out.print(table)
    if not cells:
        err.print("Terlalu sedikit orang untuk galeri ini / Too few people for these galleries")


def _show_parts(title: str, parts: Sequence[Part]) -> None:
    gallery, references = USUAL
    columns = (
        "foto / images",
        "ditemukan / found",
        "tepat / hit",
        "nama salah / wrong name",
        "false name",
        "hit + review",
        "asing ke peninjau / strangers to review",
    )
    caption = f"galeri / gallery {gallery}, {references} foto / photos, pita paket / the pack's bands"
    table = Table(title, *columns, caption=caption, caption_justify="left")
    for part in parts:
        one = part.pack
        shares = (part.detected, one.hit, one.wrong_name, one.false_name, part.suggested, part.strangers)
        table.add_row(part.name, str(part.photos), *(written(share) for share in shares))
    out.print(table)


def _show_ways(ways: Sequence[Way]) -> None:
    caption = "galeri / gallery 22, 3 foto / photos; kabur / blurred: setiap foto ketiga / every third reference photo"
    table = Table(
        "cara / way", "kabur / blurred", "ambang / limit", "tepat / hit", "nama salah / wrong name", "false name",
        caption=caption, caption_justify="left",
    )  # fmt: skip
    for way in ways:
        shares = (way.outcome.hit, way.outcome.wrong_name, way.outcome.false_name)
        table.add_row(way.name, "✓" if way.spoiled else "–", f"{way.threshold:.3f}", *(written(one) for one in shares))
    out.print(table)


def written(share: Share) -> str:
    """A share with its interval, three decimals."""
    return "–" if share.value is None else f"{share.value:.3f} [{share.low:.3f}-{share.high:.3f}]"
