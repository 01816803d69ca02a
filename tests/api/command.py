"""Running `netra …` inside the test's process, with what it wrote and how it ended."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Both streams, without line breaks and styles."""
        return " ".join(re.sub(r"\x1b\[[0-9;]*m", "", f"{self.out} {self.err}").split())


Netra = Callable[..., Result]


class Piped:
    """Standard input from a pipe."""

    def __init__(self, content: str) -> None:
        self.lines = content.splitlines(keepends=True)

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        return self.lines.pop(0) if self.lines else ""
