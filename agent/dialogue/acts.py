"""What each sentence of a message does: describe the case, ask for advice, greet, doubt, …

    tagger = open_tagger(onnx, tokenizer)
    tagger.read(["We rent a flat.", "Which one?"], reply="none")     one Tagged for each
    tagger.replaces("No, we own it.", "We rent a flat.")             a probability

The encoder is the embedder with weights tuned for this, and a linear layer on the mean of the
sentence's tokens, with what was said before as the second text of a pair (Devlin et al. 2019,
arXiv:1810.04805). Learnt once over dialogues about many comparisons by evals.tuning.acts; figures
are in docs/decisions/what-a-message-does.md. English only.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from knowledge.embed import MiniLM
from knowledge.text.sentences import ABBREVIATIONS

Act = Literal[
    "case",
    "correct",
    "suppose",
    "back",
    "advice",
    "fact",
    "compare",
    "summary",
    "contrast",
    "cases",
    "respects",
    "topic",
    "why",
    "more",
    "doubt",
    "claim",
    "yes",
    "no",
    "thanks",
    "greet",
    "about",
    "aside",
]
ACTS: tuple[Act, ...] = get_args(Act)
# of the advisor's last reply: none yet; a verdict; a verdict with the question whether another use
# case is the person's; a fact; an overview or a list; "not covered"; small talk
Reply = Literal["none", "advised", "asked", "informed", "overview", "refused", "small"]
REPLIES: tuple[Reply, ...] = get_args(Reply)
FILE = Path(__file__).parent / "acts.npz"
_ENDS = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+|\n+")
_ABBREVIATED = re.compile(rf"(?:\b(?:{ABBREVIATIONS})|\b\w)\.$", re.IGNORECASE)


@dataclass(frozen=True)
class Tagged:
    """A sentence of a message, and the probability of each act that it may perform."""

    text: str
    acts: Mapping[Act, float]

    @property
    def does(self) -> tuple[Act, ...]:
        """The acts that it performs, likeliest first; at least one."""
        ranked = sorted(self.acts, key=lambda act: -self.acts[act])
        return tuple(act for act in ranked if self.acts[act] >= 0.5) or (ranked[0],)


class Tagger(Protocol):
    """Tells what sentences do; LearntTagger is one."""

    def read(self, said: Sequence[str], reply: Reply, before: str = "") -> list[Tagged]:
        """The sentences `said` in one message, after a reply of that kind to the message whose last
        sentence was `before`.
        """
        ...

    def replaces(self, new: str, old: str) -> float:
        """The probability that the statement `old` no longer holds once `new` is said."""
        ...


@dataclass(frozen=True)
class LearntTagger:
    """`weights` is (width + 1, acts + 1): the last row is the bias, the last column is for
    `replaces`.
    """

    encoder: MiniLM
    weights: NDArray[np.float32]

    def read(self, said: Sequence[str], reply: Reply, before: str = "") -> list[Tagged]:
        found = []
        for text in said:
            odds = self._odds(text, context(reply, before))[:-1]
            shares = 1 / (1 + np.exp(-odds.astype(np.float64)))
            found.append(Tagged(text, dict(zip(ACTS, shares.tolist(), strict=True))))
            before = text
        return found

    def replaces(self, new: str, old: str) -> float:
        return float(1 / (1 + np.exp(-float(self._odds(new, old)[-1]))))

    def _odds(self, text: str, beside: str) -> NDArray[np.float32]:
        vector = self.encoder.embed(text, beside)
        odds: NDArray[np.float32] = vector @ self.weights[:-1] + self.weights[-1]
        return odds


def open_tagger(onnx: Path, tokenizer: Path, file: Path = FILE) -> LearntTagger:
    """What ships. Raises EmbeddingMissingError at the first use, if the ONNX file is missing."""
    with np.load(file) as data:
        return LearntTagger(MiniLM(onnx, tokenizer, file), data["weights"].astype(np.float32))


def context(reply: Reply, before: str) -> str:
    """The second text of the pair by which a sentence is read."""
    return f"{reply}: {before}"


def split(message: str) -> tuple[str, ...]:
    """The sentences of a message, of which people may begin none with a capital letter."""
    found: list[str] = []
    for part in (part.strip() for part in _ENDS.split(message)):
        if not part:
            continue
        if found and (_ABBREVIATED.search(found[-1]) or not re.search(r"\w", part)):
            found[-1] += f" {part}"
        else:
            found.append(part)
    return tuple(found)
