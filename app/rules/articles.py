"""Which acts of the catalogue a set of signals suggests: a suggestion for people, in order, never a finding."""

from __future__ import annotations

from collections.abc import Iterable

from app.rules.catalogue import Act, Subject, acts, subject
from app.rules.facts import UNKNOWN
from app.rules.lanes import NEUTRALITY

LATER = 100
"""What usually needs the public is suggested after everything else where the channel is private."""


def candidate_articles(
    codes: Iterable[str],
    track: str,
    basis: Subject | None = None,
    lane: str = NEUTRALITY,
    public: str = UNKNOWN,
    kind: str = "pilkada",
) -> tuple[str, ...]:
    """Codes of the acts of this lane, track and kind of election that signals with these codes suggest to a subject of
    this kind, the first being the suggestion. Acts that need a public channel are left out where there was none."""
    present, of = frozenset(codes), basis or subject(UNKNOWN)
    ranked = []
    for act in acts():
        order = _order(act, present)
        if order is None or not act.fits(track, of, lane, kind) or (public == "no" and act.public == "needed"):
            continue
        ranked.append((order + LATER * (public == "no" and act.public == "usual"), act.code))
    return tuple(code for _, code in sorted(ranked, key=lambda item: item[0]))


def _order(act: Act, present: frozenset[str]) -> int | None:
    return min((hint.order for hint in act.suggested_by if all(group & present for group in hint.groups)), default=None)
