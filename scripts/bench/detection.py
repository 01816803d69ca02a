"""How many faces are found where it is hard: by width on made sheets, filling the frame, in turned photos.

usage: python scripts/bench/detection.py DIR [--detector FILE] [--sheets N] [--split tune|report|all] [--json]

DIR is a folder of labelled photos as `netra evaluate faces` reads it. The faces are cut from those photos of the half
in which the pack's own detector finds exactly one; `--detector` is a file of SCRFD or YuNet to measure instead of it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from app.evaluation.face_sheets import FACE_SHARE, filling, hits, sheet
from app.evaluation.people import read_people
from app.imaging.decode import ImageLimits, Pixels, decode
from app.screening.models import load_faces
from app.settings import Settings
from app.stats.rates import wilson
from app.vision.faces import Detector
from app.vision.observations import Face
from app.vision.other_detectors import open_detector

WIDTHS = ((18, 24), (24, 32), (32, 45), (45, 64), (64, 100))
FILLED = (0.5, 0.7, 0.9, 1.0)
TOLD = 150
"""Photos that are cut and turned."""
PER_SHEET = 12
Row = dict[str, float | int | str | list[float]]


def main() -> int:
    """Measure, then print a table or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--detector", type=Path, help="another detector's file")
    parser.add_argument("--sheets", type=int, default=24, help="sheets for each range of widths")
    parser.add_argument("--split", choices=("tune", "report", "all"), default="report")
    parser.add_argument("--json", action="store_true", help="JSON with stable keys")
    options = parser.parse_args()
    chosen = Settings()
    own = load_faces(chosen.models_dir, chosen.model_pack, 1).detector
    measured = open_detector(options.detector) if options.detector else own
    photos = single_faces(options.folder, own, options.split)
    if not photos:
        parser.error(f"no photo with one face in {options.folder}")
    rows = [*by_width(measured, photos, options.sheets), *filled(measured, photos[:TOLD])]
    rows += turned(measured, photos[:TOLD])
    detector = options.detector.name if options.detector else chosen.model_pack
    if options.json:
        print(json.dumps({"detector": detector, "photos": len(photos), "rows": rows}, indent=1))
    else:
        show(rows, f"{detector}, {len(photos)} photos")
    return 0


def single_faces(folder: Path, detector: Detector, split: str) -> list[tuple[Pixels, Face]]:
    """Photos of the half in which one face is found, one photo a person, with that face."""
    found = []
    for person in read_people(folder):
        if split in ("all", person.half):
            photo = decode(person.photos[0].read_bytes(), ImageLimits()).pixels
            faces = detector.detect(photo)
            found += [(photo, faces[0])] if len(faces) == 1 else []
    return found


def by_width(detector: Detector, photos: Sequence[tuple[Pixels, Face]], sheets: int) -> list[Row]:
    """Twelve faces a sheet; their widths run evenly through each range."""
    cuts = [filling(photo, face, FACE_SHARE) for photo, face in photos]
    cuts = [cut for cut in cuts if 0.9 < cut.shape[0] / cut.shape[1] < 1.1]
    rows = []
    for least, most in WIDTHS:
        right = wrong = 0
        for number in range(sheets):
            some = [cuts[(PER_SHEET * number + place) % len(cuts)] for place in range(PER_SHEET)]
            picture, boxes = sheet(some, least + (most - least) * (number + 0.5) / sheets, 1000 + number)
            faces = detector.detect(picture)
            right += hits(faces, boxes)
            wrong += max(0, len(faces) - hits(faces, boxes))
        row = rate(f"{least}-{most} px", right, PER_SHEET * sheets)
        rows.append(row | {"false_per_picture": round(wrong / sheets, 3)})
    return rows


def filled(detector: Detector, photos: Sequence[tuple[Pixels, Face]]) -> list[Row]:
    """The same photos cut until the face takes a share of the width."""
    return [
        rate(f"fills {share:.0%}", sum(bool(detector.detect(filling(*photo, share))) for photo in photos), len(photos))
        for share in FILLED
    ]


def turned(detector: Detector, photos: Sequence[tuple[Pixels, Face]]) -> list[Row]:
    """The same photos on their side and on their head; a face counts where it was."""
    rows = []
    for turns in (1, 2, 3):
        right = 0
        for photo, face in photos:
            mark = np.zeros(photo.shape[:2], np.uint8)
            cv2.rectangle(mark, *(tuple(round(value) for value in face.box[i : i + 2]) for i in (0, 2)), 255, -1)
            rows_at, columns_at = np.nonzero(np.rot90(mark, turns))
            box = tuple(float(f(at)) for f in (np.min, np.max) for at in (columns_at, rows_at))
            right += hits(detector.detect(np.ascontiguousarray(np.rot90(photo, turns))), [box])  # type: ignore[list-item]
        rows.append(rate(f"turned {90 * turns}°", right, len(photos)))
    return rows


def rate(name: str, right: int, of: int) -> Row:
    """One row: the share that was found, with its 95 % interval."""
    low, high = wilson(right, of)
    return {"name": name, "faces": of, "recall": round(right / of, 3), "interval": [round(low, 3), round(high, 3)]}


def show(rows: Sequence[Row], title: str) -> None:
    """A table for people."""
    table = Table("", "faces", "found", "95 %", "false per picture", title=title)
    for row in rows:
        low, high = row["interval"]  # type: ignore[misc]
        table.add_row(
            str(row["name"]), str(row["faces"]), f"{row['recall']:.3f}", f"{low:.3f}-{high:.3f}",
            str(row.get("false_per_picture", "")),
        )  # fmt: skip
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
