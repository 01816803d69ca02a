"""Registered and tested photos in words: how good each is, whom it resembles, what a test found."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from app.db.contest_tables import CandidateRow, ContestRow, ReferencePhoto
from app.roster.face_check import CheckedFace, FaceCheck, Person
from app.roster.photo_report import WANTED
from app.vision.gallery import FaceThresholds, Likeness
from app.web.words import Words

Json = dict[str, Any]
WHY_NOT = {"uncalibrated": "check.unlimited", "not_compared": "check.other_pack"}
ASPECTS = (("size", "small"), ("sharpness", "blurred"), ("turn", "turned"), ("norm", "weak"))


def photos(contest: ContestRow, alike: Mapping[str, Likeness] | None, t: Words) -> dict[str, Json]:
    """Candidate's id -> the registered photos with their quality, and how many more are asked for."""
    people = {person.id: person.name for pair in contest.paslon for person in pair.candidates}
    return {
        person.id: {
            "photos": [_photo(photo, alike or {}, people, t) for photo in person.photos],
            "ask": _ask(person, t),
        }
        for pair in contest.paslon
        for person in pair.candidates
    }


def _ask(person: CandidateRow, t: Words) -> str:
    missing = WANTED - len(person.photos)
    return t.plural("photo.ask", missing) if missing > 0 else ""


def _photo(photo: ReferencePhoto, alike: Mapping[str, Likeness], people: Mapping[str, str], t: Words) -> Json:
    other = alike.get(str(photo.id))
    name = people.get(other.candidate, "") if other else ""
    return {
        "id": photo.id,
        "aspects": aspects(photo.quality, t),
        "weak": bool(photo.quality.get("warnings")),
        "alike": t("photo.alike", name=name, score=t.number(other.score, 2)) if other and name else "",
    }


def aspects(quality: Mapping[str, Any], t: Words) -> list[Json]:
    """What was measured on a photo, each in words with whether it is a weakness."""
    warnings = quality.get("warnings", [])
    found: list[Json] = []
    for name, warning in ASPECTS:
        value = quality.get(name)
        if value is None:
            continue
        weak = warning in warnings
        shown = t.number(abs(value), 2 if name == "turn" else 0)
        found.append({"text": t(f"quality.{warning if weak else name}", value=shown), "weak": weak})
    if "drawn" in warnings:
        found.append({"text": t("quality.drawn"), "weak": True})
    return found


def checked(found: FaceCheck, contest: ContestRow, t: Words) -> Json:
    """The answer of a test in words: every face with its band, the person and the margin to the next, or nobody."""
    return {
        "photos": found.photos,
        "compared": t("check.compared", photos=t.number(found.photos), people=t.number(found.people)),
        "faces": [_face(number, face, found.thresholds, t) for number, face in enumerate(found.faces, 1)],
        "unlisted": t.plural("check.unlisted", found.unlisted) if found.unlisted else "",
        "contest": contest.name,
    }


def _face(number: int, face: CheckedFace, limits: FaceThresholds, t: Words) -> Json:
    return {
        "number": number,
        "crop": f"data:image/jpeg;base64,{base64.b64encode(face.crop).decode()}",
        "band": t(f"check.{face.band}"),
        "size": t("check.size", size=t.number(face.size)),
        "best": face.best,
        "said": _said(face, limits, t),
        "margin": _margin(face, t),
    }


def _said(face: CheckedFace, limits: FaceThresholds, t: Words) -> str:
    if face.best is not None:
        score = t.number(face.best.score, 2)
        return t("check.near", name=_named(face.best, t), score=score, threshold=t.number(limits.possible, 2))
    if face.highest is not None:
        return t("check.nobody", score=t.number(face.highest, 2), threshold=t.number(limits.review, 2))
    return t(WHY_NOT.get(face.band, "check.incomparable"))


def _margin(face: CheckedFace, t: Words) -> str:
    if face.best is None:
        return ""
    if face.second is None or face.margin is None:
        return t("check.alone")
    margin, score = t.number(face.margin, 2), t.number(face.second.score, 2)
    return t("check.margin", name=_named(face.second, t), score=score, margin=margin)


def _named(person: Person, t: Words) -> str:
    facts = [] if person.number is None else [t("pair.numbered", number=person.number)]
    facts += [person.contest] if person.contest else []
    return f"{person.name} ({', '.join(facts)})" if facts else person.name
