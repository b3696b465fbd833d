"""The one module that knows llama.cpp: a model in memory, and the cells of what it has read.

Bases (system prompts) and passages are read once, into sequences of their own in one unified KV
cache; other sequences join their cells by reference (llama_memory_seq_cp copies no data). They
are dropped when room is needed, saved, and loaded again.

One context is not thread-safe: a turn (agent.turn) holds the engine's lock from its first to its
last token. Where cells lie changes the last bits of a sum.
Not covered: how a prompt is put together (agent.turn) and chat templates (agent.chat_model).
"""

import ctypes
import hashlib
import json
import os
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama
import numpy as np
from numpy.typing import NDArray

from agent.errors import ModelUnavailable
from agent.model import Cancelled, State

CONTEXT_TOKENS = 8192
BATCH_TOKENS = 512
SEQUENCES = 256  # llama.cpp's own limit
KEPT_TEXTS = 4096
QUESTION, FORK, FIRST_KEPT = 0, 1, 2  # sequence numbers

Tokens = tuple[int, ...]
Logits = NDArray[np.float32]


@dataclass(frozen=True)
class Kept:
    sequence: int
    start: int
    end: int


class Engine:
    """A model in memory. Raises ModelUnavailable if the file cannot be loaded.

    `cells_mib` is what the KV cells of all that was read may take; 0 is room for
    CONTEXT_TOKENS. Passages beyond it are dropped, least recently used first, and read again when
    they are needed. A `plain` engine keeps nothing from turn to turn: the ordinary way, for
    comparison.
    """

    def __init__(
        self, path: Path, cells_mib: int = 0, threads: int = 2, plain: bool = False
    ) -> None:
        llama.llama_log_set(_LOG_CALLBACK, ctypes.c_void_p(0))
        llama.llama_backend_init()
        _log_lines.clear()
        self.path = path
        self._model = llama.llama_model_load_from_file(
            str(path).encode(), llama.llama_model_default_params()
        )
        if not self._model:
            raise ModelUnavailable(
                f"llama.cpp cannot load {path}{_last_log_line()}. "
                'Run "advisor pull" or set ADVISOR_MODEL to another GGUF file.'
            )
        context_tokens = self._tokens_in(cells_mib) if cells_mib else CONTEXT_TOKENS
        parameters = llama.llama_context_default_params()
        parameters.n_ctx = context_tokens
        parameters.n_batch = parameters.n_ubatch = BATCH_TOKENS
        parameters.n_seq_max = SEQUENCES
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.kv_unified = True
        parameters.no_perf = True
        self._context = llama.llama_init_from_model(self._model, parameters)
        if not self._context:
            raise ModelUnavailable(
                f"No memory for a context of {context_tokens} tokens{_last_log_line()}. "
                "Set ADVISOR_CELLS_MIB lower."
            )
        self.context_tokens = context_tokens
        self.plain = plain
        self.settings = {"n_ctx": context_tokens, "n_batch": BATCH_TOKENS, "n_threads": threads}
        self._memory = llama.llama_get_memory(self._context)
        self._vocabulary = llama.llama_model_get_vocab(self._model)
        self._vocabulary_size = llama.llama_vocab_n_tokens(self._vocabulary)
        self._batch = llama.llama_batch_init(BATCH_TOKENS, 0, 1)
        self._cancel: threading.Event | None = None
        self._abort = _abort_callback(self)  # kept: llama.cpp only borrows it
        llama.llama_set_abort_callback(self._context, self._abort, None)
        self._lock = threading.Lock()
        self.tokenize_once = lru_cache(KEPT_TEXTS)(self.tokenize)  # of text that is read again
        self.bases: dict[Tokens, Kept] = {}
        # passages by base and tokens, the least recently used first
        self.passages: dict[tuple[Tokens, Tokens], Kept] = {}

    def _tokens_in(self, mib: int) -> int:
        """How many tokens' cells fit in `mib` MiB: a key and a value in f16 for each layer."""
        model = self._model
        head = llama.llama_model_n_embd(model) // llama.llama_model_n_head(model)
        values = 2 * llama.llama_model_n_layer(model) * llama.llama_model_n_head_kv(model) * head
        return int(mib * 2**20 // (2 * values) // 256 * 256)

    # --- what the model file says -------------------------------------------------------

    @property
    def chat_template(self) -> str:
        """The model's own Jinja chat template; empty if its file has none."""
        template = llama.llama_model_chat_template(self._model, None)
        return template.decode() if template else ""

    def token_text(self, token: int, special: bool = True) -> bytes:
        buffer = ctypes.create_string_buffer(256)
        length = llama.llama_token_to_piece(self._vocabulary, token, buffer, 256, 0, special)
        return buffer.raw[: max(length, 0)]

    @property
    def start_token(self) -> str:
        token = llama.llama_vocab_bos(self._vocabulary)
        return self.token_text(token).decode(errors="replace") if token >= 0 else ""

    @property
    def end_token(self) -> str:
        token = llama.llama_vocab_eos(self._vocabulary)
        return self.token_text(token).decode(errors="replace") if token >= 0 else ""

    def tokenize(self, text: str, special: bool = False) -> Tokens:
        """The tokens of `text`, without a start token."""
        data = text.encode(errors="replace")
        room = len(data) + 8
        tokens = (llama.llama_token * room)()
        count = llama.llama_tokenize(
            self._vocabulary, data, len(data), tokens, room, False, special
        )
        return tuple(tokens[:count])

    @property
    def end_of_turn(self) -> int:
        """The token that ends a message."""
        return int(llama.llama_vocab_eot(self._vocabulary))

    def ends(self, token: int) -> bool:
        """Whether nothing is written after `token`."""
        return bool(llama.llama_vocab_is_eog(self._vocabulary, token))

    # --- reading ------------------------------------------------------------------------

    @contextmanager
    def locked(self, cancel: threading.Event | None = None) -> Iterator[None]:
        """The engine for one turn; waits for the turn before. Setting `cancel` ends it within one
        step, also while a prompt is read, with Cancelled.
        """
        with self._lock:
            self._cancel = cancel
            self.drop(QUESTION)
            try:
                yield
            finally:
                self._cancel = None
                self.drop(QUESTION)

    def forget(self) -> None:
        """Forgets all that was read."""
        with self._lock:
            self.clear()

    def drop(self, sequence: int, start: int = -1) -> None:
        """Forgets what `sequence` has from position `start` on."""
        llama.llama_memory_seq_rm(self._memory, sequence, start, -1)

    def share(self, source: int, target: int, start: int = -1, end: int = -1) -> None:
        """Joins the cells of `source` between two positions to `target`; no data is copied."""
        llama.llama_memory_seq_cp(self._memory, source, target, start, end)

    def decode(
        self, tokens: Sequence[int], position: int, sequence: int, also: int = 0
    ) -> dict[int, Logits]:
        """Reads `tokens` from `position` on. How likely each token is next, after all of them and
        after the first `also`, by how many.
        """
        wanted = {also, len(tokens)} - {0}
        found = {}
        for begin in range(0, len(tokens), BATCH_TOKENS):
            chunk = tokens[begin : begin + BATCH_TOKENS]
            ends = wanted & set(range(begin + 1, begin + len(chunk) + 1))
            rows = [(token, position + begin + i, sequence) for i, token in enumerate(chunk)]
            self.read(rows, [end - begin - 1 for end in ends])
            for end in ends:
                pointer = llama.llama_get_logits_ith(self._context, end - begin - 1)
                # copied: llama.cpp overwrites them at the next decode, of whichever sequence
                found[end] = np.ctypeslib.as_array(pointer, (self._vocabulary_size,)).copy()
        return found

    def read(self, rows: Sequence[tuple[int, int, int]], wanted: Collection[int]) -> None:
        """One batch of rows of token, position and sequence; logits come after the `wanted`."""
        batch = self._batch
        batch.n_tokens = len(rows)
        for i, (token, position, sequence) in enumerate(rows):
            batch.token[i] = token
            batch.pos[i] = position
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = sequence
            batch.logits[i] = i in wanted
        status = llama.llama_decode(self._context, batch)
        if self._cancel is not None and self._cancel.is_set():
            raise Cancelled
        if status == 1:
            raise ContextFull
        if status != 0:
            raise ModelUnavailable(
                f"llama.cpp could not read {len(rows)} tokens (status {status})"
                f"{_last_log_line()}. Ask again, or restart the advisor."
            )

    def states(self, rows: Sequence[tuple[int, int, int]]) -> list[State]:
        """The model's last hidden state after each of `rows`, which are few: a context that gives
        states out computes the logits of every token too, which makes reading slow.
        """
        llama.llama_set_embeddings(self._context, True)
        try:
            self.read(rows, range(len(rows)))
            width = llama.llama_model_n_embd(self._model)
            pointers = [llama.llama_get_embeddings_ith(self._context, i) for i in range(len(rows))]
            return [np.ctypeslib.as_array(pointer, (width,)).copy() for pointer in pointers]
        finally:
            llama.llama_set_embeddings(self._context, False)

    # --- kept cells ---------------------------------------------------------------------

    def base(self, tokens: Tokens) -> Kept:
        """The cells of a base, read if they are not kept."""
        if tokens not in self.bases:
            kept = Kept(self._free_sequence(), 0, len(tokens))
            try:
                self.decode(tokens, 0, kept.sequence)
            except BaseException:
                self.drop(kept.sequence)
                raise
            self.bases[tokens] = kept
        return self.bases[tokens]

    def passage(self, base: Tokens, tokens: Tokens) -> Kept:
        """The cells of a passage after `base`, read if they are not kept."""
        key = (base, tokens)
        if key not in self.passages:
            first = self.base(base)
            kept = Kept(self._free_sequence(), first.end, first.end + len(tokens))
            self.share(first.sequence, kept.sequence, 0, first.end)
            try:
                self.decode(tokens, kept.start, kept.sequence)
            except BaseException:
                self.drop(kept.sequence)
                raise
            self.passages[key] = kept
        self.passages[key] = self.passages.pop(key)
        return self.passages[key]

    def free_sequences(self) -> list[int]:
        taken = {kept.sequence for kept in (*self.bases.values(), *self.passages.values())}
        return [number for number in range(FIRST_KEPT, SEQUENCES) if number not in taken]

    def _free_sequence(self) -> int:
        free = self.free_sequences()
        if not free:
            raise ContextFull
        return free[0]

    def make_room(self, base: Tokens, passages: Sequence[Tokens], text: int) -> None:
        """Drops what a prompt does not need, least recently used first, until it fits."""
        new = [passage for passage in passages if (base, passage) not in self.passages]
        needed = text + sum(map(len, new)) + (0 if base in self.bases else len(base))
        sequences = len(new) + 1
        for key in [key for key in self.passages if key[0] != base or key[1] not in passages]:
            if self._fits(needed, sequences):
                return
            self.drop(self.passages.pop(key).sequence)
        used = {base for base, _ in self.passages} | {base}
        for other in [other for other in self.bases if other not in used]:
            if self._fits(needed, sequences):
                return
            self.drop(self.bases.pop(other).sequence)

    def _fits(self, tokens: int, sequences: int) -> bool:
        kept = (*self.bases.values(), *self.passages.values())
        used = sum(entry.end - entry.start for entry in kept)
        room = SEQUENCES - FIRST_KEPT - len(kept)
        return used + tokens <= self.context_tokens and sequences <= room

    def kept_bytes(self) -> dict[int, bytes]:
        """The contents of every kept sequence's cells, by its number."""
        with self._lock:
            found = {}
            for kept in (*self.bases.values(), *self.passages.values()):
                size = llama.llama_state_seq_get_size(self._context, kept.sequence)
                buffer = (ctypes.c_uint8 * size)()
                llama.llama_state_seq_get_data(self._context, buffer, size, kept.sequence)
                found[kept.sequence] = bytes(buffer)
            return found

    def clear(self) -> None:
        """Forgets every cell, within a turn."""
        llama.llama_memory_clear(self._memory, False)
        self.bases.clear()
        self.passages.clear()

    # --- on disk ------------------------------------------------------------------------

    def state_key(self, model_sha256: str) -> str:
        """What a saved state depends on besides its tokens, as one hash."""
        parts = [model_sha256, version("llama-cpp-python"), json.dumps(self.settings), _STATE_FORM]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def save(self, path: Path, key: str) -> None:
        """Writes every kept cell to `path`, atomically. Raises OSError if there is no room."""
        with self._lock:
            self.drop(QUESTION)
            partial = path.with_suffix(f".partial-{os.getpid()}")
            none = (llama.llama_token * 1)()
            try:
                if not llama.llama_state_save_file(self._context, str(partial).encode(), none, 0):
                    raise OSError(f"cells could not be saved at {path}")
                kept = {
                    "key": key,
                    "sha256": _file_sha256(partial),
                    "bases": [[base, entry.sequence] for base, entry in self.bases.items()],
                    "kept": [
                        [base, tokens, entry.sequence]
                        for (base, tokens), entry in self.passages.items()
                    ],
                }
                partial_index = partial.with_suffix(".json")
                partial_index.write_text(json.dumps(kept))
                partial.replace(path)
                partial_index.replace(path.with_suffix(".json"))
            finally:
                partial.unlink(missing_ok=True)

    def load(self, path: Path, key: str) -> bool:
        """Takes saved cells back; False if there are none, or they are torn or of another key."""
        try:
            saved = json.loads(path.with_suffix(".json").read_text())
            if saved["key"] != key or saved["sha256"] != _file_sha256(path):
                return False
        except (OSError, ValueError, KeyError, TypeError):
            return False
        with self._lock:
            self.clear()
            none, count = (llama.llama_token * 1)(), ctypes.c_size_t(0)
            loaded = llama.llama_state_load_file(
                self._context, str(path).encode(), none, 1, ctypes.byref(count)
            )
            if not loaded:
                self.clear()
                return False
            for base, sequence in saved["bases"]:
                self.bases[tuple(base)] = Kept(sequence, 0, len(base))
            for base, tokens, sequence in saved["kept"]:
                self.passages[tuple(base), tuple(tokens)] = Kept(
                    sequence, len(base), len(base) + len(tokens)
                )
            return True

    def close(self) -> None:
        """Frees the model's memory; the engine is of no use afterwards."""
        with self._lock:
            llama.llama_batch_free(self._batch)
            llama.llama_free(self._context)
            llama.llama_model_free(self._model)


class ContextFull(Exception):
    """No free cells; kept ones are forgotten and read again when needed."""


_STATE_FORM = "5"
_log_lines: list[str] = []


def _collect_log(level: int, text: bytes, data: Any) -> None:
    if level >= 4:  # GGML_LOG_LEVEL_ERROR
        _log_lines[:] = [*_log_lines[-9:], text.decode(errors="replace").strip()]


_LOG_CALLBACK = llama.llama_log_callback(_collect_log)  # kept: llama.cpp only borrows it


def _last_log_line() -> str:
    return f" ({_log_lines[-1]})" if _log_lines else ""


def _abort_callback(engine: Engine) -> Callable[..., bool]:
    def cancelled(_: Any) -> bool:
        return engine._cancel is not None and engine._cancel.is_set()

    callback: Callable[..., bool] = llama.ggml_abort_callback(cancelled)
    return callback


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
