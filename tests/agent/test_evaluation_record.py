"""The page shows an evaluation only if it is of what is served."""

import json
from pathlib import Path

import pytest

from agent.evaluation_record import keep, last_evaluation
from agent.web.panels import Panels
from tests.helpers.coffee import COMPARISON

CONFIG = {
    "model": "m",
    "model_sha256": "a" * 64,
    "comparison_sha256": "c" * 64,
    "prompts_sha256": "p" * 64,
    "top_k": 4,
    "cpu": "one",
}
METRICS = {
    "verdict_accuracy": {"value": 0.96, "n": 108, "low": 0.91, "high": 0.98},
    "constant_answer": {"value": 0.5, "n": 108, "low": None, "high": None},
}


def test_an_evaluation_of_the_same_configuration_is_found(tmp_path: Path) -> None:
    keep(tmp_path, "2026-01-02T03:04:05Z", "full", CONFIG, METRICS)
    found = last_evaluation(tmp_path, CONFIG | {"cpu": "another"}, tmp_path / "none")
    assert found is not None
    [figure] = found.figures  # what is not for people is not shown
    assert (figure.label, figure.value, figure.n) == ("right verdicts", 0.96, 108)
    assert found.created == "2026-01-02T03:04:05Z"


@pytest.mark.parametrize("changed", ["model_sha256", "prompts_sha256", "top_k"])
def test_an_evaluation_of_another_configuration_is_not(tmp_path: Path, changed: str) -> None:
    keep(tmp_path, "2026-01-02T03:04:05Z", "full", CONFIG, METRICS)
    assert last_evaluation(tmp_path, CONFIG | {changed: "other"}, tmp_path / "none") is None


def test_evaluations_of_several_configurations_are_kept(tmp_path: Path) -> None:
    other = CONFIG | {"top_k": 1}
    keep(tmp_path, "2026-01-02T03:04:05Z", "full", CONFIG, METRICS)
    keep(tmp_path, "2026-02-02T03:04:05Z", "full", other, METRICS)
    found = [last_evaluation(tmp_path, config, tmp_path / "none") for config in (CONFIG, other)]
    assert [each.created[:7] for each in found if each] == ["2026-01", "2026-02"]


def test_the_newer_of_the_kept_and_the_shipped_one_counts(tmp_path: Path) -> None:
    shipped = tmp_path / "baseline.json"
    baseline = {"baseline": "2026-05-05T00:00:00Z", "tier": "full", "config": CONFIG}
    shipped.write_text(json.dumps(baseline | {"metrics": METRICS, "cases": []}), encoding="utf-8")
    keep(tmp_path, "2026-01-02T03:04:05Z", "full", CONFIG, METRICS)
    found = last_evaluation(tmp_path, CONFIG, shipped)
    assert found is not None
    assert found.created == "2026-05-05T00:00:00Z"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"config": 3}', "null"])
def test_a_file_that_is_no_evaluation_counts_for_nothing(tmp_path: Path, content: str) -> None:
    shipped = tmp_path / "baseline.json"
    shipped.write_text(content, encoding="utf-8")
    assert last_evaluation(tmp_path, CONFIG, shipped) is None


def test_the_page_shows_figures_with_intervals_and_hashes(tmp_path: Path) -> None:
    keep(tmp_path, "2026-01-02T03:04:05Z", "full", CONFIG, METRICS)
    evaluation = last_evaluation(tmp_path, CONFIG, tmp_path / "none")
    shown = Panels(COMPARISON, tuple, evaluation, CONFIG).html
    row = '<th scope="row">right verdicts</th><td>96 %</td><td>91 to 98 %</td><td>108</td>'
    assert row in shown
    assert "2026-01-02" in shown
    assert f"<code>{'a' * 64}</code>" in shown


def test_without_an_evaluation_the_page_says_so() -> None:
    assert "have not been evaluated" in Panels(COMPARISON).html
