"""Changing rules without losing their comments: other bands in the text of a weights file, and what differs."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import BadInput
from app.rules.ruleset import RuleSet, parse_rules
from app.rules.signals import Band

BANDS: tuple[Band, ...] = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs between two rule sets, None where a set lacks it: `name` as in "bands.low"."""

    name: str
    before: float | None
    after: float | None


def with_bands(source: str, bands: Mapping[str, float]) -> str:
    """The text of a weights file with other smallest scores of the bands named (low, medium, high).

    Raises BadInput for an unknown band, a value outside 0..1, and rules that would break a principle."""
    for band, least in bands.items():
        if band not in BANDS:
            raise BadInput(f"Pita tidak dikenal / Unknown band: {', '.join(BANDS)}", field="bands")
        if not math.isfinite(least) or not 0 < least < 1:
            raise BadInput("Ambang harus antara 0 dan 1 / A threshold lies between 0 and 1", field=band)
    rules = parse_rules(source.encode())
    changed = {band: least for band, least in bands.items() if rules.bands[band] != least}  # type: ignore[index]
    head, mark, rest = source.partition("[bands]")
    body, gap, tail = rest.partition("\n[")
    for band, least in changed.items():
        body = re.sub(rf"(?m)^(\s*{band}\s*=\s*)[^\s#]+", rf"\g<1>{least!r}", body)
    revised = head + mark + body + gap + tail
    found = parse_rules(revised.encode())
    if any(found.bands[band] != least for band, least in bands.items()):  # type: ignore[index]
        raise BadInput("Ambang tidak ditemukan dalam berkas / The bands cannot be edited in this file", field="rules")
    return revised


def changes(before: RuleSet, after: RuleSet) -> tuple[Change, ...]:
    """Every value that differs, bands first."""
    old, new = _values(before), _values(after)
    names = dict.fromkeys([*old, *new])
    return tuple(Change(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name))


def _values(rules: RuleSet) -> dict[str, float]:
    groups: tuple[tuple[str, Mapping[str, float]], ...] = (
        ("bands", {band: rules.bands[band] for band in BANDS}),
        ("weights", rules.weights),
        ("unnamed", rules.unnamed),
        ("possible", rules.possible),
        ("repeat", rules.repeat),
        ("poses", {name: pose.strength for name, pose in rules.poses.items()}),
        ("readings", {"adopted_elsewhere": rules.adopted_elsewhere}),
    )
    return {"bias": rules.bias} | {f"{group}.{name}": value for group, table in groups for name, value in table.items()}
