"""The weights are those under which the dev answers are likeliest, also if a part tells nothing.

What is known of the dev cases is kept for as long as what it was made with is the same.
"""

import json
import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from agent.answering.decide import AdviceSignals, AnswerSignals
from agent.settings import read_settings
from evals.datasets.case import Case
from evals.tuning import fit_decision
from evals.tuning.fit_decision import Example, Known, collect, depends_on, fit
from knowledge.comparison import Comparison

FIRST = AdviceSignals((2.0, 0.0, 0.0), 2.0, (2.0, 0.0), (1.0, -1.0), (0.5, 0.2), 0.5)
SECOND = replace(FIRST, log_probabilities=(0.0, 2.0), probed=(-1.0, 1.0), similarities=(0.2, 0.5))
OTHER = replace(FIRST, asks_for=(0.0, 2.0, 0.0), advice=-2.0)
STATED = AnswerSignals(2.0, 3.0, 3.0, True, 0, 0.9, 0.3)
SILENT = AnswerSignals(-2.0, -3.0, -3.0, False, 1, 0.2, 0.1)


def examples(left_out: str = "") -> list[Example]:
    """Two that ask for advice, one that is answered, and one that is not; none tells what is named
    to be left out.
    """
    nothing: dict[str, Any] = {left_out: (0.0, 0.0)} if left_out else {}
    advised = Case(id="a", kind="verdict", turns=("?",))
    told = Case(id="b", kind="fact", turns=("?",))
    silent = Case(id="c", kind="abstain", turns=("?",), abstain=True)
    found = [
        Example(advised, Known(FIRST), 0),
        Example(advised, Known(SECOND), 1),
        Example(told, Known(OTHER, STATED), None),
        Example(silent, Known(OTHER, SILENT), None),
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
    # as evals.tuning.ablation leaves it out; it once made every weight no number
    for name in ("log_probabilities", "probed", "similarities"):
        without = examples(name)
        weights = fit(without)
        flat = [weights.likelihood, weights.probe, weights.similarity, *weights.advise]
        assert all(map(math.isfinite, flat)), asdict(weights)
        assert without[0].known.asked.cases(weights)[0] > 0.8


CONFIG = {
    "model": "qwen",
    "model_sha256": "a",
    "comparison_sha256": "b",
    "prompts_sha256": "c",
    "messages_sha256": "d",
    "embedding_sha256": "e",
    "weights_sha256": "f",
    "top_k": 4,
    "threads": 2,
}
KEPT_CASES = (
    Case(id="a", kind="verdict", turns=("Which?",), verdict="A"),
    Case(id="b", kind="fact", turns=("What?",), must=("x",)),
)


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the cases that the model looked at; it is a made-up one."""
    seen: list[str] = []

    def look(_: object, case: Case) -> Known:
        seen.append(case.id)
        return Known(FIRST) if case.verdict else Known(OTHER, STATED)

    monkeypatch.setattr(fit_decision, "_look", look)
    monkeypatch.setattr(fit_decision, "open_advisor", lambda settings: None)
    monkeypatch.setattr(fit_decision, "configuration", lambda *_: CONFIG)
    return seen


def test_what_is_known_of_the_cases_is_collected_once(
    looked: list[str], comparison: Comparison, tmp_path: Path
) -> None:
    first = collect(KEPT_CASES, tmp_path / "new" / "signals.json", comparison)
    assert collect(KEPT_CASES, tmp_path / "new" / "signals.json", comparison) == first
    assert looked == ["a", "b"]


@pytest.mark.parametrize(
    ("changed", "anew"),
    [
        ({"model_sha256": "?"}, True),
        ({"prompts_sha256": "?"}, True),
        ({"messages_sha256": "?"}, True),
        ({"comparison_sha256": "?"}, True),
        ({"embedding_sha256": "?"}, True),
        ({"top_k": 5}, True),
        ({"threads": 8}, False),
        ({"weights_sha256": "?"}, False),  # they are fitted to what is kept
    ],
    ids=str,
)
def test_what_was_collected_with_something_else_is_collected_anew(
    changed: dict[str, Any],
    anew: bool,
    looked: list[str],
    comparison: Comparison,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kept = tmp_path / "signals.json"
    collect(KEPT_CASES, kept, comparison)
    capsys.readouterr()
    monkeypatch.setattr(fit_decision, "configuration", lambda *_: CONFIG | changed)
    collect(KEPT_CASES, kept, comparison)
    assert looked == ["a", "b"] * (1 + anew)
    [name] = changed
    line = f"{kept} is of another {name}; it is made anew."
    assert (line in capsys.readouterr().err.splitlines()) is anew
    collect(KEPT_CASES, kept, comparison)
    assert looked == ["a", "b"] * (1 + anew)


@pytest.mark.parametrize(
    "changed",
    [{"turns": ("Which then?",)}, {"verdict": None}],
    ids=["turns", "verdict"],
)
def test_a_case_that_changed_under_its_id_is_looked_at_anew(
    changed: dict[str, Any],
    looked: list[str],
    comparison: Comparison,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kept = tmp_path / "signals.json"
    collect(KEPT_CASES, kept, comparison)
    found = collect([KEPT_CASES[0].model_copy(update=changed), KEPT_CASES[1]], kept, comparison)
    assert looked == ["a", "b", "a"]
    assert (found["a"].answerable is None) is ("turns" in changed)
    line = f"{kept} asks otherwise in 1 of 2 cases; these are made anew."
    assert line in capsys.readouterr().err.splitlines()


@pytest.mark.parametrize("text", ['{"a": {}}', '{"key": {', "[]", '{"key": {}}'])
def test_what_does_not_say_with_what_it_was_collected_is_collected_anew(
    text: str, looked: list[str], comparison: Comparison, tmp_path: Path
) -> None:
    kept = tmp_path / "signals.json"
    kept.write_text(text, encoding="utf-8")
    collect(KEPT_CASES, kept, comparison)
    assert looked == ["a", "b"]
    assert set(json.loads(kept.read_text(encoding="utf-8"))) == {"key", "cases"}


def test_what_is_kept_depends_on_its_own_form(looked: list[str], comparison: Comparison) -> None:
    layout = depends_on(read_settings(), comparison)["layout"]
    assert {"asked", "log_probabilities", "covered"} <= set(layout)
