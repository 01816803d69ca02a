"""TensorFlow Lite float models to ONNX: channels last at the borders, channels first inside, any batch size.

Only the operations of mediapipe's hand models are known; anything else is an error, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from modelprep.flatbuffer import Table
from modelprep.graph import OnnxGraph

Array = npt.NDArray[Any]
TENSOR_TYPES: dict[int, np.dtype[Any]] = {0: np.dtype("<f4"), 1: np.dtype("<f2"), 2: np.dtype("<i4")}
TO_CHANNELS_FIRST = [0, 3, 1, 2]
TO_CHANNELS_LAST = [0, 2, 3, 1]
SAME = 0


class Op(IntEnum):
    """Codes of tensorflow/lite/schema.fbs."""

    ADD = 0
    CONCATENATION = 2
    CONV_2D = 3
    DEPTHWISE_CONV_2D = 4
    DEQUANTIZE = 6
    FULLY_CONNECTED = 9
    LOGISTIC = 14
    MAX_POOL_2D = 17
    RESHAPE = 22
    RESIZE_BILINEAR = 23
    PAD = 34
    MEAN = 40
    PRELU = 54


class Converter:
    """Walks the operations of the only subgraph in order and writes them to an ONNX graph."""

    def __init__(self, data: bytes, name: str, note: str) -> None:
        model = Table.root(data)
        self.codes = [max(code.int8(0), code.int32(3)) for code in model.tables(1)]
        (self.subgraph,) = model.tables(2)
        self.tensors = self.subgraph.tables(0)
        self.shapes = [tensor.array(0, np.int32).tolist() for tensor in self.tensors]
        self.constants = self._constants(model)
        self.graph = OnnxGraph(name, note)
        self.values: dict[int, str] = {}
        self.maps: dict[int, bool] = {}
        """Whether a value is a stack of feature maps, kept channels first."""

    def convert(self) -> bytes:
        """ONNX bytes; the outputs keep the names of the source file, the input is called "input"."""
        (source,) = self.subgraph.array(1, np.int32).tolist()
        self._set(source, self.graph.add("Transpose", ["input"], perm=TO_CHANNELS_FIRST), maps=True)
        for operator in self.subgraph.tables(3):
            self._emit(operator)
        outputs = {}
        for index in self.subgraph.array(2, np.int32).tolist():
            outputs[self.tensors[index].string(3)] = (self._channels_last(index), ("N", *self.shapes[index][1:]))
        return self.graph.serialise({"input": ("N", *self.shapes[source][1:])}, outputs)

    def _constants(self, model: Table) -> dict[int, Array]:
        buffers, constants = model.tables(4), {}
        for index, tensor in enumerate(self.tensors):
            raw = buffers[tensor.uint32(2)].array(0, np.uint8)
            if raw.size:
                constants[index] = raw.view(TENSOR_TYPES[tensor.int8(1)]).reshape(self.shapes[index])
        return constants

    def _set(self, index: int, value: str, maps: bool) -> None:
        self.values[index], self.maps[index] = value, maps

    def _channels_last(self, index: int) -> str:
        value = self.values[index]
        return self.graph.add("Transpose", [value], perm=TO_CHANNELS_LAST) if self.maps[index] else value

    def _emit(self, operator: Table) -> None:
        code = self.codes[operator.uint32(0)]
        if code not in EMITTERS:
            raise ValueError(f"operation {code} is not known")
        inputs, (output,) = operator.array(1, np.int32).tolist(), operator.array(2, np.int32).tolist()
        EMITTERS[Op(code)](self, inputs, output, operator.union(4))

    def _weight(self, index: int) -> npt.NDArray[np.float32]:
        return self.constants[index].astype(np.float32)

    def _activate(self, value: str, activation: int) -> str:
        if activation == 0:
            return value
        if activation == 1:
            return self.graph.add("Relu", [value])
        if activation == 3:
            return self.graph.add("Clip", [value, self.graph.weight(0), self.graph.weight(6)])
        raise ValueError(f"activation {activation} is not known")

    def dequantise(self, inputs: list[int], output: int, options: Table) -> None:
        """Half-precision constants are widened once, here."""
        self.constants[output] = self.constants[inputs[0]].astype(np.float32)

    def conv(self, inputs: list[int], output: int, options: Table) -> None:
        kernel = self._weight(inputs[1]).transpose(0, 3, 1, 2)
        self._conv(inputs, output, options, kernel, activation=3, dilations=(4, 5))

    def depthwise_conv(self, inputs: list[int], output: int, options: Table) -> None:
        kernel = self._weight(inputs[1]).transpose(3, 0, 1, 2)
        self._conv(inputs, output, options, kernel, activation=4, dilations=(5, 6), depthwise=True)

    def _conv(
        self,
        inputs: list[int],
        output: int,
        options: Table,
        kernel: npt.NDArray[np.float32],
        activation: int,
        dilations: tuple[int, int],
        depthwise: bool = False,
    ) -> None:
        if any(options.int32(field, 1) != 1 for field in dilations):
            raise ValueError("dilated convolutions are not known")
        strides, same = (options.int32(2), options.int32(1)), options.int8(0) == SAME
        x = self.graph.conv(self.values[inputs[0]], kernel, self._weight(inputs[2]), strides, same, depthwise)
        self._set(output, self._activate(x, options.int8(activation)), maps=True)

    def max_pool(self, inputs: list[int], output: int, options: Table) -> None:
        strides, size = (options.int32(2), options.int32(1)), (options.int32(4), options.int32(3))
        x = self.graph.max_pool(self.values[inputs[0]], size, strides, options.int8(0) == SAME)
        self._set(output, self._activate(x, options.int8(5)), maps=True)

    def add(self, inputs: list[int], output: int, options: Table) -> None:
        left, right = inputs
        x = self.graph.add("Add", [self.values[left], self.values[right]])
        self._set(output, self._activate(x, options.int8(0)), self.maps[left])

    def concatenate(self, inputs: list[int], output: int, options: Table) -> None:
        maps, axis = self.maps[inputs[0]], options.int32(0)
        x = self.graph.add("Concat", [self.values[i] for i in inputs], axis=TO_CHANNELS_LAST[axis] if maps else axis)
        self._set(output, x, maps)

    def dense(self, inputs: list[int], output: int, options: Table) -> None:
        weights = [self.graph.weight(self._weight(index)) for index in inputs[1:]]
        flat = self.graph.add("Flatten", [self._channels_last(inputs[0])])
        x = self.graph.add("Gemm", [flat, *weights], transB=1)
        self._set(output, self._activate(x, options.int8(0)), maps=False)

    def logistic(self, inputs: list[int], output: int, options: Table) -> None:
        self._set(output, self.graph.add("Sigmoid", [self.values[inputs[0]]]), self.maps[inputs[0]])

    def reshape(self, inputs: list[int], output: int, options: Table) -> None:
        shape = self.graph.weight([-1, *self.shapes[output][1:]], np.int64)
        x = self.graph.add("Reshape", [self._channels_last(inputs[0]), shape])
        self._set(output, x, maps=False)

    def resize(self, inputs: list[int], output: int, options: Table) -> None:
        if options.boolean(2) or not options.boolean(3):
            raise ValueError("only resizing with half-pixel centres is known")
        before, after = self.shapes[inputs[0]], self.shapes[output]
        scales = self.graph.weight([1, 1, after[1] / before[1], after[2] / before[2]])
        mode = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
        self._set(output, self.graph.add("Resize", [self.values[inputs[0]], "", scales], **mode), maps=True)

    def pad(self, inputs: list[int], output: int, options: Table) -> None:
        pads = self.constants[inputs[1]].reshape(-1, 2)
        pads = pads[TO_CHANNELS_FIRST] if self.maps[inputs[0]] else pads
        x = self.graph.add("Pad", [self.values[inputs[0]], self.graph.weight(pads.T.reshape(-1), np.int64)])
        self._set(output, x, self.maps[inputs[0]])

    def mean(self, inputs: list[int], output: int, options: Table) -> None:
        if sorted(self.constants[inputs[1]].reshape(-1).tolist()) != [1, 2]:
            raise ValueError("only the mean over height and width is known")
        x, keep = self.graph.add("GlobalAveragePool", [self.values[inputs[0]]]), options.boolean(0)
        self._set(output, x if keep else self.graph.add("Flatten", [x]), maps=keep)

    def prelu(self, inputs: list[int], output: int, options: Table) -> None:
        x = self.graph.prelu(self.values[inputs[0]], self._weight(inputs[1]), maps=True, by_conv=True)
        self._set(output, x, maps=True)


EMITTERS: dict[Op, Callable[[Converter, list[int], int, Table], None]] = {
    Op.ADD: Converter.add,
    Op.CONCATENATION: Converter.concatenate,
    Op.CONV_2D: Converter.conv,
    Op.DEPTHWISE_CONV_2D: Converter.depthwise_conv,
    Op.DEQUANTIZE: Converter.dequantise,
    Op.FULLY_CONNECTED: Converter.dense,
    Op.LOGISTIC: Converter.logistic,
    Op.MAX_POOL_2D: Converter.max_pool,
    Op.RESHAPE: Converter.reshape,
    Op.RESIZE_BILINEAR: Converter.resize,
    Op.PAD: Converter.pad,
    Op.MEAN: Converter.mean,
    Op.PRELU: Converter.prelu,
}
