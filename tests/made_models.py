"""Small ONNX files in the shape of face recognisers, made by the tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def arcface_like(
    path: Path, side: int = 112, dimension: int = 32, batch: int | str = "N", normalise: str = "", seed: int = 7
) -> Path:
    """A recogniser with one convolution: n x 3 x side x side -> n x dimension. `normalise`: "named" or "plain" nodes
    that subtract 127.5 and divide by 128 inside the graph, as exporters with and without names write them."""
    random = np.random.default_rng(seed)
    cells = (side // 16) ** 2
    weights = {
        "kernel": random.normal(0, 0.05, (4, 3, 16, 16)),
        "last": random.normal(0, 1, (4 * cells, dimension)),
        "middle": np.array(127.5),
        "scale": np.array(1 / 128),
        "shape": np.array([0, 4 * cells], np.int64),
    }
    names = ("Sub_0", "Mul_1") if normalise == "named" else ("", "")
    first = [
        helper.make_node("Sub", ["data", "middle"], ["centred"], name=names[0]),
        helper.make_node("Mul", ["centred", "scale"], ["scaled"], name=names[1]),
    ]
    nodes = [
        *(first if normalise else []),
        helper.make_node("Conv", ["scaled" if normalise else "data", "kernel"], ["conv"], strides=[16, 16]),
        helper.make_node("Relu", ["conv"], ["relu"]),
        helper.make_node("Reshape", ["relu", "shape"], ["flat"]),
        helper.make_node("MatMul", ["flat", "last"], ["embedding"]),
    ]
    stored = [
        numpy_helper.from_array(values if values.dtype == np.int64 else values.astype(np.float32), name)
        for name, values in weights.items()
    ]
    graph = helper.make_graph(
        nodes,
        "made",
        [helper.make_tensor_value_info("data", TensorProto.FLOAT, [batch, 3, side, side])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [batch, dimension])],
        stored,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(path))
    return path


def with_named_start(source: Path, target: Path) -> Path:
    """A copy of the default recogniser whose first two nodes carry the names by which insightface tells that the graph
    normalises its input."""
    model = onnx.load(str(source))
    for node, name in zip(model.graph.node, ("Sub_0", "Mul_1"), strict=False):
        node.name = name
    target.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(target))
    return target
