"""From a stored submission to the facts that the rules judge by."""

from __future__ import annotations

from app.db.submission_tables import Submission
from app.rules.facts import Facts


def facts_of(submission: Submission) -> Facts:
    """What is stated of it now: as it was handed in, or as a reviewer corrected it."""
    return Facts(
        subject_type=submission.subject_type,
        public=submission.public,
        handle=submission.handle,
        parent=submission.parent,
        children=submission.children,
        track=submission.track,
        account=submission.account,
        parent_text=submission.parent_text,
    )
