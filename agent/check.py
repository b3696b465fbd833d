"""Step five: what was written is shown only if the evidence says it.

A sentence is supported by a passage when, against its best one or two sentences,
  - every number of it stands there, with its unit and scale,
  - every name of it stands there (or in the question, which may speak of the person's own case),
  - at least SHARE of its content words do, those of the question left out,
  - and it denies what the passage denies, and nothing else.
The rule compares words: it does not see that two of them are swapped ("A pays B" for "B pays A"),
and it refuses a true sentence in words of its own. A refused sentence is not shown.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.comparison import Passage
from knowledge.numbers import missing
from knowledge.words import names, stems

SHARE = 0.7

_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|lacks?)\b|n't\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Support:
    """The passage that carries a sentence, the words of it that do, and how much they cover."""

    passage: Passage
    quote: str
    share: float


def support(sentence: str, passages: Sequence[Passage], question: str = "") -> Support | None:
    """The best support of `sentence` among `passages`; None if there is none."""
    found = [s for passage in passages if (s := _supported_by(sentence, passage, question))]
    return max(found, key=lambda s: s.share, default=None)


def _supported_by(sentence: str, passage: Passage, question: str) -> Support | None:
    words = set(stems(sentence)) - set(stems(question))
    asked = set(stems(question))
    named = {name for name in names(sentence) if not set(stems(name)) <= asked}
    heading = set(stems(passage.heading))
    best: Support | None = None
    for quote in _quotes(passage):
        there = set(stems(quote)) | heading
        share = len(words & there) / len(words) if words else 0.0
        if (
            share >= SHARE
            and (best is None or share > best.share)
            and not missing(sentence, quote)
            and all(set(stems(name)) <= there for name in named)
            and _denies(sentence) == _denies(quote)
        ):
            best = Support(passage, quote, share)
    return best


def _quotes(passage: Passage) -> list[str]:
    """Every sentence of the passage, and every two neighbours."""
    single = list(passage.sentences)
    return single + [f"{a} {b}" for a, b in itertools.pairwise(single)]


def _denies(text: str) -> bool:
    return bool(_NEGATION.search(text))
