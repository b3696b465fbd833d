"""The decision follows from signals and weights, both plain values; a scripted model gives some.

Whether the shipped weights decide well is for evals/ to measure.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
import pytest

from agent.answer import Decision
from agent.decide import EMPTY_QUESTIONS, KINDS, Decider, Signals, Weights
from agent.scripted_model import ScriptedModel
from knowledge.comparison import Comparison
from knowledge.retrieve import Retriever

Choose = Callable[[str, Sequence[str]], int]

PLAIN = Signals(
    likelihoods=(0.0, 0.0, 0.0),
    similarities=(0.1, 0.1, 0.1),
    no_use_case=0.0,
    answerable=0.0,
    evidence=0.0,
    coverage=0.0,
    named=0.0,
)


def leaning(kind: str, likelihood: float = 1.0, similarity: float = 0.0) -> Weights:
    """Weights by which every question gets `kind`."""
    nothing = (0.0,) * (PLAIN.features.size - 1)
    rows = tuple((*nothing, 5.0 if each == kind else 0.0) for each in KINDS)
    return Weights(rows, likelihood, similarity)


def choosing(name: str, answerable: str = "yes") -> Choose:
    """A model that finds `name` likeliest, and "none" for an empty question."""

    def choose(prompt: str, options: Sequence[str]) -> int:
        names = [option.strip() for option in options]
        if len(names) == 2:
            return [name.lower() for name in names].index(answerable)
        empty = any(f"Message: {question}" in prompt[-60:] for question in EMPTY_QUESTIONS)
        return names.index("none" if empty else name)

    return choose


def decided(
    retriever: Retriever, question: str, choose: Choose, weights: Weights | None = None
) -> Decision:
    decider = Decider(retriever.index.comparison, weights)
    with ScriptedModel(choose).turn() as turn:
        return decider.decide(turn, question, retriever.retrieve(question))


def test_kinds_are_probabilities_and_equal_without_weights() -> None:
    nothing = Weights(((0.0,) * PLAIN.features.size,) * len(KINDS), 1.0, 1.0)
    assert PLAIN.kinds(nothing) == pytest.approx([1 / 3] * 3)
    kinds = PLAIN.kinds(leaning("inform"))
    assert float(kinds.sum()) == pytest.approx(1.0)
    assert KINDS[int(kinds.argmax())] == "inform"


@pytest.mark.parametrize(
    ("signals", "likelihood", "similarity", "expected"),
    [
        (PLAIN, 1.0, 1.0, [1 / 3, 1 / 3, 1 / 3]),
        (replace(PLAIN, likelihoods=(log(3), 0.0, 0.0)), 1.0, 1.0, [0.6, 0.2, 0.2]),
        (replace(PLAIN, likelihoods=(log(3), 0.0, 0.0)), 0.0, 1.0, [1 / 3, 1 / 3, 1 / 3]),
        (replace(PLAIN, similarities=(0.0, 0.0, log(2))), 1.0, 1.0, [0.25, 0.25, 0.5]),
        (replace(PLAIN, likelihoods=(log(2), 0.0, 0.0)), 2.0, 0.0, [4 / 6, 1 / 6, 1 / 6]),
    ],
)
def test_use_cases_weigh_likelihood_and_similarity(
    signals: Signals, likelihood: float, similarity: float, expected: list[float]
) -> None:
    weights = leaning("advise", likelihood, similarity)
    assert signals.use_cases(weights) == pytest.approx(expected)


@pytest.mark.parametrize("huge", [1e4, -1e4])
def test_extreme_signals_stay_probabilities(huge: float) -> None:
    signals = replace(PLAIN, likelihoods=(huge, 0.0, -huge), answerable=huge, no_use_case=huge)
    weights = Weights.read()
    assert np.isfinite(signals.kinds(weights)).all()
    assert float(signals.use_cases(weights).sum()) == pytest.approx(1.0)


def test_shipped_weights_fit_the_signals() -> None:
    weights = Weights.read()
    assert len(weights.kind) == len(KINDS)
    assert {len(row) for row in weights.kind} == {PLAIN.features.size}
    assert weights.likelihood > 0
    assert weights.similarity > 0


def test_weights_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "weights.json"
    file.write_text(json.dumps({"kind": [[1, 2], [3, 4]], "likelihood": 0.5, "similarity": 7}))
    assert Weights.read(file) == Weights(((1, 2), (3, 4)), 0.5, 7)


def test_advice_is_the_verdict_of_the_likeliest_use_case(second_retriever: Retriever) -> None:
    choose = choosing("Holiday Cabin Used in Winter")
    question = "Which one for a holiday cabin, used in winter?"
    decision = decided(second_retriever, question, choose, leaning("advise"))
    assert decision.kind == "advise"
    assert decision.use_case
    assert decision.use_case.id == "best-for/holiday-cabin-used-in-winter"
    assert decision.verdict == "Gas Boiler"
    assert decision.evidence[0].passage == decision.use_case
    # with two scores, one of its similarity and one with BM25, it once stood there twice
    numbers = [item.number for item in decision.evidence]
    assert len(set(numbers)) == len(numbers) == 4


def test_confidence_sums_the_use_cases_that_share_the_verdict(
    second_retriever: Retriever, second: Comparison
) -> None:
    weights = leaning("advise")
    decider = Decider(second, weights)
    question = "Which one in the hills?"
    with ScriptedModel(choosing("Farm with Solar Panels")).turn() as turn:
        retrieved = second_retriever.retrieve(question)
        decision = decider.decide(turn, question, retrieved)
        probabilities = decider.signals(turn, question, retrieved).use_cases(weights)
    by_verdict = {"Heat Pump": 0.0, "Gas Boiler": 0.0, "It depends": 0.0}
    for passage, probability in zip(second.of_kind("best-for"), probabilities, strict=True):
        by_verdict[str(passage.verdict)] += probability
    assert decision.verdict == "Heat Pump"
    assert decision.confidence == pytest.approx(by_verdict["Heat Pump"])
    assert decision.confidence > max(probabilities)  # three use cases say so
    assert sum(by_verdict.values()) == pytest.approx(1.0)


def test_without_likelihoods_the_nearest_use_case_is_taken(second_retriever: Retriever) -> None:
    weights = leaning("advise", likelihood=0.0, similarity=20.0)
    choose = choosing("Swimming Pool")
    decision = decided(second_retriever, "A cabin we visit in winter", choose, weights)
    assert decision.use_case
    assert decision.use_case.heading == "Holiday Cabin Used in Winter"


def test_likelihoods_are_less_what_an_empty_question_gives(
    second_retriever: Retriever, second: Comparison
) -> None:
    def biased(prompt: str, options: Sequence[str]) -> int:
        return 2 % len(options)  # the same whatever the question is

    model, decider = ScriptedModel(biased), Decider(second)
    decider.calibrate(model)
    with model.turn() as turn:
        retrieved = second_retriever.retrieve("Which one in the hills?")
        signals = decider.signals(turn, "Which one in the hills?", retrieved)
    assert signals.likelihoods == pytest.approx([0.0] * 6)
    assert signals.no_use_case == pytest.approx(0.0)


@pytest.mark.parametrize(("answerable", "sign"), [("yes", 1), ("no", -1)])
def test_answerable_is_the_log_odds_of_yes(
    second_retriever: Retriever, second: Comparison, answerable: str, sign: int
) -> None:
    with ScriptedModel(choosing("none", answerable)).turn() as turn:
        retrieved = second_retriever.retrieve("How loud is it?")
        signals = Decider(second).signals(turn, "How loud is it?", retrieved)
    assert signals.answerable == pytest.approx(sign * log(9))


def test_information_has_evidence_and_no_verdict(second_retriever: Retriever) -> None:
    decision = decided(second_retriever, "How loud is it?", choosing("none"), leaning("inform"))
    assert decision.kind == "inform"
    assert "dimension/noise" in [item.passage.id for item in decision.evidence]
    assert (decision.use_case, decision.verdict, decision.confidence) == (None, None, None)


def test_abstention_has_no_verdict_and_no_evidence(second_retriever: Retriever) -> None:
    decision = decided(second_retriever, "How loud is it?", choosing("none"), leaning("abstain"))
    assert decision == Decision("abstain")


@pytest.mark.parametrize(
    ("question", "name", "answerable", "kind"),
    [
        pytest.param(
            "There are two of us, we want to ship our MVP fast. Which one?",
            "Startup MVP Development",
            "yes",
            "advise",
            marks=pytest.mark.xfail(
                strict=True, reason="the shipped weights inform here since their last fit"
            ),
        ),
        ("How much did Bittensor earn from AI customers in Q1 2026?", "none", "yes", "inform"),
        ("Who won the 1998 football world cup?", "none", "no", "abstain"),
    ],
)
def test_shipped_weights_decide_clear_cases(
    retriever: Retriever, question: str, name: str, answerable: str, kind: str
) -> None:
    assert decided(retriever, question, choosing(name, answerable)).kind == kind


@pytest.mark.parametrize("kind", ["advise", "inform"])
def test_use_case_of_the_advice_is_in_the_evidence_even_if_the_model_named_none(
    second_retriever: Retriever, kind: str
) -> None:
    def choose(prompt: str, options: Sequence[str]) -> int:
        empty = any(f"Message: {question}" in prompt[-60:] for question in EMPTY_QUESTIONS)
        return 0 if empty else len(options) - 1

    decision = decided(second_retriever, "How loud is it?", choose, leaning(kind))
    if decision.use_case:
        assert decision.evidence[0].passage == decision.use_case
    assert decision.evidence
