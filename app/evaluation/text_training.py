"""Training the score of a text: logistic regression over masked n-grams, judged on groups that it has not seen."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.errors import BadInput, NotReady
from app.stats.clusters import Share, share_by_cluster
from app.text.features import damped, features
from app.text.learned import TextModel, build_model

LEAST_EACH, LEAST_GROUPS = 40, 20
"""Fewer texts of either kind, or fewer groups, are not trained on."""
FOLDS = 5
MOST_FEATURES = 40_000
STRENGTH = 4.0
BINS = 10
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Groups = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Example:
    """A masked text (app.text.features.masked), whether people confirmed it, and its group."""

    words: str
    partisan: bool
    group: int


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    """One regression: what `TextModel` needs before calibration."""

    indices: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.float32]
    idf: npt.NDArray[np.float32]
    bias: float


def train(examples: Sequence[Example], about: Mapping[str, Any]) -> TextModel:
    """A calibrated model with its report: every figure from folds whose groups were not trained on.

    `about` (sources, registry, day) is kept in the report. Raises BadInput where there is too little to learn from,
    NotReady where scikit-learn is not installed."""
    truth = np.array([one.partisan for one in examples], bool)
    groups = np.array([one.group for one in examples], np.int64)
    _require_enough(truth, groups)
    counted = [features(one.words) for one in examples]
    margins, folds = _held_out(counted, truth, groups)
    chances = np.empty(len(examples))
    for fold in range(FOLDS):
        inside = folds == fold
        slope, offset = _platt(margins[~inside], truth[~inside])
        chances[inside] = _sigmoid(slope * margins[inside] + offset)
    slope, offset = _platt(margins, truth)
    fitted = _fit(counted, truth)
    report = {**about, **_report(chances, truth, groups)}
    return build_model(fitted.indices, fitted.weights, fitted.idf, fitted.bias, slope, offset, report)


def _require_enough(truth: Flags, groups: Groups) -> None:
    least = min(int(truth.sum()), int((~truth).sum()))
    count = len(np.unique(groups))
    if least < LEAST_EACH or count < LEAST_GROUPS:
        raise BadInput(
            f"Terlalu sedikit bahan / Too little material: {least} teks dari jenis yang lebih jarang"
            f" / texts of the rarer kind (≥ {LEAST_EACH}), {count} kelompok / groups (≥ {LEAST_GROUPS})",
            field="FILE",
        )


def _held_out(counted: Sequence[Counter[int]], truth: Flags, groups: Groups) -> tuple[Floats, Groups]:
    """The margin of each text by a regression that saw nothing of its group, and the fold of each."""
    selection, _ = _sklearn()
    splitter = selection.StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    margins, folds = np.empty(len(truth)), np.empty(len(truth), np.int64)
    for fold, (learn, rest) in enumerate(splitter.split(np.zeros(len(truth)), truth, groups)):
        if len(set(truth[learn].tolist())) < 2:
            raise BadInput("Kelompok terlalu besar / One group holds a whole kind of text", field="FILE")
        fitted = _fit([counted[place] for place in learn], truth[learn])
        margins[rest] = [_margin(fitted, counted[place]) for place in rest]
        folds[rest] = fold
    return margins, folds


def _fit(counted: Sequence[Counter[int]], truth: Flags) -> _Fitted:
    """Tf-idf of the buckets in at least two texts, the most frequent 40,000; L2-regularised, classes balanced."""
    from scipy.sparse import csr_matrix

    _, linear = _sklearn()
    documents: Counter[int] = Counter(bucket for one in counted for bucket in one)
    kept = sorted(b for b, n in sorted(documents.items(), key=lambda item: -item[1])[:MOST_FEATURES] if n > 1)
    column = {bucket: place for place, bucket in enumerate(kept)}
    idf = np.array([1 + math.log((1 + len(counted)) / (1 + documents[bucket])) for bucket in kept], np.float32)
    values: list[float] = []
    columns: list[int] = []
    ends = [0]
    for one in counted:
        row = {column[b]: damped(n) * float(idf[column[b]]) for b, n in one.items() if b in column}
        length = math.sqrt(math.fsum(value * value for value in row.values())) or 1.0
        columns += row.keys()
        values += [value / length for value in row.values()]
        ends.append(len(columns))
    matrix = csr_matrix((values, columns, ends), shape=(len(counted), len(kept)))
    model = linear.LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000, solver="liblinear")
    model.fit(matrix, truth)
    return _Fitted(
        np.array(kept, np.uint32), model.coef_[0].astype(np.float32), idf, float(np.ravel(model.intercept_)[0])
    )


def _margin(fitted: _Fitted, counted: Counter[int]) -> float:
    buckets = np.fromiter(counted.keys(), np.uint32, len(counted))
    counts = np.fromiter((damped(n) for n in counted.values()), float, len(counted))
    places = np.searchsorted(fitted.indices, buckets)
    places[places == len(fitted.indices)] = 0
    known = fitted.indices[places] == buckets
    values = counts[known] * fitted.idf[places[known]]
    length = float(np.sqrt(values @ values)) or 1.0
    return float(values @ fitted.weights[places[known]]) / length + fitted.bias


def _platt(margins: Floats, truth: Flags) -> tuple[float, float]:
    """Slope and offset that turn margins into chances (Platt 1999), by a few Newton steps on smoothed targets."""
    yes, no = truth.sum(), (~truth).sum()
    target = np.where(truth, (yes + 1) / (yes + 2), 1 / (no + 2))
    design = np.stack([margins, np.ones_like(margins)], axis=1)
    answer = np.array([1.0, 0.0])
    for _ in range(50):
        chance = _sigmoid(design @ answer)
        slope = design.T @ (chance - target) + 1e-6 * answer
        curve = (design * (chance * (1 - chance))[:, None]).T @ design + 1e-6 * np.eye(2)
        answer = answer - np.clip(np.linalg.solve(curve, slope), -1, 1)
    return max(float(answer[0]), 1e-3), float(answer[1])


def _report(chances: Floats, truth: Flags, groups: Groups) -> dict[str, Any]:
    said = chances >= 0.5
    precision, recall = _share(truth, said, groups), _share(said, truth, groups)
    p, r = precision.value, recall.value
    return {
        "n": len(truth),
        "positive": int(truth.sum()),
        "groups": len(np.unique(groups)),
        "folds": FOLDS,
        **_told("precision", precision),
        **_told("recall", recall),
        "f1": round(2 * p * r / (p + r), 4) if p and r else 0.0,
        "auc": round(_auc(chances, truth), 4),
        "brier": round(float(((chances - truth) ** 2).mean()), 4),
        "calibration": _bins(chances, truth),
    }


def _share(hits: Flags, among: Flags, groups: Groups) -> Share:
    place = np.unique(groups, return_inverse=True)[1]
    size = int(place.max()) + 1
    return share_by_cluster(np.bincount(place, hits & among, size), np.bincount(place, among, size))


def _told(name: str, one: Share) -> dict[str, Any]:
    value = None if one.value is None else round(one.value, 4)
    return {name: value, f"{name}_interval": [round(one.low, 4), round(one.high, 4)]}


def _auc(chances: Floats, truth: Flags) -> float:
    """How often a confirmed text scores above another one, ties counting half."""
    yes, no = np.sort(chances[truth]), np.sort(chances[~truth])
    below, upto = np.searchsorted(no, yes, "left"), np.searchsorted(no, yes, "right")
    return float((below + upto).sum() / (2 * len(yes) * len(no)))


def _bins(chances: Floats, truth: Flags) -> list[dict[str, float]]:
    place = np.minimum((chances * BINS).astype(int), BINS - 1)
    rows = [(chances[place == one], truth[place == one]) for one in range(BINS) if (place == one).any()]
    return [{"mean": round(float(c.mean()), 3), "observed": round(float(t.mean()), 3), "n": len(c)} for c, t in rows]


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))))


def _sklearn() -> tuple[Any, Any]:
    """The modules of scikit-learn, which only training needs. Raises NotReady where it is missing."""
    try:
        from sklearn import linear_model, model_selection
    except ImportError as error:
        raise NotReady(
            "scikit-learn belum terpasang / scikit-learn is missing: pip install --no-deps -r requirements/train.txt"
        ) from error
    return model_selection, linear_model
