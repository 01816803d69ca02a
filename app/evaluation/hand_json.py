"""A report of gestures as plain JSON under keys that stay; docs/evaluation.md says what each means."""

from __future__ import annotations

from typing import Any

from app.evaluation.face_json import share_json
from app.evaluation.hand_report import HandFigures, HandReport

Json = dict[str, Any]


def gestures_json(found: HandReport, pack: str) -> Json:
    """Every figure. Shares are numbers 0..1 or null; each has its interval beside it."""
    return {
        "pack": pack,
        "split": found.split,
        "photos": found.photos,
        "ordinary_photos": found.ordinary,
        "unreadable": list(found.unreadable),
        "hands": found.whole.hands,
        **share_json("found", found.whole.found),
        **share_json("exact_fingers", found.whole.exact),
        **share_json("exact_of_found", found.of_found),
        **share_json("fists", found.fists),
        **share_json("named", found.whole.named),
        **share_json("wrong_names", found.whole.wrong),
        **share_json("false_names", found.false_names),
        "false_by_name": found.false_by_name,
        "ordinary_hands": found.ordinary_hands,
        "extra_names": found.extra,
        "by_size": [_row(row) for row in found.by_size],
        "by_people": [_row(row) for row in found.by_people],
        "confusion": [{"marked": a, "read": b, "hands": n} for (a, b), n in sorted(found.confusion.items())],
        "ms": found.ms,
        "ms_p90": found.ms_p90,
    }


def _row(row: HandFigures) -> Json:
    return {
        "name": row.title,
        "pictures": row.pictures,
        "hands": row.hands,
        **share_json("found", row.found),
        **share_json("exact_fingers", row.exact),
        **share_json("named", row.named),
        **share_json("wrong_names", row.wrong),
        "ms": row.ms,
    }
