"""What an answer of an earlier edition may still open, and what it tells of what is gone."""

from dataclasses import replace

import pytest

from agent.answering.types import Answer
from agent.conversations.conversation import Turn
from agent.conversations.edition import as_answered, opens
from knowledge.comparison import Comparison, Passage
from tests.helpers.coffee import ADVICE, CAFFEINE, COMPARISON, HISTORY, LONDON, NIGHTS, PRICE

OLD = Turn("Which one at night?", ADVICE, running=False, earlier="an earlier one")
ALL = {NIGHTS.id, HISTORY.id, CAFFEINE.id, PRICE.id, LONDON.id}


def edition(*passages: Passage) -> Comparison:
    """Passages of COMPARISON that have become others, or none if their number is 0."""
    changed = {passage.id: passage for passage in passages}
    found = [changed.get(passage.id, passage) for passage in COMPARISON.passages]
    return replace(COMPARISON, passages=tuple(each for each in found if each.number))


@pytest.mark.parametrize(
    ("present", "gone"),
    [
        (replace(COMPARISON, as_of="2027-01"), set()),
        (edition(replace(NIGHTS, text="It is bitter.  Coffee keeps\nyou up.")), set()),
        (edition(replace(NIGHTS, text="Coffee kept you up.")), {NIGHTS.id}),
        (edition(replace(NIGHTS, verdict="Tea")), {NIGHTS.id}),
        (edition(replace(NIGHTS, number=0), replace(HISTORY, number=0)), {NIGHTS.id, HISTORY.id}),
        (edition(replace(CAFFEINE, number=9)), {CAFFEINE.id}),  # [2] is something else
        (edition(replace(LONDON, text="There, drink coffee.")), {LONDON.id}),  # the rival
    ],
)
def test_an_earlier_answer_opens_only_what_still_says_what_it_quotes(
    present: Comparison, gone: set[str]
) -> None:
    opened = opens(OLD, present)
    assert set(opened) == ALL - gone
    assert all(passage in present.passages for passage in opened.values())


def test_an_answer_of_this_edition_opens_all_that_it_rests_on() -> None:
    assert set(opens(replace(OLD, earlier=""), COMPARISON)) == ALL
    assert opens(Turn("?", None, "It failed.", running=False), COMPARISON) == {}


@pytest.mark.parametrize("passages", [(), COMPARISON.passages[:1], COMPARISON.passages[::-1]])
def test_an_answer_loses_nothing_with_what_it_rests_on(passages: tuple[Passage, ...]) -> None:
    then = as_answered(ADVICE.to_json(), replace(COMPARISON, passages=passages))
    answer = Answer.from_json(ADVICE.to_json(), then)
    assert answer.to_json() == ADVICE.to_json()
    assert answer.decision.use_case and answer.decision.use_case.id == NIGHTS.id


def test_what_is_no_answer_is_named() -> None:
    with pytest.raises(KeyError, match="evidence"):
        as_answered({"answer": "So."}, COMPARISON)
    strange = ADVICE.to_json() | {"rival": "nothing/such"}
    with pytest.raises(ValueError, match="nothing/such"):
        as_answered(strange, COMPARISON)
