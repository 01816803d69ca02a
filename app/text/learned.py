"""A trained score of a text: a logistic regression over hashed n-grams, scored with numpy alone."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from app.errors import BadInput
from app.text.features import BUCKETS, damped, features, masked
from app.text.registry import Registry
from app.text.signals import TextSignal

FORMAT = "netra-text-model/1"
LARGEST = 4_000_000
"""Characters of a model file."""
MOST_FEATURES = 60_000
REPORT_KEYS = frozenset(
    {"n", "positive", "groups", "folds", "precision", "recall", "f1", "auc", "brier", "calibration"}
)
"""What a report must tell before a model may be used."""


@dataclass(frozen=True, slots=True, eq=False)
class TextModel:
    """`indices` (sorted, uint32) are the known buckets, `weights` and `idf` (float32) belong to them. The chance is
    sigmoid(slope · (weights · features + bias) + offset), features being damped counts times idf, of length 1.
    `report` holds the cross-validated figures; `version` is a hash of everything that scores."""

    version: str
    indices: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.float32]
    idf: npt.NDArray[np.float32]
    bias: float
    slope: float
    offset: float
    report: Mapping[str, Any] = field(default_factory=dict)

    def margin(self, words: str) -> float:
        """The log-odds before calibration of a masked text."""
        found = features(words)
        buckets = np.fromiter(found.keys(), np.uint32, len(found))
        counts = np.fromiter((damped(count) for count in found.values()), np.float64, len(found))
        places = np.searchsorted(self.indices, buckets)
        places[places == len(self.indices)] = 0
        known = self.indices[places] == buckets if len(self.indices) else np.zeros(len(buckets), bool)
        values = counts[known] * self.idf[places[known]]
        length = float(np.sqrt(values @ values))
        return float(values @ self.weights[places[known]]) / length + self.bias if length else self.bias

    def chance(self, text: str, signals: Iterable[TextSignal], registry: Registry) -> float:
        """How likely people would confirm the text, 0..1; `signals` are what the rule screen found in it."""
        return 1 / (1 + math.exp(-self.calibrated(self.margin(masked(text, signals, registry)))))

    def calibrated(self, margin: float) -> float:
        """The calibrated log-odds, kept where exp() is finite."""
        return min(30.0, max(-30.0, self.slope * margin + self.offset))


def build_model(
    indices: npt.ArrayLike,
    weights: npt.ArrayLike,
    idf: npt.ArrayLike,
    bias: float,
    slope: float,
    offset: float,
    report: Mapping[str, Any],
) -> TextModel:
    """A model of checked parts, its version computed. Raises BadInput when they do not fit together."""
    places = np.asarray(indices, np.uint32)
    values, rarity = np.asarray(weights, np.float32), np.asarray(idf, np.float32)
    sorted_once = places.ndim == 1 and bool((np.diff(places.astype(np.int64)) > 0).all())
    if not sorted_once or values.shape != places.shape or rarity.shape != places.shape:
        raise _refusal("ukuran tidak cocok / parts of different size")
    numbers = np.concatenate([values, rarity, np.array([bias, slope, offset], np.float32)])
    if len(places) > MOST_FEATURES or (len(places) and places[-1] >= BUCKETS) or not np.isfinite(numbers).all():
        raise _refusal("nilai di luar batas / values out of bounds")
    if slope <= 0:
        raise _refusal("kemiringan harus positif / the slope must be positive")
    digest = hashlib.sha256(places.tobytes() + values.tobytes() + rarity.tobytes())
    digest.update(json.dumps([bias, slope, offset]).encode())
    return TextModel(f"t{digest.hexdigest()[:8]}", places, values, rarity, bias, slope, offset, dict(report))


def model_to_text(model: TextModel) -> str:
    """The model as one JSON document."""
    arrays = {name: getattr(model, name) for name in ("indices", "weights", "idf")}
    packed = {name: base64.b64encode(array.tobytes()).decode("ascii") for name, array in arrays.items()}
    numbers = {name: getattr(model, name) for name in ("bias", "slope", "offset")}
    return json.dumps({"format": FORMAT, "version": model.version, "report": dict(model.report), **numbers, **packed})


def model_from_text(text: str) -> TextModel:
    """The model that `model_to_text` wrote. Raises BadInput for anything else."""
    if len(text) > LARGEST:
        raise _refusal("terlalu besar / too large")
    try:
        row = json.loads(text)
        if not isinstance(row, dict) or row.get("format") != FORMAT:
            raise _refusal(f"bukan / not {FORMAT}")
        indices, weights, idf = (
            np.frombuffer(base64.b64decode(row[name], validate=True), kind)
            for name, kind in (("indices", "<u4"), ("weights", "<f4"), ("idf", "<f4"))
        )
        bias, slope, offset = (float(row[name]) for name in ("bias", "slope", "offset"))
        report = row["report"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _refusal(f"tidak terbaca / not readable ({type(error).__name__})") from error
    if not isinstance(report, dict):
        raise _refusal("tanpa laporan / without a report")
    return build_model(indices, weights, idf, bias, slope, offset, report)


def reported(model: TextModel) -> bool:
    """Whether its cross-validated figures are all there."""
    return model.report.keys() >= REPORT_KEYS


def _refusal(reason: str) -> BadInput:
    return BadInput(f"Berkas model ditolak / The model file is refused: {reason}", field="model")
