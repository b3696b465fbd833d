"""The figures of a run from its cases: `metrics(results)`, by name, each with n and an interval.

Which interval is said in evals.statistics. Unscored cases count in `unscored` and nowhere else; a
figure of nothing is left out. Questions of kind "verdict" and "fact" count whether they stand alone
or as the clean twin of an attack. "Right" is: RIGHT, as far as the case asks for it. Not covered:
what is measured without an answer (evals.retrieval).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import numpy as np

from evals.datasets.case import IN_CONVERSATIONS
from evals.results import CaseResult, Metric
from evals.statistics import (
    bootstrapped,
    cluster_bootstrap,
    constant_answer,
    expected_calibration_error,
    macro_f1,
    mean,
    share,
    wider,
)

CLEAN = "-clean"  # an attack's id with this is the same question unattacked

Measured = list[tuple[str, float]]  # (group, value)
RIGHT = ("verdict", "facts", "abstention", "cites", "act")


def metrics(results: Sequence[CaseResult]) -> dict[str, Metric]:
    """Every figure of METRICS that `results` allow, in that order."""
    run = _Run(results)
    found = {name: measure(run) for name, measure in METRICS.items()}
    return {name: metric for name, metric in found.items() if metric is not None}


def confusion(results: Sequence[CaseResult]) -> dict[str, dict[str, int]]:
    """How often each wanted verdict got which, over the cases of verdict_accuracy.

    No verdict, wanted or answered, is "none".
    """
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for wanted, answered in map(_pair, _Run(results).asked_verdict):
        table[wanted][answered] += 1
    return {wanted: dict(sorted(table[wanted].items())) for wanted in sorted(table)}


class _Run:
    """The cases of a run as the figures want them."""

    def __init__(self, results: Sequence[CaseResult]) -> None:
        self.results = results
        self.scored = [result for result in results if result.passed is not None]

    def of_kind(self, kind: str) -> list[CaseResult]:
        return [result for result in self.scored if result.case.kind == kind]

    @cached_property
    def asked_verdict(self) -> list[CaseResult]:
        return [result for result in self.of_kind("verdict") if "verdict" in result.scores]

    @property
    def told_right(self) -> list[CaseResult]:
        """Answers that are right apart from what they cite."""
        return [r for r in self.scored if _is_right(r, ("verdict", "facts", "abstention"))]

    @property
    def unanswerable(self) -> list[CaseResult]:
        return [result for result in self.single if result.case.abstain]

    @property
    def answerable(self) -> list[CaseResult]:
        """Unattacked cases that are not to be refused."""
        return [r for r in self.single if not r.case.abstain and r.case.kind != "injection"]

    @property
    def single(self) -> list[CaseResult]:
        """Cases that are no turns of conversations with a check after each."""
        return [r for r in self.scored if r.case.kind not in IN_CONVERSATIONS]

    @property
    def turns(self) -> list[CaseResult]:
        """The turns of such conversations."""
        return [r for r in self.scored if r.case.kind in IN_CONVERSATIONS]

    @property
    def twins(self) -> list[CaseResult]:
        ids = {r.case.id + CLEAN for r in self.results if r.case.kind == "injection"}
        return [result for result in self.scored if result.case.id in ids]

    @cached_property
    def intents(self) -> list[list[CaseResult]]:
        """Groups that are wordings of one intent: two or more, clean twins left out, that all
        want the same verdict and citations. "Questions with the word ignore" is none.
        """
        groups: dict[str, list[CaseResult]] = defaultdict(list)
        for result in self.asked_verdict:
            if not result.case.id.endswith(CLEAN):
                groups[result.case.group].append(result)
        wanted = {
            name: {(r.case.verdict, r.case.cites) for r in group} for name, group in groups.items()
        }
        return [groups[n] for n in sorted(groups) if len(groups[n]) > 1 and len(wanted[n]) == 1]


def _scores(results: Iterable[CaseResult], scorer: str) -> Measured:
    return [(r.case.group, r.scores[scorer].value) for r in results if scorer in r.scores]


def _fails(results: Iterable[CaseResult], scorer: str) -> Measured:
    return [(group, float(value != 1)) for group, value in _scores(results, scorer)]


def _lacks(measured: Measured) -> Measured:
    return [(group, 1 - value) for group, value in measured]


def _rights(results: Iterable[CaseResult]) -> Measured:
    judged = [(result.case.group, _is_right(result)) for result in results]
    return [(group, float(right)) for group, right in judged if right is not None]


def _is_right(result: CaseResult, judges: Sequence[str] = RIGHT) -> bool | None:
    """Whether all of `judges` that scored gave 1; None if one that the case asks for did not."""
    case = result.case
    asked = {
        "verdict": case.scores_verdict,
        "facts": bool(case.must or case.must_not),
        "abstention": case.abstain,
        "cites": bool(case.cites),
        "act": case.does is not None,
    }
    if any(asked[judge] and judge not in result.scores for judge in judges):
        return None
    return all(result.scores[judge].value == 1 for judge in judges if judge in result.scores)


def _pair(result: CaseResult) -> tuple[str, str]:
    """The wanted verdict and the answered one, "none" for no verdict."""
    answered = result.answer.verdict if result.answer else None
    return result.case.verdict or "none", answered or "none"


def _macro_f1(run: _Run) -> Metric | None:
    return bootstrapped([(r.case.group, _pair(r)) for r in run.asked_verdict], macro_f1)


def _constant(run: _Run, figure: Callable[[Sequence[tuple[str, str]]], float]) -> Metric | None:
    """The figure of always saying the most frequent label: a fact of the cases, no interval."""
    wanted = [_pair(result)[0] for result in run.asked_verdict]
    if not wanted:
        return None
    constant = constant_answer(wanted)
    return Metric(figure([(label, constant) for label in wanted]), len(wanted))


def _hits(pairs: Sequence[tuple[str, str]]) -> float:
    return mean([float(wanted == answered) for wanted, answered in pairs])


def _consistency(run: _Run) -> Metric | None:
    """The mean over intents of the share of wordings that got the intent's most frequent
    verdict, right or wrong; n counts wordings.
    """
    if not run.intents:
        return None
    modal = [max(Counter(_pair(r)[1] for r in intent).values()) for intent in run.intents]
    sizes = [len(intent) for intent in run.intents]
    agree = {str(i): [most / n] for i, (most, n) in enumerate(zip(modal, sizes, strict=True))}
    interval = cluster_bootstrap(agree, mean) if len(agree) > 1 else None
    return wider(mean([part for (part,) in agree.values()]), sum(modal), sum(sizes), interval)


def _worst_group(run: _Run) -> Metric | None:
    """The intent with the lowest share of right verdicts; n counts its wordings.

    The lowest of several looks worse than it is, so the low end errs to the careful side.
    """
    intents = [[value for _, value in _scores(intent, "verdict")] for intent in run.intents]
    if not intents:
        return None
    worst = min(intents, key=lambda values: (mean(values), -len(values)))
    return wider(mean(worst), math.fsum(worst), len(worst), None)


def _calibration(run: _Run) -> Metric | None:
    """Over unattacked cases that want a verdict and got one with a confidence."""
    advised = [
        (r.case.group, (r.answer.decision.confidence, r.scores["verdict"].value == 1))
        for r in run.answerable
        if "verdict" in r.scores
        and r.answer is not None
        and r.answer.verdict is not None
        and r.answer.decision.confidence is not None
    ]

    def error(pairs: Sequence[tuple[float, bool]]) -> float:
        return expected_calibration_error([c for c, _ in pairs], [right for _, right in pairs])

    return bootstrapped(advised, error)


def _quantile(run: _Run, scorer: str, part: float) -> Metric | None:
    def quantile(values: Sequence[float]) -> float:
        return float(np.quantile(values, part))

    return bootstrapped(_scores(run.scored, scorer), quantile)


METRICS: dict[str, Callable[[_Run], Metric | None]] = {
    "verdict_accuracy": lambda run: share(_scores(run.asked_verdict, "verdict")),
    "verdict_macro_f1": _macro_f1,
    "constant_answer": lambda run: _constant(run, _hits),
    "constant_answer_macro_f1": lambda run: _constant(run, macro_f1),
    "use_case_cited": lambda run: share(_scores(run.asked_verdict, "cites")),
    "fact_accuracy": lambda run: share(_scores(run.of_kind("fact"), "facts")),
    "abstention_recall": lambda run: share(_scores(run.unanswerable, "abstention")),
    "false_refusals": lambda run: share(_fails(run.answerable, "abstention")),
    "followup_accuracy": lambda run: share(_rights(run.of_kind("followup"))),
    "turn_accuracy": lambda run: share(_rights(run.of_kind("turn"))),
    "turns_refused_rightly": lambda run: share(
        _scores((r for r in run.turns if r.case.abstain), "abstention")
    ),
    "turns_refused_wrongly": lambda run: share(
        _fails((r for r in run.turns if not r.case.abstain), "abstention")
    ),
    "case_accuracy": lambda run: share(_rights(run.of_kind("case"))),
    "case_known": lambda run: share(_scores(run.scored, "known")),
    "overview_accuracy": lambda run: share(_rights(run.of_kind("overview"))),
    "parts_answered": lambda run: share(_scores(run.of_kind("multi"), "completeness")),
    "act_accuracy": lambda run: share(_rights(run.of_kind("act"))),
    "relevance": lambda run: share(_scores(run.scored, "relevance")),
    "completeness": lambda run: share(_scores(run.turns, "completeness")),
    "citation_validity": lambda run: share(_scores(run.scored, "citation_validity")),
    "citation_recall": lambda run: share(_scores(run.told_right, "citation_recall")),
    "citation_precision": lambda run: share(_scores(run.told_right, "citation_precision")),
    # an answer of one sentence weighs as much as one of five: scores carry no counts
    "unsupported_sentences": lambda run: share(_lacks(_scores(run.scored, "citation_recall"))),
    "numeric_fidelity": lambda run: share(_scores(run.scored, "numeric_fidelity")),
    "consistency": _consistency,
    "worst_group": _worst_group,
    # whether or not the twin was right: stricter, and it needs no twin
    "attack_success": lambda run: share(_fails(run.of_kind("injection"), "attack")),
    "utility_under_attack": lambda run: share(_rights(run.of_kind("injection"))),
    "utility_without_attack": lambda run: share(_rights(run.twins)),
    "prompt_leaks": lambda run: share(_fails(run.scored, "leak")),
    "readability": lambda run: share(_scores(run.scored, "readability")),
    "expected_calibration_error": _calibration,
    "first_token_p50_s": lambda run: _quantile(run, "first_token_s", 0.5),
    "first_token_p95_s": lambda run: _quantile(run, "first_token_s", 0.95),
    "total_p50_s": lambda run: _quantile(run, "total_s", 0.5),
    "tokens_written_mean": lambda run: bootstrapped(_scores(run.scored, "tokens_written"), mean),
    "unscored": lambda run: (
        Metric(len(run.results) - len(run.scored), len(run.results)) if run.results else None
    ),
    "passed": lambda run: share((r.case.group, float(r.passed is True)) for r in run.scored),
}
