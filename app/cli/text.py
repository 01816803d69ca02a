"""`netra text train`: a score of texts from labelled files or from the decisions of this office, never names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from app.cli.console import cell, database, err, out
from app.cli.evaluate_text import find_contest
from app.errors import BadInput
from app.evaluation.near_texts import group_texts
from app.evaluation.text_sets import read_texts
from app.evaluation.text_training import Example, train
from app.review.decided_texts import decided_texts
from app.review.figures import Scope
from app.roster.gallery import load_contest
from app.text.features import masked
from app.text.learned import TextModel, model_to_text
from app.text.registry import Registry, compile_registry
from app.text.screen import screen_text

app = typer.Typer(help="Skor teks terlatih, opsional / the optional trained score of texts", no_args_is_help=True)
Known = tuple[str, str, bool, Registry]
"""A text, its account, whether people confirmed it, and the names of its contest."""
MOST = 50_000


@app.callback()
def text() -> None:
    """The optional trained score of texts."""


@app.command("train")
def train_score(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE…", help=".jsonl or .csv with labels")] = None,
    registry: Annotated[str, typer.Option(help="whose names are masked: as for `netra evaluate text`")] = "",
    from_decisions: Annotated[bool, typer.Option("--from-decisions", help="learn from the reviewed items")] = False,
    contest: Annotated[str, typer.Option(help="only the decisions on one contest")] = "",
    to: Annotated[Path | None, typer.Option("--out", help="file for the model; without it only measured")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="the report as JSON")] = False,
) -> None:
    """Train, and report what the score does on accounts and near-duplicates it has not seen. Nothing is switched on:
    a coordinator hands the file in as a draft."""
    if bool(files) == from_decisions:
        raise BadInput("Sebut FILE atau --from-decisions / Name FILE or --from-decisions", field="FILE")
    if files and not registry:
        raise BadInput("Sebut --registry: nama disamarkan / Name --registry: names are masked", field="registry")
    known = from_database(contest) if from_decisions else from_files(files or [], registry)
    with err.status("Melatih / Training…"):
        model = train(examples(known), about(files or [], registry or contest or "*"))
    if to is not None:
        try:
            to.write_text(model_to_text(model), encoding="utf-8")
        except OSError as error:
            raise BadInput(f"Tidak dapat ditulis / Cannot be written: {error.strerror}", field="out") from error
    if as_json:
        typer.echo(json.dumps({"version": model.version, **model.report}, ensure_ascii=False, indent=1))
    else:
        show(model)
    err.print(
        "tidak ditulis / not written: --out FILE" if to is None else f"{to}: unggah di /skor-teks / hand in there"
    )


def from_files(files: Iterable[Path], registry: str) -> list[Known]:
    """The labelled texts of files."""
    rows: list[Known] = []
    for file in files:
        compiled = compile_registry(find_contest(registry, file))
        rows += [(s.text, s.account, s.partisan, compiled) for s in read_texts(file) if s.partisan is not None]
    return rows


def from_database(contest: str) -> list[Known]:
    """The decided texts of this office."""
    with database() as session:
        found = list(decided_texts(session, Scope(contest or None, limit=MOST)))
        registries = {one: compile_registry(load_contest(session, one)) for one in {row.contest for row in found}}
    return [(one.text, one.account, one.confirmed, registries[one.contest]) for one in found]


def examples(known: Sequence[Known]) -> list[Example]:
    """Masked texts with their groups."""
    words = [masked(text, screen_text(text, names), names) for text, _, _, names in known]
    groups = group_texts(words, [account for _, account, _, _ in known])
    return [Example(w, row[2], int(group)) for w, row, group in zip(words, known, groups.tolist(), strict=True)]


def about(files: Sequence[Path], registry: str) -> dict[str, Any]:
    """What the report says of its making; files by hash, no text and no name of a person."""
    sources = {file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:16] for file in files} or "decisions"
    return {"made": datetime.now(UTC).isoformat(timespec="seconds"), "sources": sources, "registry": registry}


def show(model: TextModel) -> None:
    """The report as tables."""
    told = model.report
    out.print(
        f"{model.version}: {told['n']} teks / texts, {told['positive']} terkonfirmasi / confirmed, "
        f"{told['groups']} kelompok / groups, {told['folds']} lipatan / folds",
        highlight=False,
    )
    for name, label in (("precision", "presisi / precision"), ("recall", "recall")):
        out.print(f"{label}: {_share(told, name)}", highlight=False)
    out.print(f"F1: {told['f1']:.3f}   AUC: {told['auc']:.3f}   Brier: {told['brier']:.3f}", highlight=False)
    table = Table("skor / score", "teramati / observed", "n")
    for row in told["calibration"]:
        table.add_row(cell(f"{row['mean']:.2f}"), f"{row['observed']:.2f}", str(row["n"]))
    out.print(table)


def _share(told: Mapping[str, Any], name: str) -> str:
    low, high = told[f"{name}_interval"]
    return "–" if told[name] is None else f"{told[name]:.3f} [{low:.3f}-{high:.3f}]"
