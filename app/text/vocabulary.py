"""The words a screening knows: how a written form becomes one of them, and where run-together words are cut."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from rapidfuzz.distance import OSA

_RUN = re.compile(r"(.)\1+")
_LONG_RUN = re.compile(r"(.)\1{2,}")
_CLITICS = ("lah", "kah", "nya", "ku", "mu", "dong", "pun", "ki")
_NEAR_ONE, _NEAR_TWO = 7, 10
"""Names of so many letters may differ from what was read by one edit, by two."""
_LONGEST_WORD = 18
_LONGEST_NAME = 24
_LONGEST_CHUNK = 80
_MEMO_LIMIT = 50_000


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Known words, slang with its canonical form, and an index of long names for one or two wrong letters."""

    words: frozenset[str]
    slang: Mapping[str, str]
    number_leads: frozenset[str]
    abbreviations: frozenset[str]
    emoji: frozenset[str]
    squeezed: Mapping[str, str]
    near: Mapping[str, tuple[str, ...]]
    memo: dict[str, tuple[str, bool]] = field(default_factory=dict, repr=False, compare=False)
    cuts: dict[tuple[str, tuple[int, ...]], tuple[int, ...]] = field(default_factory=dict, repr=False, compare=False)

    def knows(self, word: str) -> bool:
        """Whether the word is known as written."""
        return word in self.words or word in self.slang

    def canonical(self, word: str) -> tuple[str, bool]:
        """The canonical form of a folded word, and whether it is a guess at a misspelt name."""
        found = self.memo.get(word)
        if found is None:
            if len(self.memo) >= _MEMO_LIMIT:
                self.memo.clear()
            found = self.memo[word] = self._find(word)
        return found

    def _find(self, word: str) -> tuple[str, bool]:
        if (exact := self._exact(word)) is not None:
            return exact, False
        for clitic in _CLITICS:
            stem = word.removesuffix(clitic)
            if len(stem) >= 4 and stem != word and (exact := self._exact(stem)) is not None:
                return exact, False
        if (guess := self._nearest(word)) is not None:
            return guess, True
        return _LONG_RUN.sub(r"\1", word), False

    def _exact(self, word: str) -> str | None:
        for form in (word, _LONG_RUN.sub(r"\1\1", word), _LONG_RUN.sub(r"\1", word)):
            if form in self.slang:
                return self.slang[form]
            if form in self.words:
                return form
        known = self.squeezed.get(_RUN.sub(r"\1", word)) if _RUN.search(word) else None
        return self.slang.get(known, known) if known is not None else None

    def _nearest(self, word: str) -> str | None:
        if not _NEAR_ONE - 1 <= len(word) <= _LONGEST_NAME or not word.isalpha():
            return None
        candidates = {name for variant in _deletions(word) for name in self.near.get(variant, ())}
        scored = sorted((OSA.distance(word, name), name) for name in candidates)
        if not scored or scored[0][0] > _edits_allowed(scored[0][1]):
            return None
        return scored[0][1]

    def unmask(self, masked: str) -> str | None:
        """The one known word that a masked word ("c*blos") can stand for."""
        shape = re.compile(".".join(re.escape(part) for part in masked.split("*")))
        found = {self.canonical(word)[0] for word in self.words if len(word) == len(masked) and shape.fullmatch(word)}
        return found.pop() if len(found) == 1 else None

    def cut(self, letters: str, humps: tuple[int, ...] = ()) -> tuple[int, ...]:
        """Where run-together letters are cut: the cheapest reading in known words; `humps` are camel-case joints."""
        key = (letters, humps)
        found = self.cuts.get(key)
        if found is None:
            if len(self.cuts) >= _MEMO_LIMIT:
                self.cuts.clear()
            found = self.cuts[key] = humps if len(letters) > _LONGEST_CHUNK else self._cheapest(letters, set(humps))
        return found

    def _cheapest(self, letters: str, humps: set[int]) -> tuple[int, ...]:
        best: list[tuple[float, int]] = [(0.0, 0)]
        edges = humps | {0, len(letters)}
        for end in range(1, len(letters) + 1):
            options = []
            for start in range(max(0, end - _LONGEST_WORD), end):
                word = letters[start:end]
                crossed = sum(start < hump < end for hump in humps)
                if self.knows(word) and (end - start > 2 or {start, end} <= edges or self._leads_number(word)):
                    cost = 1.0 + 1.5 * crossed
                elif {start, end} <= edges:
                    cost = 1.6 + 0.15 * (end - start) + 1.5 * crossed
                else:
                    cost = 2.5 + 0.5 * (end - start) + 1.5 * crossed
                options.append((best[start][0] + cost, start))
            best.append(min(options))
        cuts: list[int] = []
        place = best[-1][1]
        while place:
            cuts.append(place)
            place = best[place][1]
        return tuple(reversed(cuts))

    def _leads_number(self, word: str) -> bool:
        return self.slang.get(word, word) in self.number_leads

    def cut_known(self, letters: str) -> tuple[int, ...]:
        """As `cut`, but only when every part is a known word of three letters or more; otherwise no cut."""
        if len(letters) > _LONGEST_CHUNK:
            return ()
        if not any(letters[:size] in self.words or letters[:size] in self.slang for size in range(3, len(letters) - 2)):
            return ()
        cuts = self.cut(letters)
        edges = (0, *cuts, len(letters))
        parts = [letters[start:end] for start, end in pairwise(edges)]
        return cuts if all(len(part) >= 3 and self.knows(part) for part in parts) else ()


def _edits_allowed(name: str) -> int:
    return 2 if len(name) >= _NEAR_TWO else 1


def _deletions(word: str) -> set[str]:
    """The word, and the word without any one letter (without any two when it is long)."""
    once = {word[:i] + word[i + 1 :] for i in range(len(word))}
    forms = {word} | once
    if len(word) >= _NEAR_TWO - 1:
        forms |= {form[:i] + form[i + 1 :] for form in once for i in range(len(form))}
    return forms


def build_vocabulary(
    words: Iterable[str],
    slang: Mapping[str, str],
    number_leads: Iterable[str],
    abbreviations: Iterable[str],
    emoji: Iterable[str],
    names: Iterable[str] = (),
) -> Vocabulary:
    """A vocabulary; `names` are the words that may be misspelt (only those of seven letters or more are)."""
    known = frozenset(words)
    near: dict[str, tuple[str, ...]] = {}
    for name in sorted({name for name in names if len(name) >= _NEAR_ONE and name.isalpha()}):
        for variant in _deletions(name):
            near[variant] = (*near.get(variant, ()), name)
    squeezed = {_RUN.sub(r"\1", word): word for word in sorted(known | set(slang)) if len(word) > 2}
    return Vocabulary(
        known, dict(slang), frozenset(number_leads), frozenset(abbreviations), frozenset(emoji), squeezed, near
    )
