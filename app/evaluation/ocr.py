"""How well text in pictures is read: wrong characters, signals that survive, large digits, processor time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.errors import BadInput
from app.evaluation.people import Half, half_of
from app.stats.clusters import Share, draws, interval, share_by_cluster
from app.text.registry import Registry
from app.text.screen import screen_text
from app.text.signals import CODES, TextSignal

LONGEST_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture and the lines that are written in it; a line may be wrapped in the picture."""

    path: Path
    kind: str
    lines: tuple[str, ...]

    @property
    def half(self) -> Half:
        """Half of the pictures to tune on, half to report; the file's name decides."""
        return half_of(self.path.name)


@dataclass(frozen=True, slots=True)
class Read:
    """One picture as it was read: counts of characters and of those wrong, of the signals that the written text has
    and of those that the read text has as well, of large digits; `seconds` of all processors."""

    kind: str
    characters: int
    wrong: int
    signals: int
    found: int
    digits: int
    digits_read: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Quality:
    """Shares with intervals over pictures; `seconds` per picture as mean, low, high."""

    images: int
    error: Share
    signals: Share
    digits: Share
    seconds: tuple[float, float, float]


def read_samples(folder: Path) -> list[Sample]:
    """The pictures of a folder by its manifest.json: a list of `{"file", "gt": [lines], "kind"}`. Raises BadInput."""
    path = folder / "manifest.json"
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        samples = [
            Sample(folder / str(row["file"]), str(row.get("kind", "")), tuple(map(str, row["gt"]))) for row in rows
        ]
    except OSError as error:
        raise BadInput(f"Tidak dapat dibaca / Cannot be read: {path} ({error.strerror})", field="DIR") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        example = '[{"file": "a.jpg", "kind": "ig", "gt": ["…"]}]'
        raise BadInput(f"manifest.json tidak sesuai / does not fit: {error!r}; {example}", field="DIR") from error
    missing = next((sample.path.name for sample in samples if not sample.path.is_file()), None)
    if missing or not samples:
        reason = f"Berkas tidak ada / No such file: {missing}" if missing else "Tidak ada gambar / No pictures"
        raise BadInput(reason, field="DIR")
    return samples


def assess(
    sample: Sample,
    lines: Sequence[str],
    wanted: Iterable[TextSignal],
    found: Iterable[TextSignal],
    seconds: float,
) -> Read:
    """What was read of a picture (`lines`, with the signals `found`) against what is written in it (`wanted`). A
    signal without a pair is found when its code is."""
    read = " ".join(" ".join(lines).split())
    truth = [" ".join(line.split()) for line in sample.lines]
    digits = [line for line in truth if line.isdigit() and len(line) <= LONGEST_DIGITS]
    signals, given = _meanings(wanted), _meanings(found)
    return Read(
        sample.kind,
        sum(map(len, truth)),
        sum(wrong_characters(line, read) for line in truth),
        len(signals),
        sum(one in given or (one[1] is None and one[0] in {code for code, _ in given}) for one in signals),
        len(digits),
        sum(digit in {line.strip() for line in lines} for digit in digits),
        seconds,
    )


def written_signals(lines: Sequence[str], registry: Registry) -> list[TextSignal]:
    """The signals of what is written in a picture that do not depend on which of its lines stand beside each other:
    those of all lines together that a line has alone as well."""
    alone = {meaning for line in lines for meaning in _meanings(screen_text(line, registry))}
    return [one for one in screen_text("\n".join(lines), registry) if (one.code, one.paslon) in alone]


def _meanings(signals: Iterable[TextSignal]) -> set[tuple[str, str | None]]:
    """Codes and pairs, context aside."""
    return {(signal.code, signal.paslon) for signal in signals if signal.code in CODES}


def wrong_characters(truth: str, read: str) -> int:
    """Insertions, deletions and substitutions between a line and the part of the read text that is most like it
    (Sellers 1980): what else stands in the picture costs nothing."""
    letters = np.frombuffer(read.encode("utf-32-le"), np.uint32)
    places = np.arange(len(letters) + 1)
    costs = np.zeros(len(letters) + 1, int)
    for row, letter in enumerate(truth, start=1):
        changed = np.minimum(costs + 1, np.r_[row, costs[:-1] + (letters != ord(letter))])
        costs = np.minimum.accumulate(changed - places) + places
    return int(costs.min())


def quality(reads: Sequence[Read]) -> Quality:
    """The figures of some pictures together."""

    def share(hits: str, cases: str) -> Share:
        return share_by_cluster([getattr(one, hits) for one in reads], [getattr(one, cases) for one in reads])

    seconds = ratio([one.seconds for one in reads], [1.0] * len(reads))
    return Quality(
        len(reads),
        share("wrong", "characters"),
        share("found", "signals"),
        share("digits_read", "digits"),
        seconds,
    )


def ratio(costs: Sequence[float], others: Sequence[float]) -> tuple[float, float, float]:
    """The sum of `costs` to that of `others`, picture by picture, with the interval over pictures: value, low, high."""
    mine, theirs = np.asarray(costs, float), np.asarray(others, float)
    drawn = draws(len(mine))
    low, high = interval((drawn @ mine) / (drawn @ theirs))
    value = float(mine.sum() / theirs.sum())
    return value, min(low, value), max(high, value)
