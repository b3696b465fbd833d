"""One question's use of the engine: how a prompt is put together from what is kept and what is new.

A prompt is a base (the system prompt), the text before the passages, the passages, and the text
after them. A turn joins the cells of base and passages and reads only the text. A passage sees the
base and itself, no other: all of them start at the position where the base ends, side by side
(parallel context windows, Ratner et al. 2023, arXiv:2212.10947), and the text after them starts
where the longest ends; text without passages follows the base at once. (A gap of 1,024 positions
there, whatever the passages, took 8 points of right use cases on dev.) So a cell never has to be
moved, a question can be weighed before its evidence is known, and an answer does not depend on
what was asked before, as long as the passages were read ahead in one order.
"""

import codecs
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from agent.engine import (
    BATCH_TOKENS,
    FORK,
    QUESTION,
    ContextFull,
    Engine,
    Logits,
    Tokens,
)
from agent.errors import InputUnusable
from agent.model import State, Usage

PASSAGE_TOKENS = 1024  # a longer passage is cut
SIDE_BY_SIDE = 16  # groups of prompts whose states are read at once
TEMPERATURE, TOP_K, TOP_P = 0.8, 200, 0.95  # of drawn text


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

    def prepare(self, prompt: Prompt) -> "_Tokenized":
        """Reads what is kept of `prompt`, unless the engine is a plain one; returns its tokens.

        Raises InputUnusable if the prompt does not fit the context.
        """
        engine = self.engine
        given = _tokenized(engine, prompt)
        text = len(given.before) + len(given.after) + BATCH_TOKENS  # and what is written
        needed = len(given.base) + sum(map(len, given.passages)) + text
        if needed > engine.context_tokens:
            raise InputUnusable(
                f"The question and its evidence take {needed} tokens; the model's cells hold "
                f"{engine.context_tokens}. Shorten the question, or set ADVISOR_CELLS_MIB higher."
            )
        if given.base != self._base or (self._passages and given.passages != self._passages):
            engine.drop(QUESTION)  # what it joins could not be dropped
            self._base = ()
        engine.make_room(given.base, given.passages, text)
        try:
            self._keep(given.base, given.passages)
        except ContextFull:
            engine.clear()
            self._base = ()
            self._keep(given.base, given.passages)
        return given

    def _keep(self, base: Tokens, passages: Sequence[Tokens]) -> None:
        engine = self.engine
        new = [p for p in passages if (base, p) not in engine.passages]
        read = sum(map(len, new)) + (0 if base in engine.bases else len(base))
        engine.base(base)
        for passage in new:
            engine.passage(base, passage)
        self.usage.prompt_read += read
        self.usage.prompt_reused -= read  # read() counts all that it joins

    def read(self, prompt: Prompt, ahead: Prompt | None = None) -> None:
        """Makes `prompt` what the model has read; only what is new is read.

        `ahead` goes on where `prompt` ends and will be asked for next: what it adds is read in
        the same batch, where tokens cost a third. Raises InputUnusable if it does not fit.
        """
        engine = self.engine
        given = self.prepare(prompt)
        base, passages, before, after = given.base, given.passages, given.before, given.after
        coming = _tokenized(engine, ahead).before if ahead else ()
        joined = self._passages and (passages, before) == (self._passages, tuple(self._before))
        if base != self._base or (self._passages and not joined):
            self._begin(base)
        if not joined:
            self._continue(self._before, before, coming)
        if passages and not joined:
            self._cut(self._before)
            for passage in passages:
                kept = engine.passage(base, passage)
                engine.share(kept.sequence, QUESTION, kept.start)
            self.usage.prompt_reused += sum(map(len, passages))
            self._passages = passages
            self._place, self._likely = 0, {}
        if self._passages:
            self._continue(self._after, after)

    def _begin(self, base: Tokens) -> None:
        """Forgets all but the base."""
        engine = self.engine
        engine.drop(QUESTION)
        engine.share(engine.base(base).sequence, QUESTION)
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
            self.engine.drop(QUESTION, self._end)
            del text[self._place :]
        self._likely = {place: next for place, next in self._likely.items() if place <= self._place}

    def _extend(self, text: list[int], tokens: Sequence[int], also: int = 0) -> None:
        """Reads `tokens` on where `text` ends; they are added to it."""
        try:
            found = self.engine.decode(tokens, self._end, QUESTION, also)
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
        engine.share(QUESTION, FORK, 0, self._end - 1)
        try:
            return engine.states([(self._text[self._place - 1], self._end - 1, FORK)])[0]
        finally:
            engine.drop(FORK)

    def states(self, groups: Sequence[Sequence[Prompt]]) -> Iterator[list[State]]:
        """The states of each group of prompts that continue each other, the longest last.

        All of them have the same base and no passages. They are read side by side, which takes
        half the time of one after the other.
        """
        given = [[self.prepare(prompt) for prompt in group] for group in groups]
        [base] = {each.base for group in given for each in group}
        texts = [[each.before for each in group] for group in given]
        while texts:
            size = SIDE_BY_SIDE
            while size > 1 and sum(len(text[-1]) for text in texts[:size]) > BATCH_TOKENS:
                size -= 1
            yield from self._side_by_side(base, texts[:size])
            del texts[:size]

    def _side_by_side(self, base: Tokens, texts: Sequence[Sequence[Tokens]]) -> list[list[State]]:
        engine, start = self.engine, len(base)
        engine.make_room(base, (), sum(len(text[-1]) + len(text) for text in texts))
        free = iter(engine.free_sequences())
        groups = [[(tokens, next(free)) for tokens in text] for text in texts]
        try:
            rows = []
            for *_, (tokens, sequence) in groups:
                engine.share(engine.base(base).sequence, sequence)
                rows += [(token, start + i, sequence) for i, token in enumerate(tokens[:-1])]
            for begin in range(0, len(rows), BATCH_TOKENS):
                engine.read(rows[begin : begin + BATCH_TOKENS], ())
            ends = []
            for *shorter, (longest, source) in groups:
                for tokens, sequence in shorter:
                    engine.share(source, sequence, 0, start + len(tokens) - 1)
                for tokens, sequence in (*shorter, (longest, source)):
                    ends.append((tokens[-1], start + len(tokens) - 1, sequence))
            found = iter(engine.states(ends))
            return [[next(found) for _ in group] for group in groups]
        finally:
            for group in groups:
                for _, sequence in group:
                    engine.drop(sequence)

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
            return engine.decode(tokens, self._end, FORK)[len(tokens)]
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
        self._cut(self._text)
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
                self._extend(self._text, [token])
            except ContextFull:
                break
            self._likely = {1 + self._place: self._likely[1 + self._place]}
            self._place += 1
            self.usage.written += 1
        yield pending + decoder.decode(b"", final=True)


@dataclass(frozen=True)
class _Tokenized:
    base: Tokens
    before: Tokens
    passages: tuple[Tokens, ...]
    after: Tokens


def _tokenized(engine: Engine, prompt: Prompt) -> _Tokenized:
    """The tokens of `prompt`; those of base and passages are remembered."""
    if engine.plain:
        prompt = prompt.plain

    def joined(texts: Sequence[Text]) -> Tokens:
        return tuple(token for t in texts for token in engine.tokenize(t.text, t.special))

    base = [engine.tokenize_once(text.text, text.special) for text in prompt.base]
    passages = [engine.tokenize_once(text.text, text.special) for text in prompt.passages]
    return _Tokenized(
        tuple(token for tokens in base for token in tokens),
        joined(prompt.before),
        tuple(tokens[:PASSAGE_TOKENS] for tokens in passages),
        joined(prompt.after),
    )


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
