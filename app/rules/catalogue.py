"""The acts that can be a kandidat pasal: those of the joint decree (SKB) of 2022 for civil servants, and the other
legal bases by the subject's type and lane; their wording is in the catalogs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from app.errors import NotFound
from app.rules.facts import UNKNOWN
from app.rules.lanes import NEUTRALITY


@dataclass(frozen=True, slots=True)
class Hint:
    """A combination of signals that suggests an act: one code of every group; smaller `order` first."""

    order: int
    groups: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of subject. `decree`: whether the SKB's acts are the ones to look at; `track` is the way that applies
    whatever the stage, "" where the stage decides; `source` says where its basis was read."""

    code: str
    decree: bool
    track: str
    source: str


@dataclass(frozen=True, slots=True)
class Act:
    """One act. `track` is its way, `phase` the candidates' status it is written for ("any": both); `sanction` is a key
    of the catalogs (`sanction.*`); `source` says where it was read. A lawyer confirms both. `subjects` are the kinds of
    subject it is for (empty: those of the decree), `lane` the desk it belongs to; `public` is "needed" or "usual" where
    it speaks of media open to the public. `elections` are the kinds of election whose law it is (empty: all)."""

    code: str
    track: str
    phase: str
    sanction: str
    source: str
    suggested_by: tuple[Hint, ...] = ()
    subjects: tuple[str, ...] = ()
    lane: str = NEUTRALITY
    public: str = ""
    elections: tuple[str, ...] = ()

    @property
    def decree(self) -> bool:
        """Whether it is one of the acts of the SKB."""
        return not self.subjects and self.lane == NEUTRALITY

    def in_lane(self, track: str) -> bool:
        """Whether it can apply to an act judged on this track."""
        return self.track == track or self.phase == "any"

    def fits(self, track: str, basis: Subject, lane: str, kind: str) -> bool:
        """Whether it can be suggested for a subject of this kind in this lane, judged on this track."""
        if lane != self.lane or (self.elections and kind not in self.elections):
            return False
        if lane != NEUTRALITY:
            return True
        return basis.code in self.subjects or (self.decree and basis.decree and self.in_lane(track))


@cache
def acts() -> tuple[Act, ...]:
    """All acts: the decree's in its order, then the other bases."""
    return tuple(map(_act, [*_read("skb_catalog.json")["acts"], *_read("legal_bases.json")["acts"]]))


@cache
def subjects() -> tuple[Subject, ...]:
    """Every kind of subject, in the order in which it is offered."""
    rows = _read("legal_bases.json")["subjects"]
    return tuple(Subject(row["code"], row["decree"], row["track"], row["source"]) for row in rows)


def act(code: str) -> Act:
    """The act with this code. Raises NotFound."""
    found = next((item for item in acts() if item.code == code), None)
    if found is None:
        raise NotFound(f"Tidak ada perbuatan {code} dalam katalog / No act {code} in the catalogue", field="code")
    return found


def subject(code: str) -> Subject:
    """The kind of subject; one that is not known is treated as not yet known."""
    return next((item for item in subjects() if item.code == code), next(s for s in subjects() if s.code == UNKNOWN))


def _act(row: dict[str, Any]) -> Act:
    hints = tuple(
        Hint(hint["order"], tuple(frozenset(group) for group in hint["all"])) for hint in row.get("suggested_by", ())
    )
    return Act(
        row["code"],
        row["track"],
        row["phase"],
        row["sanction"],
        row["source"],
        hints,
        tuple(row.get("subjects", ())),
        row.get("lane", NEUTRALITY),
        row.get("public", ""),
        tuple(row.get("elections", ())),
    )


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files("app.rules").joinpath("data", name).read_text(encoding="utf-8"))
    return found
