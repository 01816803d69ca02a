"""What the commands write with: results on standard output, everything else on standard error."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text
from sqlalchemy.orm import Session

from app.db.engine import open_engine, session_factory
from app.db.migrate import require_newest
from app.errors import AppError
from app.settings import Settings, settings

WIDE = 150
"""Columns of a table in a file or pipe, where no terminal tells its width."""

out = Console(width=None if sys.stdout.isatty() else WIDE)
err = Console(stderr=True)


def complain(error: AppError) -> None:
    """One error, with the place it is about."""
    place = f" [{error.field}]" if error.field else ""
    err.print(visible(f"netra{place}: {error.detail}"), style="bold", markup=False, highlight=False)


def visible(text: str) -> str:
    """The text with characters that would steer the terminal (or turn its direction) spelled out; line
    breaks and the joiner of emojis stay."""
    return "".join(
        sign if sign in "\n\u200d" or unicodedata.category(sign) not in {"Cc", "Cf", "Cs"} else ascii(sign)[1:-1]
        for sign in text
    )


def cell(text: str) -> Text:
    """Words from outside as a cell of a table: nothing in them is markup."""
    return Text(visible(text))


def bar() -> Progress:
    """A progress bar on standard error; plain lines are left out where nobody watches."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=err, disable=not err.is_terminal, transient=True)


@contextmanager
def database(chosen: Settings | None = None) -> Iterator[Session]:
    """A session on the migrated database. Raises NotReady otherwise; the caller commits."""
    engine = open_engine((chosen or settings()).sqlalchemy_url)
    try:
        require_newest(engine)
        with session_factory(engine)() as session:
            yield session
    finally:
        engine.dispose()
