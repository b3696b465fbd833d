"""The Inspect task with the real package: its log holds the same scores as `advisor eval`."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import inspect_ai
import pytest

import agent.factory
from evals.inspect_task import comparison_advisor
from tests.evals.test_cli import choose
from tests.helpers.scripted_model import ScriptedModel

pytestmark = pytest.mark.slow

CASES = (
    {"id": "cabin", "kind": "verdict", "turns": ["A winter cabin. Which one?"],
     "verdict": "Gas Boiler", "cites": ["best-for/holiday-cabin-used-in-winter"]},
    {"id": "wrong", "kind": "verdict", "turns": ["Our cabin again?"], "verdict": "Heat Pump"},
    {"id": "poem", "kind": "abstain", "turns": ["Hello.", "Write a poem."], "abstain": True},
)  # fmt: skip


def test_a_log_of_inspect_holds_our_scores(
    indexes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(indexes, tmp_path / "data" / "indexes")
    monkeypatch.setattr(agent.factory, "open_model", lambda *arguments: ScriptedModel(choose))
    file = tmp_path / "cases.jsonl"
    file.write_text("".join(json.dumps(case) + "\n" for case in CASES), encoding="utf-8")
    task = comparison_advisor(str(file), "heat-pump-vs-gas-boiler")
    # in a thread of its own: after a test in a browser, Playwright's event loop runs in this one
    with ThreadPoolExecutor(1) as thread:
        evaluated = thread.submit(
            inspect_ai.eval, task, model="none", log_dir=str(tmp_path / "logs"), display="none"
        )
        [log] = evaluated.result()
    assert log.status == "success", log.error
    assert log.samples is not None
    values = {
        sample.id: {name: score.value for name, score in (sample.scores or {}).items()}
        for sample in log.samples
    }
    assert (values["cabin"]["verdict"], values["cabin"]["cites"]) == (1.0, 1.0)
    assert values["wrong"]["verdict"] == 0.0
    assert values["poem"]["abstention"] == 1.0
    assert str(values["poem"]["verdict"]) == "nan"  # as Inspect says that it was not scored
    assert log.results is not None
    found = {score.name: score for score in log.results.scores}
    assert found["verdict"].metrics["mean"].value == 0.5
    counts = {name: (each.scored_samples, each.unscored_samples) for name, each in found.items()}
    assert (counts["verdict"], counts["cites"], counts["total_s"]) == ((2, 1), (1, 2), (3, 0))
    assert counts["attack"] == (0, 3)
    [wrong] = [sample for sample in log.samples if sample.id == "wrong"]
    assert (wrong.scores or {})["verdict"].explanation == "Gas Boiler instead of Heat Pump"
