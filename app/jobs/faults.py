"""What kind of fault an error is, and how it is told without the words of a post."""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb

from sqlalchemy.exc import SQLAlchemyError

from app.errors import AppError, NotFound


def is_final(error: BaseException) -> bool:
    """Whether another try cannot help: the submission itself is at fault."""
    return isinstance(error, AppError) and not is_passing(error)


def is_passing(error: BaseException) -> bool:
    """Whether the fault is not the submission's and may pass: a store, a key, a model pack or the database is away.
    An original that is not found counts as one: its store may be the wrong one, or not mounted."""
    if isinstance(error, AppError):
        return error.status >= 500 or isinstance(error, NotFound)
    return isinstance(error, OSError | SQLAlchemyError)


def reason(error: BaseException) -> str:
    """What may be kept and shown: only our own errors have a message known to hold no personal data."""
    kind = type(error).__name__
    return f"{kind}: {error.detail}" if isinstance(error, AppError) else kind


def describe(error: BaseException) -> str:
    """Kind and place of an error for the log; its message may quote a post."""
    frames = extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{reason(error)}{place}"
