"""`netra calibrate faces`: the limits of the face recogniser from labelled photos, with intervals."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from app.cli.console import err, out
from app.cli.evaluate import PackOption, looked, open_eyes, written
from app.errors import BadInput
from app.evaluation.calibration import Calibration
from app.evaluation.calibration import calibrate as fit_limits
from app.evaluation.face_json import outcome_json
from app.evaluation.open_set import Outcome
from app.evaluation.people import read_people
from app.settings import settings
from app.vision.limits import THRESHOLDS, limits_toml
from app.vision.pack_parts import Pack
from app.vision.packs import pack_folder

BEFORE = "ambang sekarang / present limits"


def faces(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="known/<person>/*.jpg and unknown/*.jpg")],
    pack_name: PackOption = "",
    write: Annotated[bool, typer.Option("--write", help="put the limits into force (else only show them)")] = False,
    into: Annotated[Path | None, typer.Option("--out", help="file to write instead of the pack's own")] = None,
    false_names: Annotated[float, typer.Option(help="share of strangers that may get a name", min=0.0, max=1.0)] = 0.02,
    as_json: Annotated[bool, typer.Option("--json", help="every figure as one JSON object")] = False,
) -> None:
    """Face limits from labelled photos: chosen on one half of the people, checked on the other. Writes only with
    --write; results made afterwards carry another pack version."""
    people = read_people(folder)
    pack, eyes = open_eyes(pack_name)
    shots = list(looked(people, eyes, set(), ()))
    with err.status("Menghitung / Computing…"):
        found = fit_limits(people, shots, eyes.thresholds, false_names)
    text = limits_toml(found.limits, pack.embedding_id, _notes(pack, found), _measured(found))
    target = into or pack_folder(pack, settings().models_dir) / THRESHOLDS
    if as_json:
        typer.echo(json.dumps(calibration_json(found), ensure_ascii=False, indent=1))
    else:
        _show(found)
        typer.echo(text, nl=False)
    if write:
        _write(target, text)
    said = "ditulis / written" if write else "tidak ditulis; tambahkan --write / not written; add --write"
    err.print(f"{target.name}: {said}", highlight=False, markup=False)


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise BadInput(f"Tidak dapat ditulis / Cannot be written: {error.strerror}", field="out") from error


def _notes(pack: Pack, found: Calibration) -> str:
    today = datetime.now(UTC).date().isoformat()
    return (
        f'Face limits of the pack "{pack.name}", made by `netra calibrate faces` on {today} from\n'
        f"{found.images} photos of {found.people} people; chosen on one half of them, [measured] on the other.\n"
        "They replace those of the manifest. Remove this file to go back to them."
    )


def _measured(found: Calibration) -> dict[str, object]:
    rows: dict[str, object] = {"people": found.people, "photos": found.images, "gallery": found.gallery}
    for count, one in found.checked.items():
        for name, share in (("hit", one.hit), ("wrong_name", one.wrong_name), ("false_name", one.false_name)):
            if share.value is not None:
                values = [round(value, 4) for value in (share.value, share.low, share.high)]
                rows[f"{name}_{count}_photos"] = values
    return rows


def calibration_json(found: Calibration) -> dict[str, Any]:
    """Everything that was measured, under keys that stay."""

    def by_count(outcomes: Mapping[Any, Outcome]) -> dict[str, Any]:
        return {str(key): outcome_json(one) for key, one in outcomes.items()}

    return {
        "limits": asdict(found.limits),
        "people": found.people,
        "images": found.images,
        "gallery": found.gallery,
        "false_pairs": {
            f"{one.rate:.0e}".replace("e-0", "e-"): {"threshold": one.threshold, "tar": one.value}
            for one in (found.possible, found.strong)
        },
        "groups": {name: {"possible": limits[0], "strong": limits[1]} for name, limits in found.by_group.items()},
        "fitted": {
            str(count): {"threshold": one.threshold, "false_name_high": one.false_name.high, "shown": one.shown}
            for count, one in found.fitted.items()
        },
        "scorers": by_count(found.scorers),
        "checked": by_count(found.checked),
        "before": by_count(found.before),
        "review": found.review.value,
    }


def _show(found: Calibration) -> None:
    err.print(
        f"{found.images} foto / photos, {found.people} orang / people, galeri / gallery {found.gallery}; "
        "dipilih pada satu paruh, diperiksa pada yang lain / chosen on one half, checked on the other",
        highlight=False,
    )
    columns = ("tepat / hit", "nama salah / wrong name", "asing dinamai / false name")
    tried = Table("cara / way", *columns, title="Paruh penyetelan / tuning half", title_justify="left")
    for name, one in found.scorers.items():
        tried.add_row(name + (" *" if name == "mean" else ""), *_shares(one))
    tried.caption, tried.caption_justify = "* dipakai layanan / what the service uses", "left"
    out.print(tried)
    checked = Table("ambang / limits", "foto / photos", *columns, title="Paruh lain / other half", title_justify="left")
    for name, rows in (("baru / new", found.checked), (BEFORE, found.before)):
        for count, one in rows.items():
            checked.add_row(name, str(count), *_shares(one))
    out.print(checked)
    out.print(f"Asing ke peninjau / strangers to a reviewer: {written(found.review)}", highlight=False)
    if not all(one.shown for one in found.fitted.values()):
        err.print("Terlalu sedikit orang asing untuk menunjukkannya / Too few strangers to show that it holds")


def _shares(one: Outcome) -> tuple[str, str, str]:
    return written(one.hit), written(one.wrong_name), written(one.false_name)
