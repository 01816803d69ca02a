"""How the C library keeps memory that is free again: by default far more than a service of many threads needs."""

from __future__ import annotations

import ctypes
import sys

MMAP_THRESHOLD, ARENA_MAX = -3, -8
"""Parameters of glibc's mallopt(3)."""
ARENAS = 2
LARGE = 1024 * 1024


def bound(*, screens: bool) -> None:
    """Two arenas for all threads instead of eight per core; for the process, and without effect off glibc.

    Where no models run, large buffers also go back to the system at once. A process that screens keeps them: fetching
    their pages anew costs it about 4 % of CPU time."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:
        return
    mallopt(ARENA_MAX, ARENAS)
    if not screens:
        mallopt(MMAP_THRESHOLD, LARGE)
