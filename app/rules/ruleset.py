"""The rules as data: weights, bands and poses, read from files and refused where they break a principle."""

from __future__ import annotations

import hashlib
import json
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from app.errors import BadInput
from app.rules.signals import OWN_CODES, Band
from app.text.signals import CODES, CONTEXT_CODES
from app.vision.gestures import TOLD

LATER = (
    "NUMBER_WORN", "PARENT_ACCOUNT", "SURVEI", "OFFICIAL_ACCOUNT", "SUBJECT_DUTY", "CHILDREN", "CAMPAIGN_ACCOUNT",
    "POSE_ALONE", "GROUP_POSE", "MEDIA_ACCOUNT", "TEXT_MODEL",
)  # fmt: skip
"""Codes that tables published before them lack: such a table takes their weights from the project's own, as it does
the table `readings`."""
HINTS = ("SUBJECT_DUTY", "TEXT_MODEL")
"""Codes that count as hints whatever pair is named: together with phrases that name nobody they are bounded."""
FAMILIES = ("face", "gesture", "name", "intent", "joint", "context", "rule")


@dataclass(frozen=True, slots=True)
class Pose:
    """A gesture and the ballot numbers it can be read as. `strength` (0..1) scales its weight; `made_of` lists pairs
    of gestures that two hands of one person show together; a neutral pose is one the official guidance recommends."""

    id: str
    read_as: tuple[int, ...]
    status: str
    strength: float
    made_of: tuple[tuple[str, str], ...] = ()

    @property
    def seen(self) -> bool:
        """Whether hands are ever read as this pose; the others are listed for people to see."""
        return self.id in TOLD or bool(self.made_of)

    @property
    def neutral(self) -> bool:
        """Whether it counts for neutrality."""
        return self.status == "neutral"


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One version of the rules. `weights` are log-odds per code, `families` groups codes; within a family and pair each
    further signal counts `repeat[family]` of the one before. `unnamed` are the weights of phrases that name no pair,
    `possible` those of conjunctions with a face in the grey band; `bands` the smallest score of each band.
    `adopted_elsewhere` scales a pose read as one pair's number where another pair made it its salute."""

    version: str
    bias: float
    bands: Mapping[Band, float]
    weights: Mapping[str, float]
    families: Mapping[str, str]
    repeat: Mapping[str, float]
    unnamed: Mapping[str, float]
    possible: Mapping[str, float]
    poses: Mapping[str, Pose]
    adopted_elsewhere: float = 0.5

    def band(self, score: float) -> Band:
        """The band of a score."""
        return next((name for name, least in self.bands.items() if score >= least), "none")

    def needed(self, band: Band) -> float:
        """The sum of weights that reaches a band."""
        return math.log(self.bands[band] / (1 - self.bands[band])) - self.bias


def load_rules(path: Path | None = None) -> RuleSet:
    """The rule set of a weights file, the project's own when none is named. Raises BadInput with every fault found."""
    try:
        source = path.read_bytes() if path else _data("weights.toml")
    except OSError as error:
        raise _refusal([f"tidak terbaca / not readable: {error!r}"]) from error
    return parse_rules(source)


def own_source() -> str:
    """The project's own weights file, as text."""
    return _data("weights.toml").decode()


def parse_rules(source: bytes) -> RuleSet:
    """The rule set of a weights file's content; equal bytes have equal versions. Raises BadInput as `load_rules`."""
    poses = _data("poses.json")
    try:
        table = tomllib.loads(source.decode())
        rules = _rule_set(table, json.loads(poses), hashlib.sha256(source + poses).hexdigest()[:8])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _refusal([f"tidak terbaca / not readable: {error!r}"]) from error
    if found := list(faults(rules)):
        raise _refusal(found)
    return rules


def _data(name: str) -> bytes:
    return files("app.rules").joinpath("data").joinpath(name).read_bytes()


def faults(rules: RuleSet) -> Iterator[str]:
    """The principles that a table of weights breaks; the file's head names them."""
    missing = {*CODES, *CONTEXT_CODES, *OWN_CODES} - rules.weights.keys()
    missing |= {"FACE_AND_GESTURE", "FACE_AND_TEXT"} - rules.possible.keys()
    if missing:
        yield f"tidak ada bobot untuk / no weight for {', '.join(sorted(missing))}"
        return
    for code, weight in rules.weights.items():
        if not math.isfinite(weight) or (weight > 0 if rules.families[code] == "context" else weight < 0):
            yield f"{code}: tanda bobot salah / wrong sign ({weight})"
    for code, weight in rules.unnamed.items():
        if not 0 <= weight <= rules.weights.get(code, 0.0):
            yield f"unnamed.{code}: harus antara 0 dan bobot biasa / must lie between 0 and the usual weight ({weight})"
    if not all(0 <= part <= 1 for part in rules.repeat.values()):
        yield "repeat: harus antara 0 dan 1 / must lie between 0 and 1"
        return
    if not 0 <= rules.adopted_elsewhere <= 1:
        yield "readings: harus antara 0 dan 1 / must lie between 0 and 1"
    if not 0 < rules.bands["low"] < rules.bands["medium"] < rules.bands["high"] < 1:
        yield "bands: harus 0 < low < medium < high < 1 / must rise between 0 and 1"
        return
    gestures = _limit(rules, "gesture", rules.weights["GESTURE"]) + rules.weights["GROUP_POSE"]
    faces = _limit(rules, "face", max(rules.weights[code] for code in ("FACE_MATCH", "FACE_POSSIBLE", "FACE_REVIEW")))
    hinting = [
        *(rules.weights[code] for code in HINTS),
        *(w for code, w in rules.unnamed.items() if code != "MENGHALANGI"),
    ]
    hints = _limit(rules, "unnamed", max(hinting))
    quiet = rules.weights["MASA_TENANG"]
    if gestures + quiet >= rules.needed("medium"):
        yield "GESTURE: isyarat saja harus tetap rendah / a gesture alone must stay low"
    if gestures + hints >= rules.needed("high"):
        yield "GESTURE: isyarat dengan petunjuk tidak boleh tinggi / a gesture with hints must stay below high"
    if faces + quiet >= rules.needed("medium"):
        yield "FACE_MATCH: wajah saja harus tetap rendah / a face alone must stay low"
    if rules.weights["AJAKAN_KUAT"] < rules.needed("high"):
        yield "AJAKAN_KUAT: ajakan yang menyebut pasangan harus tinggi / a call naming a pair must be high"


def _limit(rules: RuleSet, family: str, largest: float) -> float:
    """The most that any number of signals of a family can add up to."""
    return largest / (1 - rules.repeat[family]) if rules.repeat[family] < 1 else math.inf


def _rule_set(table: dict[str, Any], poses: list[dict[str, Any]], digest: str) -> RuleSet:
    grouped = {family: dict(table["weights"][family]) for family in FAMILIES}
    known = {code for group in grouped.values() for code in group}
    own = tomllib.loads(own_source())
    for family, group in own["weights"].items():
        grouped[family] |= {code: group[code] for code in LATER if code in group and code not in known}
    weights = {code: float(weight) for group in grouped.values() for code, weight in group.items()}
    bands: dict[Band, float] = {"high": 0, "medium": 0, "low": 0}
    return RuleSet(
        version=f"{table['version']}+{digest}",
        bias=float(table["bias"]),
        bands=MappingProxyType({name: float(table["bands"][name]) for name in bands}),
        weights=MappingProxyType(weights),
        families=MappingProxyType({code: family for family, group in grouped.items() for code in group}),
        repeat=MappingProxyType({family: float(table["repeat"][family]) for family in (*FAMILIES, "unnamed")}),
        unnamed=MappingProxyType({code: float(weight) for code, weight in table["unnamed"].items()}),
        possible=MappingProxyType({code: float(weight) for code, weight in table["possible"].items()}),
        poses=MappingProxyType({row["id"]: _pose(row) for row in poses}),
        adopted_elsewhere=float(table.get("readings", own["readings"])["adopted_elsewhere"]),
    )


def _pose(row: dict[str, Any]) -> Pose:
    made_of = tuple((first, second) for first, second in row.get("made_of", ()))
    return Pose(row["id"], tuple(row["read_as"]), row["status"], float(row["strength"]), made_of)


def _refusal(found: list[str]) -> BadInput:
    return BadInput("Berkas aturan ditolak / The rules file is refused: " + "; ".join(found), field="rules")
