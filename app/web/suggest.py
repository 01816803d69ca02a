"""What stands preselected: the pair, the kandidat pasal and the reasons that an item suggests. People change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.rules.catalogue import acts
from app.rules.wording import article_text
from app.web.words import Words

CONTEXT_REASONS = {"BERITA": "news_or_official", "RESMI": "news_or_official"}


def confirm_reason(signals: Sequence[Mapping[str, Any]]) -> str:
    """The likeliest reason for confirming."""
    kinds = {signal["kind"] for signal in signals if signal["for"]}
    codes = {signal["code"] for signal in signals if signal["for"]}
    if "face" in kinds and not ("text" in kinds and "hand" not in kinds):
        return "photo_with_candidate_and_symbol"
    if codes & {"AKUN", "GRUP", "PARENT_ACCOUNT", "OFFICIAL_ACCOUNT"}:
        return "official_account_interaction"
    return "gesture_with_context" if "hand" in kinds else "campaign_text"


def dismiss_reason(signals: Sequence[Mapping[str, Any]]) -> str:
    """The likeliest reason for dismissing."""
    for signal in signals:
        if signal["weight"] < 0 and signal["code"] in CONTEXT_REASONS:
            return CONTEXT_REASONS[signal["code"]]
    kinds = {signal["kind"] for signal in signals if signal["for"]}
    if "face" in kinds:
        return "look_alike"
    return "gesture_without_context" if "hand" in kinds else "no_candidate"


def chosen(item: Mapping[str, Any], signals: Sequence[Mapping[str, Any]], given: Mapping[str, str]) -> dict[str, str]:
    """What the form of the decision shows: what was `given` before, else what the item suggests."""
    return {
        "confirm": given.get("confirm_reason") or confirm_reason(signals),
        "dismiss": given.get("dismiss_reason") or dismiss_reason(signals),
        "paslon": given.get("paslon") or (item["paslon"]["id"] if item["paslon"] else ""),
        "article": given.get("article") or (item["articles"][0]["code"] if item["articles"] else ""),
        "note": given.get("note", ""),
    }


def article_groups(item: Mapping[str, Any], t: Words) -> list[dict[str, Any]]:
    """The acts of the SKB as choices: those that stage and signals suggest, those of the same lane, and the rest."""
    suggested = [article["code"] for article in item["articles"]]
    lane = [act.code for act in acts() if act.code not in suggested and act.track == item["track"]]
    rest = [act.code for act in acts() if act.code not in suggested and act.code not in lane]
    groups = (("suggested", suggested), ("lane", lane), ("rest", rest))
    return [
        {"name": name, "choices": [(code, article_text(code, t.language)) for code in codes]}
        for name, codes in groups
        if codes
    ]
