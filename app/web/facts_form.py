"""The forms that correct what is stated of an item and hand it over, and what their events say in the time line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.election.contest import Contest
from app.review.correct import LEAST_REASON, SUBJECTS, TRACKS
from app.review.routing import DESTINATIONS
from app.rules.facts import ACCOUNTS, PUBLIC
from app.web.words import Words

Json = dict[str, Any]
CORRECT, ROUTE = "correct", "route"


@dataclass(frozen=True, slots=True)
class FactsForm:
    """What the two forms hold: which of them this viewer may use, the values shown, and the choices. `tried` is the act
    that was refused just now."""

    may_correct: bool
    may_route: bool
    tried: str
    given: Mapping[str, str]
    subjects: tuple[str, ...] = SUBJECTS
    publics: tuple[str, ...] = PUBLIC
    posters: tuple[str, ...] = ACCOUNTS
    tracks: tuple[str, ...] = TRACKS
    lanes: tuple[str, ...] = DESTINATIONS
    least: int = LEAST_REASON


def facts_form(item: Json, may_decide: bool, tried: str, given: Mapping[str, str]) -> FactsForm:
    """The forms of an item, with what was typed where an act was refused."""
    acts, state, now = item["work"]["acts"], item["work"]["base_state"], item["context"]
    shown = {
        "act_date": now["act_date"], "subject_type": now["subject_type"], "public": now["public"],
        "parent": now["parent"], "track": now["track"], "children": "ya" if now["children"] else "", "reason": "",
        "account": now["account"],
        "lane": item["lane"]["code"], "note": "",
    }  # fmt: skip
    mine = given if tried in (CORRECT, ROUTE) else {}
    may_correct = "confirm" in acts or (state == "needs_info" and may_decide)
    return FactsForm(may_correct, "route" in acts, tried, shown | dict(mine))


def changed_lines(changed: Mapping[str, list[Any]], _contest: Contest, t: Words) -> str:
    """ "Tanggal kejadian: 1 Jan 2026 (semula 2 Feb 2026)", one for each fact that was corrected."""
    return "; ".join(
        f"{t(NAMES[name])}: {_value(name, new, t)} ({t('correct.before', value=_value(name, old, t))})"
        for name, (old, new) in changed.items()
        if name in NAMES
    )


def effect_lines(effect: Mapping[str, list[Any]], _contest: Contest, t: Words) -> str:
    """What the correction did to band, track and articles."""
    return "; ".join(_effects(effect, t))


def _effects(effect: Mapping[str, list[Any]], t: Words) -> Iterator[str]:
    for name, key in (("band", "band"), ("track", "track"), ("lane", "lane")):
        if name in effect:
            old, new = (t.either(f"{key}.{value}", str(value)) for value in effect[name])
            yield f"{t(f'correct.effect.{name}')}: {old} → {new}"
    if "articles" in effect:
        old, new = (", ".join(codes) or "–" for codes in effect["articles"])
        yield f"{t('correct.effect.articles')}: {old} → {new}"


NAMES = {
    "act_date": "field.act_date", "subject_type": "field.subject_type", "public": "field.public",
    "platform": "field.platform", "handle": "field.handle", "text": "item.caption",
    "parent": "field.parent", "track": "correct.track", "children": "correct.children", "account": "field.poster",
}  # fmt: skip


PREFIXES = {
    "platform": "platform", "subject_type": "subject", "public": "public", "track": "track", "account": "poster",
}  # fmt: skip


def _value(name: str, value: Any, t: Words) -> str:
    if name == "act_date":
        return t.day(date.fromisoformat(value))
    if name == "children":
        return t("correct.children_yes" if value else "correct.children_no")
    if name == "track" and not value:
        return t("correct.track_auto")
    prefix = PREFIXES.get(name)
    return t.either(f"{prefix}.{value}", str(value)) if prefix else str(value) or "–"
