"""Step five: what was written is shown only if the evidence says it.

A sentence is supported by a passage when, against its best one or two sentences,
  - every number of it stands there, with its unit and scale,
  - every name of it stands there (or in the question, which may speak of the person's own case),
  - at least SHARE of its content words do, those of the question left out,
  - and what it denies is denied there; where it denies nothing, they deny nothing.
The rule compares words: it does not see that two of them are swapped ("A pays B" for "B pays A"),
and it refuses a true sentence in words of its own. A refused sentence is not shown.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.comparison import Passage
from knowledge.text.quantities import missing
from knowledge.text.words import names, stems

SHARE = 0.7

_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|lacks?)\b|n['’]t\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Support:
    """The passage that carries a sentence, the sentences of it that do, and how much they cover."""

    passage: Passage
    sentences: tuple[str, ...]
    share: float

    @property
    def quote(self) -> str:
        return " ".join(self.sentences)


def support(sentence: str, passages: Sequence[Passage], question: str = "") -> Support | None:
    """The best support of `sentence` among `passages`; None if there is none."""
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
    """The first word of `sentence`; none if the passage has it in lower case, as no name is."""
    first = re.search(r"\w+", sentence)
    if first is None or re.search(rf"\b{first.group().lower()}\b", passage.text):
        return set()
    return {first.group()}


def _deny_alike(sentence: str, parts: Sequence[str]) -> bool:
    """Whether what `sentence` denies, a part denies too: the word that follows stands there."""
    denying = " ".join(part for part in parts if _NEGATION.search(part))
    denials = [stems(sentence[denial.end() :])[:1] for denial in _NEGATION.finditer(sentence)]
    if not denials or not denying:
        return not denials and not denying
    return {word for words in denials for word in words} <= set(stems(denying))
