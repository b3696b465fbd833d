"""Step 5: a generated sentence is shown only if the evidence supports it.

A passage supports a sentence if one or two neighbouring sentences of the passage contain
  - every number of the sentence, with its unit and scale,
  - every name (names of the question are allowed, since it may describe the user's own case),
  - at least SHARE of its content words, without those of the question,
  - and the same negations.
Limits: the rule compares words. It accepts swapped words ("A pays B" for "B pays A"), and rejects
true paraphrases.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.comparison import Passage
from knowledge.text.quantities import missing
from knowledge.text.words import names, stems

SHARE = 0.7

DENIAL = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|lacks?)\b|n['’]t\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Support:
    """The supporting passage, its supporting sentences, and the share of words that they cover."""

    passage: Passage
    sentences: tuple[str, ...]
    share: float

    @property
    def quote(self) -> str:
        return " ".join(self.sentences)


def support(sentence: str, passages: Sequence[Passage], question: str = "") -> Support | None:
    """The best support of `sentence` among `passages`; None without any."""
    found = [s for passage in passages if (s := _supported_by(sentence, passage, question))]
    return max(found, key=lambda s: s.share, default=None)


def _supported_by(sentence: str, passage: Passage, question: str) -> Support | None:
    words = set(stems(sentence)) - set(stems(question))
    asked = set(stems(question))
    named = {*names(sentence), *_first_name(sentence, passage)}
    named = {name for name in named if not set(stems(name)) <= asked}
    heading = set(stems(passage.heading))
    best: Support | None = None
    for parts in _quotes(passage):
        quote = " ".join(parts)
        there = set(stems(quote)) | heading
        share = len(words & there) / len(words) if words else 0.0
        if (
            share >= SHARE
            and (best is None or share > best.share)
            and not missing(sentence, quote)
            and all(set(stems(name)) <= there for name in named)
            and _deny_alike(sentence, parts)
        ):
            best = Support(passage, parts, share)
    return best


def _quotes(passage: Passage) -> list[tuple[str, ...]]:
    """Every sentence of the passage, and every two neighbours."""
    single = passage.sentences
    return [*((sentence,) for sentence in single), *itertools.pairwise(single)]


def _first_name(sentence: str, passage: Passage) -> set[str]:
    """The first word of `sentence`, unless the passage has it in lower case: then it is no name."""
    first = re.search(r"\w+", sentence)
    if first is None or re.search(rf"\b{first.group().lower()}\b", passage.text):
        return set()
    return {first.group()}


def _deny_alike(sentence: str, parts: Sequence[str]) -> bool:
    """Whether `parts` negate the same words as `sentence`."""
    denying = " ".join(part for part in parts if DENIAL.search(part))
    denials = [stems(sentence[denial.end() :])[:1] for denial in DENIAL.finditer(sentence)]
    if not denials or not denying:
        return not denials and not denying
    return {word for words in denials for word in words} <= set(stems(denying))
