"""Suggested next questions, from the document and the decision, without the model.

    suggestions(answer, comparison)
    ->  (Suggestion("Price", "What does it say about the price of each?"), …)

After advice: the rival use case, and the table rows in the evidence. After other answers: the use
cases, nearest first.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from agent.answering.types import Answer
from knowledge.comparison import Comparison, Passage

MOST = 4


@dataclass(frozen=True)
class Suggestion:
    """A question, and its short label."""

    label: str
    question: str


def suggestions(
    answer: Answer, comparison: Comparison, asked: Collection[str] = ()
) -> tuple[Suggestion, ...]:
    """At most MOST suggestions, without questions that were `asked` already."""
    fitting = dict.fromkeys(_fitting(answer, comparison))
    return tuple(suggestion for suggestion in fitting if suggestion.question not in asked)[:MOST]


def case_suggestion(comparison: Comparison, use_case: Passage) -> Suggestion:
    """A question for the verdict of a use case."""
    heading = in_a_sentence(comparison, use_case.heading)
    return Suggestion(use_case.heading, f"Which should we choose for {heading}?")


def row_suggestion(comparison: Comparison, row: Passage) -> Suggestion:
    """A question about a table row."""
    heading = in_a_sentence(comparison, row.heading)
    return Suggestion(row.heading, f"What does it say about the {heading} of each?")


def offered(comparison: Comparison) -> frozenset[str]:
    """Every question that may be suggested."""
    suggestions = [case_suggestion(comparison, case) for case in comparison.of_kind("best-for")]
    suggestions += [row_suggestion(comparison, row) for row in comparison.of_kind("dimension")]
    return frozenset(suggestion.question for suggestion in suggestions)


def in_a_sentence(comparison: Comparison, heading: str) -> str:
    """`heading` in lower case, for use inside a sentence.

    A word keeps its capital if it has further ones, or if the document capitalizes it inside a
    sentence.
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
