"""Judging again what was observed: other facts, the same observations. No model runs and no original is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import __version__
from app.db.contest_tables import RegionRisk
from app.db.flag_tables import Flag, Screening
from app.db.submission_tables import Submission
from app.election.contest import Contest
from app.roster.gallery import load_contest
from app.rules.facts import Facts
from app.rules.judge import judge
from app.rules.priority import priority
from app.rules.serial import pair_to_json, signal_to_json
from app.rules.signals import Assessment, Evidence, PictureEvidence
from app.screening.facts import facts_of
from app.screening.pictured_text import screen_lines
from app.screening.pipeline import read_caption
from app.screening.rule_versions import live
from app.screening.text_models import live_model
from app.text.learned import TextModel
from app.text.registry import Registry, compile_registry
from app.vision.gallery import FaceMatch, FaceThresholds
from app.vision.observations import Face, Hand, Observations, TextLine

LIMITS = {"FACE_MATCH": "strong", "FACE_POSSIBLE": "possible", "FACE_REVIEW": "review"}


def rejudge(session: Session, flag: Flag) -> Assessment:
    """Judge the flag's observations by the facts as they stand, with the live rules and roster; a further screening is
    kept beside the earlier ones and the flag's row shows it. The caller has locked the flag and commits."""
    screening, found = judge_anew(session, flag.submission, flag.screening)
    flag.screening = screening
    _show(session, flag, found)
    return found


def judge_anew(session: Session, submission: Submission, before: Screening) -> tuple[Screening, Assessment]:
    """A further screening of the observations of an earlier one, by the facts, rules and roster of now."""
    contest = load_contest(session, submission.contest_id)
    rules = live(session).rules
    facts, model = facts_of(submission), live_model(session)
    evidence = evidence_of(before, submission.text, contest, facts, model)
    found = judge(evidence, contest, submission.act_date, rules, facts)
    count = session.scalar(select(func.count()).where(Screening.submission_id == submission.id)) or 0
    models = str(before.versions.get("models", ""))
    screening = Screening(
        submission_id=submission.id,
        pipeline_version=f"{__version__}/{models}/{rules.version}/k{count}",
        versions=before.versions | {"rules": rules.version, "text_model": model.version if model else None},
        band=found.band,
        score=found.score,
        observations=before.observations,
        signals=[signal_to_json(signal) for signal in found.signals],
        bias=found.bias,
        pairs=[pair_to_json(pair) for pair in found.pairs],
        timings={},
    )
    session.add(screening)
    session.flush()
    return screening, found


def _show(session: Session, flag: Flag, found: Assessment) -> None:
    """The flag's row as the assessment says. Where the rules would not raise it any more it stays, as a weak one:
    people have it in their hands."""
    flag.band, flag.score = found.band if found.flagged else "low", found.score
    flag.paslon_id, flag.direction, flag.lane = found.paslon, found.direction, found.lane
    flag.stage, flag.track, flag.articles = found.stage, found.track, list(found.articles)
    if flag.due_on is not None:
        region = flag.submission.contest.region_code
        risk = session.scalar(select(RegionRisk.risk).where(RegionRisk.region_code == region))
        flag.priority = priority(found.score, risk, found.stage, flag.due_on)


def evidence_of(
    screening: Screening, text: str, contest: Contest, facts: Facts, model: TextModel | None = None
) -> Evidence:
    """The evidence as the stored observations tell it: landmarks and embeddings were never kept and are not needed."""
    registry = compile_registry(contest)
    pictures = tuple(_picture(stored, registry) for stored in screening.observations)
    caption, learned, parent = read_caption(text, contest, registry, facts, model)
    return Evidence(pictures, caption, limits_of(screening.signals), learned, parent)


def limits_of(signals: Sequence[Mapping[str, Any]]) -> FaceThresholds:
    """The limits by which the faces were matched, as far as a stored signal tells them."""
    known = {LIMITS[s["code"]]: s["threshold"] for s in signals if s["code"] in LIMITS and s.get("threshold")}
    return FaceThresholds(**known)


def _picture(stored: Mapping[str, Any], registry: Registry) -> PictureEvidence:
    lines = stored_lines(stored)
    nowhere = np.zeros((0, 2), np.float32)
    faces = tuple(Face(tuple(face["box"]), nowhere, 1.0) for face in stored["faces"])
    hands = tuple(
        Hand(
            tuple(hand["box"]), nowhere, hand["fingers"], hand["name"], hand["confidence"], 1.0, 1.0,
            hand.get("right", True), hand["readable"], hand.get("face"), hand.get("turn", 0.0),
        )
        for hand in stored["hands"]
    )  # fmt: skip
    matches = tuple(
        FaceMatch(face["band"], face["candidate"], face["score"], None, face["photo"]) for face in stored["faces"]
    )
    seen = Observations(stored["width"], stored["height"], faces, hands, lines)
    taken = date.fromisoformat(stored["taken"]) if stored.get("taken") else None
    return PictureEvidence(seen, matches, screen_lines(lines, registry, seen.height), taken)


def stored_lines(stored: Mapping[str, Any]) -> tuple[TextLine, ...]:
    """The lines of one stored picture."""
    return tuple(
        TextLine(line["text"], line["score"], _corners(line["box"], line.get("turn", 0))) for line in stored["lines"]
    )


def _corners(box: Sequence[float], turn: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Clockwise from where the line starts, when its text is turned so many quarters clockwise."""
    x0, y0, x1, y1 = box
    return np.roll(np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32), -turn, axis=0)
