"""The fixed reasons of a decision; people add a note, and must where the reason is "other"."""

from __future__ import annotations

CONFIRM_REASONS = (
    "photo_with_candidate_and_symbol",
    "campaign_text",
    "gesture_with_context",
    "official_account_interaction",
    "other",
)
DISMISS_REASONS = (
    "no_candidate",
    "look_alike",
    "gesture_without_context",
    "old_photo",
    "passive_attendance",
    "news_or_official",
    "not_subjects_account",
    "private",
    "satire",
    "duplicate",
    "other",
)
REASONS = {"confirm": CONFIRM_REASONS, "dismiss": DISMISS_REASONS}
NOTE_FOR_OTHER = 20
LONGEST_NOTE = 2000
