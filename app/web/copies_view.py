"""The copies of an item in words: who posted them and when, how they are known, where they stand."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.auth.principal import Principal
from app.db.flag_tables import Flag
from app.review.copies import Copy, copies_of
from app.rules.wording import stage_name
from app.web.undo import short_id
from app.web.words import Words

Json = dict[str, Any]
TITLE = 160
"""Characters of a copy's text that are shown."""


def view(session: Session, flag: Flag, principal: Principal, t: Words) -> Json | None:
    """What the template draws of the copies; None where there are none."""
    group = copies_of(session, flag, principal)
    if group is None:
        return None
    zone = flag.submission.contest.timezone
    stage = stage_name(group.stage, t.language)
    since = t.day(group.stage_since) if group.stage_since else ""
    return {
        "size": group.size - 1,
        "rows": [_row(one, flag, zone, t) for one in group.copies],
        "more": group.size - 1 - len(group.copies),
        "open": sum(one.open and one.contest == flag.contest_id for one in group.copies),
        "accounts": [_account(platform, handle, t) for platform, handle in group.accounts],
        "first": t.day(group.first_act),
        "older": t("copies.older", first=t.day(group.first_act), stage=stage, since=since) if group.older else "",
    }


def _row(one: Copy, flag: Flag, zone: str, t: Words) -> Json:
    words = " ".join(one.text.split())
    state = "" if one.flag_id is None else t(f"state.{one.state}") if one.state else t("copies.hidden")
    return {
        "flag": one.flag_id,
        "short": short_id(one.flag_id) if one.flag_id else "",
        "value": f"{one.flag_id}:{one.last_event}" if one.open and one.contest == flag.contest_id else "",
        "thumb": f"/media/flags/{one.flag_id}/images/0?blur=1&small=1" if one.flag_id and one.pictures else "",
        "account": _account(one.platform, one.handle, t),
        "text": words if len(words) <= TITLE else words[: TITLE - 1] + "…",
        "act_date": t.day(one.act_date),
        "received": t.moment(one.received_at, zone),
        "how": t(f"copies.how.{one.how or 'via'}"),
        "state": state or t("copies.no_item"),
        "why_not": t.one_of(one.why_not or ""),
        "elsewhere": one.contest != flag.contest_id,
    }


def _account(platform: str, handle: str, t: Words) -> str:
    return " · ".join(part for part in (t.either(f"platform.{platform}", platform), handle) if part) or "–"
