"""Which reason stands preselected: the one that the signals of an item suggest. People change it freely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

CONTEXT_REASONS = {"BERITA": "news_or_official", "RESMI": "news_or_official"}


def confirm_reason(signals: Sequence[Mapping[str, Any]]) -> str:
    """The likeliest reason for confirming."""
    kinds = {signal["kind"] for signal in signals if signal["for"]}
    codes = {signal["code"] for signal in signals if signal["for"]}
    if "face" in kinds:
        return "photo_with_candidate_and_symbol"
    if codes & {"AKUN", "GRUP"}:
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
