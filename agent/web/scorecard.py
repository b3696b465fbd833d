"""The table of a comparison, to be weighed by a person: how much each row matters, and for which
option it speaks.

    leanings(advisor)                   ->  (0.4, -0.9, …)    one for each row
    raised(turns, comparison)           ->  (Raised(row, because), …)
    Weighed(comparison, rows).balance   ->  0.61              the second option's share

A document seldom says for whom a row speaks. Where a person starts is what it recommends to
somebody who cares for that row alone, and is shown as that. Not covered: whether a row's claim is
true, and what the table leaves out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from agent.advisor import Advisor
from agent.answering.suggestions import in_a_sentence
from agent.conversations.conversation import Turn
from agent.conversations.edition import opens
from knowledge.comparison import Comparison, Passage

MOST, USUAL, RAISED = 5, 2, 4  # weights go from 0 to MOST
CLEARLY = 0.2  # leaning from which on a row is said to speak for an option


@dataclass(frozen=True)
class Weighed:
    """The table with a weight for each row, from 0 to MOST, and for whom it speaks, from -1, the
    first option, to 1, the second.
    """

    comparison: Comparison
    rows: tuple[tuple[Passage, float, float], ...]

    @property
    def balance(self) -> float:
        """The second option's share, from 0 to 1; even where nothing matters."""
        total = sum(weight for _, weight, _ in self.rows)
        leaning = sum(weight * leans for _, weight, leans in self.rows)
        return 0.5 + leaning / total / 2 if total else 0.5

    def to_json(self) -> dict[str, Any]:
        """As an exported conversation has it."""
        return {
            "rows": [
                {"passage": row.id, "weight": weight, "leans": round(leans, 3)}
                for row, weight, leans in self.rows
            ],
            "balance": round(self.balance, 4),
        }


def speaks_for(comparison: Comparison, leans: float) -> str:
    """The option for which a row speaks that leans so far."""
    if abs(leans) < CLEARLY:
        return "neither"
    return comparison.options[leans > 0]


@dataclass(frozen=True)
class Raised:
    """A row that matters more, because of what somebody wrote."""

    row: Passage
    because: str


def leanings(advisor: Advisor) -> tuple[float, ...]:
    """For whom each row of the table speaks, from -1, the first option, to 1, the second.

    It is what the document recommends to somebody who says nothing but that this row matters most:
    the probability of the second option's use cases, less that of the first's. Takes half a second
    a row. Nothing where there are more than two options, as the table is weighed between two, or
    no recommendation.
    """
    comparison = advisor.comparison
    if len(comparison.options) > 2 or not comparison.recommending:
        return ()
    sides = np.array([_side(comparison, case.verdict) for case in comparison.recommending])
    found = []
    for row in comparison.of_kind("dimension"):
        said = row_matters(comparison, row)
        with advisor.model.session() as session:
            seen = advisor.decider.observe(session, said)
        retrieved = advisor.retriever.retrieve(said, advisor.top_k, seen.likely)
        cases = advisor.decider.asked(seen, retrieved).cases(advisor.decider.weights)
        found.append(round(float(cases @ sides), 3))
    return tuple(found)


def row_matters(comparison: Comparison, row: Passage) -> str:
    """The message of somebody to whom one row matters most."""
    heading = in_a_sentence(comparison, row.heading)
    return f"What matters most to us is {heading}. Which should we choose?"


def _side(comparison: Comparison, verdict: str | None) -> int:
    first, second = comparison.options
    return {first: -1, second: 1}.get(verdict or "", 0)


def raised(turns: Sequence[Turn], comparison: Comparison) -> tuple[Raised, ...]:
    """The rows that questions are about, each once, with the newest question that is about it:
    those near to it that its answer rests on, or that stand against the answer.
    """
    found: dict[str, Raised] = {}
    for turn in reversed(turns):
        if turn.answer is None or not turn.finished:
            continue
        opened = opens(turn, comparison)
        near = {row.id for row in turn.answer.near}
        said = [item.passage.id for item in turn.answer.evidence]
        said += [citation.passage for citation in turn.answer.against.citations]
        for name in said:
            if name in near and (row := opened.get(name)) and row.cells:
                found.setdefault(row.id, Raised(row, turn.question))
    return tuple(found.values())
