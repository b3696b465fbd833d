"""What might be asked next, from the document and the decision: no model is asked for it.

    chips(answer, comparison)  ->  (Chip("Price", "What does it say about the price of each?"), …)

After advice: what the rival use case would change, and what the table says of the dimensions that
are at hand. After anything else: the use cases, nearest first.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from agent.answering.types import Answer
from knowledge.comparison import Comparison, Passage

MOST = 4


@dataclass(frozen=True)
class Suggestion:
    """A question, and the few words that stand for it."""

    label: str
    question: str


def suggestions(
    answer: Answer, comparison: Comparison, asked: Collection[str] = ()
) -> tuple[Suggestion, ...]:
    """At most MOST, none that is among those `asked` already."""
    fitting = dict.fromkeys(_fitting(answer, comparison))
    return tuple(suggestion for suggestion in fitting if suggestion.question not in asked)[:MOST]


def case_suggestion(comparison: Comparison, use_case: Passage) -> Suggestion:
    """Asks for the verdict of a use case."""
    heading = in_a_sentence(comparison, use_case.heading)
    return Suggestion(use_case.heading, f"Which should we choose for {heading}?")


def row_suggestion(comparison: Comparison, row: Passage) -> Suggestion:
    """Asks what a row of the table says."""
    heading = in_a_sentence(comparison, row.heading)
    return Suggestion(row.heading, f"What does it say about the {heading} of each?")


def offered(comparison: Comparison) -> frozenset[str]:
    """Every question that may be offered."""
    suggestions = [case_suggestion(comparison, case) for case in comparison.of_kind("best-for")]
    suggestions += [row_suggestion(comparison, row) for row in comparison.of_kind("dimension")]
    return frozenset(suggestion.question for suggestion in suggestions)


def in_a_sentence(comparison: Comparison, heading: str) -> str:
    """`heading` set as the rest of a sentence.

    A word keeps its capital if it has others, or stands with it inside a sentence somewhere.
    """

    def lowered(word: re.Match[str]) -> str:
        return word[0] if word[0] in comparison.names else word[0].lower()

    return re.sub(r"\b[A-Z][a-z]+\b", lowered, heading)


def _fitting(answer: Answer, comparison: Comparison) -> Iterator[Suggestion]:
    near = [item.passage for item in answer.evidence]
    near += [comparison.passage(citation.passage) for citation in answer.against.citations]
    rows = [row_suggestion(comparison, passage) for passage in near if passage.cells]
    cases = [passage for passage in near if passage.kind == "best-for"]
    cases += comparison.of_kind("best-for")
    others = [
        case_suggestion(comparison, case) for case in cases if case != answer.decision.use_case
    ]
    if answer.decision.kind == "advise":
        rival = answer.decision.rival
        if rival and rival.kind == "best-for":
            yield case_suggestion(comparison, rival)
        yield from rows[:2]
    elif answer.decision.kind == "inform":
        yield from rows[:1]
    yield from others
