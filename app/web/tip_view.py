"""What the page of an item says of the tip that it came from, and what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.auth.principal import Principal
from app.db.flag_tables import Flag
from app.db.tip_tables import ReporterSheet, Tip
from app.tips.convert import ASIDE_REASONS, LEAST_NOTE, LEAST_UNDO, LONGEST_PLACE
from app.tips.found import tip_of
from app.tips.sheet import LEAST_REASON, STANDINGS
from app.web.words import Words

Json = dict[str, Any]
ACTS = {"temuan": "convert", "laporan": "convert", "sisihkan": "set_aside", "ambil-lagi": "take_back",
        "batalkan": "unconvert"}  # fmt: skip
"""Forms, named as their address ends, and the act that must be allowed."""
READ = "pelapor"


@dataclass(frozen=True, slots=True)
class TipView:
    """The tip as the page draws it. `made` are facts of its conversion in words; `forms` what may be done now; `tried`
    the form that was refused, with what was `given`."""

    tip: Tip
    received: str
    made: list[tuple[str, str]]
    forms: list[str]
    has_sheet: bool
    tried: str
    given: Mapping[str, str]
    today: str
    standings: tuple[str, ...] = STANDINGS
    reasons: tuple[str, ...] = ASIDE_REASONS
    least: int = LEAST_NOTE
    least_undo: int = LEAST_UNDO
    least_reason: int = LEAST_REASON
    longest_place: int = LONGEST_PLACE


def view(
    session: Session, flag: Flag, item: Json, principal: Principal, tried: str, given: Mapping[str, str], t: Words
) -> TipView | None:
    """The tip of an item; None for an item that no tip stands behind."""
    tip = tip_of(session, flag)
    if tip is None:
        return None
    zone, allowed = item["context"]["contest"]["timezone"], set(item["work"]["acts"])
    forms = [form for form, act in ACTS.items() if act in allowed and principal.may("tip.convert")]
    sheet = principal.may("reporter.read") and session.get(ReporterSheet, tip.id) is not None
    return TipView(
        tip=tip,
        received=t.moment(tip.made_at, zone),
        made=_made(item["events"], zone, t) if tip.kind else [],
        forms=forms,
        has_sheet=sheet,
        tried=tried if tried in {*ACTS, READ} else "",
        given=given,
        today=date.today().isoformat(),
    )


def _made(events: list[Json], zone: str, t: Words) -> list[tuple[str, str]]:
    """The newest conversion in words; the reporter stands on a sheet of their own."""
    event = next(one for one in reversed(events) if one["action"] == "flag.convert")
    data = event["data"]
    said = [
        ("tip.made_by", f"{event['actor']} · {t.moment(datetime.fromisoformat(event['at']), zone)}"),
        ("field.known_date", t.day(date.fromisoformat(data["known_date"]))),
        ("tip.place", data["place"]),
        ("tip.note", data["note"]),
    ]
    if "officer" in data:
        said.append(("tip.officer", data["officer"]))
    if "standing" in data:
        said.append(("tip.standing", t(f"standing.{data['standing']}")))
    return said
