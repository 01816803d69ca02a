"""A list of names for measuring: the pairs of one contest as a short JSON file gives them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from app.election.contest import Candidate, Contest, Paslon
from app.errors import BadInput

VOTING_DAY = date(2029, 11, 28)
BEFORE_VOTING = timedelta(days=30)
"""Texts are judged as of so long before: numbers are drawn, the quiet period has not begun."""
WORDS = ("aliases", "slogans", "hashtags", "parties", "accounts")


def contests_in(document: object) -> dict[str, Contest]:
    """The contests of a document by name: one `{"election", "region", "pairs": [...]}`, or several by name. A pair has
    `number`, `head`, `deputy`, and lists `aliases, slogans, hashtags, parties, accounts`. Raises BadInput."""
    if not isinstance(document, dict):
        raise _refusal("bukan objek JSON / not a JSON object")
    entries = {str(document.get("election", "-")): document} if "pairs" in document else document
    return {name: _contest(str(name), entry) for name, entry in entries.items() if name != "note"}


def _contest(name: str, entry: object) -> Contest:
    if not isinstance(entry, dict) or not isinstance(entry.get("pairs"), list):
        raise _refusal(f'{name}: tidak ada "pairs" / "pairs" is missing')
    try:
        pairs = tuple(_pair(place, pair) for place, pair in enumerate(entry["pairs"], start=1))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _refusal(f"{name}: {error!r}") from error
    return Contest(name, name, "00", str(entry.get("region", "-")), VOTING_DAY, paslon=pairs)


def _pair(place: int, pair: Mapping[str, Any]) -> Paslon:
    people = [str(pair[role]) for role in ("head", "deputy") if pair.get(role)]
    if not people:
        raise ValueError('tidak ada "head" / "head" is missing')
    words: dict[str, Any] = {name: tuple(map(str, pair.get(name, ()))) for name in WORDS}
    return Paslon(
        f"p{place}",
        None if pair.get("number") is None else int(pair["number"]),
        tuple(Candidate(f"{place}{letter}", person) for letter, person in zip("ab", people, strict=False)),
        **words,
    )


def _refusal(reason: str) -> BadInput:
    return BadInput(f"Daftar nama ditolak / The list of names is refused: {reason}", field="registry")
