#!/usr/bin/env bash
# inspect-ai 0.3.285: two scorers of answers call wrong numbers right, and right ones wrong.
# match(numeric=True) compares numbers, so one expects 123457 to be wrong where 123456 is wanted.
# But both are rounded to five significant digits before. exact() wants the same text but for case,
# punctuation and articles, so one expects a sign to count, and "A" to be "A". But it cuts words at
# each hyphen, so the minus is lost, and of the target "A", an article, nothing is left, which no
# answer can match. Figures of six digits, losses, and options called A are what evals ask for.
#
# Seen: 123457 for 123456 and $43,000,400 for $43,000,000 are right by match(numeric=True), 12346
# for 12345 is wrong. 5 for -5 is right by exact(), and A for A is wrong, while B for B is right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check inspect-ai==0.3.285

cd "$folder"
venv/bin/python - <<'PYTHON'
import sys

from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput
from inspect_ai.scorer import exact, match
from inspect_ai.solver import solver


@solver
def answering():
    """In the place of a model: the answer that stands beside the question."""

    async def solve(state, generate):
        state.output = ModelOutput.from_content("mockllm/model", state.metadata["answer"])
        return state

    return solve


def graded(scorer, pairs):
    """For each target and answer C if the scorer calls it right, else I."""
    samples = [
        Sample("How much?", target=target, metadata={"answer": answer}) for target, answer in pairs
    ]
    task = Task(samples, solver=answering(), scorer=scorer)
    [log] = eval(task, model="mockllm/model", display="none", log_dir="logs")
    found = {sample.metadata["answer"]: sample for sample in log.samples}
    scores = [next(iter(found[answer].scores.values())) for _, answer in pairs]
    return "".join(score.value for score in scores)


numbers = [("123456", "123457"), ("$43,000,000", "$43,000,400"), ("12345", "12346")]
texts = [("-5", "5"), ("A", "A"), ("B", "B")]
seen = graded(match(numeric=True), numbers), graded(exact(), texts)
for pairs, grades in zip((numbers, texts), seen):
    for (target, answer), grade in zip(pairs, grades):
        print(f"wanted {target}, answered {answer}: {'right' if grade == 'C' else 'wrong'}")
sys.exit(None if seen == ("CCI", "CIC") else "changed: which answers are right")
PYTHON
echo "as described"
