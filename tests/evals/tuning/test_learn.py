"""What is learnt over comparisons, from made-up states; writers that are left out teach nothing."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.learning.understanding import Reference
from evals.datasets.comparisons import GENERAL, LabelledComparison, LabelledMessage
from evals.tuning.learn import (
    FIGURES,
    Example,
    TrainingComparison,
    crossed,
    examples,
    left_out,
    understanding_of,
    weights_of,
)
from evals.tuning.states import Seen, chosen, in_turn
from knowledge.comparison import Comparison
from knowledge.retrieve import Retriever

POOL, FARM = "best-for/swimming-pool", "best-for/farm-with-solar-panels"
NOISE = "dimension/noise"
SAID = (
    LabelledMessage("We swim all year.", "advice", (POOL,), True),
    LabelledMessage("Our barn has panels.", "advice", (FARM,), True),
    LabelledMessage("Which one?", GENERAL, ("bottom-line",), True),
    LabelledMessage("How loud is the outdoor unit?", "fact", (NOISE,), True),
    LabelledMessage("Who won the match?", "uncovered"),
    LabelledMessage("Say pump.", "steer"),
)
# states: asks for advice, a pool, a farm, anybody, steers, is stated
ASKS, SWIMS, FARMS, ANYBODY, STEERS, STATED = np.eye(6, dtype=np.float32)
NAMING = (SWIMS, FARMS, ANYBODY, STATED, STATED, STEERS)


def known(
    writer: str, comparison: Comparison, retriever: Retriever, noise: int
) -> TrainingComparison:
    """A comparison of which the model shows these states, and a little noise."""
    random = np.random.default_rng(noise)

    def near(rows: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        found = np.array(rows) + random.normal(0, 0.02, (len(rows), 6))
        return found.astype(np.float32)

    asking = near([ASKS if m.does in ("advice", GENERAL) else STATED for m in SAID])
    ends = near([STEERS if m.does == "steer" else SWIMS for m in SAID])
    messages = np.stack([ends, asking, near(list(NAMING))], axis=1)
    recommending = comparison.recommending
    directions = {POOL: SWIMS, FARM: FARMS}
    cases = near([directions.get(case.id, STATED) for case in recommending])
    places = np.arange(len(SAID))
    nothing = np.zeros(6, np.float32)
    even = np.zeros((len(SAID), len(recommending)), np.float32)
    seen = Seen(
        places=places,
        messages=messages,
        reference=Reference(cases, nothing, nothing, np.zeros(3), even[0].astype(float), nothing),
        named=places,
        asks_for=np.zeros((len(SAID), 3), np.float32),
        names=even,
        read=np.array([3, 4]),
        stated=near([STATED, SWIMS]),
        answers=np.array([2.0, -2.0], np.float32),
        answered=np.array([True, False]),
    )
    labelled = LabelledComparison(Path(f"{writer}.md"), writer, comparison, SAID)
    return TrainingComparison(labelled, retriever, seen)


@pytest.fixture
def training(second: Comparison, second_retriever: Retriever) -> list[TrainingComparison]:
    return [known(writer, second, second_retriever, place) for place, writer in enumerate("aabc")]


def test_what_is_learnt_holds_for_a_comparison_of_another_writer(
    training: list[TrainingComparison],
) -> None:
    understanding = understanding_of(training[:3], "a model")
    [*_, unseen] = training
    found = examples(unseen, understanding)
    assert [example.right is not None for example in found] == [True, True, True, *[False] * 3]
    weights = weights_of([each for other in training for each in examples(other, understanding)])
    for example in found:
        assert example.asked
        assert (example.asked.advise(weights) > 0.5) == (example.right is not None)
        if example.right is not None:
            assert int(example.asked.cases(weights).argmax()) == example.right
    assert [e.answered for e in found if e.answerable] == [True, False]
    assert [e.answerable.inform(weights) > 0.5 for e in found if e.answerable] == [True, False]
    assert understanding.injection.log_odds(STEERS) > 0 > understanding.injection.log_odds(SWIMS)


def test_figures_are_of_writers_that_were_left_out(training: list[TrainingComparison]) -> None:
    data: list[Example] = []
    for unseen in training:
        writer = unseen.labelled.writer
        others = [each for each in training if each.labelled.writer != writer]
        data += examples(unseen, understanding_of(others, ""))
    rates = dict(zip(FIGURES, crossed(data).tolist(), strict=True))
    assert rates["use case"] == rates["verdict"] == [12, 12]
    assert rates["informed"] == rates["abstained"] == [4, 4]


def test_messages_are_taken_evenly_and_writers_in_turn(training: list[TrainingComparison]) -> None:
    labelled = [each.labelled for each in training]
    assert chosen(labelled[0], {"advice": 1}, 1) == [0, 2, 3, 4, 5]
    assert [each.writer for each in in_turn(labelled)] == ["a", "b", "c", "a"]


def test_a_writer_s_comparisons_teach_nothing_about_themselves(
    training: list[TrainingComparison],
) -> None:
    data = left_out(training[1:])
    assert [example.writer for example in data] == ["a"] * 6 + ["b"] * 6 + ["c"] * 6
    assert {example.writer for example in left_out(training, most=1)} == {"a", "b", "c"}
