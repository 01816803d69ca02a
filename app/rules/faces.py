"""Faces become signals only where they resemble a registered candidate of the contest; nobody else is named."""

from __future__ import annotations

from collections.abc import Iterator

from app.election.contest import Contest
from app.rules.ruleset import RuleSet
from app.rules.signals import Evidence, Signal

CODES = {"strong": "FACE_MATCH", "possible": "FACE_POSSIBLE", "review": "FACE_REVIEW"}


def face_signals(evidence: Evidence, contest: Contest, rules: RuleSet) -> Iterator[Signal]:
    """One signal per matched face."""
    limits = {
        "strong": evidence.limits.strong,
        "possible": evidence.limits.possible,
        "review": evidence.limits.review,
    }
    for picture, content in enumerate(evidence.pictures):
        for index, (face, match) in enumerate(zip(content.seen.faces, content.matches, strict=False)):
            pair = contest.pair_of(match.candidate) if match.candidate else None
            if match.candidate is None or pair is None or match.band not in CODES:
                continue
            code = CODES[match.band]
            photo = {"photo": match.photo} if match.photo else {}
            yield Signal(
                code,
                "face",
                rules.weights[code],
                paslon=pair.id,
                score=match.score,
                threshold=limits[match.band],
                picture=picture,
                box=face.box,
                params={"face": index + 1, "candidate": match.candidate, **photo},
            )
