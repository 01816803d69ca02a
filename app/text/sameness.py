"""The key by which the same caption is known again, however it was cased, decorated, spaced or punctuated."""

from __future__ import annotations

import hashlib
import re

from app.text.fold import fold

LEAST = 40
"""Characters that remain after folding: shorter texts are greetings that many write."""
_APART = re.compile(r"https?://\S+|[\W_]+")


def caption_key(text: str) -> str | None:
    """The digest of the folded words (64 hex digits), None for a text of fewer than LEAST characters.

    Addresses are left out: the same call is passed on under many links."""
    words = _APART.sub(" ", fold(text)[0]).strip()
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest() if len(words) >= LEAST else None
