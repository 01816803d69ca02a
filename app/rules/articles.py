"""Which acts of the SKB a set of signals suggests: a suggestion for people, in order, never a finding."""

from __future__ import annotations

from collections.abc import Iterable

from app.election.calendar import Track
from app.rules.catalogue import Act, acts


def candidate_articles(codes: Iterable[str], track: Track) -> tuple[str, ...]:
    """Codes of the acts of this lane that signals with these codes suggest, the first being the suggestion."""
    present = frozenset(codes)
    ranked = [(order, act) for act in acts() if act.in_lane(track) and (order := _order(act, present)) is not None]
    return tuple(act.code for _, act in sorted(ranked, key=lambda item: item[0]))


def _order(act: Act, present: frozenset[str]) -> int | None:
    return min((hint.order for hint in act.suggested_by if all(group & present for group in hint.groups)), default=None)
