"""Writing a result once: the fence of the attempt and two unique keys make a second writing harmless."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, jobs
from app.auth.principal import SYSTEM
from app.db.contest_tables import RegionRisk
from app.db.flag_tables import Flag, Screening
from app.db.people_tables import User
from app.db.submission_tables import Submission
from app.db.tip_tables import TIP
from app.election.deadlines import due_on
from app.operating import holidays
from app.roster.gallery import load_contest
from app.rules.priority import priority
from app.rules.serial import pair_to_json, signal_to_json
from app.rules.signals import Assessment, PictureEvidence
from app.screening.pipeline import Screened
from app.text.storable import storable
from app.vision.face_quality import quality_json
from app.vision.groups import shared_poses
from app.vision.line_shapes import turn_of


def observations_json(picture: PictureEvidence) -> dict[str, Any]:
    """What people are shown of one picture. A face keeps its box, how well it could be seen and the outcome of
    matching, never an embedding; an unmatched face keeps not even its best score."""
    faces = []
    for face, match in zip(picture.seen.faces, picture.matches, strict=True):
        known = match.candidate is not None
        faces.append(
            {
                "box": [round(v, 1) for v in face.box],
                "size": round(face.size, 1),
                "band": match.band,
                "candidate": match.candidate,
                "score": round(match.score, 4) if known and match.score is not None else None,
                "photo": match.photo if known else None,
                "quality": quality_json(face),
            }
        )
    hands = [
        {
            "box": [round(v, 1) for v in hand.box],
            "fingers": hand.fingers,
            "name": hand.name,
            "confidence": round(hand.confidence, 3),
            "readable": hand.readable,
            "face": hand.face,
            "right": hand.right,
            "turn": round(hand.turn),
        }
        for hand in picture.seen.hands
    ]
    groups = [
        {
            "name": pose.name,
            "people": pose.people,
            "of": pose.of,
            "hands": list(pose.hands),
            "expected": round(pose.expected, 3),
            "chance": round(pose.chance, 6),
        }
        for pose in shared_poses(picture.seen.faces, picture.seen.hands)
    ]
    lines = []
    for line in picture.seen.lines:
        turn = turn_of(line.corners)
        told = {"text": storable(line.text), "box": [round(v, 1) for v in line.box], "score": round(line.score, 3)}
        lines.append(told | ({"turn": turn} if turn else {}))
    taken = {} if picture.taken is None else {"taken": picture.taken.isoformat()}
    size = {"width": picture.seen.width, "height": picture.seen.height}
    return size | {"faces": faces, "hands": hands, "groups": groups, "lines": lines} | taken


def outdated(session: Session, contest_id: str, assessment: Assessment) -> bool:
    """Whether the roster no longer has a pair or a person whom the assessment names."""
    if not assessment.pairs:
        return False
    paslon = load_contest(session, contest_id).everybody
    pairs = {pair.id for pair in paslon}
    people = {person.id for pair in paslon for person in pair.candidates}
    named = {signal.params["candidate"] for signal in assessment.signals if "candidate" in signal.params}
    return not (pairs >= {pair.id for pair in assessment.pairs} and people >= named)


def screening_row(submission_id: uuid.UUID, version: str, versions: dict[str, Any], result: Screened) -> Screening:
    """The result as it is stored."""
    assessment = result.assessment
    return Screening(
        submission_id=submission_id,
        pipeline_version=version,
        versions=versions,
        band=assessment.band,
        score=assessment.score,
        observations=[observations_json(picture) for picture in result.evidence.pictures],
        signals=[signal_to_json(signal) for signal in assessment.signals],
        bias=assessment.bias,
        pairs=[pair_to_json(pair) for pair in assessment.pairs],
        timings=result.timings,
    )


def record(
    session: Session,
    submission_id: uuid.UUID,
    attempt: int,
    version: str,
    versions: dict[str, Any],
    result: Screened,
    unflagged_sample: float = 0.0,
    link: Callable[[Session, Submission], None] | None = None,
) -> Flag | None:
    """Write the result and raise the flag, if there is one, in the caller's transaction. Of what the rules did not
    flag, `unflagged_sample` (a share of 1) goes to the queue as well, so that what they miss can be estimated. Every
    tip of the public becomes an item: not of the queue, but of the list that people look through.

    `link` joins the submission to its copies; it locks their flags, so it comes before the chain of events.
    Nothing is written, and None returned, when another attempt has taken over or the result is there already."""
    if not jobs.settle(session, submission_id, attempt, state="screened"):
        return None
    submission = session.get_one(Submission, submission_id)
    if link is not None:
        link(session, submission)
    assessment = result.assessment
    screening = screening_row(submission_id, version, versions, result)
    session.add(screening)
    session.flush()
    facts = {"band": assessment.band, "pipeline": version, "unreadable": [index for index, _ in result.unreadable]}
    audit.append(session, SYSTEM, "submission.screened", "submission", submission_id, facts)
    tip = submission.capture_method == TIP
    if not (assessment.flagged or tip) and draw(submission_id, "sample") >= unflagged_sample:
        return None
    return raise_flag(session, submission, screening, assessment)


def draw(submission_id: uuid.UUID, purpose: str) -> float:
    """A number of 0..1 that is this submission's for ever, evenly spread over all of them."""
    return int.from_bytes(hashlib.sha256(purpose.encode() + submission_id.bytes).digest()[:8]) / 2**64


def raise_flag(session: Session, submission: Submission, screening: Screening, assessment: Assessment) -> Flag:
    """One drawn from the unflagged looks like a weak flag, and its place in the queue says nothing about it. That of a
    tip is informasi awal, not a case: it waits on no desk."""
    tip = submission.capture_method == TIP
    sampled = not (assessment.flagged or tip)
    strength = draw(submission.id, "place") if sampled else assessment.score
    contest = submission.contest
    due = due_on(contest.election.kind, submission.known_date, holidays(session))
    risk = session.scalar(select(RegionRisk.risk).where(RegionRisk.region_code == contest.region_code))
    submitter = session.get_one(User, submission.submitted_by)
    existing = session.scalar(select(Flag).where(Flag.submission_id == submission.id))
    if existing is not None:
        return existing
    flag = Flag(
        submission_id=submission.id,
        screening_id=screening.id,
        contest_id=submission.contest_id,
        band=assessment.band if assessment.flagged else "low",
        score=assessment.score,
        origin="rules" if assessment.flagged else TIP if tip else "sample",
        state=TIP if tip else "new",
        desk="" if tip else "review",
        due_on=due,
        priority=priority(strength, risk, assessment.stage, due),
        barred=f"|{submitter.login}|",
        paslon_id=assessment.paslon,
        direction=assessment.direction,
        stage=assessment.stage,
        track=assessment.track,
        lane=assessment.lane,
        articles=list(assessment.articles),
        copy_group=submission.copy_group,
    )
    session.add(flag)
    session.flush()
    facts = {"band": flag.band, "submission": str(submission.id)} | ({"tip": True} if tip else {})
    event = audit.append(session, SYSTEM, "flag.raised", "flag", flag.id, facts)
    flag.last_event = event.id
    return flag
