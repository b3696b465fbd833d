"""The table, weighed: whose row it is, what raises it, and what comes out."""

import math
from dataclasses import replace

import pytest

from agent.answering.types import Citation, CitedText
from agent.conversations.conversation import Turn
from agent.web.scorecard import Raised, Weighed, raised, row_matters, speaks_for
from tests.helpers.coffee import ADVICE, CAFFEINE, COMPARISON, PRICE


def weighed(*rows: tuple[float, float]) -> Weighed:
    table = COMPARISON.of_kind("dimension")
    return Weighed(COMPARISON, tuple((row, *pair) for row, pair in zip(table, rows, strict=True)))


@pytest.mark.parametrize(
    ("rows", "share"),
    [
        (((2, 1.0), (2, -1.0)), 0.5),
        (((3, 1.0), (1, -1.0)), 0.75),
        (((5, 1.0), (0, -1.0)), 1.0),
        (((1, -0.5), (1, -0.5)), 0.25),
        (((0, 1.0), (0, 1.0)), 0.5),  # nothing matters
    ],
)
def test_rows_count_by_weight_and_leaning(
    rows: tuple[tuple[float, float], ...], share: float
) -> None:
    assert math.isclose(weighed(*rows).balance, share)


def test_json_says_all_that_went_in() -> None:
    assert weighed((3, 1.0), (1, -1.0)).to_json() == {
        "rows": [
            {"passage": CAFFEINE.id, "weight": 3, "leans": 1.0},
            {"passage": PRICE.id, "weight": 1, "leans": -1.0},
        ],
        "balance": 0.75,
    }


@pytest.mark.parametrize(
    ("leans", "said"), [(-1, "Tea"), (-0.3, "Tea"), (0.1, "neither"), (0.2, "Coffee")]
)
def test_a_row_speaks_for_an_option_only_if_it_leans_clearly(leans: float, said: str) -> None:
    assert speaks_for(COMPARISON, leans) == said


def test_what_matters_is_a_sentence_of_somebody() -> None:
    said = row_matters(COMPARISON, CAFFEINE)
    assert said == "What matters most to us is caffeine. Which should we choose?"


def test_a_question_raises_the_rows_that_its_answer_is_about() -> None:
    turns = [Turn("Which one at night?", ADVICE, running=False)]
    assert raised(turns, COMPARISON) == (Raised(CAFFEINE, "Which one at night?"),)
    near = (PRICE, CAFFEINE)  # PRICE stands against the advice
    turns = [Turn("Which?", replace(ADVICE, near=near), running=False)]
    assert [each.row for each in raised(turns, COMPARISON)] == [CAFFEINE, PRICE]


def test_a_row_that_is_not_near_to_the_question_is_not_raised_by_it() -> None:
    both = tuple(Citation(3, PRICE.id, quote) for quote in PRICE.sides)  # the risks of both options
    against = CitedText("Tea: 5 cents [3]. Coffee: 20 cents [3].", both)
    turns = [Turn("Which?", replace(ADVICE, against=against, near=()), running=False)]
    assert raised(turns, COMPARISON) == ()


def test_an_earlier_edition_s_answer_raises_only_rows_that_still_say_what_it_quotes() -> None:
    old = Turn("Which one at night?", ADVICE, running=False, earlier="1" * 64)
    gone = replace(COMPARISON, passages=(PRICE, *COMPARISON.passages[3:]))
    assert raised([old], gone) == ()
    assert [each.row for each in raised([old], COMPARISON)] == [CAFFEINE]
    without = replace(COMPARISON, passages=COMPARISON.passages[1:2])
    against = CitedText("So [3].", (Citation(3, PRICE.id, "Coffee: 20 cents"),) * 2)
    turns = [replace(old, answer=replace(ADVICE, against=against))]
    assert [each.row for each in raised(turns, without)] == [CAFFEINE]


def test_the_newest_question_that_is_about_a_row_is_its_reason() -> None:
    turns = [Turn(question, ADVICE, running=False) for question in ("one", "two")]
    turns.append(Turn("stopped", ADVICE, "(stopped)", running=False))
    turns.append(Turn("refused", None, "It failed.", running=False))
    assert [each.because for each in raised(turns, COMPARISON)] == ["two"]
    assert raised([], COMPARISON) == ()
