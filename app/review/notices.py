"""The notes to the reviewer of one stored item, and its events beside those of its submission."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.election.contest import Contest
from app.i18n import LANGUAGES
from app.review.hand_notes import hand_notes
from app.review.rechecks import newest
from app.rules.notes import Note, Seen, notes
from app.rules.signals import Assessment
from app.rules.wording import note_text
from app.screening.facts import facts_of


def by_time(events: Iterable[Event]) -> list[Event]:
    """Events of the item and of its submission as one time line."""
    return sorted(events, key=lambda event: event.id)


def worded_notes(
    assessment: Assessment, contest: Contest, flag: Flag, looks: Sequence[Event], events: Sequence[Event]
) -> list[dict[str, Any]]:
    """Code and words of every note. `looks` are the rechecks of the original, `events` those of the item."""
    submission = flag.submission
    taken = [date.fromisoformat(one["taken"]) for one in flag.screening.observations if one.get("taken")]
    corrected = any(event.action == "flag.corrected" for event in events)
    uncompared = int(flag.screening.versions.get("uncompared", 0)) if submission.images else 0
    seen = Seen(submission.act_date, submission.known_date, taken, corrected, newest(looks), uncompared)
    told = worded(notes(assessment, facts_of(submission), contest, seen), contest)
    return [*told, *hand_notes(flag.screening.observations)]


def worded(found: Iterable[Note], contest: Contest) -> list[dict[str, Any]]:
    """Code and words of notes, moments on the contest's clocks."""
    return [
        {"code": note.code}
        | {f"text_{language}": note_text(note, language, contest.timezone) for language in LANGUAGES}
        for note in found
    ]
