"""Claims of a survey's result: a share for a pair, and nobody known to have asked anybody."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.text.lexicon import Lexicon
from app.text.matcher import Anchor
from app.text.normalise import Normalised
from app.text.signals import TextSignal

_SHARE = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*(?:%|persen\b|percent\b)", re.IGNORECASE)
CONFIDENCE = 0.9


def find_claim(text: Normalised, anchors: Sequence[Anchor], words: Lexicon) -> TextSignal | None:
    """The claim, about the pair nearest to its largest share; None where a known body is named (then it is news), or
    where a survey, a share or a pair is missing."""
    plain = f" {text.text.strip()} "
    share = max(_SHARE.finditer(text.source), key=_value, default=None)
    asked = next((word for word in words.surveys.claims if f" {word} " in plain), None)
    if share is None or asked is None or not anchors:
        return None
    if any(f" {body} " in plain for body in words.surveys.bodies):
        return None
    near = min(anchors, key=lambda anchor: abs(text.span(anchor.first, anchor.last)[0] - share.start()))
    return TextSignal(
        "SURVEI", share.start(), share.end(), share.group(), near.paslon, None, CONFIDENCE, {"phrase": asked}
    )


def _value(share: re.Match[str]) -> float:
    return float(share.group(1).replace(",", "."))
