"""TensorFlow.js graph models (model.json and one weight file) to ONNX; channels first, any batch size.

Only the operations of the models that Netra uses are known; anything else is an error, never a guess.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from modelprep.graph import OnnxGraph, Shape

Array = npt.NDArray[Any]
Node = dict[str, Any]

ADDITIONS = ("Add", "AddV2")
STORED_TYPES = {"float32": "<f4", "int32": "<i4", "float16": "<f2"}


@dataclass(frozen=True, slots=True)
class PReluSite:
    """A PReLU spelt out as relu(x) + c * (x - |x|). `lost`: the converter that published the file fused the Relu
    into the layer before, so x itself has no negative values left and the whole branch is dead."""

    x: str
    constant: Array
    lost: bool


class GraphModel:
    """The nodes and weights of a graph model."""

    def __init__(self, topology: bytes, weights: bytes) -> None:
        document = json.loads(topology)
        self.nodes: dict[str, Node] = {node["name"]: node for node in document["modelTopology"]["node"]}
        self.weights = dict(_read_weights(document["weightsManifest"], weights))
        self.prelus = {name: site for name in self.nodes if (site := self._prelu_site(name)) is not None}

    def inputs(self, name: str) -> list[str]:
        """Names of the nodes that feed a node."""
        return [source.split(":")[0] for source in self.nodes[name].get("input", [])]

    def needed(self, outputs: Sequence[str]) -> list[str]:
        """All nodes that the outputs depend on, sources first."""
        order: dict[str, None] = {}
        stack = [(name, False) for name in reversed(outputs)]
        while stack:
            name, visited = stack.pop()
            if name in order or name in self.weights:
                continue
            if visited:
                order[name] = None
                continue
            site = self.prelus.get(name)
            stack.append((name, True))
            stack.extend((source, False) for source in ([site.x] if site else self.inputs(name)))
        return list(order)

    def _prelu_site(self, name: str) -> PReluSite | None:
        if self.nodes[name]["op"] not in ADDITIONS:
            return None
        left, right = self.inputs(name)
        return self._prelu_of(left, right) or self._prelu_of(right, left)

    def _prelu_of(self, positive: str, negative: str) -> PReluSite | None:
        """The site whose positive half is `positive` and whose other half is c * (x - |x|), if that is what it is."""
        if self.nodes[negative]["op"] != "Mul":
            return None
        constants = [source for source in self.inputs(negative) if source in self.weights]
        halves = [source for source in self.inputs(negative) if self.nodes[source]["op"] == "Sub"]
        if len(constants) != 1 or len(halves) != 1:
            return None
        x, magnitude = self.inputs(halves[0])
        if self.nodes[magnitude]["op"] != "Abs" or self.inputs(magnitude) != [x]:
            return None
        if self.nodes[positive]["op"] == "Relu" and self.inputs(positive) == [x]:
            return PReluSite(x, self.weights[constants[0]], lost=False)
        if positive == x and "Relu" in _strings(self.nodes[x], "fused_ops"):
            return PReluSite(x, self.weights[constants[0]], lost=True)
        return None


def convert(
    model: GraphModel,
    outputs: Mapping[str, tuple[str, Shape]],
    input_shape: Shape,
    *,
    name: str,
    note: str,
    normalise: tuple[float, float] | None = None,
    repair_prelu: bool = False,
) -> bytes:
    """ONNX bytes. `outputs`: public name -> (node, shape); `normalise`: x becomes (x - mean) * factor inside the graph;
    `repair_prelu`: bring lost negative branches back and turn the sign of all PReLU constants.
    Raises ValueError on an operation that is not known."""
    graph = OnnxGraph(name, note)
    restored = {site.x for site in model.prelus.values() if site.lost} if repair_prelu else set()
    values: dict[str, str] = {}
    for node in model.needed([source for source, _ in outputs.values()]):
        site = model.prelus.get(node)
        if site is not None:
            values[node] = _prelu(graph, values[site.x], site, repair_prelu)
        elif model.nodes[node]["op"] == "Placeholder":
            values[node] = _first(graph, normalise)
        else:
            values[node] = _emit(graph, model, node, values, keep_relu=node not in restored)
    named = {public: (values[source], shape) for public, (source, shape) in outputs.items()}
    return graph.serialise({"input": input_shape}, named)


def _prelu(graph: OnnxGraph, x: str, site: PReluSite, repair: bool) -> str:
    """c * (x - |x|) is 2c * x for negative x; repaired files need the other sign."""
    if site.lost and not repair:
        return x
    return graph.prelu(x, (-2 if repair else 2) * site.constant.astype(np.float32), maps=True)


def _first(graph: OnnxGraph, normalise: tuple[float, float] | None) -> str:
    if normalise is None:
        return "input"
    mean, factor = normalise
    return graph.add("Mul", [graph.add("Sub", ["input", graph.weight([mean])]), graph.weight([factor])])


def _emit(graph: OnnxGraph, model: GraphModel, name: str, values: Mapping[str, str], keep_relu: bool) -> str:
    node, sources = model.nodes[name], model.inputs(name)
    constants = [model.weights[source] for source in sources if source in model.weights]
    x = [values[source] for source in sources if source in values]
    operation = node["op"]
    if "Conv" in operation:
        return _convolution(graph, node, x[0], constants, keep_relu)
    if operation in ADDITIONS and len(x) == 2:
        return graph.add("Add", x)
    if operation == "Relu":
        return graph.add("Relu", x)
    if operation == "Pad":
        pads = constants[0][[0, 3, 1, 2]]
        return graph.add("Pad", [x[0], graph.weight(pads.T.reshape(-1), np.int64)])
    if operation == "MaxPool":
        return graph.max_pool(x[0], _numbers(node, "ksize")[1:3], _numbers(node, "strides")[1:3], _is_same(node))
    if operation == "Squeeze" and sorted(_numbers(node, "squeeze_dims")) == [1, 2]:
        return graph.add("Flatten", x)
    raise ValueError(f"operation {operation} of {name} is not known")


def _convolution(graph: OnnxGraph, node: Node, x: str, constants: Sequence[Array], keep_relu: bool) -> str:
    kernel, *bias = (values.astype(np.float32) for values in constants)
    if any(step != 1 for step in _numbers(node, "dilations")):
        raise ValueError(f"dilations of {node['name']} are not known")
    depthwise = "Depthwise" in node["op"]
    kernel = kernel.transpose(2, 3, 0, 1) if depthwise else kernel.transpose(3, 2, 0, 1)
    fused = _strings(node, "fused_ops")
    if unknown := set(fused) - {"BiasAdd", "Relu"}:
        raise ValueError(f"fused operations {unknown} of {node['name']} are not known")
    strides = _numbers(node, "strides")[1:3]
    out = graph.conv(x, kernel, bias[0] if "BiasAdd" in fused else None, strides, _is_same(node), depthwise)
    return graph.add("Relu", [out]) if "Relu" in fused and keep_relu else out


def _read_weights(groups: Sequence[Mapping[str, Any]], data: bytes) -> Iterator[tuple[str, Array]]:
    """Every weight as the type that the graph uses; half-precision ones are widened."""
    offset = 0
    for entry in (entry for group in groups for entry in group["weights"]):
        stored = np.dtype(STORED_TYPES[entry.get("quantization", entry)["dtype"]])
        count = int(np.prod(entry["shape"], dtype=np.int64))
        values = np.frombuffer(data, stored, count, offset).reshape(entry["shape"])
        yield entry["name"], values.astype(STORED_TYPES[entry["dtype"]])
        offset += stored.itemsize * count
    if offset != len(data):
        raise ValueError(f"the weight file has {len(data)} bytes, the model describes {offset}")


def _attribute(node: Node, key: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = node.get("attr", {}).get(key, {})
    return found


def _strings(node: Node, key: str) -> list[str]:
    return [base64.b64decode(text).decode() for text in _attribute(node, key).get("list", {}).get("s", [])]


def _numbers(node: Node, key: str) -> list[int]:
    return [int(number) for number in _attribute(node, key).get("list", {}).get("i", [])]


def _is_same(node: Node) -> bool:
    return base64.b64decode(_attribute(node, "padding").get("s", "")) == b"SAME"
