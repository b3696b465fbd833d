"""Checks by its header whether a file is a complete GGUF model. No tensor is read.

The entry point is `check_gguf(path)`. Not covered: whether llama.cpp knows the model's
architecture, and malicious models, which SHA-256 excludes. Format:
https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import mmap
import struct
from math import prod
from pathlib import Path

from agent.errors import ModelUnavailableError

# bounds every loop below; docs/decisions/small-measurements.md
HEADER_LIMIT_BYTES = 32 * 2**20

_STRING, _ARRAY = 8, 9
_VALUE_BYTES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
# Tensor type: (values per block, bytes per block). For other types, only the offset is checked.
# fmt: off
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110),
    22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8),
    29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}
# fmt: on


class _Header:
    """Reads consecutive values. Raises EOFError past the end, and ValueError for invalid values."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data, self.position = data, 0

    def skip(self, size_bytes: int) -> int:
        """Skips `size_bytes` and returns their start."""
        start = self.position
        if size_bytes > len(self.data) - start:
            raise EOFError
        self.position += size_bytes
        return start

    def number(self, form: str = "<Q") -> int:
        value: int = struct.unpack_from(form, self.data, self.skip(struct.calcsize(form)))[0]
        return value

    def string(self) -> bytes:
        size_bytes = self.number()
        start = self.skip(size_bytes)
        return self.data[start : start + size_bytes]

    def value(self, kind: int) -> int:
        """Skips a value and returns its start."""
        start = self.position
        if kind == _STRING:
            self.skip(self.number())
        elif kind == _ARRAY:
            kind, count = self.number("<I"), self.number()
            if kind == _STRING:
                for _ in range(
                    count
                ):  # the header's limit ends the loop: each string takes 8 bytes or more
                    self.skip(self.number())
            else:
                self.skip(count * _VALUE_BYTES[kind])
        else:
            self.skip(_VALUE_BYTES[kind])
        return start


def _end_of_tensors(header: _Header) -> int:
    """The required size of the file in bytes, from offsets, types and shapes of its tensors."""
    header.skip(8)
    tensors, pairs = header.number(), header.number()
    if not tensors:
        raise ValueError("it holds no tensors")
    alignment = 32
    for _ in range(pairs):
        key, kind = header.string(), header.number("<I")
        start = header.value(kind)
        if key == b"general.alignment":
            alignment = struct.unpack_from("<I", header.data, start)[0]
    end = 0
    for _ in range(tensors):
        header.skip(header.number())
        dimensions = header.number("<I")
        if dimensions > 8:
            raise ValueError(f"a tensor has {dimensions} dimensions")
        values = prod(header.number() for _ in range(dimensions))
        kind, offset = header.number("<I"), header.number()
        block_values, block_bytes = _BLOCKS.get(kind, (values or 1, 1))
        end = max(end, offset + values // block_values * block_bytes)
    if not alignment:
        raise ValueError("its alignment is 0")
    return -(-header.position // alignment) * alignment + end


def check_gguf(path: Path) -> None:
    """Returns if `path` is a GGUF file of version 2 or 3 with the bytes of all its tensors.

    Raises ModelUnavailableError if it is missing, of another format, damaged, or cut short.
    """
    try:
        with path.open("rb") as file:
            size_bytes = path.stat().st_size
            start = file.read(8)
            if start[:4] != b"GGUF":
                raise ModelUnavailableError(f"{path} is not a GGUF file. Give the path of one.")
            if len(start) < 8 or (version := int.from_bytes(start[4:], "little")) not in (2, 3):
                found = f"version {version}" if len(start) == 8 else "cut short"
                raise ModelUnavailableError(
                    f"{path} is GGUF of an unknown kind ({found}); versions 2 and 3 can be read."
                )
            with mmap.mmap(
                file.fileno(), min(size_bytes, HEADER_LIMIT_BYTES), access=mmap.ACCESS_READ
            ) as data:
                needed_bytes = _end_of_tensors(_Header(data))
    except OSError as exc:
        raise ModelUnavailableError(f"Cannot read the model {path}: {exc.strerror}.") from exc
    except EOFError as exc:
        if size_bytes > HEADER_LIMIT_BYTES:
            raise ModelUnavailableError(
                f"{path} is a damaged GGUF file: its header is over {HEADER_LIMIT_BYTES:,} bytes."
            ) from exc
        raise ModelUnavailableError(
            f"{path} is cut short within its header ({size_bytes:,} bytes). Fetch it again."
        ) from exc
    except (KeyError, ValueError, struct.error) as exc:
        reason = f"a value has the unknown type {exc}" if isinstance(exc, KeyError) else exc
        raise ModelUnavailableError(f"{path} is a damaged GGUF file: {reason}.") from exc
    if size_bytes < needed_bytes:
        raise ModelUnavailableError(
            f"{path} is cut short: {size_bytes:,} of {needed_bytes:,} bytes. Fetch it again."
        )
