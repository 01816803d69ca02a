"""A text as canonical tokens, each knowing exactly which characters of the original it came from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from app.text.fold import fold
from app.text.vocabulary import Vocabulary

_CHUNK = re.compile(
    r"(?P<skip>https?://\S+|www\.\S+|[\w.+-]{1,64}@[\w-]{1,64}\.[a-z]\S*)"
    r"|(?P<tag>\#[^\W_][\w]*|\#_\w+)"
    r"|(?P<mention>@\w+(?:\.\w+)*)"
    r"|(?P<compound>(?<!\w)\d+(?:[.,:/-]\d+)+(?!\w))"
    r"|(?P<number>(?<!\w)\d+(?!\w))"
    r"|(?P<word>\$?[^\W_]+(?:['*@$][^\W_]+)*)"
    r"|(?P<stop>[.!?;…\n]+)"
    r"|(?P<mark>[^\w\s])"
)
_RUNS = re.compile(r"\d+|[^\W\d_]+")
_LEET = tuple(str.maketrans("01345789@$", letters) for letters in ("oieastbgas", "oleastbgas"))
_DOUBLED = re.compile(r"([^\W\d_]{3,})2([^\W\d_]{0,4})")
_SYMBOLS = re.compile(r"[^'*@$]+")
LONGEST_SPACED = 60
LONG_WORD = 8
"""An unknown word of so many letters may be several words run together."""
SPACED_LETTERS = 4
"""So many single letters in a row are one spaced-out word."""
SHORT_TEXT = 4
"""A text of at most so many words (emoji not counted) is a comment."""
LONGEST_SHORT = 60
SHORT_LINE = 4
"""A line of fewer tokens runs on into the next one (posters), a longer one ends its sentence."""


class Token(NamedTuple):
    """A canonical word; `start:end` slices the original. A tuple because thousands are made for every text."""

    text: str
    start: int
    end: int
    kind: str
    """word, number, compound ("2-0", "19.00"), tag, mention or emoji."""
    sentence: int
    fuzzy: bool = False


@dataclass(frozen=True, slots=True)
class Normalised:
    """Tokens of `source`; `text` is the tokens between single spaces; `opens`/`closes` map its spaces to tokens."""

    source: str
    text: str
    tokens: tuple[Token, ...]
    opens: dict[int, int]
    closes: dict[int, int]
    questions: frozenset[int]
    """Sentences that end with a question mark."""

    @property
    def short(self) -> bool:
        """Whether it is a comment of a few words."""
        return len(self.tokens) <= LONGEST_SHORT and sum(token.kind != "emoji" for token in self.tokens) <= SHORT_TEXT

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The characters of `source` that tokens first..last-1 came from."""
        return self.tokens[first].start, self.tokens[last - 1].end

    def word(self, index: int) -> str:
        """The token's text, empty outside the text."""
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def same_sentence(self, one: int, other: int) -> bool:
        """Whether both tokens exist and stand in one sentence."""
        count = len(self.tokens)
        if not (0 <= one < count and 0 <= other < count):
            return False
        return self.tokens[one].sentence == self.tokens[other].sentence


class _Piece(NamedTuple):
    """Characters of the folded text, at `places`, that make one token; `kind` also knows "spaced" letters."""

    text: str
    places: Sequence[int]
    kind: str

    def part(self, start: int, end: int, kind: str | None = None, text: str | None = None) -> _Piece:
        """Its characters start..end-1."""
        return _Piece(text or self.text[start:end], self.places[start:end], kind or self.kind)


def normalise(text: str, vocabulary: Vocabulary) -> Normalised:
    """The canonical tokens of any string; total, never raises."""
    folded, starts, ends = fold(text)
    tokens: list[Token] = []
    questions: set[int] = set()
    sentence = 0
    line_tokens = 0
    for item in _join_spaced(_chunks(folded, vocabulary)):
        if isinstance(item, str):
            if "?" in item and line_tokens:
                questions.add(sentence)
            if line_tokens and (item.strip("\n") or line_tokens >= SHORT_LINE or item.count("\n") > 1):
                sentence += 1
                line_tokens = 0
            continue
        for piece in _split(item, text, starts, vocabulary):
            canonical, fuzzy = vocabulary.canonical(piece.text) if piece.text.isalpha() else (piece.text, False)
            first, last = piece.places[0], piece.places[-1]
            tokens.append(Token(canonical, starts[first], ends[last], piece.kind, sentence, fuzzy))
            line_tokens += 1
    return _assemble(text, tokens, questions)


def _assemble(source: str, tokens: list[Token], questions: set[int]) -> Normalised:
    opens: dict[int, int] = {}
    closes: dict[int, int] = {}
    position = 0
    for index, token in enumerate(tokens):
        opens[position] = index
        position += len(token.text) + 1
        closes[position + 1] = index + 1
    joined = f" {' '.join(token.text for token in tokens)} "
    return Normalised(source, joined, tuple(tokens), opens, closes, frozenset(questions))


def _chunks(folded: str, vocabulary: Vocabulary) -> Iterator[_Piece | str]:
    """Pieces as written, and the punctuation that ends a sentence as strings."""
    for match in _CHUNK.finditer(folded):
        group, raw = match.lastgroup, match.group()
        if group == "stop":
            if _ends_sentence(folded, match.start(), raw, vocabulary):
                yield raw
        elif group == "mark":
            if raw in vocabulary.emoji:
                yield _Piece(raw, range(match.start(), match.end()), "emoji")
        elif group in ("word", "number", "compound"):
            yield _Piece(raw, range(match.start(), match.end()), group)
        elif group in ("tag", "mention"):
            yield _Piece(raw[1:], range(match.start() + 1, match.end()), group)


def _ends_sentence(folded: str, start: int, raw: str, vocabulary: Vocabulary) -> bool:
    """A dot after an abbreviation, a list number or inside a word ("no. 2", "Drs.", "kompas.com") ends nothing."""
    if raw != ".":
        return True
    if folded[start + 1 : start + 2].isalnum():
        return False
    before = start
    while before and folded[before - 1].isalnum():
        before -= 1
    word = folded[before:start]
    if word.isdigit():
        return before > 0 and folded[before - 1] != "\n"
    return len(word) > 1 and word not in vocabulary.abbreviations


def _join_spaced(items: Iterator[_Piece | str]) -> Iterator[_Piece | str]:
    """Runs of single letters ("c o b l o s", "c.o.b.l.o.s") become one piece."""
    run: list[_Piece] = []
    for item in items:
        if isinstance(item, _Piece) and len(item.text) == 1 and item.kind in ("word", "number"):
            if run and (item.places[0] - run[-1].places[0] > 4 or len(run) >= LONGEST_SPACED):
                yield from _close_run(run)
                run = []
            run.append(item)
            continue
        if run:
            yield from _close_run(run)
            run = []
        yield item
    yield from _close_run(run)


def _close_run(run: list[_Piece]) -> Iterator[_Piece]:
    letters = sum(piece.kind == "word" for piece in run)
    if letters < SPACED_LETTERS or run[0].kind != "word":
        yield from run
        return
    yield _Piece("".join(piece.text for piece in run), [piece.places[0] for piece in run], "spaced")


def _split(piece: _Piece, source: str, starts: list[int], vocabulary: Vocabulary) -> Iterator[_Piece]:
    """The words within one piece: tags and spaced letters are cut apart, digits in words read as letters."""
    if piece.kind in ("tag", "mention", "spaced"):
        yield from _split_joined(piece, source, starts, vocabulary)
    elif piece.kind != "word":
        yield piece
    elif not piece.text.isalpha():
        yield from _split_mixed(piece, source, starts, vocabulary)
    elif len(piece.text) < LONG_WORD or vocabulary.knows(piece.text):
        yield piece
    else:
        yield from _cut(piece, vocabulary.cut_known(piece.text), starts)


def _cut(piece: _Piece, cuts: Sequence[int], starts: list[int]) -> Iterator[_Piece]:
    """The parts between the cuts; a character of the original is never shared ("ﬁ" stays whole)."""
    allowed = (cut for cut in cuts if starts[piece.places[cut - 1]] != starts[piece.places[cut]])
    edges = (0, *allowed, len(piece.text))
    for start, end in pairwise(edges):
        yield piece.part(start, end)


def _split_joined(piece: _Piece, source: str, starts: list[int], vocabulary: Vocabulary) -> Iterator[_Piece]:
    kind = "word" if piece.kind == "spaced" else piece.kind
    if (plain := _unleet(piece.text, vocabulary)) is not None:
        yield piece.part(0, len(piece.text), kind, plain)
        return
    for run in _RUNS.finditer(piece.text):
        part = piece.part(run.start(), run.end(), kind)
        if part.text.isdigit():
            yield part if piece.kind != "spaced" else part._replace(kind="number")
            continue
        capital = [source[starts[place]].isupper() for place in part.places]
        humps = tuple(
            index
            for index in range(1, len(capital))
            if (capital[index] and not capital[index - 1])
            or (capital[index] and index + 1 < len(capital) and not capital[index + 1])
            or (index > 1 and capital[index - 1] and capital[index - 2] and not capital[index])
        )
        yield from _cut(part, vocabulary.cut(part.text, humps), starts)


def _split_mixed(piece: _Piece, source: str, starts: list[int], vocabulary: Vocabulary) -> Iterator[_Piece]:
    """Letters with digits or symbols: c0bl0s, c*blos, do'a, no2, ingat2, 02menang."""
    text = piece.text
    if (plain := _unleet(text, vocabulary)) is not None:
        yield piece.part(0, len(text), text=plain)
        return
    doubled = _DOUBLED.fullmatch(text)
    if doubled and doubled[1] not in vocabulary.number_leads and not vocabulary.cut_known(doubled[1]):
        yield piece.part(0, len(text), text=doubled[1])
        return
    for part in _SYMBOLS.finditer(text):
        for run in _RUNS.finditer(text, part.start(), part.end()):
            inner = piece.part(run.start(), run.end())
            if inner.text.isdecimal():
                yield inner._replace(kind="number")
            elif inner.text.isalpha():
                yield from _split(inner, source, starts, vocabulary)
            else:  # signs that count without being digits ("፩")
                yield inner


def _unleet(text: str, vocabulary: Vocabulary) -> str | None:
    """The known word that digits and symbols within a word stand for, if there is one."""
    if text.isalpha() or not any(char.isalpha() for char in text):
        return None
    if "*" in text:
        return vocabulary.unmask(text)
    letters = text.replace("'", "")
    if letters.rstrip("0123456789") in vocabulary.number_leads:
        return None
    for table in _LEET:
        word, fuzzy = vocabulary.canonical(letters.translate(table))
        if not fuzzy and word in vocabulary.words and (len(word) >= 4 or letters.isalpha()):
            return word
    return None
