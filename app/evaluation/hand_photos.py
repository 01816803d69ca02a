"""Photos with marked hands: a manifest of JSON lines, and folders of ordinary photos in which hands mean nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import BadInput
from app.evaluation.people import Half, half_of
from app.imaging.decode import SUFFIXES
from app.vision.gestures import NAMES
from app.vision.observations import Box

FIST = "00000"


@dataclass(frozen=True, slots=True)
class Truth:
    """One marked hand. `box` is None where the whole picture is one hand; `fingers` (five bits, thumb first) and `pose`
    (as Hand.name) are None where only the number of raised fingers is known."""

    box: Box | None
    count: int
    fingers: str | None
    pose: str | None

    @property
    def size(self) -> float | None:
        """Longer side of the box in pixels."""
        return None if self.box is None else max(self.box[2] - self.box[0], self.box[3] - self.box[1])

    @property
    def title(self) -> str:
        """Its row in a table of confusions."""
        return self.pose or self.fingers or f"{self.count}"


@dataclass(frozen=True, slots=True)
class MarkedPhoto:
    """A photo with all its hands. `source` decides the half and joins what belongs together: a person, a session."""

    name: str
    path: Path
    hands: tuple[Truth, ...]
    source: str

    @property
    def half(self) -> Half:
        """Limits are chosen on one half of the sources and reported on the other."""
        return half_of(self.source)


def read_manifest(path: Path) -> tuple[MarkedPhoto, ...]:
    """The photos of a manifest, one JSON object a line: `file` (beside the manifest), `hands`, optional `source`.

    Each hand has `count`, and `box`, `fingers`, `pose` or null. Raises BadInput naming the line that is not so."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise BadInput(f"{path}: tidak terbaca / cannot be read", field="MANIFEST") from error
    photos = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                photos.append(_photo(json.loads(line), path.parent))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise BadInput(
                    f"baris {number} tidak sesuai format / line {number} has another form: {error!r}", field="MANIFEST"
                ) from error
    if not photos:
        raise BadInput("tidak ada foto / there are no photos", field="MANIFEST")
    return tuple(photos)


def ordinary_photos(folder: Path) -> tuple[MarkedPhoto, ...]:
    """All pictures of a folder and the folders in it, taken as photos without any meant gesture. Raises BadInput
    when there are none."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not paths:
        raise BadInput(f"tidak ada foto di / there are no photos in {folder}", field="ordinary")
    return tuple(MarkedPhoto(path.relative_to(folder).as_posix(), path, (), path.parent.name) for path in paths)


def _photo(row: Mapping[str, Any], folder: Path) -> MarkedPhoto:
    name = str(row["file"])
    return MarkedPhoto(name, folder / name, tuple(_truth(hand) for hand in row["hands"]), str(row.get("source", name)))


def _truth(hand: Mapping[str, Any]) -> Truth:
    count, fingers, corners = int(hand["count"]), hand.get("fingers"), hand.get("box")
    if fingers is not None and (len(fingers) != 5 or set(fingers) - {"0", "1"}):
        raise ValueError(f"fingers {fingers!r}")
    box = None
    if corners is not None:
        x0, y0, x1, y1 = (float(value) for value in corners)
        if not (x0 < x1 and y0 < y1):
            raise ValueError(f"box {corners!r}")
        box = (x0, y0, x1, y1)
    pose = hand.get("pose") or NAMES.get(fingers or "")
    return Truth(box, count, fingers, pose)
