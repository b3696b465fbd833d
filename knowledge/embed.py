"""Sentence embeddings without a network: all-MiniLM-L6-v2, int8, in ONNX Runtime.

Mean pooling and L2 norm as its publisher does it (Reimers and Gurevych 2019, arXiv:1908.10084).
Longer texts are cut at 256 tokens. Languages other than English embed poorly.
"""

import hashlib
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import ZIP_LZMA, ZipFile

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from knowledge.errors import EmbeddingMissingError

MAX_TOKENS = 256
TUNING = Path(__file__).parent / "embedder.npz"
Vector = NDArray[np.float32]


@dataclass(frozen=True)
class Tuning:
    """What brings the weights of an ONNX file to tuned ones (evals.tuning.embedder).

    `steps` of int8 quantisation are added, modulo 256, to the matrices that begin at `offsets`
    bytes; both are in the same order.
    """

    offsets: tuple[int, ...]
    steps: tuple[NDArray[np.int8], ...]

    def apply(self, onnx: bytes) -> bytes:
        """The content of the tuned file."""
        tuned = np.frombuffer(onnx, np.int8).copy()
        for offset, steps in zip(self.offsets, self.steps, strict=True):
            tuned[offset : offset + len(steps)] += steps
        return tuned.tobytes()

    def write(self, file: Path, coarse: int = 0) -> None:
        """Writes what `read` reads: an .npz file with a better compression than NumPy's own. Where
        `coarse` is given, steps become multiples of it, from -8 to 7 times, two in a byte.
        """
        steps = np.concatenate(self.steps)
        arrays = {
            "offsets": np.array(self.offsets),
            "sizes": np.array([len(each) for each in self.steps]),
            "steps": _packed(steps, coarse) if coarse else steps,
            "coarse": np.array(coarse),
        }
        with ZipFile(file, "w", ZIP_LZMA) as archive:
            for name, array in arrays.items():
                with archive.open(f"{name}.npy", "w") as entry:
                    np.lib.format.write_array(entry, array)

    @classmethod
    def read(cls, file: Path) -> "Tuning":
        """What `write` wrote."""
        with np.load(file) as data:
            steps, ends = data["steps"], np.cumsum(data["sizes"])
            if coarse := int(data.get("coarse", 0)):
                steps = _unpacked(steps, coarse)[: ends[-1]]
            return cls(tuple(data["offsets"].tolist()), tuple(np.split(steps, ends[:-1])))


def _packed(steps: NDArray[np.int8], coarse: int) -> NDArray[np.uint8]:
    halves = np.rint(steps / coarse).clip(-8, 7).astype(np.int8) + 8
    first, second = np.append(halves, [0] * (len(halves) % 2)).astype(np.uint8).reshape(-1, 2).T
    return (first << 4 | second).astype(np.uint8)


def _unpacked(pairs: NDArray[np.uint8], coarse: int) -> NDArray[np.int8]:
    halves = np.stack([pairs >> 4, pairs & 15], axis=1).ravel().astype(np.int8) - 8
    return (halves * coarse).astype(np.int8)


class MiniLM(Embeddings):
    """The embedder of questions and passages: vectors of 384 dimensions and length 1.

    Opens its files at first use. Raises EmbeddingMissingError then, if they cannot be read.
    The Tuning in the file `tuning` is added to the weights.
    """

    def __init__(self, onnx: Path, tokenizer: Path, tuning: Path | None = None) -> None:
        self._onnx, self._tokenizer_file, self._tuning = onnx, tokenizer, tuning

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the weights and the tokenizer; an index depends on it."""
        both = hashlib.sha256()
        try:
            both.update(self._weights)
            both.update(self._tokenizer_file.read_bytes())
        except OSError as error:
            raise EmbeddingMissingError(
                f'{error.filename} cannot be read ({error.strerror}). Run "advisor pull".'
            ) from error
        return both.hexdigest()

    @property
    def _weights(self) -> bytes:
        """The content of the ONNX file, tuned. Raises OSError."""
        content = self._onnx.read_bytes()
        return Tuning.read(self._tuning).apply(content) if self._tuning else content

    @cached_property
    def _parts(self) -> tuple[Any, Any]:
        """The tokenizer and the session. The libraries are imported late, and have no types."""
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # it writes an event database on import
        import onnxruntime
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(self._tokenizer_file))
            tokenizer.enable_truncation(MAX_TOKENS)
            tokenizer.no_padding()
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            session = onnxruntime.InferenceSession(
                self._weights, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # both libraries raise Exception itself for a bad file
            raise EmbeddingMissingError(
                f"The embedding model at {self._onnx.parent} cannot be read "
                f'({str(error).splitlines()[0]}). Run "advisor pull".'
            ) from error
        return tokenizer, session

    def embed(self, text: str, beside: str | None = None) -> Vector:
        """The vector of `text`; with another text `beside` it, of `text` as the first of a pair."""
        tokenizer, session = self._parts
        encoded = tokenizer.encode(text, beside)
        inputs = {
            "input_ids": np.array([encoded.ids], np.int64),
            "attention_mask": np.array([encoded.attention_mask], np.int64),
            "token_type_ids": np.array([encoded.type_ids], np.int64),
        }
        names = {node.name for node in session.get_inputs()}
        hidden = session.run(None, {k: v for k, v in inputs.items() if k in names})[0][0]
        own = np.array(encoded.type_ids) == 0
        mean: Vector = hidden[own].mean(axis=0)
        return mean / np.float32(np.linalg.norm(mean) or 1.0)

    def embed_query(self, text: str) -> list[float]:
        return [float(x) for x in self.embed(text)]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]


@dataclass(frozen=True)
class Embedders:
    """MiniLM as published, and tuned over many comparisons."""

    published: MiniLM
    tuned: MiniLM
