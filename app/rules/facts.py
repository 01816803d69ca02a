"""What people state of a post besides its pictures and words: it decides lane, legal basis and a little of the sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Public = Literal["yes", "no", "unknown"]
PUBLIC: tuple[Public, ...] = Public.__args__  # type: ignore[attr-defined]
UNKNOWN = "unknown"
ACCOUNTS = (UNKNOWN, "personal", "media")
"""Whose account posted: a person's, or that of a newsroom or a press office, which reports what others say."""


@dataclass(frozen=True, slots=True)
class Facts:
    """`subject_type` is a key of `legal_bases.json`; `public`: whether anybody could see the post; `handle` is the
    account that posted, `parent` the account under whose post it stands (a comment); `children`: a person saw children
    in the pictures; `track` overrides the lane of the stage ("": as the calendar says); `account` is one
    of ACCOUNTS; `parent_text` is what a comment answers."""

    subject_type: str = UNKNOWN
    public: str = UNKNOWN
    handle: str = ""
    parent: str = ""
    children: bool = False
    track: str = ""
    account: str = UNKNOWN
    parent_text: str = ""
