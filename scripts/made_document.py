"""What the scripts share that make a document of the repository: one call writes it, another one only compares."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path


def write_or_check(document: Path, render: Callable[[], str], usage: str | None) -> int:
    """Write `document` as `render` makes it; with `--check`, leave it and compare. The exit code: 1 when it is not
    current, 2 for other arguments."""
    script, *arguments = sys.argv
    if arguments not in ([], ["--check"]):
        print(usage, file=sys.stderr)
        return 2
    text = render()
    if not arguments:
        document.write_text(text, encoding="utf-8")
        return 0
    current = document.is_file() and document.read_text(encoding="utf-8") == text
    if not current:
        print(f"{document.name} is not current; run python scripts/{Path(script).name}", file=sys.stderr)
    return 0 if current else 1
