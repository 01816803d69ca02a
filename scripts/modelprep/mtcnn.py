"""The refining networks of MTCNN (PyPI `mtcnn`, lists of Keras weights) to ONNX; channels first."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from modelprep.graph import OnnxGraph

Weights = list[npt.NDArray[np.float32]]
Layer = Callable[[OnnxGraph, str, Weights], str]


def read_weights(data: bytes) -> Weights:
    """The weight arrays in layer order. The file is a joblib pickle, and reading a pickle can run code:
    call this only on bytes whose sha256 has been checked against the manifest."""
    import joblib

    return [np.asarray(values, np.float32) for values in joblib.load(io.BytesIO(data))]


def _conv(graph: OnnxGraph, x: str, weights: Weights) -> str:
    kernel, bias = weights.pop(0), weights.pop(0)
    return graph.conv(x, kernel.transpose(3, 2, 0, 1), bias)


def _prelu(graph: OnnxGraph, x: str, weights: Weights) -> str:
    slopes = weights.pop(0)
    return graph.prelu(x, slopes, maps=slopes.ndim == 3)


def _pool(size: int, same: bool) -> Layer:
    return lambda graph, x, _: graph.max_pool(x, (size, size), (2, 2), same)


def _flatten(graph: OnnxGraph, x: str, _: Weights) -> str:
    """Keras flattened width before height."""
    return graph.add("Flatten", [graph.add("Transpose", [x], perm=[0, 3, 2, 1])])


def _dense(graph: OnnxGraph, x: str, weights: Weights) -> str:
    return graph.add("Gemm", [x, graph.weight(weights.pop(0)), graph.weight(weights.pop(0))])


RNET = (_conv, _prelu, _pool(3, True), _conv, _prelu, _pool(3, False), _conv, _prelu, _flatten, _dense, _prelu)
ONET = (*RNET[:8], _pool(2, True), _conv, _prelu, *RNET[8:])
HEAD_WIDTHS = {"reg": 4, "lmk": 10, "prob": 2}


def convert(
    weights: Weights, layers: Sequence[Layer], heads: Sequence[str], side: int, *, name: str, note: str
) -> bytes:
    """ONNX bytes of a network that looks at `side` x `side` crops; `prob` is a softmax, the other heads are plain."""
    graph, left, x = OnnxGraph(name, note), list(weights), "input"
    for layer in layers:
        x = layer(graph, x, left)
    outputs = {}
    for head in heads:
        value = _dense(graph, x, left)
        outputs[head] = (graph.add("Softmax", [value], axis=1) if head == "prob" else value, ("N", HEAD_WIDTHS[head]))
    if left:
        raise ValueError(f"{len(left)} weights of {name} were not used")
    return graph.serialise({"input": ("N", 3, side, side)}, outputs)
