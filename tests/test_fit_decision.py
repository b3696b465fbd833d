"""The weights are those under which the dev answers are likeliest, also if a part tells nothing."""

import math
from dataclasses import asdict, replace
from typing import Any

from agent.decide import Answerable, Asked
from evals.case import Case
from evals.fit_decision import Example, Known, fit

FIRST = Asked((2.0, 0.0, 0.0), 2.0, (2.0, 0.0), (1.0, -1.0), (0.5, 0.2), 0.5)
SECOND = replace(FIRST, likelihoods=(0.0, 2.0), probed=(-1.0, 1.0), similarities=(0.2, 0.5))
OTHER = replace(FIRST, asks_for=(0.0, 2.0, 0.0), advice=-2.0)
STATED = Answerable(2.0, 3.0, 3.0, True, 0, 0.9, 0.3)
SILENT = Answerable(-2.0, -3.0, -3.0, False, 1, 0.2, 0.1)


def examples(left_out: str = "") -> list[Example]:
    """Two that ask for advice, one that is answered, and one that is not; none tells what is named
    to be left out.
    """
    nothing: dict[str, Any] = {left_out: (0.0, 0.0)} if left_out else {}
    advised = Case("a", "verdict", ("?",), "a")
    told, silent = Case("b", "fact", ("?",), "b"), Case("c", "abstain", ("?",), "c", abstain=True)
    found = [
        Example(advised, Known(FIRST), 0),
        Example(advised, Known(SECOND), 1),
        Example(told, Known(OTHER, STATED, replace(STATED, stated=None, covered=None)), None),
        Example(silent, Known(OTHER, SILENT, replace(SILENT, stated=None, covered=None)), None),
    ]
    return [
        replace(each, known=replace(each.known, asked=replace(each.known.asked, **nothing)))
        for each in found
    ]


def test_all_parts_speak_for_the_right_case() -> None:
    weights = fit(examples())
    assert min(weights.likelihood, weights.probe, weights.similarity) > 0
    assert FIRST.cases(weights)[0] > 0.9 and SECOND.cases(weights)[1] > 0.9
    assert FIRST.advise(weights) > 0.5 > OTHER.advise(weights)
    assert STATED.inform(weights) > 0.5 > SILENT.inform(weights)


def test_a_part_that_tells_nothing_weighs_nothing_and_spoils_nothing() -> None:
    # as evals.ablation leaves it out; it once made every weight no number
    for name in ("likelihoods", "probed", "similarities"):
        without = examples(name)
        weights = fit(without)
        flat = [weights.likelihood, weights.probe, weights.similarity, *weights.advise]
        assert all(map(math.isfinite, flat)), asdict(weights)
        assert without[0].known.asked.cases(weights)[0] > 0.8
