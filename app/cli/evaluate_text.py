"""`netra evaluate text`: what the text rules do on labelled texts, and how often they flag unlabelled ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from app.cli.console import cell, err, out
from app.cli.evaluate import SplitChoice, written
from app.election.contest import Contest
from app.errors import BadInput
from app.evaluation.near_texts import group_texts, half_of
from app.evaluation.text_json import text_json
from app.evaluation.text_registry import contests_in
from app.evaluation.text_report import Quality, TextReport, judge_texts, report
from app.evaluation.text_sets import read_texts
from app.roster.file import LARGEST, contest_of, parse_roster
from app.rules.facts import Facts
from app.rules.ruleset import load_rules
from app.text.registry import compile_registry

BESIDE = ("registry*.json", "registries*.json")


class AccountChoice(StrEnum):
    """Whose account the texts are taken to be posted from."""

    PERSONAL = "personal"
    MEDIA = "media"


Registry = Annotated[
    str, typer.Option(help="roster file or list of names, FILE or FILE:NAME; or a NAME in registr*.json beside FILE")
]


def text(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=".jsonl or .csv with labels, or plain lines")],
    registry: Registry,
    account: Annotated[AccountChoice, typer.Option(help="whose account posted")] = AccountChoice.PERSONAL,
    split: Annotated[SplitChoice, typer.Option(help="half of the texts to report, by hash")] = SplitChoice.ALL,
    rules: Annotated[Path | None, typer.Option(help="weights file instead of the project's own")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="every figure as one JSON object")] = False,
) -> None:
    """Precision, recall and F1 with intervals, per signal, kind and direction; false alarms on unlabelled texts."""
    contest = find_contest(registry, file)
    samples = read_texts(file)
    groups = group_texts([one.text for one in samples], [one.account for one in samples])
    if split != SplitChoice.ALL:
        halves = half_of([one.text for one in samples], groups)
        kept = [index for index, half in enumerate(halves) if half == split.value]
        samples, groups = tuple(samples[index] for index in kept), groups[kept]
    if not samples:
        raise BadInput("Tidak ada teks dalam setengah ini / No text in this half", field="split")
    compiled, table = compile_registry(contest), load_rules(rules)
    with err.status("Menapis / Screening…"):
        verdicts, ms = judge_texts(samples, groups, compiled, contest, table, Facts(account=account.value))
        found = report(verdicts, contest, ms)
    if as_json:
        head = {"file": file.name, "registry": contest.id, "account": account.value, "split": split.value}
        versions = {"rules": table.version, "lexicon": compiled.lexicon.version}
        typer.echo(json.dumps({**head, **versions, **text_json(found)}, ensure_ascii=False, indent=1))
    else:
        show(found, f"{file.name}, {contest.name}, {account.value}, {split.value}, {table.version}")


def find_contest(name: str, beside: Path) -> Contest:
    """The contest that `--registry` names: a roster file or a list of names (`FILE`, `FILE:NAME`), or a NAME in a list
    that lies beside the texts. Raises BadInput."""
    path, _, entry = name.rpartition(":") if not Path(name).is_file() else (name, "", "")
    if path and Path(path).is_file():
        return _choose(_contests(Path(path)), entry)
    for candidate in sorted({found for pattern in BESIDE for found in beside.parent.glob(pattern)}):
        known = _contests(candidate)
        if name in known:
            return known[name]
    raise BadInput(f"Daftar nama tidak ditemukan / No such registry: {name}", field="registry")


def _choose(known: Mapping[str, Contest], entry: str) -> Contest:
    if entry in known or (not entry and len(known) == 1):
        return known[entry] if entry else next(iter(known.values()))
    raise BadInput(f"Sebut satu, FILE:NAMA / Name one of: {', '.join(known)}", field="registry")


def _contests(path: Path) -> dict[str, Contest]:
    """Those of a roster file by id, or those of a list of names by name."""
    try:
        if path.stat().st_size > LARGEST:
            raise BadInput(f"{path.name}: lebih dari 20 MiB / more than 20 MiB", field="registry")
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(f"{path.name}: tidak terbaca / not readable ({error})", field="registry") from error
    if isinstance(document, dict) and "contests" in document:
        roster = parse_roster(document)
        return {entry.id: contest_of(roster, entry) for entry in roster.contests}
    return contests_in(document)


def show(found: TextReport, title: str) -> None:
    """The figures as tables."""
    counted = f"{found.n} teks / texts, {found.labelled} berlabel / labelled, {found.groups} kelompok / groups"
    out.print(cell(f"{title}: {counted}"), highlight=False)
    out.print(f"ditandai / flagged: {written(found.whole.flagged)}", highlight=False)
    if found.labelled:
        value, low, high = found.f1
        f1 = "–" if value is None else f"{value:.3f} [{low:.3f}-{high:.3f}]"
        out.print(f"presisi / precision: {written(found.whole.precision)}", highlight=False)
        out.print(f"recall: {written(found.whole.recall)}   F1: {f1}", highlight=False)
        out.print(f"arah / direction: {written(found.direction)}   paslon: {written(found.paslon)}", highlight=False)
    out.print(f"CPU ms per teks / per text: {found.ms_per_text:.2f}", highlight=False)
    _table("arah / direction", found.by_direction)
    _table("jenis / kind", found.by_kind)
    _table("sinyal / signal", found.by_signal)


def _table(title: str, rows: Mapping[str, Quality]) -> None:
    if not rows:
        return
    table = Table(title, "n", "presisi / precision", "recall", "ditandai, ditemukan / flagged, found")
    for name, one in rows.items():
        table.add_row(cell(name), str(one.n), written(one.precision), written(one.recall), written(one.flagged))
    out.print(table)
