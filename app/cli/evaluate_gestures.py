"""`netra evaluate gestures`: how well hands are found and read on marked photos."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from app.cli.console import bar, err, out
from app.cli.evaluate import SplitChoice, written
from app.errors import BadInput
from app.evaluation.hand_json import gestures_json
from app.evaluation.hand_looks import HandEyes, Look, look_at, sheets, shrunk
from app.evaluation.hand_photos import MarkedPhoto, ordinary_photos, read_manifest
from app.evaluation.hand_plots import confusion_svg, sizes_svg
from app.evaluation.hand_report import HandFigures, HandReport, hand_report
from app.imaging.decode import Pixels
from app.screening.models import load_faces
from app.settings import settings
from app.vision.hands import HandFinder
from app.vision.packs import find_pack, pack_folder, pack_version

SMALLER = (96, 56, 40, 28, 20)
"""px: lengths of hands at which the photos are looked at again."""
TOGETHER = (3, 10, 24)
"""People on the sheets that are put together from single photos."""


def gestures(
    manifest: Annotated[Path, typer.Argument(metavar="MANIFEST.jsonl", help='a photo a line: {"file", "hands": […]}')],
    split: Annotated[SplitChoice, typer.Option(help="half of the photos to report, by hash")] = SplitChoice.REPORT,
    ordinary: Annotated[Path | None, typer.Option(help="folder of photos in which hands mean nothing")] = None,
    degrade: Annotated[bool, typer.Option(help="look at smaller photos and at sheets of many people too")] = True,
    plots: Annotated[Path | None, typer.Option(help="folder for confusion.svg and sizes.svg")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="every figure as one JSON object")] = False,
) -> None:
    """Found hands, exact fingers, named and falsely named poses on marked photos, with intervals by photo."""
    photos = [*read_manifest(manifest), *(ordinary_photos(ordinary) if ordinary else ())]
    wanted = [photo for photo in photos if split in (SplitChoice.ALL, photo.half)]
    if not wanted:
        raise BadInput("paruh ini kosong / this half is empty", field="split")
    pack, eyes = open_hands()
    found = hand_report(list(looked(wanted, eyes, degrade=degrade)), split.value)
    if not found.photos:
        raise BadInput("tidak ada foto yang terbaca / no photo can be read", field="MANIFEST")
    if plots is not None:
        _write_plots(plots, found)
    if as_json:
        typer.echo(json.dumps(gestures_json(found, pack), ensure_ascii=False, indent=1))
    else:
        show(found, pack)


def open_hands() -> tuple[str, HandEyes]:
    """The version of the chosen pack, and what of it looks for hands. Raises NotReady as screening would."""
    chosen = settings()
    pack = find_pack(chosen.models_dir, chosen.model_pack)
    with err.status("Membuka model / Opening the models…"):
        faces = load_faces(chosen.models_dir, pack.name, chosen.model_threads, chosen.face_detector)
        hands = HandFinder(pack_folder(pack, chosen.models_dir), chosen.model_threads)
    return pack_version(pack), HandEyes(faces.detector, hands)


def looked(photos: Sequence[MarkedPhoto], eyes: HandEyes, *, degrade: bool) -> Iterator[Look]:
    """Every photo as it is; with `degrade` also smaller, and those of single people together on sheets."""
    crowd: list[tuple[MarkedPhoto, Pixels]] = []
    with bar() as progress:
        for photo in progress.track(photos, description="Melihat / Looking"):
            look, pixels = look_at(photo, eyes)
            yield look
            if degrade and pixels is not None and photo.hands:
                yield from shrunk(photo, pixels, SMALLER, eyes)
                if look.people == 1 and all(truth.box for truth in photo.hands):
                    crowd.append((photo, pixels))
        for people in progress.track(TOGETHER if crowd else (), description="Kelompok / Groups"):
            yield from sheets(crowd, people, eyes)


def show(found: HandReport, pack: str) -> None:
    """The figures as tables."""
    whole = found.whole
    out.print(
        f"{pack}: {found.photos} foto / photos, {whole.hands} tangan / hands, {found.ordinary} foto biasa / ordinary; "
        f"setengah / half: {found.split}",
        highlight=False,
    )
    for name in found.unreadable:
        err.print(f"  – {name}", highlight=False, markup=False)
    for words, share in (
        ("ditemukan / found", whole.found),
        ("jari tepat / exact fingers", whole.exact),
        ("… dari yang ditemukan / of those found", found.of_found),
        ("kepalan / fists", found.fists),
        ("diberi nama yang benar / named rightly", whole.named),
        ("diberi nama lain / named wrongly", whole.wrong),
        ("foto biasa dengan nama palsu / ordinary photos with a false name", found.false_names),
    ):
        out.print(f"{words}: {written(share)}", highlight=False)
    names = ", ".join(f"{name} {count}" for name, count in sorted(found.false_by_name.items())) or "–"
    out.print(f"di foto biasa / on ordinary photos: {found.ordinary_hands} tangan / hands; {names}", highlight=False)
    out.print(f"tangan lain diberi nama / other hands named: {found.extra}", highlight=False)
    out.print("ms: " + ", ".join(f"{stage} {value:g}" for stage, value in found.ms.items()), highlight=False)
    _show_rows("tangan / hand, px", found.by_size)
    _show_rows("orang per foto / people", found.by_people)
    _show_confusion(found)


def _show_rows(title: str, rows: Sequence[HandFigures]) -> None:
    table = Table(
        title, "gambar / pictures", "tangan / hands", "ditemukan / found", "jari tepat / exact", "nama benar / named",
        "nama salah / wrong", "ms",
    )  # fmt: skip
    for row in rows:
        shares = (written(share) for share in (row.found, row.exact, row.named, row.wrong))
        table.add_row(row.title, str(row.pictures), str(row.hands), *shares, "–" if row.ms is None else f"{row.ms:g}")
    if rows:
        out.print(table)


def _show_confusion(found: HandReport) -> None:
    columns = sorted({read for _, read in found.confusion})
    table = Table("tanda / marked → terbaca / read", *columns)
    for row in sorted({marked for marked, _ in found.confusion}):
        table.add_row(row, *(str(found.confusion.get((row, column), "")) for column in columns))
    out.print(table)


def _write_plots(folder: Path, found: HandReport) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "confusion.svg").write_text(confusion_svg(found, "Isyarat / Gestures"), encoding="utf-8")
        (folder / "sizes.svg").write_text(sizes_svg(found, "Ukuran / Size"), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"Tidak dapat ditulis / Cannot be written: {error.strerror}", field="plots") from error
