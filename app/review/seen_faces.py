"""What was seen of faces in an item's pictures, those that name nobody included: boxes, quality, and why nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.i18n import LANGUAGES
from app.rules.wording import faces_seen
from app.vision.face_quality import seen_as

Json = dict[str, Any]


def faces_of(observations: Sequence[Mapping[str, Any]]) -> list[Json]:
    """Every face of every picture, counted from 1 as on the tags; `quality` is empty in what older versions stored."""
    return [
        {
            "picture": picture,
            "face": number,
            "box": face["box"],
            "size": face["size"],
            "band": face["band"],
            "candidate": face["candidate"],
            "quality": face.get("quality", {}),
        }
        for picture, seen in enumerate(observations)
        for number, face in enumerate(seen["faces"], 1)
    ]


def said_of(observations: Sequence[Mapping[str, Any]]) -> Iterator[Json]:
    """For each picture with faces how many there are of each kind, and a sentence about it."""
    for picture, seen in enumerate(observations):
        kinds = Counter(_kind(face) for face in seen["faces"])
        if kinds:
            said = {f"text_{language}": faces_seen(kinds, language) for language in LANGUAGES}
            yield {"picture": picture, "kinds": dict(kinds), **said}


def _kind(face: Mapping[str, Any]) -> str:
    if face["candidate"]:
        return "matched"
    return seen_as(face["band"], face.get("quality", {}).get("blur"))
