"""Writes ONNX graphs node by node; equal calls give equal bytes on every machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8
PRODUCER = "netra modelprep"

Shape = Sequence[str | int]


class OnnxGraph:
    """The nodes and weights of one model, in the order in which they are added."""

    def __init__(self, name: str, note: str) -> None:
        self.name = name
        self.note = note
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []

    def weight(self, values: npt.ArrayLike, dtype: npt.DTypeLike = np.float32) -> str:
        """Stores a constant and returns its name."""
        name = f"w{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype), name))
        return name

    def add(self, op: str, inputs: Sequence[str], **attributes: Any) -> str:
        """Adds one node with one output and returns the output's name."""
        output = f"v{len(self._nodes)}"
        self._nodes.append(helper.make_node(op, list(inputs), [output], **attributes))
        return output

    def conv(
        self,
        x: str,
        kernel: npt.NDArray[np.float32],
        bias: npt.NDArray[np.float32] | None = None,
        strides: Sequence[int] = (1, 1),
        same: bool = False,
        depthwise: bool = False,
    ) -> str:
        """Convolution with an O x I x H x W kernel (C x 1 x H x W when depthwise); `same` pads as TensorFlow does."""
        inputs = [x, self.weight(kernel)] + ([] if bias is None else [self.weight(bias.reshape(-1))])
        return self.add(
            "Conv",
            inputs,
            kernel_shape=list(kernel.shape[2:]),
            strides=list(strides),
            group=kernel.shape[0] if depthwise else 1,
            auto_pad="SAME_UPPER" if same else "VALID",
        )

    def max_pool(self, x: str, size: Sequence[int], strides: Sequence[int], same: bool) -> str:
        """Max pooling; `same` pads as TensorFlow does."""
        auto_pad = "SAME_UPPER" if same else "VALID"
        return self.add("MaxPool", [x], kernel_shape=list(size), strides=list(strides), auto_pad=auto_pad)

    def prelu(self, x: str, slopes: npt.NDArray[np.float32], maps: bool, by_conv: bool = False) -> str:
        """PReLU as a*x + (1-a)*relu(x): onnxruntime's own is slower and its time depends on the data.

        `slopes`: one per channel. `maps`: x is N x C x H x W, else N x C. `by_conv` scales by 1x1 depthwise
        convolutions, which some graphs run faster than multiplications; the numbers are the same."""
        positive = self.add("Relu", [x])
        return self.add(
            "Add", [self._scale(x, slopes, maps, by_conv), self._scale(positive, 1 - slopes, maps, by_conv)]
        )

    def _scale(self, x: str, factors: npt.NDArray[np.float32], maps: bool, by_conv: bool) -> str:
        if maps and by_conv:
            return self.conv(x, factors.reshape(-1, 1, 1, 1), depthwise=True)
        return self.add("Mul", [x, self.weight(factors.reshape(-1, 1, 1) if maps else factors.reshape(-1))])

    def serialise(self, inputs: Mapping[str, Shape], outputs: Mapping[str, tuple[str, Shape]]) -> bytes:
        """The checked model. `inputs`: name -> shape; `outputs`: public name -> (value in the graph, shape)."""
        public = {value: name for name, (value, _) in outputs.items()}
        for node in self._nodes:
            for names in (node.input, node.output):
                names[:] = [public.get(name, name) for name in names]
        graph = helper.make_graph(
            self._nodes,
            self.name,
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)) for name, shape in inputs.items()],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, list(out[1])) for name, out in outputs.items()],
            self._weights,
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name=PRODUCER,
            doc_string=self.note,
        )
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString(deterministic=True))
