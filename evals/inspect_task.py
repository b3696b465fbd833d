"""The same cases and scorers as a task of Inspect, for people who want to see them in its viewer.

    pip install -e ".[inspect]"
    inspect eval evals/inspect_task.py --model none
    inspect eval evals/inspect_task.py --model none -T cases=datasets/plain.jsonl
    inspect view

Needs the optional package inspect-ai (https://inspect.aisi.org.uk). The advisor of the settings is
the solver, whatever --model says. Inspect runs in the task's folder: paths start there. A case
that could not be run is an error of its sample. Not covered: gates, baselines and intervals over
groups; those are `advisor eval`'s.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from threading import Lock

from anyio.to_thread import run_sync
from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageAssistant, ChatMessageUser, ModelOutput
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver

from agent.advisor import Advisor
from agent.answering.types import Answer
from agent.factory import open_advisor, open_retriever
from agent.settings import Settings, read_settings
from evals.ask import ask
from evals.datasets.case import Case, read_cases
from evals.runner import shipped_cases
from evals.scorers import score as ours
from evals.scorers.registry import scorers, secret_prompts
from knowledge.comparison import Comparison

ANSWER = "answer"  # where the solver leaves it in a sample's store


@task
def comparison_advisor(cases: str = "", comparison: str = "") -> Task:
    """The cases of a file (the shipped validation if none is given) about an indexed comparison."""
    settings = read_settings(comparison=comparison)
    about = open_retriever(settings).index.comparison
    known = {
        case.id: case for case in read_cases([Path(cases)] if cases else shipped_cases(), about)
    }
    return Task(
        dataset=MemoryDataset([_sample(case) for case in known.values()], name=about.title),
        solver=advise(known, _opened_once(settings)),
        scorer=[
            _scorer(name, each, known, about) for name, each in scorers(secret_prompts()).items()
        ],
    )


def _opened_once(settings: Settings) -> Callable[[], Advisor]:
    """Samples ask from several threads at once; they share one advisor."""
    opening = Lock()
    opened = cache(lambda: open_advisor(settings))

    def advisor() -> Advisor:
        with opening:
            return opened()

    return advisor


def _sample(case: Case) -> Sample:
    """`target` is what the answer must be, in words; the scorers read the case itself."""
    wanted = "abstain" if case.abstain else (case.verdict or "; ".join(case.must))
    return Sample(
        id=case.id,
        input=[ChatMessageUser(content=turn) for turn in case.turns],
        target=wanted,
        metadata={"kind": case.kind, "group": case.group, "cites": list(case.cites)},
    )


@solver
def advise(cases: Mapping[str, Case], advisor: Callable[[], Advisor]) -> Solver:
    """Asks the advisor all turns of a sample; the last answer is the output."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        answer: Answer = await run_sync(lambda: ask(advisor(), cases[str(state.sample_id)]))
        state.store.set(ANSWER, answer.to_json())
        state.messages.append(ChatMessageAssistant(content=answer.text))
        state.output = ModelOutput.from_content("advisor", answer.text)
        return state

    return solve


def _scorer(
    name: str, scorer_of_ours: ours.Scorer, cases: Mapping[str, Case], about: Comparison
) -> Scorer:
    """One of our scorers as one of Inspect's; a case that does not ask for it is unscored there."""

    @scorer(name=name, metrics=[mean(), stderr()])
    def wrapped() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:
            answer = Answer.from_json(state.store.get(ANSWER), about)
            found = scorer_of_ours(cases[str(state.sample_id)], answer)
            if found is None:
                return Score.unscored(explanation="the case does not ask for it")
            return Score(value=found.value, explanation=found.explanation)

        return score

    return wrapped()
