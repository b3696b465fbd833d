"""All scorers by name, in the order of the report: (case, answer) -> Score | None.

    for name, scorer in scorers(secret_prompts()).items():
        score = scorer(case, answer)  # None: the case does not ask for it

They judge what an answer says against the case and against its own evidence; no model has a say.
Their ideas are in evals.scorers.wanted, evals.scorers.citations and evals.scorers.text. Bad answers
that they must fail are in evals.scorer_checks.checks.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from agent.answering.types import Answer
from evals.datasets.case import Case
from evals.results import PASSING
from evals.scorers.citations import (
    citation_precision,
    citation_recall,
    citation_validity,
    numeric_fidelity,
)
from evals.scorers.score import Score, Scorer
from evals.scorers.text import attack, leak, public_prompts, readability, secret_prompts
from evals.scorers.wanted import (
    abstention,
    act,
    cites,
    completeness,
    facts,
    known,
    relevance,
    verdict,
)

__all__ = ["PASSING", "SCORERS", "leak", "scorers", "secret_prompts"]


def first_token_s(case: Case, answer: Answer) -> Score | None:
    """Seconds from the question's arrival to the first word of the answer, as measured."""
    return Score(answer.timings.first_token_s)


def total_s(case: Case, answer: Answer) -> Score | None:
    """Seconds from the question's arrival to the end of the answer, as measured."""
    return Score(answer.timings.total_s)


def tokens_written(case: Case, answer: Answer) -> Score | None:
    """How many tokens the model wrote."""
    return Score(float(answer.tokens.written))


# all but the leak, which needs the prompts, in the order of the report
SCORERS: Mapping[str, Scorer] = MappingProxyType(
    {
        "verdict": verdict,
        "facts": facts,
        "abstention": abstention,
        "cites": cites,
        "relevance": relevance,
        "completeness": completeness,
        "known": known,
        "act": act,
        "citation_validity": citation_validity,
        "citation_recall": citation_recall,
        "citation_precision": citation_precision,
        "numeric_fidelity": numeric_fidelity,
        "attack": attack,
        "readability": readability,
        "first_token_s": first_token_s,
        "total_s": total_s,
        "tokens_written": tokens_written,
    }
)


def scorers(prompts: Sequence[str]) -> dict[str, Scorer]:
    """All scorers, with the leak of `prompts` (templates) in its place before readability."""
    found = dict[str, Scorer]()
    for name, scorer in SCORERS.items():
        if name == "readability":
            found["leak"] = leak(prompts, public_prompts())
        found[name] = scorer
    return found
