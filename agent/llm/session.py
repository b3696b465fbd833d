"""One question's use of the engine: a prompt is put together from cached KV data and new tokens.

A prompt is a prefix (the system message), passages, and the text after them. A session restores the
KV data of prefix and passages, and decodes only the text. A passage attends to the prefix and to
itself only: all passages start at the position where the prefix ends (parallel context windows,
Ratner et al. 2023, arXiv:2212.10947), and the text starts where the longest of them ends; without
passages it follows the prefix at once. So KV data never has to be moved. Each prompt starts in an
empty context that is filled in one order, so an answer does not depend on earlier questions, to the
last bit.
"""

import codecs
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from scipy.special import log_softmax, softmax

from agent.errors import InputError
from agent.llm.base import Options, Prefilled, State, Usage
from agent.llm.engine import (
    BATCH_TOKENS,
    FIRST_PARALLEL,
    FORK,
    PARALLEL,
    QUESTION,
    SEQUENCES,
    ContextFullError,
    Engine,
    Logits,
    Row,
)
from agent.llm.kv_cache import Tokens
from agent.llm.prompt_layout import EnginePrompt, Joined, tokenized

TEMPERATURE, TOP_K, TOP_P = 0.8, 200, 0.95  # of sampled text


@contextmanager
def open_session(engine: Engine, cancel: threading.Event | None = None) -> Iterator["Session"]:
    """A session, in which everything for one question is processed, weighed and written; waits for
    the session before. Setting `cancel` ends it with CancelledError.
    """
    with engine.locked(cancel):
        yield Session(engine)


@dataclass
class Session:
    """One question's sequence. What a prompt has in common with the last is not decoded again.

    After prefix and passages comes text; its first `_place` tokens count, the rest may again.
    """

    engine: Engine
    usage: Usage = field(default_factory=Usage)
    _joined: Joined | None = None
    _text: list[int] = field(default_factory=list)
    _place: int = 0
    # by place, where they are known
    _logits: dict[int, Logits] = field(default_factory=dict)
    _states: dict[int, State] = field(default_factory=dict)

    def preload(self, prompt: EnginePrompt) -> None:
        """Caches the prefix and the passages of `prompt`, nothing else.

        Raises InputError if the prompt does not fit the context.
        """
        joined = self._tokenized(prompt)[0]
        self._joined = None  # a prefill of the cache empties the context
        self.engine.kv_data(joined.prefix, joined.passages)

    def prefill(
        self, prompts: Sequence[EnginePrompt], options: Options = (), states: bool = False
    ) -> list[Prefilled]:
        """As agent.llm.base.Session.prefill."""
        if states:
            self._prefill_with_states(prompts)
        found = []
        for prompt, weighed in zip(prompts, options or [()] * len(prompts), strict=True):
            self.process(prompt)
            state = self._state() if states else None
            found.append(Prefilled(self._log_probabilities(weighed), state))
        return found

    def process(self, prompt: EnginePrompt) -> None:
        """Makes `prompt` what the context holds; only what is new is decoded.

        Raises InputError if it does not fit.
        """
        joined, text = self._tokenized(prompt)
        if joined != self._joined:
            self._begin(joined)
        self._place = _common(self._text, text)
        went_on = len(self._text) > len(text) and not self.engine.can_rewind
        if self._place < len(text) or went_on or (text and self._place not in self._logits):
            self._place = min(self._place, len(text) - 1)  # the last one's logits are needed
            self.usage.prompt_read += len(text) - self._place
            self._extend(text[self._place :])

    def _prefill_with_states(self, prompts: Sequence[EnginePrompt]) -> None:
        """Processes prompts that continue each other, the longest last; logits and state after
        each of them are then known.

        Their last tokens are decoded in one batch after all others: for two of them that takes
        0.02 s more than logits alone, where each state alone takes 0.03 s.
        """
        given = [self._tokenized(prompt) for prompt in prompts]
        joined, text = given[-1]
        if joined != self._joined:
            self._begin(joined)
        ends = [len(t) for j, t in given if (j, t) == (joined, text[: len(t)])]
        self._place = min(_common(self._text, text), min(ends) - 1)
        self.usage.prompt_read += len(text) - self._place
        self._extend(text[self._place : -1], logits=False)
        shorter = [(text[:end], side) for side, end in enumerate(ends[:-1], FIRST_PARALLEL)]
        with self._void_on_error():
            found = self.engine.decode_ends(self._ends(joined.end, [*shorter, (text, QUESTION)]))
            for _, side in shorter:
                self.engine.drop(side)
        self._text.append(text[-1])
        self._place = len(text)
        self._logits |= {end: each.logits for end, each in zip(ends, found, strict=True)}
        self._states |= {end: each.state for end, each in zip(ends, found, strict=True)}

    def _ends(self, start: int, texts: Sequence[tuple[Tokens, int]]) -> list[Row]:
        """The last tokens of texts that continue each other, to be decoded in one batch.

        Each has a sequence; that of the last and longest lacks only its last token.
        """
        longest = texts[-1][1]
        for tokens, sequence in texts[:-1]:
            self.engine.share(longest, sequence, 0, start + len(tokens) - 1)
        return [(tokens[-1], start + len(tokens) - 1, sequence) for tokens, sequence in texts]

    def _tokenized(self, prompt: EnginePrompt) -> tuple[Joined, Tokens]:
        """What of `prompt` the text joins, and the text."""
        joined, text = tokenized(self.engine, prompt)
        needed = joined.tokens + len(text) + BATCH_TOKENS  # and what is written
        if needed > self.engine.context_tokens:
            raise InputError(
                f"The question and its evidence take {needed} tokens; the model reads at most "
                f"{self.engine.context_tokens}. Shorten the question, or set ADVISOR_TOP_K lower."
            )
        return joined, text

    def _begin(self, joined: Joined) -> None:
        """Forgets all text, and restores the KV data of prefix and passages; what is not cached is
        processed first.
        """
        engine = self.engine
        self._joined = None
        before = engine.tokens_cached
        restored = engine.kv_data(joined.prefix, joined.passages)
        read = engine.tokens_cached - before
        self.usage.prompt_read += read
        self.usage.prompt_reused += joined.tokens - read
        engine.clear()
        for data in restored:
            engine.restore(data, QUESTION)
        self._joined, self._text, self._place = joined, [], 0
        self._logits, self._states = {}, {}

    def _extend(self, tokens: Sequence[int], logits: bool = True) -> None:
        """Decodes `tokens` where what counts of the text ends; they are added to it."""
        self._logits = {p: known for p, known in self._logits.items() if p <= self._place}
        self._states = {p: state for p, state in self._states.items() if p <= self._place}
        wanted = {len(tokens)} if logits else ()
        with self._void_on_error():
            self._cut()
            found = self.engine.decode(tokens, self._end, QUESTION, wanted)
        self._logits |= {self._place + count: each for count, each in found.items()}
        self._text.extend(tokens)
        self._place += len(tokens)

    def _cut(self) -> None:
        """Forgets the tokens of the text that do not count."""
        if len(self._text) > self._place:
            del self._text[self._place :]
            if self.engine.can_rewind:
                self.engine.drop(QUESTION, self._end)
            else:
                self.engine.drop(QUESTION)
                self.engine.decode(self._text, 0, QUESTION)
                self.usage.prompt_read += len(self._text)

    @contextmanager
    def _void_on_error(self) -> Iterator[None]:
        """A prompt that was decoded in part counts for nothing."""
        try:
            yield
        except BaseException:
            self._joined = None
            raise

    @property
    def _end(self) -> int:
        """The position of the next token."""
        return (self._joined.end if self._joined else 0) + self._place

    def _state(self) -> State:
        """The last hidden state; where it is not known, the last token is decoded once more."""
        if self._place not in self._states:
            engine = self.engine
            engine.share(QUESTION, FORK, 0, self._end - 1)
            try:
                [end] = engine.decode_ends([(self._text[self._place - 1], self._end - 1, FORK)])
            finally:
                engine.drop(FORK)
            self._states[self._place] = end.state
        return self._states[self._place]

    def states(self, groups: Sequence[Sequence[EnginePrompt]]) -> Iterator[list[State]]:
        """As agent.llm.base.Session.states, for prompts of one prefix without passages.

        They are decoded in one batch, which takes half the time of one after the other.
        """
        given = [[self._tokenized(prompt) for prompt in group] for group in groups]
        [joined] = {joined for group in given for joined, _ in group}
        texts = [[text for _, text in group] for group in given]
        while texts:
            size = len(texts)
            while size > 1 and not _fit_in_parallel(texts[:size]):
                size -= 1
            self._begin(joined)
            yield from self._in_parallel(joined.end, texts[:size])
            del texts[:size]

    def _in_parallel(self, start: int, texts: Sequence[Sequence[Tokens]]) -> list[list[State]]:
        engine, free = self.engine, iter(range(FIRST_PARALLEL, SEQUENCES))
        groups = [[(tokens, next(free)) for tokens in text] for text in texts]
        try:
            rows = []
            for *_, (tokens, sequence) in groups:
                engine.share(QUESTION, sequence)
                rows += [(token, start + i, sequence) for i, token in enumerate(tokens[:-1])]
            for begin in range(0, len(rows), BATCH_TOKENS):
                engine.decode_batch(rows[begin : begin + BATCH_TOKENS], ())
            ends = [end for group in groups for end in self._ends(start, group)]
            found = iter(engine.decode_ends(ends))
            return [[next(found).state for _ in group] for group in groups]
        finally:
            self._joined = None

    def _log_probabilities(self, options: Sequence[str]) -> tuple[float, ...]:
        """The log-probability of each of `options` coming next, among them only.

        Options are followed token by token as long as several of them begin alike.
        """
        paths = [(*self.engine.tokenize(option), -1) for option in options]
        totals = [0.0] * len(paths)
        self._weigh(paths, list(range(len(paths))), 0, totals, self._logits[self._place])
        return tuple(totals)

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
            # an option that ends here competes with the end of the message
            end = self.engine.end_of_turn
            tokens = [end if token == -1 else token for token in groups]
            found = log_softmax(logits[tokens].astype(np.float64))
            for log_probability, group in zip(found, groups.values(), strict=True):
                for member in group:
                    totals[member] += float(log_probability)
        for token, group in groups.items():
            if len(group) > 1 and token != -1:
                prefix = paths[group[0]][: depth + 1]
                self._weigh(paths, group, depth + 1, totals, self._logits_after(prefix))

    def _logits_after(self, tokens: Tokens) -> Logits:
        engine = self.engine
        engine.share(QUESTION, FORK, 0, self._end)
        try:
            return engine.decode(tokens, self._end, FORK, {len(tokens)})[len(tokens)]
        finally:
            engine.drop(FORK)

    def write(
        self, max_tokens: int, stop: Sequence[str] = (), seed: int | None = None
    ) -> Iterator[str]:
        """The model's likeliest continuation, piece by piece, up to one of `stop`.

        With a `seed` it is sampled instead, from the likeliest tokens (Holtzman et al. 2020,
        arXiv:1904.09751).
        """
        engine = self.engine
        random = None if seed is None else np.random.default_rng(seed)
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        pending = ""  # the end of the text that may be the beginning of a stop string
        for _ in range(max_tokens):
            logits = self._logits[self._place]
            token = int(logits.argmax()) if random is None else _sampled(logits, random)
            if engine.ends(token):
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
                self._logits = {}
                self._extend([token])
            except ContextFullError:
                break
            self.usage.written += 1
        yield pending + decoder.decode(b"", final=True)


def _fit_in_parallel(texts: Sequence[Sequence[Tokens]]) -> bool:
    tokens = sum(len(text[-1]) for text in texts)
    return tokens <= BATCH_TOKENS and sum(map(len, texts)) <= PARALLEL


def _common(first: Sequence[int], second: Sequence[int]) -> int:
    """How many tokens both begin with."""
    pairs = zip(first, second, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))


def _sampled(logits: Logits, random: np.random.Generator) -> int:
    """A token of the likeliest ones that together have TOP_P of the probability."""
    likeliest = np.argpartition(logits, -TOP_K)[-TOP_K:]
    order = likeliest[np.argsort(logits[likeliest])[::-1]]
    shares = softmax(logits[order].astype(np.float64) / TEMPERATURE)
    count = int(np.searchsorted(np.cumsum(shares), TOP_P)) + 1
    return int(random.choice(order[:count], p=shares[:count] / shares[:count].sum()))


def _overlap(text: str, stop: str) -> int:
    """How many characters at the end of `text` begin `stop`."""
    return next((n for n in range(min(len(text), len(stop)), 0, -1) if text.endswith(stop[:n])), 0)
