"""What `netra screen` says of one file: stable keys, with the names that the API gives the same things."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from app.election.contest import NOWHERE, Contest
from app.review.explain import tags
from app.review.hand_notes import hand_notes
from app.review.notices import worded
from app.rules.judge import NO_FACTS
from app.rules.notes import Seen, notes
from app.rules.signals import PictureEvidence, Signal
from app.rules.wording import sentence, summary
from app.screening.models import Models
from app.screening.pipeline import Field, Screened, pipeline_version
from app.screening.record import observations_json
from app.screening.service import versions_of
from app.vision.face_quality import quality_json, seen_as
from app.vision.gallery import NAMED, FaceMatch
from app.vision.observations import Box, Face
from app.vision.screen_layout import understand

Json = dict[str, Any]


def blank(path: Path | None) -> Json:
    """The keys that every result has."""
    empty: Json = {"path": None if path is None else str(path), "flagged": False, "band": "none", "score": None}
    return empty | {
        "paslon": None,
        "faces": [],
        "hands": [],
        "text": [],
        "signals": [],
        "context": {},
        "timings_ms": {},
        "groups": [],
        "notes": [],
        "versions": {},
    }


def describe(path: Path | None, result: Screened, field: Field, on: date, models: Models) -> Json:
    """One result with its stable keys. `paslon` is a nomor urut; a face is named only when it may be flagged.
    Without a contest there is no calendar: its id, the stage and what follows from it are null then."""
    assessment, contest = result.assessment, field.contest
    known = contest.id != NOWHERE
    pictures = result.evidence.pictures
    observations = [observations_json(picture) for picture in pictures]
    tagged = list(zip(tags(assessment.signals), assessment.signals, strict=True))
    return blank(path) | {
        "flagged": assessment.flagged,
        "band": assessment.band,
        "score": assessment.score,
        "paslon": number_of(contest, assessment.paslon),
        "faces": [
            describe_face(face, match, contest)
            for picture in pictures
            for face, match in zip(picture.seen.faces, picture.matches, strict=True)
        ],
        "hands": [
            hand | {"size": round(seen.size, 1), "picture": number}
            for number, (told, picture) in enumerate(zip(observations, pictures, strict=True))
            for hand, seen in zip(told["hands"], picture.seen.hands, strict=True)
        ],
        "text": [line for picture in pictures for line in describe_lines(picture)],
        "signals": [describe_signal(tag, one, contest) for tag, one in tagged if one.kind != "context"],
        "context": {
            "contest": contest.id if known else None,
            "on": on.isoformat(),
            "stage": assessment.stage if known else None,
            "track": assessment.track if known else None,
            "articles": list(assessment.articles) if known else [],
            "direction": assessment.direction,
            "rules": assessment.rules_version,
            "bias": assessment.bias,
            "summary_id": summary(assessment, contest, "id"),
            "summary_en": summary(assessment, contest, "en"),
            "against": [describe_signal(tag, one, contest) for tag, one in tagged if one.kind == "context"],
            "screenshots": [describe_screenshot(picture) for picture in pictures],
        },
        "timings_ms": result.timings,
        "groups": [group | {"picture": number} for number, told in enumerate(observations) for group in told["groups"]],
        "notes": [*(describe_notes(result, field, on) if known else ()), *hand_notes(observations)],
        "versions": versions_of(models, field) | {"pipeline": pipeline_version(models)},
    }


def describe_notes(result: Screened, field: Field, on: date) -> list[Json]:
    """What a reviewer would be told beside the signals, nothing but the day of the act being known of the post."""
    pictures = result.evidence.pictures
    taken = [picture.taken for picture in pictures if picture.taken is not None]
    uncompared = len(field.gallery.absent) if pictures else 0
    seen = Seen(on, on, taken, uncompared=uncompared)
    return worded(notes(result.assessment, NO_FACTS, field.contest, seen), field.contest)


def rounded(box: Box) -> list[float]:
    """Tenths of a pixel."""
    return [round(value, 1) for value in box]


def number_of(contest: Contest, paslon_id: str | None) -> int | None:
    """The nomor urut of a pair."""
    pair = contest.by_id(paslon_id) if paslon_id else None
    return pair.number if pair else None


def describe_face(face: Face, match: FaceMatch, contest: Contest) -> Json:
    """A face. Below the bands that may be flagged nobody is named: `hint` says whom a reviewer might compare. `seen`
    says why a face that names nobody does so."""
    pair = contest.pair_of(match.candidate) if match.candidate else None
    name = next((c.name for c in pair.candidates if c.id == match.candidate), None) if pair else None
    named = match.band in NAMED
    quality = quality_json(face)
    return {
        "box": rounded(face.box),
        "candidate": name if named else None,
        "paslon": pair.number if pair and named else None,
        "contest": (pair.contest or None) if pair else None,
        "score": None if match.score is None else round(match.score, 4),
        "band": match.band,
        "size": round(face.size, 1),
        "hint": None if named else name,
        "quality": quality,
        "seen": "matched" if match.candidate else seen_as(match.band, quality["blur"]),
    }


def describe_lines(picture: PictureEvidence) -> list[Json]:
    """The lines read in a picture, each with the codes of its signals."""
    codes: dict[int, list[str]] = {}
    for index, signal in picture.text:
        codes.setdefault(index, []).append(signal.code)
    return [
        {"line": line.text, "box": rounded(line.box), "signals": codes.get(index, [])}
        for index, line in enumerate(picture.seen.lines)
    ]


def describe_screenshot(picture: PictureEvidence) -> Json:
    """What the picture says of its post where it is a screenshot: read by a machine, to be checked."""
    layout = understand(picture.seen.lines, picture.seen.height)
    return {
        "platform": layout.platform or None,
        "fields": {
            field.name: {"value": field.value, "confidence": field.confidence}
            for field in layout.fields
            if field.name != "platform"
        },
    }


def describe_signal(tag: str, signal: Signal, contest: Contest) -> Json:
    """One reason in words, with where to look: `box` in a picture, `span` of characters in the caption or a line."""
    return {
        "tag": tag,
        "kind": signal.kind,
        "code": signal.code,
        "paslon": number_of(contest, signal.paslon),
        "weight": signal.weight,
        "sentence_id": sentence(signal, contest, "id"),
        "sentence_en": sentence(signal, contest, "en"),
        "direction": signal.direction,
        "picture": signal.picture,
        "box": None if signal.box is None else rounded(signal.box),
        "field": signal.field,
        "line": signal.line,
        "span": None if signal.span is None else list(signal.span),
        "quote": signal.quote,
    }
