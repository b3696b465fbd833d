"""The one module that imports llama.cpp: a model in memory, its context, and its KV cache.

Prefixes (system messages) and passages are processed once. Their KV data is cached outside the
context, as bytes, and restored into a small context when a session needs it: 2,000 tokens take
4 ms, and attention pays for no token that the session does not use. KV data is computed and
restored in an empty context in one order, so it depends on its own tokens only, to the last bit.

One context is not thread-safe: a session (agent.llm.session) holds the engine's lock from its first
to its last token. Not covered: how a prompt is put together (agent.llm.session) and chat templates
(agent.llm.local).
"""

import ctypes
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama
import numpy as np
from numpy.typing import NDArray

from agent.errors import ModelUnavailableError
from agent.llm.base import CancelledError, State
from agent.llm.kv_cache import Key, KVCache, KVData, Tokens

CONTEXT_TOKENS = 8192
BATCH_TOKENS = 512
CACHED_TEXTS = 4096
QUESTION, FORK, PREFILL, TRANSFER, FIRST_PARALLEL = range(5)  # sequence numbers
PARALLEL = 32  # sequences that are decoded at once
SEQUENCES = FIRST_PARALLEL + PARALLEL
NUMERICS_VERSION = 6  # raised when the same tokens come to other numbers

Logits = NDArray[np.float32]
Row = tuple[int, int, int]  # token, position, sequence


@dataclass(frozen=True)
class End:
    """The logits of the next token after a decoded row, and the last hidden state there."""

    logits: Logits
    state: State


class Engine:
    """A model in memory. Raises ModelUnavailableError if the file cannot be loaded.

    `kv_cache_mib` is the budget of the KV cache, in MiB. Beyond it, the least recently used data is
    dropped, and its tokens are processed again when they are needed. `context_tokens` is how many
    a prompt and its continuation may take. `gpu_layers` of the model run on a GPU, all of them with
    -1, where llama.cpp was built for one.
    """

    def __init__(
        self,
        path: Path,
        kv_cache_mib: int = 256,
        threads: int = 2,
        context_tokens: int = CONTEXT_TOKENS,
        gpu_layers: int = 0,
    ) -> None:
        llama.llama_log_set(_LOG_CALLBACK, ctypes.c_void_p(0))
        llama.llama_backend_init()
        _log_lines.clear()
        self.path = path
        loading = llama.llama_model_default_params()
        loading.load_mode = llama.LLAMA_LOAD_MODE_NONE  # mapped, 0.6 GB would be there twice
        loading.n_gpu_layers = gpu_layers  # llama.cpp's own default is all of them
        self._model = llama.llama_model_load_from_file(str(path).encode(), loading)
        if not self._model:
            raise ModelUnavailableError(
                f"llama.cpp cannot load {path}{_last_log_line()}. "
                'Run "advisor pull" or set ADVISOR_MODEL to another GGUF file.'
            )
        parameters = llama.llama_context_default_params()
        parameters.n_ctx = context_tokens
        parameters.n_batch = parameters.n_ubatch = BATCH_TOKENS
        parameters.n_seq_max = SEQUENCES
        parameters.n_outputs_max = 2 * PARALLEL
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.kv_unified = True
        # a question of 40 tokens: 0.33 s without it, 0.52 s with it
        parameters.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_DISABLED
        parameters.no_perf = True
        parameters.offload_kqv = parameters.op_offload = gpu_layers != 0
        self._context = llama.llama_init_from_model(self._model, parameters)
        if not self._context:
            llama.llama_model_free(self._model)
            raise ModelUnavailableError(
                f"No memory for a context of {context_tokens} tokens{_last_log_line()}. "
                "Close other programs, or set ADVISOR_MODEL to a smaller model."
            )
        self.context_tokens = context_tokens
        self.settings = {"n_ctx": context_tokens, "n_batch": BATCH_TOKENS, "n_threads": threads}
        self._memory = llama.llama_get_memory(self._context)
        self._vocabulary = llama.llama_model_get_vocab(self._model)
        self._vocabulary_size = llama.llama_vocab_n_tokens(self._vocabulary)
        self._batch = llama.llama_batch_init(BATCH_TOKENS, 0, 1)
        self._cancel: threading.Event | None = None
        self._abort = _abort_callback(self)  # kept: llama.cpp only borrows it
        llama.llama_set_abort_callback(self._context, self._abort, None)
        self._lock, self._next_in_line = threading.Lock(), threading.Lock()
        self._closed = False
        self.tokenize_once = lru_cache(CACHED_TEXTS)(self.tokenize)  # of text that is cached
        self.kv_cache = KVCache(kv_cache_mib * 2**20)
        self.tokens_cached = 0  # processed for the cache, ever

    # --- what the model file says -------------------------------------------------------

    @property
    def can_rewind(self) -> bool:
        """Whether the model's memory can forget its newest tokens, and join what was processed
        apart. A recurrent memory sums up all tokens and cannot.
        """
        model = self._model
        return not (llama.llama_model_is_recurrent(model) or llama.llama_model_is_hybrid(model))

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
        """Whether `token` ends the text."""
        return bool(llama.llama_vocab_is_eog(self._vocabulary, token))

    # --- decoding -----------------------------------------------------------------------

    @contextmanager
    def locked(self, cancel: threading.Event | None = None) -> Iterator[None]:
        """The engine for one session; waits for the session before. Setting `cancel` ends it within
        one step, also during a prefill, with CancelledError.
        """
        # a plain lock goes to whoever had it last, such as one who prefills text after text
        with self._next_in_line:
            self._lock.acquire()
        try:
            self._cancel = cancel
            yield
        finally:
            self._cancel = None
            self._lock.release()

    def clear(self) -> None:
        """Empties the context; the KV cache stays."""
        llama.llama_memory_clear(self._memory, False)

    def drop(self, sequence: int, start: int = -1) -> None:
        """Removes the tokens of `sequence` from position `start` on."""
        llama.llama_memory_seq_rm(self._memory, sequence, start, -1)

    def share(self, source: int, target: int, start: int = -1, end: int = -1) -> None:
        """Adds the tokens of `source` between two positions to `target`; no data is copied."""
        llama.llama_memory_seq_cp(self._memory, source, target, start, end)

    def decode(
        self, tokens: Sequence[int], position: int, sequence: int, wanted: Collection[int] = ()
    ) -> dict[int, Logits]:
        """Decodes `tokens` from `position` on. The logits after the first so many of them, by the
        counts that are `wanted`; each of those takes 8 ms.

        Raises CancelledError, ContextFullError and ModelUnavailableError.
        """
        found: dict[int, Logits] = {}
        for begin in range(0, len(tokens), BATCH_TOKENS):
            chunk = tokens[begin : begin + BATCH_TOKENS]
            rows = [(token, position + begin + i, sequence) for i, token in enumerate(chunk)]
            ends = {count - begin - 1 for count in wanted} & set(range(len(rows)))
            self.decode_batch(rows, ends)
            found |= {begin + end + 1: self._logits(end) for end in ends}
        return found

    def _logits(self, row: int) -> Logits:
        pointer = llama.llama_get_logits_ith(self._context, row)
        # copied: llama.cpp overwrites them at the next decode, of whichever sequence
        return np.ctypeslib.as_array(pointer, (self._vocabulary_size,)).copy()

    def decode_batch(self, rows: Sequence[Row], wanted: Collection[int]) -> None:
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
            raise CancelledError
        if status == 1:
            raise ContextFullError
        if status != 0:
            raise ModelUnavailableError(
                f"llama.cpp could not read {len(rows)} tokens (status {status})"
                f"{_last_log_line()}. Ask again, or restart the advisor."
            )

    def decode_ends(self, rows: Sequence[Row]) -> list[End]:
        """Logits and state after each of `rows`, which are few: a context that gives states out
        computes the logits of every token too, which slows decoding.
        """
        llama.llama_set_embeddings(self._context, True)
        try:
            self.decode_batch(rows, range(len(rows)))
            width = llama.llama_model_n_embd(self._model)
            pointers = [llama.llama_get_embeddings_ith(self._context, i) for i in range(len(rows))]
            states = [np.ctypeslib.as_array(pointer, (width,)).copy() for pointer in pointers]
            return [End(self._logits(i), state) for i, state in enumerate(states)]
        finally:
            llama.llama_set_embeddings(self._context, False)

    # --- the KV cache -------------------------------------------------------------------

    def kv_data(self, prefix: Tokens, passages: Sequence[Tokens] = ()) -> list[KVData]:
        """The KV data of a prefix, if there is one, and of passages after it: cached data, else
        the tokens are processed, which empties the context.
        """
        found: dict[Key, KVData] = {}
        for passage in [passage for passage in ((), *passages) if passage or prefix]:
            data = self.kv_cache.get((prefix, passage))
            if data is None:
                data = self._prefill_alone(prefix, passage, found.get((prefix, ())))
            found[prefix, passage] = data
        self.kv_cache.use(found)
        return list(found.values())

    def _prefill_alone(self, prefix: Tokens, passage: Tokens, before: KVData | None) -> KVData:
        """The KV data of `passage` after that of its prefix, or of the prefix itself."""
        self.clear()
        if before is not None:
            self.restore(before, PREFILL)
        start = len(prefix) if passage else 0
        self.decode(passage or prefix, start, PREFILL)
        self.tokens_cached += len(passage or prefix)
        self.share(PREFILL, TRANSFER, start)
        data = np.empty(llama.llama_state_seq_get_size(self._context, TRANSFER), np.uint8)
        llama.llama_state_seq_get_data(self._context, _pointer(data), data.size, TRANSFER)
        self.clear()
        return data

    def restore(self, data: KVData, sequence: int) -> None:
        """Adds KV data to `sequence`, at the positions where it was computed."""
        if not llama.llama_state_seq_set_data(self._context, _pointer(data), data.size, TRANSFER):
            raise ModelUnavailableError(
                f"llama.cpp does not take {data.size} bytes of KV data back{_last_log_line()}. "
                "Restart the advisor."
            )
        self.share(TRANSFER, sequence)
        self.drop(TRANSFER)

    def has_room_for(self, tokens: int, entries: Mapping[Key, KVData] | None = None) -> bool:
        """Whether so many more tokens can be cached beside `entries`, by default all that are."""
        model = self._model
        # as in most models: a key and a value in f16 in each layer, all heads as wide as the state
        head = llama.llama_model_n_embd(model) / llama.llama_model_n_head(model)
        heads = llama.llama_model_n_head_kv(model) * llama.llama_model_n_layer(model)
        return self.kv_cache.has_room_for(tokens, 2 * 2 * head * heads, entries)

    @property
    def layout(self) -> str:
        """What KV data depends on beside the model file and the tokens. Not the threads: they share
        out rows, and each number is still added up by one of them.
        """
        library = f"llama-cpp-python {version('llama-cpp-python')}"
        return f"{library}, {BATCH_TOKENS} a batch, {NUMERICS_VERSION}"

    def close(self) -> None:
        """Frees the model's memory; the engine is of no use afterwards."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self.kv_cache.clear()
            llama.llama_batch_free(self._batch)
            llama.llama_free(self._context)
            llama.llama_model_free(self._model)


def has_gpu() -> bool:
    """Whether llama.cpp was built for a GPU and finds one."""
    return bool(llama.llama_supports_gpu_offload())


def built_for() -> str:
    """What llama.cpp was built for: each backend with the instructions that it uses here."""
    return str(llama.llama_print_system_info().decode(errors="replace").strip(" |"))


class ContextFullError(Exception):
    """A prompt and its continuation do not fit the context."""


_log_lines: list[str] = []


def _collect_log(level: int, text: bytes, data: Any) -> None:
    if level >= 4:  # GGML_LOG_LEVEL_ERROR
        _log_lines[:] = [*_log_lines[-9:], text.decode(errors="replace").strip()]


_LOG_CALLBACK = llama.llama_log_callback(_collect_log)  # kept: llama.cpp only borrows it


def _last_log_line() -> str:
    return f" ({_log_lines[-1]})" if _log_lines else ""


def _pointer(data: KVData) -> "ctypes._Pointer[ctypes.c_uint8]":
    return data.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))


def _abort_callback(engine: Engine) -> Callable[..., bool]:
    def cancelled(_: Any) -> bool:
        return engine._cancel is not None and engine._cancel.is_set()

    callback: Callable[..., bool] = llama.ggml_abort_callback(cancelled)
    return callback
