"""The acts that the joint decree (SKB) of 2022 lists, as kandidat pasal; their wording is in the catalogs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from app.errors import NotFound


@dataclass(frozen=True, slots=True)
class Hint:
    """A combination of signals that suggests an act: one code of every group; smaller `order` first."""

    order: int
    groups: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Act:
    """One act. `track` is its lane, `phase` the candidates' status it is written for ("any": both); `sanction` is
    "moral", "sedang", "berat" or "diberhentikan"; `source` says where it was read. A lawyer confirms both."""

    code: str
    track: str
    phase: str
    sanction: str
    source: str
    suggested_by: tuple[Hint, ...] = ()

    def in_lane(self, track: str) -> bool:
        """Whether it can apply to an act judged in this lane."""
        return self.track == track or self.phase == "any"


@cache
def acts() -> tuple[Act, ...]:
    """All acts in the decree's order."""
    rows = json.loads(files("app.rules").joinpath("data/skb_catalog.json").read_text(encoding="utf-8"))["acts"]
    return tuple(
        Act(
            row["code"],
            row["track"],
            row["phase"],
            row["sanction"],
            row["source"],
            tuple(
                Hint(hint["order"], tuple(frozenset(group) for group in hint["all"]))
                for hint in row.get("suggested_by", ())
            ),
        )
        for row in rows
    )


def act(code: str) -> Act:
    """The act with this code. Raises NotFound."""
    found = next((item for item in acts() if item.code == code), None)
    if found is None:
        raise NotFound(
            f"Tidak ada perbuatan {code} dalam katalog SKB / No act {code} in the SKB catalogue", field="code"
        )
    return found
