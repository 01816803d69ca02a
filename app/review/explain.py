"""The explanation object: one JSON-ready answer to "why is this here", for the API, the CLI and the console alike."""

from __future__ import annotations

import math
import uuid
from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.auth.principal import Principal
from app.db.base import now
from app.db.contest_tables import CandidateRow, ReferencePhoto
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.db.people_tables import User
from app.db.submission_tables import Submission
from app.election.contest import Contest, Paslon
from app.review.acts import Item, events_of, why_not
from app.review.captured import capture_of
from app.review.fairness import is_blind, visible
from app.review.hold import retention_of
from app.review.known import known_case
from app.review.national import searches
from app.review.notices import by_time, worded_notes
from app.review.queue import shown_state
from app.review.rechecks import looks as told_looks
from app.review.rechecks import rechecks
from app.review.seen_faces import faces_of, said_of
from app.review.workflow import ACTS, Case, allows, replay
from app.roster.gallery import load_contest
from app.rules.catalogue import act
from app.rules.judge import counts as belongs
from app.rules.serial import pair_from_json, signal_from_json
from app.rules.signals import Assessment, Signal
from app.rules.wording import article_text, lane_name, sanction_text, sentence, stage_name, summary

PLACED = {"face": "F", "hand": "H", "text": "T", "context": "T"}
LOOSE = {"face": "R", "hand": "R", "text": "K", "context": "C", "rule": "R"}
Json = dict[str, Any]


def explain(session: Session, flag: Flag, viewer: Principal | None = None) -> Json:
    """Everything a reviewer is shown of one flag, worded in Indonesian and English.

    A `viewer` who may still give a second verdict is not shown the first: neither verdict, reason, note nor author."""
    submission = flag.submission
    events = events_of(session, flag)
    case = replay(events)
    assessment = stored_assessment(flag)
    retention = retention_of(session, flag)
    contest = as_judged(load_contest(session, flag.contest_id), assessment)
    looks = rechecks(session, submission.id)
    told = visible(events, case, viewer)
    return {
        "id": str(flag.id),
        "submission": str(submission.id),
        "state": shown_state(flag, now()),
        "band": flag.band,
        "score": flag.score,
        "last_event": flag.last_event,
        "created_at": flag.created_at.isoformat(),
        "paslon": _pair(contest, flag.paslon_id),
        "direction": flag.direction,
        "summary_id": summary(assessment, contest, "id"),
        "summary_en": summary(assessment, contest, "en"),
        "stage": {"code": flag.stage, "name_id": stage_name(flag.stage, "id"), "name_en": stage_name(flag.stage, "en")},
        "track": flag.track,
        "bias": assessment.bias,
        "log_odds": log_odds(assessment),
        "lane": {"code": flag.lane, "name_id": lane_name(flag.lane, "id"), "name_en": lane_name(flag.lane, "en")},
        "notes": worded_notes(assessment, contest, flag, looks, events),
        "articles": [_article(code, submission.subject_type) for code in flag.articles],
        "signals": _signals(session, assessment, contest),
        "faces": faces_of(flag.screening.observations),
        "seen": list(said_of(flag.screening.observations)),
        "searches": searches(told),
        "images": _images(flag, submission, kept=retention["destroyed"] is None),
        "retention": retention,
        "text": {"caption": submission.text, "lines": _lines(flag.screening.observations)},
        "context": _context(session, submission),
        "capture": capture_of(session, submission),
        "rechecks": told_looks(looks),
        "events": [_event(event) for event in by_time([*told, *looks])],
        "known_case": known_case(session, flag, viewer),
        "work": _work(session, flag, case, viewer),
        "versions": flag.screening.versions | {"pipeline": flag.screening.pipeline_version},
        "timings": flag.screening.timings,
    }


def stored_assessment(flag: Flag) -> Assessment:
    """The assessment as it was when the flag was raised."""
    return Assessment(
        band=flag.band,  # type: ignore[arg-type]
        score=flag.score,
        paslon=flag.paslon_id,
        direction=flag.direction,  # type: ignore[arg-type]
        signals=tuple(signal_from_json(stored) for stored in flag.screening.signals),
        stage=flag.stage,
        track=flag.track,
        articles=tuple(flag.articles),
        rules_version=str(flag.screening.versions.get("rules", "")),
        bias=flag.screening.bias,
        pairs=tuple(pair_from_json(stored) for stored in flag.screening.pairs),
        lane=flag.lane,
    )


def log_odds(assessment: Assessment) -> float:
    """The sum behind the score: bias and the weights that count; score = 1 / (1 + exp(-log_odds)) to the last digit."""
    return math.fsum([assessment.bias, *(s.weight for s in assessment.signals if belongs(s, assessment))])


def as_judged(contest: Contest, assessment: Assessment) -> Contest:
    """The contest with the pairs that the assessment speaks of as they were then: people may have been replaced."""
    kept = {pair.id for pair in assessment.pairs}
    return replace(contest, paslon=(*assessment.pairs, *(pair for pair in contest.paslon if pair.id not in kept)))


def tags(signals: tuple[Signal, ...]) -> list[str]:
    """The names by which picture, list and sentences refer to each other: F1 is the first face, H2 the second hand,
    T3 the third line of the first picture, F1b the first face of the second picture; K1, C1, R1 count through words
    of the caption, contexts and rules. Signals about the same thing share a name."""
    counts: Counter[str] = Counter()
    made = []
    for signal in signals:
        place = next((signal.params[key] for key in ("face", "hand", "line") if key in signal.params), None)
        if place is not None and signal.picture is not None and signal.kind in PLACED:
            made.append(f"{PLACED[signal.kind]}{place}{_letters(signal.picture)}")
            continue
        letter = LOOSE[signal.kind]
        counts[letter] += 1
        made.append(f"{letter}{counts[letter]}")
    return made


def _letters(picture: int) -> str:
    """Nothing for the first picture, b for the second, z for the 26th, then aa, ab …"""
    letters, left = "", picture + 1 if picture else 0
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(ord("a") + letter) + letters
    return letters


def _work(session: Session, flag: Flag, case: Case, viewer: Principal | None) -> Json:
    """Who has it, what this viewer may do with it now, and why they may give no verdict where they may not."""
    moment = now()
    alive = case.held_until is not None and case.held_until > moment
    may_act = viewer is not None and viewer.may("flag.decide")
    why = why_not(session, viewer, Item(flag, case)) if viewer is not None and may_act else None
    return {
        "round": case.round,
        "base_state": case.base,
        "claimed_by": case.holder if alive else None,
        "claimed_until": case.held_until.isoformat() if alive and case.held_until else None,
        "mine": alive and viewer is not None and case.holder == viewer.login,
        "assigned_to": case.assigned,
        "due_on": flag.due_on.isoformat() if flag.due_on else None,
        "blind": is_blind(case, viewer),
        "why_not": why,
        "acts": possible(case, viewer, why, moment) if viewer is not None else [],
    }


def possible(case: Case, viewer: Principal, why_not: str | None, moment: datetime) -> list[str]:
    """The acts that would not be refused to this viewer now, as the names of the table."""
    if not viewer.may("flag.decide"):
        return []
    held = case.held_by_other(viewer.login, moment)
    shut = why_not is not None or held
    coordinator = viewer.role == "coordinator"
    mine = case.holder == viewer.login
    own = bool(case.verdicts) and case.verdicts[-1].actor == viewer.login
    tests = {
        "claim": not shut, "confirm": not shut, "dismiss": not shut, "ask": not shut, "route": not shut,
        "escalate": not held,
        "renew": mine, "release": mine or coordinator, "expire": False, "assign": coordinator,
        "unassign": case.assigned is not None and (coordinator or case.assigned == viewer.login),
        "hand_back": coordinator, "close": coordinator, "reopen": coordinator, "undo": own or coordinator,
        "lapse": False, "retire": False, "unconvert": coordinator or case.converted == viewer.login,
    }  # fmt: skip
    ran_out = case.state == "claimed" and not held and not mine
    table = replace(case, stack=case.stack[:-1]) if ran_out else case
    return [act for act in ACTS if allows(table, act) and tests.get(act, True)]


def _pair(contest: Contest, paslon_id: str | None) -> Json | None:
    pair: Paslon | None = contest.by_id(paslon_id) if paslon_id else None
    if pair is None:
        return None
    return {"id": pair.id, "number": pair.number, "label": pair.label, "contest": pair.contest or None}


def _article(code: str, subject_type: str) -> Json:
    entry = act(code)
    words = {f"text_{language}": article_text(code, language) for language in ("id", "en")}
    words |= {
        f"sanction_{language}": sanction_text(entry.sanction, language, subject_type) for language in ("id", "en")
    }
    return {"code": code, "text": words["text_id"], "track": entry.track, "sanction": words["sanction_id"]} | words


def _signals(session: Session, assessment: Assessment, contest: Contest) -> list[Json]:
    rows = []
    for tag, signal in zip(tags(assessment.signals), assessment.signals, strict=True):
        rows.append(
            {
                "tag": tag,
                "code": signal.code,
                "kind": signal.kind,
                "for": signal.weight > 0 and belongs(signal, assessment),
                "counts": belongs(signal, assessment),
                "weight": signal.weight,
                "score": None if signal.score is None else round(signal.score, 4),
                "threshold": signal.threshold,
                "paslon": _pair(contest, signal.paslon),
                "direction": signal.direction,
                "picture": signal.picture,
                "box": None if signal.box is None else [round(v, 1) for v in signal.box],
                "field": signal.field,
                "line": signal.line,
                "span": None if signal.span is None else list(signal.span),
                "quote": signal.quote,
                "params": dict(signal.params),
                "sentence_id": sentence(signal, contest, "id"),
                "sentence_en": sentence(signal, contest, "en"),
                "reference": _reference(session, signal) if signal.kind == "face" else None,
            }
        )
    return rows


def _reference(session: Session, signal: Signal) -> Json | None:
    """The registered photos of the candidate, the one nearest to the found face first. `closest` is None where it
    was withdrawn since."""
    candidate_id = signal.params.get("candidate")
    candidate = session.get(CandidateRow, candidate_id) if candidate_id else None
    if candidate is None:
        return None
    nearest = signal.params.get("photo")
    photos = [str(photo.id) for photo in candidate.photos]
    photos.sort(key=lambda photo: photo != nearest)
    if not photos:
        return None
    return {
        "photo_id": photos[0],
        "photos": photos,
        "closest": nearest if nearest in photos else None,
        "candidate": candidate.name,
        "candidate_id": candidate.id,
    }


def _images(flag: Flag, submission: Submission, *, kept: bool) -> list[Json]:
    """The pictures; none once their originals were destroyed."""
    return [_image(flag, submission, position) for position in range(len(submission.images))] if kept else []


def _image(flag: Flag, submission: Submission, position: int) -> Json:
    image = submission.images[position]
    url = f"/media/flags/{flag.id}/images/{position}"
    return {
        "position": position,
        "sha256": image.sha256,
        "width": image.width,
        "height": image.height,
        "url": url,
        "blurred_url": f"{url}?blur=1",
    }


def _lines(observations: list[Any]) -> list[Json]:
    return [
        {"picture": index, "line": number, "text": line["text"], "box": line["box"]}
        for index, seen in enumerate(observations)
        for number, line in enumerate(seen["lines"])
    ]


def _context(session: Session, submission: Submission) -> Json:
    contest = submission.contest
    submitter = session.get(User, submission.submitted_by)
    return {
        "platform": submission.platform,
        "url": submission.url,
        "handle": submission.handle,
        "subject_type": submission.subject_type,
        "agency": submission.agency,
        "public": submission.public,
        "parent": submission.parent,
        "parent_text": submission.parent_text,
        "account": submission.account,
        "children": submission.children,
        "track": submission.track,
        "contest": {
            "id": contest.id,
            "name": contest.name,
            "region": contest.region_name,
            "timezone": contest.timezone,
        },
        "act_date": submission.act_date.isoformat(),
        "known_date": submission.known_date.isoformat(),
        "capture_method": submission.capture_method,
        "received_at": submission.received_at.isoformat(),
        "submitted_by": submitter.login if submitter else "",
    }


def _event(event: Event) -> Json:
    return {
        "id": event.id,
        "at": event.at,
        "actor": event.actor,
        "role": event.role,
        "action": event.action,
        "data": event.data,
    }


def reference_photo(session: Session, photo_id: uuid.UUID) -> ReferencePhoto | None:
    """A registered photo of a candidate, or None."""
    return session.get(ReferencePhoto, photo_id)
