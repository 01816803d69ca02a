"""The converters, on graphs small enough to be worked out by hand."""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

import flatbuffers
import numpy as np
import onnxruntime as ort
import pytest

from tests.conftest import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "scripts"))

from modelprep import mtcnn, tfjs, tflite
from modelprep.flatbuffer import Table
from modelprep.graph import OnnxGraph

RANDOM = np.random.default_rng(0)


def run(model: bytes, x: np.ndarray) -> list[np.ndarray]:
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run(None, {"input": x.astype(np.float32)})


@pytest.mark.parametrize("by_conv", [True, False])
def test_prelu_is_exact(by_conv: bool) -> None:
    slopes = np.array([0.25, -0.5, 2.0], np.float32)
    graph = OnnxGraph("prelu", "")
    out = graph.prelu("input", slopes, maps=True, by_conv=by_conv)
    x = RANDOM.normal(size=(2, 3, 4, 5))
    (found,) = run(graph.serialise({"input": ("N", 3, "H", "W")}, {"y": (out, ("N", 3, "H", "W"))}), x)
    assert np.allclose(found, np.where(x > 0, x, slopes.reshape(3, 1, 1) * x), atol=1e-6)


# TensorFlow.js: a depthwise layer whose PReLU lost its negative branch, as in the published recogniser.

KERNEL = np.array([1.0, -2.0], np.float32)
CONSTANT = np.array([0.5, 0.25], np.float32)


def encoded(*texts: str) -> dict[str, Any]:
    return {"list": {"s": [base64.b64encode(text.encode()).decode() for text in texts]}}


def published(last: str = "Add") -> tuple[bytes, bytes]:
    """relu(k * x) + c * (y - |y|) with y = relu(k * x): model.json and weights."""
    ones = {"list": {"i": ["1", "1", "1", "1"]}}
    layer = {
        "fused_ops": encoded("BiasAdd", "Relu"),
        "padding": {"s": base64.b64encode(b"SAME").decode()},
        "strides": ones,
        "dilations": ones,
    }
    nodes = [
        {"name": "x", "op": "Placeholder"},
        *({"name": name, "op": "Const"} for name in ("kernel", "bias", "c")),
        {"name": "y", "op": "FusedDepthwiseConv2dNative", "input": ["x", "kernel", "bias"], "attr": layer},
        {"name": "abs", "op": "Abs", "input": ["y"]},
        {"name": "sub", "op": "Sub", "input": ["y", "abs"]},
        {"name": "mul", "op": "Mul", "input": ["c", "sub"]},
        {"name": "out", "op": last, "input": ["y", "mul"]},
    ]
    weights = {"kernel": KERNEL.reshape(1, 1, 2, 1), "bias": np.zeros(2, np.float32), "c": CONSTANT}
    described = [{"name": name, "shape": list(w.shape), "dtype": "float32"} for name, w in weights.items()]
    document = {"modelTopology": {"node": nodes}, "weightsManifest": [{"weights": described}]}
    return json.dumps(document).encode(), b"".join(w.tobytes() for w in weights.values())


@pytest.mark.parametrize("repair", [True, False])
def test_the_lost_prelu_branch_comes_back_only_by_the_repair(repair: bool) -> None:
    shape = ("N", 2, "H", "W")
    model = tfjs.convert(
        tfjs.GraphModel(*published()), {"out": ("out", shape)}, shape, name="m", note="", repair_prelu=repair
    )
    x = RANDOM.normal(size=(1, 2, 3, 3))
    y = x * KERNEL.reshape(2, 1, 1)
    slopes = -2 * CONSTANT.reshape(2, 1, 1) if repair else 0
    assert np.allclose(run(model, x)[0], np.where(y > 0, y, slopes * y), atol=1e-6)


def test_an_unknown_operation_is_an_error() -> None:
    model = tfjs.GraphModel(*published(last="Mystery"))
    with pytest.raises(ValueError, match="is not known"):
        tfjs.convert(model, {"out": ("out", ("N",))}, ("N", 2, 1, 1), name="m", note="")


def test_a_weight_file_of_another_length_is_an_error() -> None:
    topology, weights = published()
    with pytest.raises(ValueError, match="bytes"):
        tfjs.GraphModel(topology, weights + b"\0\0\0\0")


# MTCNN


def rnet_weights() -> list[np.ndarray]:
    shapes = [(3, 3, 3, 28), (28,), (1, 1, 28), (3, 3, 28, 48), (48,), (1, 1, 48), (2, 2, 48, 64), (64,), (1, 1, 64)]
    shapes += [(576, 128), (128,), (128,), (128, 4), (4,), (128, 2), (2,)]
    return [RANDOM.normal(0, 0.1, shape).astype(np.float32) for shape in shapes]


def test_mtcnn_networks_take_any_batch_and_use_every_weight() -> None:
    weights = rnet_weights()
    model = mtcnn.convert(weights, mtcnn.RNET, ("reg", "prob"), 24, name="rnet", note="")
    assert model == mtcnn.convert(weights, mtcnn.RNET, ("reg", "prob"), 24, name="rnet", note="")
    x = RANDOM.normal(size=(3, 3, 24, 24))
    boxes, chances = run(model, x)
    assert boxes.shape == (3, 4)
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-5)
    assert np.allclose(run(model, x[1:2])[0], boxes[1:2], atol=1e-5)
    with pytest.raises(ValueError, match="not used"):
        mtcnn.convert([*weights, weights[0]], mtcnn.RNET, ("reg", "prob"), 24, name="rnet", note="")


# Flatbuffers


def test_fields_that_were_not_written_have_their_defaults() -> None:
    builder = flatbuffers.Builder()
    text = builder.CreateString("palm")
    numbers = builder.CreateNumpyVector(np.array([3, 1, 2], np.int32))
    builder.StartObject(5)
    builder.PrependUOffsetTRelativeSlot(0, text, 0)
    builder.PrependUOffsetTRelativeSlot(1, numbers, 0)
    builder.PrependInt32Slot(2, -7, 0)
    builder.Finish(builder.EndObject())
    root = Table.root(bytes(builder.Output()))
    assert root.string(0) == "palm"
    assert root.array(1, np.int32).tolist() == [3, 1, 2]
    assert (root.int32(2), root.int32(3, 9), root.boolean(3)) == (-7, 9, False)
    assert root.string(3) == ""
    assert root.tables(3) == []
    assert root.union(4).int32(2, 5) == 5


def test_every_known_tflite_operation_has_an_emitter() -> None:
    assert set(tflite.EMITTERS) == set(tflite.Op)
