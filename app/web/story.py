"""The time line of an item in words: what happened, who did it, when and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.web.words import Words

Json = dict[str, Any]


def events(item: Json, t: Words) -> list[Json]:
    """The time line, oldest first, in words."""
    zone = item["context"]["contest"]["timezone"]
    return [_event(event, zone, t) for event in item["events"]]


def last_decision(item: Json, t: Words) -> Json | None:
    """The newest confirm or dismiss, worded."""
    zone = item["context"]["contest"]["timezone"]
    decided = [event for event in item["events"] if event["action"] in ("flag.confirm", "flag.dismiss")]
    return _event(decided[-1], zone, t) if decided else None


def _event(event: Json, zone: str, t: Words) -> Json:
    data, reason = event["data"], event["data"].get("reason", "")
    prefix = "reveal" if event["action"] == "flag.unblurred" else "reason"
    return {
        "at": t.moment(datetime.fromisoformat(event["at"]), zone),
        "actor": event["actor"],
        "action": t.either(f"event.{event['action']}", event["action"]),
        "reason": t.either(f"{prefix}.{reason}", reason) if reason else "",
        "note": data.get("note", ""),
    }
