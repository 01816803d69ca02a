"""What the reviewer is told beside the signals: conditions of the law, doubts about dates, what becomes of the post."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from app.election.calendar import stage_on
from app.election.contest import Contest
from app.rules.catalogue import subject
from app.rules.facts import Facts
from app.rules.lanes import NEUTRALITY
from app.rules.signals import Assessment


@dataclass(frozen=True, slots=True)
class Note:
    """One note; `params` are days (date), moments (datetime), counts and codes that its wording fills in."""

    code: str
    params: Mapping[str, date | datetime | int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a post beyond its assessment: the days, the cameras' days, whether people corrected a fact, and
    the newest look at the original (moment, whether it was still there). `uncompared` counts candidates with whom no
    face could be compared."""

    act: date
    known: date
    taken: Sequence[date] = ()
    corrected: bool = False
    recheck: tuple[datetime, bool] | None = None
    uncompared: int = 0


def notes(found: Assessment, facts: Facts, contest: Contest, seen: Seen) -> tuple[Note, ...]:
    """The notes that hold, what limits the legal basis first."""
    return (*_of_law(found, facts), *_of_pictures(found, facts, seen), *_of_time(contest, seen))


def _of_law(found: Assessment, facts: Facts) -> Iterator[Note]:
    if found.lane != NEUTRALITY:
        yield Note(f"LANE_{found.lane}")
        return
    if any(signal.code == "CAMPAIGN_ACCOUNT" for signal in found.signals):
        yield Note("CAMPAIGN_ACCOUNT")
        return
    if facts.public == "no":
        yield Note("PRIVATE")
    basis = subject(facts.subject_type)
    if not basis.decree:
        yield Note("NOT_DECREE", {"subject": basis.code})
    if found.flagged and not found.articles:
        yield Note("NO_ARTICLE")


def _of_pictures(found: Assessment, facts: Facts, seen: Seen) -> Iterator[Note]:
    if seen.uncompared:
        yield Note("OTHER_PACK", {"people": seen.uncompared})
    codes = {signal.code for signal in found.signals if signal.paslon == found.paslon}
    if "FACE_POSSIBLE" in codes and "FACE_MATCH" not in codes:
        yield Note("GREY_FACE")
    if facts.children:
        yield Note("CHILDREN")


def _of_time(contest: Contest, seen: Seen) -> Iterator[Note]:
    if stage_on(contest, seen.act).code != stage_on(contest, seen.known).code:
        yield Note("DATES", {"act": seen.act, "known": seen.known})
    elsewhen = next((day for day in seen.taken if day != seen.act), None)
    if elsewhen is not None:
        yield Note("CAMERA", {"taken": elsewhen, "act": seen.act})
    if seen.corrected:
        yield Note("CORRECTED")
    if seen.recheck is not None:
        moment, there = seen.recheck
        yield Note("STILL_THERE" if there else "GONE", {"at": moment})
