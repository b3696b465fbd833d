"""What is offered to ask next comes from the document and the decision."""

from dataclasses import replace

import pytest

from agent.answering.suggestions import MOST, case_suggestion, offered, suggestions
from agent.answering.types import Answer, Decision
from knowledge.comparison import Comparison, Passage
from tests.helpers.coffee import ADVICE, COMPARISON, LONDON, NIGHTS


def labels(answer: Answer, *asked: str) -> list[str]:
    return [suggestion.label for suggestion in suggestions(answer, COMPARISON, asked)]


def test_after_advice_come_the_rival_and_the_rows_at_hand() -> None:
    assert labels(ADVICE) == ["Visits to London", "Caffeine", "Price"]


def test_after_a_refusal_come_the_use_cases() -> None:
    assert labels(Answer("", "", Decision("abstain"))) == ["Long Nights", "Visits to London"]


def test_what_was_asked_is_not_offered_again() -> None:
    asked = case_suggestion(COMPARISON, LONDON).question
    assert labels(ADVICE, asked) == ["Caffeine", "Price"]


def test_a_row_is_asked_for_by_its_heading() -> None:
    questions = [suggestion.question for suggestion in suggestions(ADVICE, COMPARISON)]
    assert "What does it say about the caffeine of each?" in questions
    assert set(questions) <= offered(COMPARISON)


def test_of_many_only_some_are_offered(comparison: Comparison) -> None:
    nothing = Answer("", "", Decision("abstain"))
    offered = suggestions(nothing, comparison)
    assert len(offered) == MOST
    assert len(set(offered)) == MOST


@pytest.mark.parametrize(
    ("use_case", "question"),
    [
        (NIGHTS, "Which should we choose for long nights?"),
        (LONDON, "Which should we choose for visits to London?"),
        (replace(NIGHTS, heading="ATMs on iOS"), "Which should we choose for ATMs on iOS?"),
    ],
)
def test_a_heading_becomes_the_rest_of_a_sentence(use_case: Passage, question: str) -> None:
    assert case_suggestion(COMPARISON, use_case).question == question
