"""The time line of an item in words: what happened, who did it, when and why; and the verdicts that stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from app.election.contest import Contest
from app.review.workflow import VERDICTS
from app.rules.catalogue import acts
from app.rules.wording import article_text
from app.web.facts_form import changed_lines, effect_lines
from app.web.words import Words

Json = dict[str, Any]
ROUTINE = frozenset({"flag.claim", "flag.release", "flag.expire", "flag.unblurred"})
"""What belongs to the daily work and is drawn quietly."""


def events(item: Json, contest: Contest, t: Words) -> list[Json]:
    """The time line, oldest first. Extensions of a claim are folded into a count beside the entry before them."""
    told: list[Json] = []
    for event in item["events"]:
        if event["action"] == "flag.renew" and told:
            told[-1]["renewals"] += 1
        else:
            told.append(entry(event, item["id"], contest, t))
    return told


def verdicts(item: Json, contest: Contest, t: Words) -> list[Json]:
    """The verdicts that stand in this round, as far as this viewer may see them, oldest first."""
    standing: list[Json] = []
    for event in item["events"]:
        act = event["action"].removeprefix("flag.")
        if act in VERDICTS:
            standing.append(entry(event, item["id"], contest, t))
        elif act == "undo" and standing:
            standing.pop()
        elif act in {"appeal", "reopen"}:
            standing.clear()
    return standing


def entry(event: Json, flag_id: str, contest: Contest, t: Words) -> Json:
    """One event in words."""
    data, reason = event["data"], event["data"].get("reason", "")
    prefix = "reveal" if event["action"] == "flag.unblurred" else "reason"
    return {
        "id": event["id"],
        "code": event["action"].removeprefix("flag."),
        "at": t.moment(datetime.fromisoformat(event["at"]), contest.timezone),
        "actor": t("events.machine") if event["role"] == "system" else event["actor"],
        "action": t("events.tip") if data.get("tip") else t.either(f"event.{event['action']}", t("events.other")),
        "reason": t.either(f"{prefix}.{reason}", reason) if reason else "",
        "details": list(details(event, contest, t)),
        "note": data.get("note", ""),
        "document": document(event, flag_id, t),
        "routine": event["action"] in ROUTINE,
        "renewals": 0,
    }


def details(event: Json, contest: Contest, t: Words) -> list[str]:
    """What else the event says, each fact in a few words."""
    data: Mapping[str, Any] = event["data"]
    raised = event["action"] == "flag.raised"
    known = [(key, word) for key, word in FACTS if data.get(key) and (raised or key != "band")]
    said = [word(data[key], contest, t) for key, word in known]
    if event["action"] == "flag.release" and data.get("of") != event["actor"]:
        said.append(t("events.of", login=data["of"]))
    if event["action"] == "flag.expire":
        said.append(t("events.of", login=data["of"]))
    return said


def pair_line(paslon_id: str, contest: Contest, t: Words) -> str:
    """The pair with its number and names."""
    pair = contest.by_id(paslon_id)
    if pair is None:
        return t("events.pair_gone")
    return f"{t('pair.numbered', number='–' if pair.number is None else pair.number)} · {pair.label}"


def article_line(code: str, t: Words) -> str:
    """The kandidat pasal with its text; a code that the catalogue has no more as it is."""
    return article_text(code, t.language) if code in {act.code for act in acts()} else code


def _until(moment: str, contest: Contest, t: Words) -> str:
    return t("events.until", clock=t.clock(datetime.fromisoformat(moment), contest.timezone))


FACTS: tuple[tuple[str, Callable[[Any, Contest, Words], str]], ...] = (
    ("band", lambda band, _contest, t: t.either(f"band.{band}", band)),
    ("paslon", pair_line),
    ("article", lambda code, _contest, t: article_line(code, t)),
    ("changed", changed_lines),
    ("effect", effect_lines),
    ("lane", lambda lane, _contest, t: t.either(f"lane.{lane}", lane)),
    ("status", lambda status, _contest, t: t.either(f"recheck.{status}", status)),
    ("to", lambda login, _contest, t: t("events.to", login=login)),
    ("until", _until),
    ("second_look", lambda _chosen, _contest, t: t("events.second_look")),
    ("after", lambda side, _contest, t: t("events.after", band=t.either(f"band.{side['band']}", side["band"]))),
)


def document(event: Json, flag_id: str, t: Words) -> Json | None:
    """The paper of an objection, to be downloaded."""
    if event["action"] != "flag.appeal":
        return None
    size = t("events.size", kilobytes=t.number(max(1, round(event["data"]["size"] / 1024))))
    href = f"/api/v1/flags/{flag_id}/appeals/{event['id']}"
    return {"href": href, "name": event["data"]["name"] or t("events.document"), "size": size}
