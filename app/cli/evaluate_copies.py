"""`netra evaluate copies`: what is found again after people edited it, and whether anything else is."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table

from app.cli.console import bar, err, out
from app.cli.evaluate import SplitChoice, written
from app.copies.prints import Prints
from app.evaluation.copies import PAIRS, Edited, Stored, Unrelated, look, sources, unrelated
from app.evaluation.copy_edits import edits
from app.screening.copies import MOST_COMPARED
from app.screening.copy_index import CopyIndex
from app.stats.clusters import Share

Json = dict[str, Any]


class WorkerShelf:
    """The index of a worker, without its table."""

    def __init__(self) -> None:
        self.index = CopyIndex()

    def put(self, number: int, prints: Prints) -> None:
        """Store a picture's hashes."""
        self.index.put(uuid.UUID(int=number), prints)

    def near(self, prints: Prints) -> list[tuple[int, bool]]:
        """The nearest pictures, as the worker orders them."""
        return [(one.image.int, one.mirrored) for one in self.index.near(prints)]


def copies(
    folders: Annotated[
        list[Path], typer.Argument(metavar="DIR…", help="folders of pictures; a subfolder is one scene")
    ],
    split: Annotated[SplitChoice, typer.Option(help="half of the pictures, by hash of the name")] = SplitChoice.REPORT,
    pairs: Annotated[int, typer.Option(help="unrelated pairs to compare", min=1)] = PAIRS,
    as_json: Annotated[bool, typer.Option("--json", help="every figure as one JSON object")] = False,
) -> None:
    """Recall for each edit, links to other pictures, and false links among unrelated pairs, with intervals."""
    found = sources(folders, split.value)
    with err.status("Membaca / Reading…"):
        stored = Stored(WorkerShelf(), found, MOST_COMPARED)
    with bar() as progress:
        rows = list(
            progress.track(look(stored), total=len(edits(np.random.default_rng())), description="Mencari / Looking")
        )
    with err.status("Membandingkan / Comparing…"):
        apart = unrelated(stored, pairs)
    if as_json:
        typer.echo(json.dumps(figures(stored, split.value, rows, apart), ensure_ascii=False, indent=1))
    else:
        show(stored, split.value, rows, apart)


def figures(stored: Stored, split: str, rows: Sequence[Edited], apart: Unrelated) -> Json:
    """Everything under keys that stay."""
    return {
        "split": split,
        "pictures": len(stored.sources),
        "clusters": len({source.cluster for source in stored.sources}),
        "edits": [
            {"name": row.name, "related_links": row.related, "compared": row.compared}
            | _share("recall", row.found)
            | _share("wrong_link", row.wrong)
            for row in rows
        ],
        "unrelated": {"pairs": apart.pairs, "linked": [list(pair) for pair in apart.linked]}
        | _share("false_link", apart.share),
    }


def _share(name: str, share: Share) -> Json:
    value = None if share.value is None else round(share.value, 4)
    return {name: value, f"{name}_interval": [round(share.low, 4), round(share.high, 4)]}


def show(stored: Stored, split: str, rows: Sequence[Edited], apart: Unrelated) -> None:
    """The figures as a table."""
    clusters = len({source.cluster for source in stored.sources})
    out.print(
        f"{len(stored.sources)} gambar / pictures, {clusters} orang atau adegan / people or scenes, "
        f"setengah / half: {split}",
        highlight=False,
    )
    table = Table(
        "suntingan / edit", "ditemukan / found", "tautan salah / wrong link", "adegan sama / same scene", "compared",
    )  # fmt: skip
    for row in rows:
        table.add_row(row.name, written(row.found), written(row.wrong), str(row.related), f"{row.compared:.2f}")
    out.print(table)
    out.print(
        f"{apart.pairs} pasang tak terkait / unrelated pairs: {len(apart.linked)} tautan / links, "
        f"{written(apart.share)}",
        highlight=False,
    )
    for one, other in apart.linked:
        err.print(f"  – {one} = {other}", highlight=False, markup=False)
