"""Flags as rows: of the queue page, and of its file for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.auth.principal import Principal
from app.db.base import now
from app.db.flag_tables import Flag
from app.db.submission_tables import Submission
from app.election.contest import Contest, Paslon
from app.review import copies
from app.review.explain import as_judged, stored_assessment
from app.review.fairness import TOLD
from app.review.queue import shown_state
from app.roster.gallery import load_contests
from app.rules.judge import counts
from app.rules.signals import Assessment
from app.rules.wording import sentence, stage_name, summary
from app.web.exporting import Cell
from app.web.words import Words

TITLE_LENGTH = 90
EXPORTED = (
    "export.id", "field.contest", "queue.region", "field.band", "field.state", "queue.pair_number", "field.pair",
    "queue.reason", "submissions.post", "field.platform", "field.handle", "queue.stage", "field.act_date",
    "field.known_date", "context.received", "queue.due", "queue.holder", "queue.assigned",
)  # fmt: skip
"""The heads of the columns of `spreadsheet`, as keys of the catalogue."""


@dataclass(frozen=True, slots=True)
class Row:
    """One item: `title` is the post's own words, `reason` ours. `due` says when a report must be filed and `late` that
    this has passed; `holder` and `assigned` are logins, those of the reader marked; `group` counts near-duplicates."""

    id: UUID
    title: str
    reason: str
    source: str
    band: str
    state: str
    paslon: Paslon | None
    act_date: str
    age: str
    due_on: str = ""
    due: str = ""
    late: bool = False
    holder: str = ""
    held_by_me: bool = False
    assigned: str = ""
    assigned_to_me: bool = False
    group: int = 0


def rows(session: Session, flags: Iterable[Flag], t: Words, viewer: Principal | None = None) -> list[Row]:
    """The flags, worded for this viewer; all contests are loaded at once."""
    listed = list(flags)
    contests = load_contests(session, (flag.contest_id for flag in listed))
    login, sizes = viewer.login if viewer else "", copies.counts(session, listed)
    made = [_row(flag, contests[flag.contest_id], t, login) for flag in listed]
    return [
        replace(row, group=sizes.get(flag.copy_group, 1) - 1) if flag.copy_group else row
        for row, flag in zip(made, listed, strict=True)
    ]


def _row(flag: Flag, today: Contest, t: Words, login: str) -> Row:
    submission, assessment, moment = flag.submission, stored_assessment(flag), now()
    contest = as_judged(today, assessment)
    state = shown_state(flag, moment)
    holder = flag.claimed_by or "" if state == "claimed" else ""
    due, late = deadline(flag.due_on, state, moment, contest, t)
    return Row(
        id=flag.id,
        title=title(submission, t),
        reason=main_reason(assessment, contest, t),
        source=" · ".join(part for part in (contest.name, submission.handle, title(submission, t)) if part),
        band=flag.band,
        state=state,
        paslon=contest.by_id(flag.paslon_id) if flag.paslon_id else None,
        act_date=t.day(submission.act_date),
        age=t.age(submission.received_at, moment),
        due_on=t.day(flag.due_on) if flag.due_on else "",
        due=due,
        late=late,
        holder=holder,
        held_by_me=holder == login != "",
        assigned=flag.assigned_to or "",
        assigned_to_me=flag.assigned_to == login != "",
    )


def deadline(due_on: date | None, state: str, moment: datetime, contest: Contest, t: Words) -> tuple[str, bool]:
    """How far the last day to file is, on the contest's calendar, and whether it has passed; nothing where the item is
    decided or has no such day."""
    if due_on is None or state in TOLD:
        return "", False
    left = (due_on - moment.astimezone(ZoneInfo(contest.timezone)).date()).days
    if left < 0:
        return t.plural("queue.due_late", -left), True
    return (t.plural("queue.due_left", left) if left else t("queue.due_today")), False


def main_reason(assessment: Assessment, contest: Contest, t: Words) -> str:
    """The weightiest signal that speaks for the leading pair, in a sentence."""
    speaking = [signal for signal in assessment.signals if counts(signal, assessment)]
    if not speaking:
        return summary(assessment, contest, t.language)
    return sentence(max(speaking, key=lambda signal: signal.weight), contest, t.language)


def title(submission: Submission, t: Words) -> str:
    """The beginning of the post's text, or how many pictures came without any, or only its address."""
    text = " ".join(submission.text.split()) or ("" if submission.images else submission.url)
    if not text:
        return t.plural("queue.pictures", len(submission.images))
    return text if len(text) <= TITLE_LENGTH else text[: TITLE_LENGTH - 1] + "…"


def spreadsheet(session: Session, flags: Iterable[Flag], t: Words) -> Iterator[list[Cell]]:
    """The flags as cells under EXPORTED."""
    listed, moment = list(flags), now()
    contests = load_contests(session, (flag.contest_id for flag in listed))
    for flag in listed:
        submission, assessment = flag.submission, stored_assessment(flag)
        contest = as_judged(contests[flag.contest_id], assessment)
        pair = contest.by_id(flag.paslon_id) if flag.paslon_id else None
        state = shown_state(flag, moment)
        yield [
            str(flag.id),
            contest.name,
            contest.region_name,
            t(f"band.{flag.band}"),
            t(f"state.{state}"),
            pair.number if pair else None,
            pair.label if pair else None,
            main_reason(assessment, contest, t),
            submission.text,
            t.either(f"platform.{submission.platform}", submission.platform),
            submission.handle,
            stage_name(flag.stage, t.language),
            submission.act_date,
            submission.known_date,
            submission.received_at.astimezone(ZoneInfo(contest.timezone)),
            flag.due_on,
            flag.claimed_by if state == "claimed" else None,
            flag.assigned_to,
        ]
