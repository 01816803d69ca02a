"""What an item's page shows of searches in all other contests: the faces to ask for, and the answers so far."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.review.national import LEAST_REASON
from app.vision.gallery import NAMED
from app.web.words import Words

Json = dict[str, Any]
NOT_THESE = frozenset({*NAMED, "too_small", "uncalibrated"})
"""Bands of faces that need no search or allow none."""


def view(item: Json, t: Words, given: Json) -> Json:
    """What the template takes: the faces that may be looked for, and the answers so far, newest first."""
    kept = item["retention"]["destroyed"] is None
    return {
        "faces": [_choice(item, face, t) for face in item["faces"] if kept and _searchable(face)],
        "answers": [_answer(one, item, t) for one in reversed(item["searches"])],
        "least": LEAST_REASON,
        "open": bool(given),
        "given": {"wajah": given.get("wajah", ""), "alasan": given.get("alasan", "")},
    }


def _searchable(face: Json) -> bool:
    return face["band"] not in NOT_THESE


def _choice(item: Json, face: Json, t: Words) -> tuple[str, str]:
    """The value of a face and where it is, in words."""
    image = item["images"][face["picture"]]
    x0, y0, x1, y1 = face["box"]
    column = min(2, max(0, int(1.5 * (x0 + x1) / image["width"])))
    row = min(2, max(0, int(1.5 * (y0 + y1) / image["height"])))
    where = t(f"national.place.{3 * row + column + 1}")
    words = t("national.face", n=face["face"], where=where, size=t.number(face["size"]))
    if len(item["images"]) > 1:
        words = f"{t('picture.number', n=face['picture'] + 1)} · {words}"
    return f"{face['picture']}-{face['face']}", words


def _answer(found: Json, item: Json, t: Words) -> Json:
    zone = item["context"]["contest"]["timezone"]
    compared = t("national.compared", people=t.number(found["people"]), contests=t.number(found["contests"]))
    said = t(f"national.{'found' if found.get('candidate') else 'nobody'}", band=t.either(f"check.{found['band']}", ""))
    pair = [t("pair.numbered", number=found["number"])] if found.get("number") is not None else []
    return {
        "at": t.moment(datetime.fromisoformat(found["at"]), zone),
        "actor": found["actor"],
        "face": t("national.of", picture=found["picture"] + 1, face=found["face"]),
        "said": said,
        "who": ", ".join([found["name"], *pair, found["contest_name"], found["region"]]) if found.get("name") else "",
        "photo": found.get("photo"),
        "name": found.get("name", ""),
        "compared": compared,
        "uncompared": t.plural("national.uncompared", found["uncompared"]) if found.get("uncompared") else "",
        "reason": found["reason"],
    }
