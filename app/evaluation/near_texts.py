"""Texts that are one witness: written by one account, or nearly the same words."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from app.text.fold import fold

Codes = npt.NDArray[np.uint64]
SHINGLE = 3
BANDS, ROWS = 16, 4
"""Two texts are joined when one of 16 bands of 4 min-hashes agrees: from about half of their shingles in common on."""
_APART = re.compile(r"https?://\S+|@\w+|[\W_]+")
_PRIME = np.uint64(4_294_967_291)


def shingles(text: str) -> Codes:
    """Hashes of the runs of three folded words; of the whole text where it has fewer. Addresses and accounts count
    for nothing."""
    words = _APART.sub(" ", fold(text)[0]).split()
    runs = [" ".join(words[start : start + SHINGLE]) for start in range(max(1, len(words) - SHINGLE + 1))]
    return np.array(sorted({zlib.crc32(run.encode("utf-8", "replace")) for run in runs}), np.uint64)


def group_texts(texts: Sequence[str], accounts: Sequence[str] = ()) -> npt.NDArray[np.int64]:
    """A group number per text: equal for texts of one account and for near-duplicates, also over several steps.

    MinHash with banding (Broder 1997; Leskovec, Rajaraman and Ullman, ch. 3). `accounts` is empty or as long as
    `texts`; "" stands for an unknown one."""
    random = np.random.default_rng(7)
    factors = random.integers(1, int(_PRIME), BANDS * ROWS, np.uint64)
    shifts = random.integers(0, int(_PRIME), BANDS * ROWS, np.uint64)
    parent = list(range(len(texts)))
    seen: dict[object, int] = {}
    for index, text in enumerate(texts):
        hashes = (shingles(text)[:, None] * factors + shifts) % _PRIME
        lowest = hashes.min(axis=0).reshape(BANDS, ROWS)
        keys: list[object] = [(band, *row) for band, row in enumerate(lowest.tolist())]
        if accounts and accounts[index]:
            keys.append(accounts[index])
        for key in keys:
            _join(parent, seen.setdefault(key, index), index)
    roots = [_root(parent, index) for index in range(len(texts))]
    return np.unique(roots, return_inverse=True)[1] if roots else np.zeros(0, np.int64)


def half_of(texts: Sequence[str], groups: npt.NDArray[np.int64]) -> list[str]:
    """ "tune" or "report" per text. The lowest bit of the SHA-256 of its folded words decides, and a group is reported
    only when all its texts are: nothing like a text that may be read is ever reported."""
    read = {group for text, group in zip(texts, groups.tolist(), strict=True) if not _bit(text)}
    return ["tune" if group in read else "report" for group in groups.tolist()]


def _bit(text: str) -> int:
    words = " ".join(text.split()).casefold().encode("utf-8", "replace")
    return hashlib.sha256(words).digest()[-1] & 1


def _root(parent: list[int], index: int) -> int:
    while parent[index] != index:
        parent[index] = parent[parent[index]]
        index = parent[index]
    return index


def _join(parent: list[int], one: int, other: int) -> None:
    first, second = _root(parent, one), _root(parent, other)
    parent[max(first, second)] = min(first, second)
