"""One question's use of the engine: how a prompt is put together from what is kept and what is new.

A prompt is a base (the system prompt), the text before the passages, the passages, and the text
after them. A turn joins the cells of base and passages and reads only the text. A passage sees the
base and itself, no other: all of them start at the position where the base ends, side by side
(parallel context windows, Ratner et al. 2023, arXiv:2212.10947), and the text after them starts
where the longest ends; text without passages follows the base at once. (A gap of 1,024 positions
there, whatever the passages, took 8 points of right use cases on dev.) So a cell never has to be
moved. Each prompt starts in an empty context that is filled in one order, so an answer does not
depend on what was asked before, to the last bit.
"""

import codecs
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from agent.errors import InputUnusable
from agent.llm.base import State, Usage
from agent.llm.engine import (
    BATCH_TOKENS,
    FIRST_SIDE,
    FORK,
    QUESTION,
    SEQUENCES,
    SIDE_BY_SIDE,
    ContextFull,
    Engine,
    Logits,
    Row,
)
from agent.llm.kv_cache import Tokens
from agent.llm.prompt_layout import Joined, Prompt, tokenized

TEMPERATURE, TOP_K, TOP_P = 0.8, 200, 0.95  # of drawn text


@contextmanager
def open_turn(engine: Engine, cancel: threading.Event | None = None) -> Iterator["Turn"]:
    """A turn, within which everything for one question is read, weighed and written; waits for the
    turn before. Setting `cancel` ends it with Cancelled.
    """
    with engine.locked(cancel):
        yield Turn(engine)


@dataclass
class Turn:
    """One question's sequence. What a later prompt has in common with the last stays read.

    After base and passages comes text; its first `_place` tokens count, the rest may do so again.
    """

    engine: Engine
    usage: Usage = field(default_factory=Usage)
    _joined: "Joined | None" = None
    _text: list[int] = field(default_factory=list)
    _place: int = 0
    # by place, where they are known
    _likely: dict[int, Logits] = field(default_factory=dict)
    _states: dict[int, State] = field(default_factory=dict)

    def keep(self, prompt: Prompt) -> None:
        """Reads what is to be kept of `prompt`, nothing else.

        Raises InputUnusable if the prompt does not fit the context.
        """
        joined = self._tokenized(prompt)[0]
        self._joined = None  # reading empties the context
        self.engine.cells(joined.base, joined.passages)

    def lacks(self, prompt: Prompt) -> int:
        """How many tokens `keep` would read."""
        joined = self._tokenized(prompt)[0]
        parts = [((), joined.base), *((passage, passage) for passage in joined.passages)]
        return sum(
            len(tokens)
            for passage, tokens in parts
            if (joined.base, passage) not in self.engine.kept
        )

    def read(self, prompt: Prompt) -> None:
        """Makes `prompt` what the model has read; only what is new is read.

        Raises InputUnusable if it does not fit.
        """
        joined, text = self._tokenized(prompt)
        if joined != self._joined:
            self._begin(joined)
        self._place = _common(self._text, text)
        went_on = len(self._text) > len(text) and not self.engine.goes_back
        if self._place < len(text) or went_on or (text and self._place not in self._likely):
            self._place = min(self._place, len(text) - 1)  # the last is read for what is next
            self.usage.prompt_read += len(text) - self._place
            self._extend(text[self._place :])

    def look(self, prompts: Sequence[Prompt]) -> None:
        """Reads prompts that continue each other, the longest last. What is likely next after each
        of them, and the state there, is then known.

        Their last tokens are read side by side after all others: for two of them that takes
        0.02 s more than what is likely alone, where each state alone takes 0.03 s.
        """
        given = [self._tokenized(prompt) for prompt in prompts]
        joined, text = given[-1]
        if joined != self._joined:
            self._begin(joined)
        ends = [len(t) for j, t in given if (j, t) == (joined, text[: len(t)])]
        self._place = min(_common(self._text, text), min(ends) - 1)
        self.usage.prompt_read += len(text) - self._place
        self._extend(text[self._place : -1], likely=False)
        shorter = [(text[:end], side) for side, end in enumerate(ends[:-1], FIRST_SIDE)]
        with self._void_on_error():
            found = self.engine.look(self._ends(joined.end, [*shorter, (text, QUESTION)]))
            for _, side in shorter:
                self.engine.drop(side)
        self._text.append(text[-1])
        self._place = len(text)
        self._likely |= {end: look.likely for end, look in zip(ends, found, strict=True)}
        self._states |= {end: look.state for end, look in zip(ends, found, strict=True)}

    def _ends(self, start: int, texts: Sequence[tuple[Tokens, int]]) -> list[Row]:
        """The last tokens of texts that continue each other, to be looked at side by side.

        Each has a sequence; that of the last and longest has read all of it but its last token.
        """
        longest = texts[-1][1]
        for tokens, sequence in texts[:-1]:
            self.engine.share(longest, sequence, 0, start + len(tokens) - 1)
        return [(tokens[-1], start + len(tokens) - 1, sequence) for tokens, sequence in texts]

    def _tokenized(self, prompt: Prompt) -> tuple["Joined", Tokens]:
        """What of `prompt` the text joins, and the text."""
        joined, text = tokenized(self.engine, prompt)
        needed = joined.tokens + len(text) + BATCH_TOKENS  # and what is written
        if needed > self.engine.context_tokens:
            raise InputUnusable(
                f"The question and its evidence take {needed} tokens; the model reads at most "
                f"{self.engine.context_tokens}. Shorten the question, or set ADVISOR_TOP_K lower."
            )
        return joined, text

    def _begin(self, joined: "Joined") -> None:
        """Forgets all text and joins the cells of base and passages, read where none are kept."""
        engine, base = self.engine, joined.base
        self._joined = None
        before = engine.cells_read
        cells = engine.cells(base, joined.passages)
        read = engine.cells_read - before
        self.usage.prompt_read += read
        self.usage.prompt_reused += len(base) + sum(map(len, joined.passages)) - read
        engine.clear()
        passages_at = 1 if base else 0
        for each in cells[:passages_at]:
            engine.join(each, QUESTION)
        if joined.before:
            engine.decode(joined.before, len(base), QUESTION)
            self.usage.prompt_read += len(joined.before)
        for each in cells[passages_at:]:
            engine.join(each, QUESTION)
        self._joined, self._text, self._place = joined, [], 0
        self._likely, self._states = {}, {}

    def _extend(self, tokens: Sequence[int], likely: bool = True) -> None:
        """Reads `tokens` on where what counts of the text ends; they are added to it."""
        self._likely = {p: logits for p, logits in self._likely.items() if p <= self._place}
        self._states = {p: state for p, state in self._states.items() if p <= self._place}
        wanted = {len(tokens)} if likely else ()
        with self._void_on_error():
            self._cut()
            found = self.engine.decode(tokens, self._end, QUESTION, wanted)
        self._likely |= {self._place + count: logits for count, logits in found.items()}
        self._text.extend(tokens)
        self._place += len(tokens)

    def _cut(self) -> None:
        """Forgets what of the text does not count."""
        if len(self._text) > self._place:
            del self._text[self._place :]
            if self.engine.goes_back:
                self.engine.drop(QUESTION, self._end)
            else:
                self.engine.drop(QUESTION)
                self.engine.decode(self._text, 0, QUESTION)
                self.usage.prompt_read += len(self._text)

    @contextmanager
    def _void_on_error(self) -> Iterator[None]:
        """What was half read counts for nothing."""
        try:
            yield
        except BaseException:
            self._joined = None
            raise

    @property
    def _end(self) -> int:
        """The position of the next token."""
        return (self._joined.end if self._joined else 0) + self._place

    def state(self) -> State:
        """The model's last hidden state: what it makes of all it has read, before it says so.

        Where it is not known, the last token is read once more for it.
        """
        if self._place not in self._states:
            engine = self.engine
            engine.share(QUESTION, FORK, 0, self._end - 1)
            try:
                [look] = engine.look([(self._text[self._place - 1], self._end - 1, FORK)])
            finally:
                engine.drop(FORK)
            self._states[self._place] = look.state
        return self._states[self._place]

    def states(self, groups: Sequence[Sequence[Prompt]]) -> Iterator[list[State]]:
        """The states of each group of prompts that continue each other, the longest last.

        All of them have the same base and no passages. They are read side by side, which takes
        half the time of one after the other.
        """
        given = [[self._tokenized(prompt) for prompt in group] for group in groups]
        [joined] = {joined for group in given for joined, _ in group}
        texts = [[text for _, text in group] for group in given]
        while texts:
            size = len(texts)
            while size > 1 and not _fit_side_by_side(texts[:size]):
                size -= 1
            self._begin(joined)
            yield from self._side_by_side(joined.end, texts[:size])
            del texts[:size]

    def _side_by_side(self, start: int, texts: Sequence[Sequence[Tokens]]) -> list[list[State]]:
        engine, free = self.engine, iter(range(FIRST_SIDE, SEQUENCES))
        groups = [[(tokens, next(free)) for tokens in text] for text in texts]
        try:
            rows = []
            for *_, (tokens, sequence) in groups:
                engine.share(QUESTION, sequence)
                rows += [(token, start + i, sequence) for i, token in enumerate(tokens[:-1])]
            for begin in range(0, len(rows), BATCH_TOKENS):
                engine.read(rows[begin : begin + BATCH_TOKENS], ())
            ends = [end for group in groups for end in self._ends(start, group)]
            found = iter(engine.look(ends))
            return [[next(found).state for _ in group] for group in groups]
        finally:
            self._joined = None

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
            end = self.engine.end_of_turn
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
        engine.share(QUESTION, FORK, 0, self._end)
        try:
            return engine.decode(tokens, self._end, FORK, {len(tokens)})[len(tokens)]
        finally:
            engine.drop(FORK)

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
        for _ in range(max_tokens):
            likely = self._likely[self._place]
            token = int(likely.argmax()) if draw is None else _drawn(likely, draw)
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
                self._likely = {}
                self._extend([token])
            except ContextFull:
                break
            self.usage.written += 1
        yield pending + decoder.decode(b"", final=True)


def _fit_side_by_side(texts: Sequence[Sequence[Tokens]]) -> bool:
    tokens = sum(len(text[-1]) for text in texts)
    return tokens <= BATCH_TOKENS and sum(map(len, texts)) <= SIDE_BY_SIDE


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
