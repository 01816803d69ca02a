"""The context panel in words: dates and deadline, the contest's calendar, what else the account posted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.db.submission_tables import Submission
from app.election.contest import Contest
from app.review.history import MANY, Account
from app.roster.gallery import outline
from app.rules.wording import stage_name
from app.web.strip import Pin, strip
from app.web.undo import short_id
from app.web.words import Words

Json = dict[str, Any]


def deadline(due_on: str | None, zone: str, t: Words, today: date | None = None) -> str:
    """The day by which a report must be filed, and how many days are left; empty where none is known."""
    if not due_on:
        return ""
    day = date.fromisoformat(due_on)
    left = (day - (today or datetime.now(ZoneInfo(zone)).date())).days
    said = t("due.today") if left == 0 else t.plural("due.left" if left > 0 else "due.past", abs(left))
    return f"{t.day(day)} · {said}"


def timeline(post: Submission, t: Words) -> Json:
    """The strip of the post's contest with its words: a sentence for those who do not see it, and a legend."""
    contest: Contest = outline(post.contest)
    drawn = strip(contest, post.act_date, post.known_date)
    stage = next((segment.code for segment in drawn.segments if segment.current), "")
    legend: list[Json] = [{"pin": pin, "text": _pinned(pin, t)} for pin in reversed(drawn.pins)]
    said = "; ".join(str(entry["text"]) for entry in legend)
    named = stage_name(stage, t.language) if stage else t("strip.beyond")
    return {
        "segments": [
            {"at": segment, "title": f"{stage_name(segment.code, t.language)}: {t.day(segment.first)}"}
            for segment in drawn.segments
        ],
        "pins": drawn.pins,
        "legend": legend,
        "label": t("strip.label", stage=named, days=said),
    }


def _pinned(pin: Pin, t: Words) -> str:
    return t(f"strip.{pin.kind}", day=t.day(pin.day))


def account(found: Account, post: Submission, t: Words) -> Json:
    """Other items of the account, worded; `count` tells how many there are, `posts` how many were handed in."""
    rows = [
        {
            "href": f"/antrean/{past.flag_id}",
            "short": short_id(past.flag_id),
            "act_date": t.day(past.act_date),
            "state": t(f"state.{past.state}"),
            "band": past.band,
            "verdict": _verdict(past.verdict, past.reason, past.decided_by, t),
            "elsewhere": past.contest != post.contest_id,
        }
        for past in found.past
    ]
    more = "+" if found.posts >= MANY else ""
    return {
        "known": bool(post.handle),
        "rows": rows,
        "hidden": found.items - len(rows),
        "posts": t.plural("account.posts", found.posts, more=more) if found.posts else "",
    }


def _verdict(verdict: str | None, reason: str | None, actor: str | None, t: Words) -> str:
    if verdict is None:
        return ""
    said = t(f"event.flag.{verdict}")
    why = t.either(f"reason.{reason}", reason or "") if reason else ""
    return " · ".join(part for part in (said, why, actor or "") if part)
