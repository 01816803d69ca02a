"""Flags as rows of the queue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.db.tables import Flag, Submission
from app.election.contest import Contest, Paslon
from app.review.explain import as_judged, stored_assessment
from app.roster.gallery import load_contest
from app.rules.judge import counts
from app.rules.signals import Assessment
from app.rules.wording import sentence, summary
from app.web.words import Words

TITLE_LENGTH = 90


@dataclass(frozen=True, slots=True)
class Row:
    """One item: `title` is the post's own words, `reason` ours."""

    id: UUID
    title: str
    reason: str
    source: str
    band: str
    state: str
    paslon: Paslon | None
    act_date: str
    age: str


def rows(session: Session, flags: Iterable[Flag], t: Words) -> list[Row]:
    """The flags, worded; each contest is loaded once."""
    contests: dict[str, Contest] = {}
    made = []
    for flag in flags:
        if flag.contest_id not in contests:
            contests[flag.contest_id] = load_contest(session, flag.contest_id)
        made.append(_row(flag, contests[flag.contest_id], t))
    return made


def _row(flag: Flag, today: Contest, t: Words) -> Row:
    submission, assessment = flag.submission, stored_assessment(flag)
    contest = as_judged(today, assessment)
    return Row(
        id=flag.id,
        title=title(submission, t),
        reason=main_reason(assessment, contest, t),
        source=" · ".join(part for part in (contest.name, submission.handle, title(submission, t)) if part),
        band=flag.band,
        state=flag.state,
        paslon=contest.by_id(flag.paslon_id) if flag.paslon_id else None,
        act_date=t.day(submission.act_date),
        age=t.age(submission.received_at),
    )


def main_reason(assessment: Assessment, contest: Contest, t: Words) -> str:
    """The weightiest signal that speaks for the leading pair, in a sentence."""
    speaking = [signal for signal in assessment.signals if counts(signal, assessment)]
    if not speaking:
        return summary(assessment, contest, t.language)
    return sentence(max(speaking, key=lambda signal: signal.weight), contest, t.language)


def title(submission: Submission, t: Words) -> str:
    """The beginning of the post's text, or how many pictures came without any."""
    text = " ".join(submission.text.split())
    if not text:
        return t.plural("queue.pictures", len(submission.images))
    return text if len(text) <= TITLE_LENGTH else text[: TITLE_LENGTH - 1] + "…"
