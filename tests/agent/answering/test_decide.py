"""The decision follows from what is known and from weights; a scripted model gives what is known.

Whether the shipped weights decide well is for evals/ to measure.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
import pytest

from agent.answering.decide import (
    EMPTY_QUESTIONS,
    MOST_CONFIDENT,
    AdviceSignals,
    AnswerSignals,
    Decider,
    Weights,
)
from agent.answering.types import Decision
from agent.prompting.builder import ASKS_FOR
from knowledge.comparison import Comparison
from knowledge.retrieve import Retriever
from tests.helpers.scripted_model import ScriptedModel

Choose = Callable[[str, Sequence[str]], int]

PLAIN = AdviceSignals(
    asks_for=(0.0, 0.0, 0.0),
    advice=0.0,
    log_probabilities=(0.0, 0.0, 0.0),
    probed=(0.0, 0.0, 0.0),
    similarities=(0.1, 0.1, 0.1),
    evidence=0.0,
)
STATED = AnswerSignals(
    answerable=0.0,
    stated=0.0,
    covered=0.0,
    named=False,
    unknown_names=0,
    likeliest=0.0,
    nearest=0.0,
)


KINDS = {
    "probed": (PLAIN, STATED),
    "learnt": (PLAIN, replace(STATED, covered=None)),
    "unknown": (replace(PLAIN, advice=None), replace(STATED, stated=None, covered=None)),
}


def leaning(
    kind: str, likelihood: float = 1.0, similarity: float = 0.0, probe: float = 0.0
) -> Weights:
    """Weights by which every question gets `kind`, if nothing is known of states."""
    advise = (0.0, 0.0, 0.0, 0.0, 5.0 if kind == "advise" else -5.0)
    inform = (0.0, 0.0, 0.0, 0.0, 0.0, 5.0 if kind == "inform" else -5.0)
    return Weights(likelihood, probe, similarity, advise, inform)


def choosing(name: str, asks_for: str = ASKS_FOR[0], answerable: str = "yes") -> Choose:
    """A model that finds `name`, `asks_for` and `answerable` likeliest, the last of the options
    for an empty question.
    """

    def choose(prompt: str, options: Sequence[str]) -> int:
        names = [option.strip() for option in options]
        if any(f"Message: {question}\n" in prompt[-80:] for question in EMPTY_QUESTIONS):
            return len(names) - 1
        return next(names.index(known) for known in (answerable, asks_for, name) if known in names)

    return choose


def decided(
    retriever: Retriever, question: str, choose: Choose, weights: Weights | None = None
) -> Decision:
    decider = Decider(retriever.index.comparison, weights)
    with ScriptedModel(choose).session() as session:
        seen = decider.observe(session, question)
        return decider.decide(session, question, seen, retriever.retrieve(question))


def test_without_weights_every_probability_is_even() -> None:
    nothing = Weights(1.0, 1.0, 1.0)
    advise, inform = (
        (0.0,) * PLAIN.features(nothing).size,
        (0.0,) * STATED.features(nothing).size,
    )
    nothing = replace(nothing, advise=advise, inform=inform)
    assert PLAIN.advise(nothing) == pytest.approx(0.5)
    assert STATED.inform(nothing) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("asked", "likelihood", "similarity", "expected"),
    [
        (PLAIN, 1.0, 1.0, [1 / 3, 1 / 3, 1 / 3]),
        (replace(PLAIN, log_probabilities=(log(3), 0.0, 0.0)), 1.0, 1.0, [0.6, 0.2, 0.2]),
        (replace(PLAIN, log_probabilities=(log(3), 0.0, 0.0)), 0.0, 1.0, [1 / 3, 1 / 3, 1 / 3]),
        (replace(PLAIN, similarities=(0.0, 0.0, log(2))), 1.0, 1.0, [0.25, 0.25, 0.5]),
        (replace(PLAIN, log_probabilities=(log(2), 0.0, 0.0)), 2.0, 0.0, [4 / 6, 1 / 6, 1 / 6]),
    ],
)
def test_cases_weigh_likelihood_and_similarity(
    asked: AdviceSignals, likelihood: float, similarity: float, expected: list[float]
) -> None:
    assert asked.cases(leaning("advise", likelihood, similarity)) == pytest.approx(expected)


def test_a_case_that_is_clearly_described_speaks_for_advice() -> None:
    weights = Weights(1.0, 0.0, 0.0, advise=(0.0, 0.0, 0.0, 0.0, 1.0, 0.0))
    clear = replace(PLAIN, log_probabilities=(9.0, 0.0, 0.0))
    assert clear.advise(weights) == pytest.approx(0.5, abs=1e-3)
    assert PLAIN.advise(weights) == pytest.approx(0.25)  # a third against one


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("huge", [1e4, -1e4])
def test_extreme_signals_stay_probabilities(kind: str, huge: float) -> None:
    (asked, stated), weights = KINDS[kind], Weights.read(kind)
    asked = replace(asked, log_probabilities=(huge, 0.0, -huge), asks_for=(huge, 0.0, -huge))
    assert 0 <= asked.advise(weights) <= 1
    assert 0 <= replace(stated, answerable=huge).inform(weights) <= 1
    assert float(asked.cases(weights).sum()) == pytest.approx(1.0)


@pytest.mark.parametrize("kind", KINDS)
def test_shipped_weights_fit_what_is_known(kind: str) -> None:
    (asked, stated), weights = KINDS[kind], Weights.read(kind)
    assert len(weights.advise) == asked.features(weights).size
    assert len(weights.inform) == stated.features(Weights(0, 0, 0)).size
    assert weights.advise[0] > 0  # asking for a recommendation speaks for advice
    assert weights.inform[0] > 0
    assert min(weights.likelihood, weights.probe, weights.similarity) > 0


def test_weights_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "weights.json"
    found = {"advise": [1, 2], "inform": [3], "likelihood": 0.5, "probe": 2, "similarity": 7}
    file.write_text(json.dumps({"learnt": found | {"nearest_at_most": 0.4}}), encoding="utf-8")
    assert Weights.read("learnt", file) == Weights(0.5, 2, 7, (1, 2), (3,), 0.4)


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


def test_confidence_sums_the_cases_that_share_the_verdict(
    second_retriever: Retriever, second: Comparison
) -> None:
    weights = leaning("advise")
    decider = Decider(second, weights)
    question = "Which one in the hills?"
    with ScriptedModel(choosing("Farm with Solar Panels")).session() as session:
        retrieved = second_retriever.retrieve(question)
        seen = decider.observe(session, question)
        decision = decider.decide(session, question, seen, retrieved)
        asked = decider.asked(seen, retrieved)
    by_verdict = {"Heat Pump": 0.0, "Gas Boiler": 0.0, "It depends": 0.0}
    for passage, probability in zip(second.recommending, asked.cases(weights), strict=True):
        by_verdict[str(passage.verdict)] += probability
    assert decision.verdict == "Heat Pump"
    # it is a recommendation at all, and this verdict is the right one
    expected = asked.advise(weights) * by_verdict["Heat Pump"]
    assert decision.confidence == pytest.approx(expected)
    assert expected < MOST_CONFIDENT
    assert by_verdict["Heat Pump"] > max(asked.cases(weights))  # four cases say so
    assert sum(by_verdict.values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("cases", "fit", "rival"),
    [
        # heat pump: new house, farm, pool, in general; gas boiler: flats, cabin; depends: historic
        ((0.9, 0.02, 0.02, 0.02, 0.02, 0.01, 0.01), "clear", "Rental Flats in the City Centre"),
        ((0.5, 0.02, 0.03, 0.3, 0.05, 0.05, 0.05), "nearest", "Listed Historic Building"),
        ((0.5, 0.05, 0.35, 0.05, 0.02, 0.02, 0.01), "open", "Holiday Cabin Used in Winter"),
        ((0.05, 0.02, 0.05, 0.05, 0.03, 0.1, 0.7), "clear", "Holiday Cabin Used in Winter"),
    ],
)
def test_how_well_a_use_case_fits_and_what_rivals_it(
    second_retriever: Retriever,
    second: Comparison,
    cases: tuple[float, ...],
    fit: str,
    rival: str,
) -> None:
    decider = Decider(second, leaning("advise"))
    question = "Which one in the hills?"
    with ScriptedModel(choosing("Swimming Pool")).session() as session:
        seen = replace(decider.observe(session, question), cases=np.log(cases))
        decision = decider.decide(session, question, seen, second_retriever.retrieve(question))
    assert decision.fit == fit
    assert decision.rival
    assert decision.rival.heading == rival


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
    decider = decider.calibrated(model)
    with model.session() as session:
        retrieved = second_retriever.retrieve("Which one in the hills?")
        asked = decider.asked(decider.observe(session, "Which one in the hills?"), retrieved)
    assert asked.log_probabilities == pytest.approx([0.0] * 7)
    assert asked.asks_for == pytest.approx([0.0] * 3)


@pytest.mark.parametrize(("answerable", "sign"), [("yes", 1), ("no", -1)])
def test_answerable_is_the_log_odds_of_yes(
    second_retriever: Retriever, second: Comparison, answerable: str, sign: int
) -> None:
    with ScriptedModel(choosing("in general", answerable=answerable)).session() as session:
        retrieved = second_retriever.retrieve("How loud is it?")
        decider = Decider(second)
        seen = decider.observe(session, "How loud is it?")
        found = decider.answerable(session, "How loud is it?", seen, retrieved)
    assert (found.stated, found.covered) == (None, None)
    assert found.answerable == pytest.approx(sign * log(9))


def test_information_has_evidence_and_no_verdict(second_retriever: Retriever) -> None:
    choose = choosing("in general", "information")
    decision = decided(second_retriever, "How loud is it?", choose, leaning("inform"))
    assert decision.kind == "inform"
    assert "dimension/noise" in [item.passage.id for item in decision.evidence]
    assert (decision.use_case, decision.verdict, decision.confidence) == (None, None, None)


def test_abstention_has_no_verdict_and_no_evidence(second_retriever: Retriever) -> None:
    choose = choosing("in general", "something else", "no")
    decision = decided(second_retriever, "How loud is it?", choose, leaning("abstain"))
    assert decision == Decision("abstain")


def test_what_is_asked_of_a_year_that_nothing_has_is_not_covered(
    second_retriever: Retriever,
) -> None:
    decider = Decider(second_retriever.index.comparison, leaning("inform"))
    with ScriptedModel(choosing("in general", "information")).session() as session:
        seen = decider.observe(session, "And in 2021?")
        retrieved = second_retriever.retrieve("How loud is it?")
        for another_year, kind in ((True, "abstain"), (False, "inform")):
            found = replace(retrieved, another_year=another_year)
            assert decider.decide(session, "And in 2021?", seen, found).kind == kind


def test_advice_does_not_wait_for_the_passages(second_retriever: Retriever) -> None:
    asked: list[Sequence[str]] = []

    def choose(prompt: str, options: Sequence[str]) -> int:
        asked.append(options)
        return 0

    decided(second_retriever, "Which one in the hills?", choose, leaning("advise"))
    assert ["yes", "no"] not in asked
    decided(second_retriever, "How loud is it?", choose, leaning("inform"))
    assert ["yes", "no"] in asked


def test_a_general_question_gets_the_verdict_of_the_bottom_line(
    second_retriever: Retriever,
) -> None:
    choose = choosing("in general")
    decision = decided(second_retriever, "Which one, overall?", choose, leaning("advise"))
    assert decision.use_case
    assert decision.use_case.id == "bottom-line"
    assert decision.verdict == "Heat Pump"


@pytest.mark.parametrize(
    ("question", "name", "asks_for", "answerable", "kind"),
    [
        (
            "There are two of us, we want to ship our MVP fast. Which one?",
            "Startup MVP Development",
            "a recommendation",
            "yes",
            "advise",
        ),
        (
            "How much did Bittensor earn from AI customers in Q1 2026?",
            "in general",
            "information",
            "yes",
            "inform",
        ),
        (
            "Who won the 1998 football world cup?",
            "in general",
            "something else",
            "no",
            "abstain",
        ),
    ],
)
def test_shipped_weights_decide_clear_cases(
    retriever: Retriever, question: str, name: str, asks_for: str, answerable: str, kind: str
) -> None:
    assert decided(retriever, question, choosing(name, asks_for, answerable)).kind == kind
