"""An evaluation from its cases to its report: retrieve, ask, score, measure, gate, compare.

    results = run(Plan(tier="full", files=[...], folder=Path("out/eval")), settings)

Tiers, each in its own folder: "retrieval" needs no model (what is found for every wording, and
what the scorers make of answers known to be good or bad); "decision" decides every wording of
a verdict or an abstention and writes nothing; "answers" answers a fixed sample; "full" answers
everything. The command line is in evals.cli.
"""

import hashlib
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from agent.answering.rewrite import readable
from agent.errors import InputError
from agent.factory import open_advisor, open_retriever
from agent.progress import Progress, silent
from agent.provenance import configuration
from agent.settings import Settings
from evals import retrieval
from evals.ask import Attempt, ask_all
from evals.baseline import Baseline, check_same_cases, compare, read_baseline
from evals.datasets.case import KINDS, Case, read_cases
from evals.gates import Gate, check, read_gates
from evals.metrics import CLEAN, confusion, metrics
from evals.results import (
    CaseResult,
    ComparisonInfo,
    Metric,
    Results,
    check_folder,
    read_results,
)
from evals.scorer_checks.checks import caught, wrongly_failed
from evals.scorers.registry import scorers, secret_prompts
from evals.scorers.score import Score

CASES = Path(__file__).parent / "datasets"
GATES = Path(__file__).parent / "gates.toml"
GATES_OF_GENERATED = Path(__file__).parent / "gates-generated.toml"
BASELINE = Path(__file__).parent / "baseline.json"
SAMPLE = 80  # cases that the tier "answers" answers: about 5 minutes on two slow cores
NOT_ASKED = Attempt(None, "the run that is scored again has no answer to its question")
DECIDED = ("verdict", "abstention")  # what a decision without text can be scored on


@dataclass(frozen=True)
class Plan:
    """What to run. Without `files`, the shipped validation cases; without `kinds`, all kinds;
    without `gates`, those of generated cases where any case is generated.
    """

    tier: str
    folder: Path
    files: Sequence[Path] = ()
    kinds: Sequence[str] = ()
    gates: Path | None = None
    baseline: Path | None = None
    shuffle: int | None = None
    progress: Progress = silent


def run(plan: Plan, settings: Settings) -> Results:
    """Evaluates what `settings` serve. Raises InputError for anything wrong before it asks."""
    check_folder(plan.folder)
    gates, baseline = _against(plan)
    retriever = open_retriever(settings)
    comparison = retriever.index.comparison
    cases = chosen(read_cases(plan.files or shipped_cases(), comparison), plan)
    gates = gates or _gates_of(cases)
    config = configuration(settings, comparison)
    started = time.perf_counter()
    found = retrieval.measure(retriever, cases)
    retrieval_s = time.perf_counter() - started
    attempts: dict[str, Attempt] = {}
    if plan.tier == "retrieval":
        found |= scorer_checks()
        cases = []
    else:
        if baseline:
            check_same_cases(cases, baseline)
        attempts = ask_all(
            lambda: open_advisor(settings, plan.progress),
            cases,
            comparison,
            plan.folder,
            config,
            plan.tier == "decision",
            plan.progress,
        )
    results = [score(case, attempts[case.id], plan.tier) for case in sorted(cases, key=_by_id)]
    measured = found | metrics(results)
    duration_s = time.perf_counter() - started
    return Results(
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        tier=plan.tier,
        duration_s=round(duration_s, 1),
        durations_s={
            "retrieval": round(retrieval_s, 1),
            "asking": round(duration_s - retrieval_s, 1),
        },
        comparison=ComparisonInfo.of(comparison),
        config=config,
        metrics=measured,
        gates=tuple(check(gates, measured, plan.tier)),
        confusion=confusion(results),
        baseline=compare(results, baseline) if baseline and results else None,
        cases=tuple(results),
    )


def rescore(folder: Path, plan: Plan, settings: Settings) -> Results:
    """The results in `folder` with the scorers, gates and baseline of today; nothing is asked.

    Where `plan.files` are given, they say what is wanted today. A case that asks something else
    than what was answered in `folder` is unscored.
    """
    check_folder(plan.folder)
    comparison = open_retriever(settings).index.comparison
    before = read_results(folder, comparison)
    gates, baseline = _against(plan)
    kept = {(r.case.id, r.case.turns): Attempt(r.answer, r.error) for r in before.cases}
    cases = [result.case for result in before.cases]
    if plan.files and before.tier != "retrieval":
        cases = chosen(read_cases(plan.files, comparison), replace(plan, tier=before.tier))
    gates = gates or _gates_of(cases)
    results = [
        score(case, kept.get((case.id, case.turns), NOT_ASKED), before.tier)
        for case in sorted(cases, key=_by_id)
    ]
    found = {name: m for name, m in before.metrics.items() if name in retrieval.METRICS}
    measured = found | metrics(results)
    return before.model_copy(
        update={
            "metrics": measured,
            "gates": tuple(check(gates, measured, before.tier)),
            "confusion": confusion(results),
            "baseline": compare(results, baseline) if baseline and results else None,
            "cases": tuple(results),
        }
    )


def _against(plan: Plan) -> tuple[Sequence[Gate], Baseline | None]:
    """What a run is held against."""
    gates = read_gates(plan.gates) if plan.gates else ()
    return gates, read_baseline(plan.baseline) if plan.baseline else None


def _gates_of(cases: Sequence[Case]) -> Sequence[Gate]:
    return read_gates(GATES_OF_GENERATED) if any(case.generated for case in cases) else ()


def passed(results: Results) -> bool:
    """No gate failed, every case could be scored, and the baseline was not lost to."""
    held = all(gate.passed is not False for gate in results.gates)
    scored = all(result.passed is not None for result in results.cases)
    return held and scored and not (results.baseline and results.baseline.significant)


def shipped_cases(split: str = "validation") -> list[Path]:
    return sorted(CASES.glob(f"{split}-*.jsonl"))


def chosen(cases: Sequence[Case], plan: Plan) -> list[Case]:
    """The cases that `plan` asks, in its order. Raises InputError if none is left."""
    for kind in plan.kinds:
        if kind not in KINDS:
            raise InputError(f'--kind "{kind}" is none of {", ".join(KINDS)}.')
    left = [case for case in cases if not plan.kinds or case.kind in plan.kinds]
    if plan.tier == "decision":
        left = [
            case
            for case in left
            if (case.kind == "abstain" or case.scores_verdict)
            and len(case.turns) == 1
            and case.kind != "injection"
            and not case.id.endswith(CLEAN)
        ]
    if plan.tier == "answers":
        left = sample(left)
    if not left:
        raise InputError(
            f"No case is left to ask at tier {plan.tier}"
            + (f" of kind {', '.join(plan.kinds)}" if plan.kinds else "")
            + ". Give other --cases, another --kind or another --tier."
        )
    if plan.shuffle is not None:
        random.Random(plan.shuffle).shuffle(left)
    return left


def sample(cases: Sequence[Case]) -> list[Case]:
    """At most SAMPLE cases, the same ones every time, each kind in its proportion.

    Chosen by a hash of the id, so a new case does not change which of the others are in. An
    attack brings its clean twin.
    """
    pairs: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        pairs[case.id.removesuffix(CLEAN)].append(case)
    by_kind: dict[str, list[list[Case]]] = defaultdict(list)
    for _, pair in sorted(pairs.items(), key=lambda item: _digest(item[0])):
        by_kind[pair[0].kind].append(pair)
    found: list[Case] = []
    for group in by_kind.values():
        total = sum(map(len, group))
        room = max(1, round(SAMPLE * total / len(cases)))
        for pair in group:
            if room <= 0:
                break
            found += pair
            room -= len(pair)
    return sorted(found, key=_by_id)


def score(case: Case, attempt: Attempt, tier: str) -> CaseResult:
    """A case with what every scorer gives its answer."""
    if attempt.answer is None:
        return CaseResult(case, None, {}, attempt.error or "no answer")
    if attempt.answer.question != readable(case.turns[-1]):
        return CaseResult(case, None, {}, NOT_ASKED.error)
    found: dict[str, Score] = {}
    for name, scorer in scorers(secret_prompts()).items():
        given = scorer(case, attempt.answer) if tier != "decision" or name in DECIDED else None
        if given is not None:
            found[name] = given
    return CaseResult(case, attempt.answer, found)


def scorer_checks() -> dict[str, Metric]:
    """The shares of bad answers that their scorers catch, and of good ones that they fail."""
    counts = {"scorer_checks_caught": caught(), "scorer_checks_wrongly_failed": wrongly_failed()}
    totals = {name: (hits.total(), checks.total()) for name, (hits, checks) in counts.items()}
    return {name: Metric(hits / checks, checks) for name, (hits, checks) in totals.items()}


def _by_id(case: Case) -> str:
    return case.id


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
