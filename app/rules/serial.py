"""Signals and pairs as JSON and back, as they are stored beside a flag and worded when it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from app.election.contest import Candidate, Paslon
from app.rules.signals import Signal


def signal_to_json(signal: Signal) -> dict[str, Any]:
    """A dict of JSON values; members that are None are left out."""
    values = {field.name: getattr(signal, field.name) for field in fields(signal)}
    return {
        name: list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value
        for name, value in values.items()
        if value is not None
    }


def signal_from_json(row: Mapping[str, Any]) -> Signal:
    """The signal that `signal_to_json` wrote; members that a later version added are ignored."""
    known = {field.name: row[field.name] for field in fields(Signal) if field.name in row}
    for name in ("box", "span"):
        if known.get(name) is not None:
            known[name] = tuple(known[name])
    return Signal(**known)


def pair_to_json(pair: Paslon) -> dict[str, Any]:
    """What is said of a pair: its number and names. The words that name it are for matching only and left out."""
    people = [{"id": person.id, "name": person.name} for person in pair.candidates]
    elsewhere = {"contest": pair.contest} if pair.contest else {}
    return {"id": pair.id, "number": pair.number, "candidates": people} | elsewhere


def pair_from_json(row: Mapping[str, Any]) -> Paslon:
    """The pair that `pair_to_json` wrote."""
    people = tuple(Candidate(person["id"], person["name"]) for person in row["candidates"])
    return Paslon(row["id"], row["number"], people, contest=row.get("contest", ""))
