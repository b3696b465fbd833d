"""An answer is the same after a way through JSON, up to the rounding that printing does."""

from dataclasses import replace
from typing import Any

import pytest

from agent.answering.types import Answer, Citation, Decision, Timings, Tokens
from knowledge.comparison import Comparison, Evidence, Pointer

FARM = "best-for/farm-with-solar-panels"
NOISE = "dimension/noise"


def advice(second: Comparison) -> Answer:
    farm, noise = second.passage(FARM), second.passage(NOISE)
    return Answer(
        question="For a farm?",
        standalone_question="Which one for a farm?",
        decision=Decision(
            "advise", farm, "Heat Pump", 0.9375, (Evidence(farm, 0.75), Evidence(noise, 0.5))
        ),
        text=f"For Farm with Solar Panels, the document recommends Heat Pump [{farm.number}].",
        citations=(Citation(farm.number, FARM, farm.sentences[0]),),
        timings=Timings(0.125, 0.25, 0.375, 0.5, 1.5),
        tokens=Tokens(100, 900, 20),
        near=(noise,),
    )


def test_advice_comes_back_from_json_as_it_was(second: Comparison) -> None:
    answer = advice(second)
    assert Answer.from_json(answer.to_json(), second) == answer


@pytest.mark.parametrize("kind", ["inform", "abstain"])
def test_other_answers_come_back_from_json_as_they_were(second: Comparison, kind: Any) -> None:
    evidence = (Evidence(second.passage(FARM), 0.5),) if kind == "inform" else ()
    answer = replace(advice(second), decision=Decision(kind, evidence=evidence))
    assert Answer.from_json(answer.to_json(), second) == answer


def test_the_comparison_that_may_answer_comes_back_from_json(second: Comparison) -> None:
    pointer = Pointer("rug-vs-tiles", "Rug vs Tiles")
    answer = replace(advice(second), decision=Decision("abstain"), elsewhere=pointer)
    assert Answer.from_json(answer.to_json(), second) == answer


def test_what_was_rounded_prints_the_same_again(second: Comparison) -> None:
    printed = replace(advice(second), timings=Timings(total_s=1 / 3)).to_json()
    assert Answer.from_json(printed, second).to_json() == printed


def test_use_case_is_named_and_of_older_answers_the_first_evidence(second: Comparison) -> None:
    printed = advice(second).to_json()
    assert printed["use_case"] == FARM
    turned = printed | {"evidence": printed["evidence"][::-1]}
    assert Answer.from_json(turned, second).decision.use_case == second.passage(FARM)
    older = {name: value for name, value in printed.items() if name != "use_case"}
    assert Answer.from_json(older, second).decision.use_case == second.passage(FARM)
    none = older | {"evidence": [], "citations": []}
    assert Answer.from_json(none, second).decision.use_case is None


@pytest.mark.parametrize("field", ["evidence", "citations"])
def test_unknown_passage_is_named(second: Comparison, field: str) -> None:
    printed = advice(second).to_json()
    changed = [item | {"passage": "dimension/colour"} for item in printed[field]]
    with pytest.raises(KeyError, match="dimension/colour"):
        Answer.from_json(printed | {field: changed}, second)


def test_missing_field_is_named(second: Comparison) -> None:
    printed = advice(second).to_json()
    del printed["confidence"]
    with pytest.raises(KeyError, match="confidence"):
        Answer.from_json(printed, second)


def test_an_answer_kept_before_rows_were_measured_is_near_to_none(second: Comparison) -> None:
    printed = advice(second).to_json()
    del printed["near"]
    assert Answer.from_json(printed, second).near == ()
