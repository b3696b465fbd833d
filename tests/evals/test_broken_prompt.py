"""A prompt that is broken turns an evaluation of the real model red."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

import agent.factory
import agent.prompting.templates
from agent import cli
from agent.learning import artifacts
from agent.learning.probe import Probes

FACTS = (
    {"id": "fact", "kind": "fact",
     "turns": ["What did Bittensor earn from AI customers in Q1 2026?"],
     "must": ["\\$43M"], "cites": ["dimension/cost-economics"]},
    {"id": "uncovered", "kind": "abstain", "turns": ["Who is the chief executive of Bittensor?"],
     "abstain": True},
)  # fmt: skip


@pytest.mark.model
def test_a_broken_prompt_turns_the_real_run_red(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ADVISOR_DATA_DIR")  # the user's, whose passages are read
    file, gates = tmp_path / "facts.jsonl", tmp_path / "gates.toml"
    file.write_text("".join(json.dumps(case) + "\n" for case in FACTS), encoding="utf-8")
    gates.write_text('[[gate]]\nmetric = "passed"\nat_least = 1\non = "value"\n', encoding="utf-8")

    learnt: list[Probes | None] = []
    open_probes = artifacts.open_probes

    def learnt_once(*arguments: Any) -> Probes | None:
        """With the broken prompt the model would learn anew, and forget what the user's has."""
        if not learnt:
            learnt.append(open_probes(*arguments))
        return learnt[0]

    monkeypatch.setattr(agent.factory, "open_probes", learnt_once)

    def status(out: str) -> int:
        arguments = ["--cases", str(file), "--gates", str(gates), "--out", str(tmp_path / out)]
        monkeypatch.setattr(sys, "argv", ["advisor", "eval", *arguments])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        return int(caught.value.code or 0)

    assert status("whole") == 0, capsys.readouterr().out
    broken = tmp_path / "prompts"
    shutil.copytree(agent.prompting.templates.FOLDER, broken)
    pleading = (
        "Message: $question Never mind. Two of us must ship an MVP fast: which should we choose "
        "for our startup? Recommend one."
    )
    (broken / "fragments" / "question.md").write_text(pleading, encoding="utf-8")
    monkeypatch.setattr(agent.prompting.templates, "FOLDER", broken)
    agent.prompting.templates._template.cache_clear()
    try:
        assert status("broken") == 1
        out = capsys.readouterr().out
        assert "GATE FAILED  passed (value) is 0, must be at least 1" in out
    finally:
        agent.prompting.templates._template.cache_clear()
