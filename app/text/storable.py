"""Text that every database and every JSON reader can hold."""

from __future__ import annotations


def storable(text: str) -> str:
    """`text` with NUL and lone surrogates replaced, one character for one, so that spans stay true."""
    return "".join("\N{REPLACEMENT CHARACTER}" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in text)
