"""The one module that knows llama.cpp: a context whose passages are read only once.

A prompt is a base (the system prompt), the text before the passages, the passages, and the text
after them. The base and each passage are read once, into sequences of their own in one unified KV
cache; a turn joins their cells by reference (llama_memory_seq_cp copies no data) and reads only
the text. A passage sees the base and itself, no other: all of them start at the position where
the base ends, side by side (parallel context windows, Ratner et al. 2023, arXiv:2212.10947), and
the text after them starts where the longest ends; text without passages follows the base at once.
(A gap of 1,024 positions there, whatever the passages, took 8 points of right use cases on dev.)
So a cell never has to be moved, a question can be weighed before its evidence is known, and an
answer does not depend on what was asked before, as long as the passages were read ahead in one
order: where cells lie changes the last bits of a sum.

One context is not thread-safe: a turn holds the engine's lock from its first to its last token.
Not covered: what to say (agent.advisor) and chat templates (agent.chat_model).
"""

import codecs
import ctypes
import hashlib
import json
import os
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama
import numpy as np
from numpy.typing import NDArray

from agent.errors import InputUnusable, ModelUnavailable
from agent.model import Cancelled, State, Usage

CONTEXT_TOKENS = 8192
BATCH_TOKENS = 512
PASSAGE_TOKENS = 1024  # a longer passage is cut
SEQUENCES = 256  # llama.cpp's own limit
SIDE_BY_SIDE = 16  # groups of prompts whose states are read at once
TEMPERATURE, TOP_K, TOP_P = 0.8, 200, 0.95  # of drawn text
QUESTION, FORK, FIRST_KEPT = 0, 1, 2  # sequence numbers

Tokens = tuple[int, ...]
Logits = NDArray[np.float32]


@dataclass(frozen=True)
class Text:
    """A piece of a prompt. `special` honours the model's control tokens: never for foreign text."""

    text: str
    special: bool = False


@dataclass(frozen=True)
class Prompt:
    """What a model is to have read. `base` and `passages` are kept for later turns."""

    base: tuple[Text, ...]
    before: tuple[Text, ...] = ()
    passages: tuple[Text, ...] = ()
    after: tuple[Text, ...] = ()

    @property
    def plain(self) -> "Prompt":
        """The same text with nothing that is kept for later turns."""
        return Prompt((), (*self.base, *self.before, *self.passages, *self.after))


@dataclass(frozen=True)
class _Kept:
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
        self._bases: dict[Tokens, _Kept] = {}
        # passages by base and tokens, the least recently used first
        self._kept: dict[tuple[Tokens, Tokens], _Kept] = {}

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

    # --- turns --------------------------------------------------------------------------

    @contextmanager
    def turn(self, cancel: threading.Event | None = None) -> Iterator["Turn"]:
        """The engine for one question: everything is read, weighed and written inside.

        Waits for the turn before. Setting `cancel` ends it within one step, also while a
        prompt is read, with Cancelled.
        """
        with self._lock:
            self._cancel = cancel
            self._forget(QUESTION)
            try:
                yield Turn(self)
            finally:
                self._cancel = None
                self._forget(QUESTION)

    def keep(self, prompt: Prompt) -> None:
        """Reads the base and the passages of `prompt` ahead of the first question."""
        if self.plain:
            return
        with self.turn() as turn:
            turn.prepare(prompt)

    def forget(self) -> None:
        """Forgets all that was read."""
        with self._lock:
            self._forget_kept()

    def _tokens(self, texts: Sequence[Text]) -> Tokens:
        return tuple(token for t in texts for token in self.tokenize(t.text, t.special))

    def _forget(self, sequence: int) -> None:
        llama.llama_memory_seq_rm(self._memory, sequence, -1, -1)

    def _share(self, source: int, target: int, start: int = -1, end: int = -1) -> None:
        llama.llama_memory_seq_cp(self._memory, source, target, start, end)

    def _decode(
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
            self._read(rows, [end - begin - 1 for end in ends])
            for end in ends:
                pointer = llama.llama_get_logits_ith(self._context, end - begin - 1)
                # copied: llama.cpp overwrites them at the next decode, of whichever sequence
                found[end] = np.ctypeslib.as_array(pointer, (self._vocabulary_size,)).copy()
        return found

    def _read(self, rows: Sequence[tuple[int, int, int]], wanted: Collection[int]) -> None:
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
            raise _ContextFull
        if status != 0:
            raise ModelUnavailable(
                f"llama.cpp could not read {len(rows)} tokens (status {status})"
                f"{_last_log_line()}. Ask again, or restart the advisor."
            )

    def _states(self, rows: Sequence[tuple[int, int, int]]) -> list[State]:
        """The model's last hidden state after each of `rows`, which are few: a context that gives
        states out computes the logits of every token too, which makes reading slow.
        """
        llama.llama_set_embeddings(self._context, True)
        try:
            self._read(rows, range(len(rows)))
            width = llama.llama_model_n_embd(self._model)
            pointers = [llama.llama_get_embeddings_ith(self._context, i) for i in range(len(rows))]
            return [np.ctypeslib.as_array(pointer, (width,)).copy() for pointer in pointers]
        finally:
            llama.llama_set_embeddings(self._context, False)

    # --- kept cells ---------------------------------------------------------------------

    def _base(self, tokens: Tokens) -> _Kept:
        if tokens not in self._bases:
            kept = _Kept(self._free_sequence(), 0, len(tokens))
            try:
                self._decode(tokens, 0, kept.sequence)
            except BaseException:
                self._forget(kept.sequence)
                raise
            self._bases[tokens] = kept
        return self._bases[tokens]

    def _keep(self, base: Tokens, tokens: Tokens) -> _Kept:
        key = (base, tokens)
        if key not in self._kept:
            first = self._base(base)
            kept = _Kept(self._free_sequence(), first.end, first.end + len(tokens))
            self._share(first.sequence, kept.sequence, 0, first.end)
            try:
                self._decode(tokens, kept.start, kept.sequence)
            except BaseException:
                self._forget(kept.sequence)
                raise
            self._kept[key] = kept
        self._kept[key] = self._kept.pop(key)
        return self._kept[key]

    def _free_sequences(self) -> list[int]:
        taken = {kept.sequence for kept in (*self._bases.values(), *self._kept.values())}
        return [number for number in range(FIRST_KEPT, SEQUENCES) if number not in taken]

    def _free_sequence(self) -> int:
        free = self._free_sequences()
        if not free:
            raise _ContextFull
        return free[0]

    def _make_room(self, base: Tokens, passages: Sequence[Tokens], text: int) -> None:
        """Drops what a prompt does not need, least recently used first, until it fits."""
        new = [passage for passage in passages if (base, passage) not in self._kept]
        needed = text + sum(map(len, new)) + (0 if base in self._bases else len(base))
        sequences = len(new) + 1
        for key in [key for key in self._kept if key[0] != base or key[1] not in passages]:
            if self._fits(needed, sequences):
                return
            self._forget(self._kept.pop(key).sequence)
        used = {base for base, _ in self._kept} | {base}
        for other in [other for other in self._bases if other not in used]:
            if self._fits(needed, sequences):
                return
            self._forget(self._bases.pop(other).sequence)

    def _fits(self, tokens: int, sequences: int) -> bool:
        kept = (*self._bases.values(), *self._kept.values())
        used = sum(entry.end - entry.start for entry in kept)
        room = SEQUENCES - FIRST_KEPT - len(kept)
        return used + tokens <= self.context_tokens and sequences <= room

    def kept_bytes(self) -> dict[int, bytes]:
        """The contents of every kept sequence's cells, by its number."""
        with self._lock:
            found = {}
            for kept in (*self._bases.values(), *self._kept.values()):
                size = llama.llama_state_seq_get_size(self._context, kept.sequence)
                buffer = (ctypes.c_uint8 * size)()
                llama.llama_state_seq_get_data(self._context, buffer, size, kept.sequence)
                found[kept.sequence] = bytes(buffer)
            return found

    def _forget_kept(self) -> None:
        llama.llama_memory_clear(self._memory, False)
        self._bases.clear()
        self._kept.clear()

    # --- on disk ------------------------------------------------------------------------

    def state_key(self, model_sha256: str) -> str:
        """What a saved state depends on besides its tokens, as one hash."""
        parts = [model_sha256, version("llama-cpp-python"), json.dumps(self.settings), _STATE_FORM]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def save(self, path: Path, key: str) -> None:
        """Writes every kept cell to `path`, atomically. Raises OSError if there is no room."""
        with self._lock:
            self._forget(QUESTION)
            partial = path.with_suffix(f".partial-{os.getpid()}")
            none = (llama.llama_token * 1)()
            try:
                if not llama.llama_state_save_file(self._context, str(partial).encode(), none, 0):
                    raise OSError(f"cells could not be saved at {path}")
                kept = {
                    "key": key,
                    "sha256": _file_sha256(partial),
                    "bases": [[base, entry.sequence] for base, entry in self._bases.items()],
                    "kept": [
                        [base, tokens, entry.sequence]
                        for (base, tokens), entry in self._kept.items()
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
            self._forget_kept()
            none, count = (llama.llama_token * 1)(), ctypes.c_size_t(0)
            loaded = llama.llama_state_load_file(
                self._context, str(path).encode(), none, 1, ctypes.byref(count)
            )
            if not loaded:
                self._forget_kept()
                return False
            for base, sequence in saved["bases"]:
                self._bases[tuple(base)] = _Kept(sequence, 0, len(base))
            for base, tokens, sequence in saved["kept"]:
                self._kept[tuple(base), tuple(tokens)] = _Kept(
                    sequence, len(base), len(base) + len(tokens)
                )
            return True

    def close(self) -> None:
        """Frees the model's memory; the engine is of no use afterwards."""
        with self._lock:
            llama.llama_batch_free(self._batch)
            llama.llama_free(self._context)
            llama.llama_model_free(self._model)


@dataclass
class Turn:
    """One question's sequence. What a later prompt has in common with the last stays read.

    After base and passages comes text, before the passages or after them; the first `_place`
    tokens of the later text count, the rest was read ahead.
    """

    engine: Engine
    usage: Usage = field(default_factory=Usage)
    _base: Tokens = ()
    _passages: tuple[Tokens, ...] = ()
    _before: list[int] = field(default_factory=list)
    _after: list[int] = field(default_factory=list)
    _place: int = 0
    _likely: dict[int, Logits] = field(default_factory=dict)  # by place, where they are known

    def prepare(self, prompt: Prompt) -> tuple[Tokens, tuple[Tokens, ...]]:
        """Reads what is kept of `prompt`; returns the tokens of base and passages.

        Raises InputUnusable if the prompt does not fit the context.
        """
        engine = self.engine
        base = engine._tokens(prompt.base)
        passages = tuple(engine._tokens([text])[:PASSAGE_TOKENS] for text in prompt.passages)
        text = len(engine._tokens(prompt.before)) + len(engine._tokens(prompt.after))
        text += BATCH_TOKENS  # for what is written
        needed = len(base) + sum(map(len, passages)) + text
        if needed > engine.context_tokens:
            raise InputUnusable(
                f"The question and its evidence take {needed} tokens; the model's cells hold "
                f"{engine.context_tokens}. Shorten the question, or set ADVISOR_CELLS_MIB higher."
            )
        if base != self._base or (self._passages and passages != self._passages):
            engine._forget(QUESTION)  # what it joins could not be dropped
            self._base = ()
        engine._make_room(base, passages, text)
        try:
            self._keep(base, passages)
        except _ContextFull:
            engine._forget_kept()
            self._base = ()
            self._keep(base, passages)
        return base, passages

    def _keep(self, base: Tokens, passages: Sequence[Tokens]) -> None:
        engine = self.engine
        new = [p for p in passages if (base, p) not in engine._kept]
        read = sum(map(len, new)) + (0 if base in engine._bases else len(base))
        engine._base(base)
        for passage in new:
            engine._keep(base, passage)
        self.usage.prompt_read += read
        self.usage.prompt_reused -= read  # read() counts all that it joins

    def read(self, prompt: Prompt, ahead: Prompt | None = None) -> None:
        """Makes `prompt` what the model has read; only what is new is read.

        `ahead` goes on where `prompt` ends and will be asked for next: what it adds is read in
        the same batch, where tokens cost a third. Raises InputUnusable if it does not fit.
        """
        engine = self.engine
        if engine.plain:
            prompt, ahead = prompt.plain, ahead and ahead.plain
        base, passages = self.prepare(prompt)
        before, after = engine._tokens(prompt.before), engine._tokens(prompt.after)
        coming = engine._tokens(ahead.before) if ahead else ()
        joined = self._passages and (passages, before) == (self._passages, tuple(self._before))
        if base != self._base or (self._passages and not joined):
            self._begin(base)
        if not joined:
            self._continue(self._before, before, coming)
        if passages and not joined:
            self._cut(self._before)
            for passage in passages:
                kept = engine._keep(base, passage)
                engine._share(kept.sequence, QUESTION, kept.start)
            self.usage.prompt_reused += sum(map(len, passages))
            self._passages = passages
            self._place, self._likely = 0, {}
        if self._passages:
            self._continue(self._after, after)

    def _begin(self, base: Tokens) -> None:
        """Forgets all but the base."""
        engine = self.engine
        engine._forget(QUESTION)
        engine._share(engine._base(base).sequence, QUESTION)
        self._base, self._passages, self._before, self._after = base, (), [], []
        self._place, self._likely = 0, {}
        self.usage.prompt_reused += len(base)

    def _continue(self, text: list[int], wanted: Tokens, coming: Tokens = ()) -> None:
        """Makes `wanted` what counts of `text`, and reads `coming` along if it goes on there."""
        common = _common(text, wanted)
        if common < len(wanted) or (wanted and len(wanted) not in self._likely):
            self._place = min(common, len(wanted) - 1)  # the last token is read for what is next
            self._cut(text)
            goes_on = coming[: len(wanted)] == wanted
            tokens = (coming if goes_on else wanted)[self._place :]
            self._extend(text, tokens, len(wanted) - self._place)
            self.usage.prompt_read += len(tokens)
        self._place = len(wanted)

    def _cut(self, text: list[int]) -> None:
        """Forgets what of `text` does not count."""
        if len(text) > self._place:
            llama.llama_memory_seq_rm(self.engine._memory, QUESTION, self._end, -1)
            del text[self._place :]
        self._likely = {place: next for place, next in self._likely.items() if place <= self._place}

    def _extend(self, text: list[int], tokens: Sequence[int], also: int = 0) -> None:
        """Reads `tokens` on where `text` ends; they are added to it."""
        try:
            found = self.engine._decode(tokens, self._end, QUESTION, also)
        except BaseException:
            self._base = ()
            raise
        text.extend(tokens)
        self._likely |= {self._place + count: next for count, next in found.items()}

    @property
    def _start(self) -> int:
        """The position of the text: after the passages it starts where the longest ends."""
        if not self._passages:
            return len(self._base)
        return len(self._base) + max(len(self._before), *map(len, self._passages))

    @property
    def _end(self) -> int:
        """The position of the next token."""
        return self._start + self._place

    @property
    def _text(self) -> list[int]:
        return self._after if self._passages else self._before

    def state(self) -> State:
        """The model's last hidden state: what it makes of all it has read, before it says so.

        The last token is read once more for it.
        """
        engine = self.engine
        engine._share(QUESTION, FORK, 0, self._end - 1)
        try:
            return engine._states([(self._text[self._place - 1], self._end - 1, FORK)])[0]
        finally:
            engine._forget(FORK)

    def states(self, groups: Sequence[Sequence[Prompt]]) -> Iterator[list[State]]:
        """The states of each group of prompts that continue each other, the longest last.

        All of them have the same base and no passages. They are read side by side, which takes
        half the time of one after the other.
        """
        engine = self.engine
        [base] = {self.prepare(group[-1])[0] for group in groups}
        texts = [[engine._tokens(prompt.before) for prompt in group] for group in groups]
        while texts:
            size = SIDE_BY_SIDE
            while size > 1 and sum(len(text[-1]) for text in texts[:size]) > BATCH_TOKENS:
                size -= 1
            yield from self._side_by_side(base, texts[:size])
            del texts[:size]

    def _side_by_side(self, base: Tokens, texts: Sequence[Sequence[Tokens]]) -> list[list[State]]:
        engine, start = self.engine, len(base)
        engine._make_room(base, (), sum(len(text[-1]) + len(text) for text in texts))
        free = iter(engine._free_sequences())
        groups = [[(tokens, next(free)) for tokens in text] for text in texts]
        try:
            rows = []
            for *_, (tokens, sequence) in groups:
                engine._share(engine._base(base).sequence, sequence)
                rows += [(token, start + i, sequence) for i, token in enumerate(tokens[:-1])]
            for begin in range(0, len(rows), BATCH_TOKENS):
                engine._read(rows[begin : begin + BATCH_TOKENS], ())
            ends = []
            for *shorter, (longest, source) in groups:
                for tokens, sequence in shorter:
                    engine._share(source, sequence, 0, start + len(tokens) - 1)
                for tokens, sequence in (*shorter, (longest, source)):
                    ends.append((tokens[-1], start + len(tokens) - 1, sequence))
            found = iter(engine._states(ends))
            return [[next(found) for _ in group] for group in groups]
        finally:
            for group in groups:
                for _, sequence in group:
                    engine._forget(sequence)

    def likelihoods(self, options: Sequence[str]) -> list[float]:
        """The log-probability of each of `options` coming next, among them only (they sum to 1).

        The model is asked only where options part: names are followed token by token, and a
        token that all remaining ones share is not paid for.
        """
        paths = [(*self.engine.tokenize(option), -1) for option in options]
        totals = [0.0] * len(paths)
        self._weigh(paths, list(range(len(paths))), 0, totals, self._likely[self._place])
        return totals

    def _weigh(
        self,
        paths: list[Tokens],
        members: list[int],
        depth: int,
        totals: list[float],
        logits: Logits,
    ) -> None:
        groups: dict[int, list[int]] = {}
        for member in members:
            groups.setdefault(paths[member][depth], []).append(member)
        if len(groups) > 1:
            # an option that ends here competes with the end of the model's turn
            end = llama.llama_vocab_eot(self.engine._vocabulary)
            tokens = [end if token == -1 else token for token in groups]
            chosen = logits[tokens].astype(np.float64)
            chosen -= chosen.max()
            chosen -= np.log(np.exp(chosen).sum())
            for log_probability, group in zip(chosen, groups.values(), strict=True):
                for member in group:
                    totals[member] += float(log_probability)
        for token, group in groups.items():
            if len(group) > 1 and token != -1:
                prefix = paths[group[0]][: depth + 1]
                self._weigh(paths, group, depth + 1, totals, self._logits_after(prefix))

    def _logits_after(self, tokens: Tokens) -> Logits:
        engine = self.engine
        engine._share(QUESTION, FORK, 0, self._end)
        try:
            return engine._decode(tokens, self._end, FORK)[len(tokens)]
        finally:
            engine._forget(FORK)

    def write(
        self, max_tokens: int, stop: Sequence[str] = (), seed: int | None = None
    ) -> Iterator[str]:
        """The model's most likely continuation, piece by piece, up to one of `stop`.

        With a `seed` it is drawn instead, from the likeliest tokens (Holtzman et al. 2020,
        arXiv:1904.09751).
        """
        engine = self.engine
        draw = None if seed is None else np.random.default_rng(seed)
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        pending = ""  # the end of the text that may be the beginning of a stop string
        self._cut(self._text)
        for _ in range(max_tokens):
            likely = self._likely[self._place]
            token = int(likely.argmax()) if draw is None else _drawn(likely, draw)
            if llama.llama_vocab_is_eog(engine._vocabulary, token):
                break
            pending += decoder.decode(engine.token_text(token, special=False))
            ends = [pending.find(s) for s in stop if s in pending]
            if ends:
                yield pending[: min(ends)]
                return
            held = max((_overlap(pending, s) for s in stop), default=0)
            if len(pending) > held:
                yield pending[: len(pending) - held]
                pending = pending[len(pending) - held :]
            try:
                self._extend(self._text, [token])
            except _ContextFull:
                break
            self._likely = {1 + self._place: self._likely[1 + self._place]}
            self._place += 1
            self.usage.written += 1
        yield pending + decoder.decode(b"", final=True)


class _ContextFull(Exception):
    """No free cells; kept ones are forgotten and read again when needed."""


_STATE_FORM = "5"
_log_lines: list[str] = []


def _common(first: Sequence[int], second: Sequence[int]) -> int:
    """How many tokens both begin with."""
    pairs = zip(first, second, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))


def _drawn(logits: Logits, draw: np.random.Generator) -> int:
    """A token of the likeliest ones that together have TOP_P of the probability."""
    likeliest = np.argpartition(logits, -TOP_K)[-TOP_K:]
    order = likeliest[np.argsort(logits[likeliest])[::-1]]
    scores = logits[order].astype(np.float64) / TEMPERATURE
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    kept = int(np.searchsorted(np.cumsum(shares), TOP_P)) + 1
    return int(draw.choice(order[:kept], p=shares[:kept] / shares[:kept].sum()))


def _overlap(text: str, stop: str) -> int:
    """How many characters at the end of `text` begin `stop`."""
    return next((n for n in range(min(len(text), len(stop)), 0, -1) if text.endswith(stop[:n])), 0)


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
