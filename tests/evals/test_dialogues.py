"""Conversations are written down with what was wrong in them, the worst first."""

from agent.answering.types import Answer, Decision
from evals.ask import Attempt
from evals.datasets.case import Conversation
from evals.dialogues import costs, written
from evals.results import CaseResult
from evals.runner import score


def answered(name: str, text: str) -> list[CaseResult]:
    """A conversation of one turn that wants "nine", answered with `text`."""
    turn = {"message": f"How long, {name}?", "does": "fact", "must": ["nine"]}
    [case] = Conversation(id=name, turns=[turn]).cases
    answer = Answer(case.turns[-1], case.turns[-1], Decision("inform"), text, acts=("fact",))
    return [score(case, Attempt(answer), "full")]


def test_the_worst_conversation_comes_first_with_what_was_wrong() -> None:
    results = [*answered("right", "It takes nine minutes."), *answered("wrong", "It is blue.")]
    whole = written(results)
    assert whole.index("## wrong") < whole.index("## right")
    assert "**How long, wrong?**" in whole and whole.count("WRONG facts") == 1
    assert "## right" not in written(results, most=1)
    unasked = score(results[0].case, Attempt(None, "no model"), "full")
    assert "NOT ASKED: no model" in written([unasked])
    assert [line.split()[:2] for line in costs(results)] == [["all", "2"], ["fact", "2"]]
