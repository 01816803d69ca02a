"""How a post was captured, and who looked whether it is still there, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.web.words import Words

Json = dict[str, Any]
GLIMPSE = 2_000
"""Characters of the page's words that are shown at once."""


def captured(item: Json, t: Words, *, whole: bool) -> Json | None:
    """The facts of the capture; `whole` asks for all words of the page. None where nothing was told."""
    told: Json | None = item["capture"]
    if told is None:
        return None
    zone = item["context"]["contest"]["timezone"]
    evidence = told["evidence"]
    return told | {
        "captured_at": _clocks(told["captured_at"], zone, t),
        "evidence": evidence if whole else evidence[:GLIMPSE],
        "more": not whole and len(evidence) > GLIMPSE,
        "length": t.plural("capture.characters", len(evidence)),
    }


def _clocks(text: str, zone: str, t: Words) -> str:
    """The moment on the contest's clock, and as the capturing machine wrote it."""
    return f"{t.moment(datetime.fromisoformat(text), zone)} ({text})" if text else ""


def looked(looks: Iterable[Json], zone: str, t: Words) -> list[Json]:
    """Who looked at the original when, and what became of it, the newest first."""
    return [
        one | {"at": t.moment(datetime.fromisoformat(one["at"]), zone), "status": t(f"recheck.{one['status']}")}
        for one in reversed(list(looks))
    ]
