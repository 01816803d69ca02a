"""Reads tables of a flatbuffer by field number, as far as TensorFlow Lite files need it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from flatbuffers import number_types as types
from flatbuffers import table


class Table:
    """One table; a field that was not written has its default."""

    def __init__(self, data: bytes, position: int) -> None:
        self._table = table.Table(bytearray(data) if isinstance(data, bytes) else data, position)

    @classmethod
    def root(cls, data: bytes) -> Table:
        """The table that the file starts with."""
        return cls(data, int.from_bytes(data[:4], "little"))

    def _offset(self, field: int) -> int:
        return int(self._table.Offset(4 + 2 * field))

    def _number(self, field: int, kind: Any, default: int) -> int:
        offset = self._offset(field)
        return int(self._table.Get(kind, self._table.Pos + offset)) if offset else default

    def int8(self, field: int, default: int = 0) -> int:
        """A byte: also types and small enumerations."""
        return self._number(field, types.Int8Flags, default)

    def int32(self, field: int, default: int = 0) -> int:
        """A signed number."""
        return self._number(field, types.Int32Flags, default)

    def uint32(self, field: int, default: int = 0) -> int:
        """An unsigned number: indices."""
        return self._number(field, types.Uint32Flags, default)

    def boolean(self, field: int) -> bool:
        """A flag, off when not written."""
        return bool(self._number(field, types.BoolFlags, 0))

    def string(self, field: int) -> str:
        """A text, empty when not written."""
        offset = self._offset(field)
        return bytes(self._table.String(self._table.Pos + offset)).decode() if offset else ""

    def union(self, field: int) -> Table:
        """The table of a union; an absent one reads as a table of defaults."""
        offset = self._offset(field)
        if not offset:
            return Table.root(EMPTY_TABLE)
        position = self._table.Pos + offset
        return Table(self._table.Bytes, position + self._table.Get(types.UOffsetTFlags, position))

    def tables(self, field: int) -> list[Table]:
        """A vector of tables."""
        offset = self._offset(field)
        if not offset:
            return []
        start, count = self._table.Vector(offset), self._table.VectorLen(offset)
        return [Table(self._table.Bytes, self._table.Indirect(start + 4 * index)) for index in range(count)]

    def array(self, field: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """A vector of numbers."""
        offset = self._offset(field)
        if not offset:
            return np.zeros(0, dtype)
        return np.frombuffer(self._table.Bytes, dtype, self._table.VectorLen(offset), self._table.Vector(offset))


EMPTY_TABLE = bytes([8, 0, 0, 0, 4, 0, 4, 0, 4, 0, 0, 0])
"""A root offset of 8, a field list of two 16-bit lengths, and a table that points back to it."""
