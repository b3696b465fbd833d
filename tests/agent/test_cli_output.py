"""What the command line prints where not every sign can be shown: nothing is lost, nothing breaks.

`advisor` runs in a process of its own, whose standard output and error take ASCII only.
"""

import json
import os
import subprocess
import sys

import pytest

from tests.helpers.command import HEAT
from tests.helpers.paths import ROOT

pytestmark = pytest.mark.slow

LOUD = "Is it loud? 🎉 é …"


def in_ascii(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """`advisor` with a scripted model, where neither output can show more than ASCII."""
    program = """
import sys
import agent.factory
from agent import cli
from tests.helpers.scripted_model import ScriptedModel
model = ScriptedModel(lambda prompt, options: 0, lambda prompt: "")
agent.factory.open_model = lambda *arguments: model
sys.argv[0] = "advisor"
text = cli._plain
cli._plain = lambda answer, as_of: text(answer, as_of) + "“€” 🎉"
cli.main()
"""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        cwd=ROOT,
        capture_output=True,
        encoding="ascii",
    )


@pytest.mark.usefixtures("indexed")
def test_an_answer_is_shown_where_not_every_sign_can_be() -> None:
    done = in_ascii("ask", LOUD, "--comparison", HEAT)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(r"\u201c\u20ac\u201d \U0001f389" + "\n")


@pytest.mark.usefixtures("indexed")
def test_json_stays_json_where_not_every_sign_can_be_shown() -> None:
    done = in_ascii("ask", LOUD, "--json", "--comparison", HEAT)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["question"] == LOUD


@pytest.mark.usefixtures("no_model")
def test_doctor_and_errors_show_what_they_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_COMPARISON", "tee-für-🎉")
    done = in_ascii("doctor")
    assert (done.returncode, done.stderr) == (1, "")
    assert r"ADVISOR_COMPARISON=tee-f\xfcr-\U0001f389" in done.stdout
    done = in_ascii("pull", "modèle")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(r'No model "mod\xe8le". Give one of ')
