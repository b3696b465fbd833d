"""A run against an earlier one of the same cases: what was lost, what was won, and by chance?

    slim(results).write(path)                    a baseline small enough to commit
    compare(cases, read_baseline(path))          lost, won, p of a permutation test by group

A case is itself if id, kind, turns and expectations are; a baseline that lacks a case or holds
it otherwise is no baseline for the run (InputError). It may hold more: a tier may run a
sample. Runs of different tiers score different things, so a case counts as passed by the
scorers that both runs used. Not covered: more than one baseline, and how far a figure moved.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.errors import InputError
from evals.datasets.case import Case
from evals.metrics.statistics import flipped_by_group
from evals.metrics.types import Flip, Metric, PairedComparison, metrics_from_json, metrics_to_json
from evals.results import CaseResult, Results, load, shown, wanted, write_whole

__all__ = ["Baseline", "Flip", "PairedComparison", "SlimCase", "compare", "read_baseline", "slim"]

VERSION = 2
ANSWER_CHARS = 600  # 900 such answers stay under 1 MB with all else
_RENEW = "Write a new baseline from a run of these cases."


@dataclass(frozen=True)
class SlimCase:
    """What a baseline keeps of a case: `fingerprint` of what was asked and wanted, `passing` by
    scorer, and the answer as shown, cut at ANSWER_CHARS.
    """

    id: str
    fingerprint: str
    passing: Mapping[str, bool]
    verdict: str | None
    answer: str

    @property
    def passed(self) -> bool | None:
        """None if unscored."""
        return all(self.passing.values()) if self.passing else None

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "fingerprint": self.fingerprint,
            "passed": self.passed,  # for whoever reads the file; computed again when it is read
            "passing": dict(self.passing),
            "verdict": self.verdict,
            "answer": self.answer,
        }


@dataclass(frozen=True)
class Baseline:
    """An earlier run, by case id."""

    created: str
    tier: str
    config: Mapping[str, Any]
    metrics: Mapping[str, Metric]
    cases: Mapping[str, SlimCase]

    def write(self, path: Path) -> Path:
        """Writes the file, one case a line, so that a change of one is a line of a diff."""
        head = {
            "version": VERSION,
            "baseline": self.created,
            "tier": self.tier,
            "config": dict(
                self.config
            ),  # agent.web.evaluation_record holds what is served against it
            "metrics": metrics_to_json(self.metrics),
        }
        lines = [_dump(case.to_json()) for case in self.cases.values()]
        text = _dump(head)[:-1] + ', "cases": [\n' + ",\n".join(lines) + "\n]}\n"
        return write_whole(path, text)


def slim(results: Results) -> Baseline:
    """What a later run needs of `results` to be compared with it."""
    cases = {result.case.id: _slim_case(result) for result in results.cases}
    return Baseline(results.created, results.tier, results.config, results.metrics, cases)


def read_baseline(path: Path) -> Baseline:
    """Raises InputError if `path` is no baseline, torn, or of another version."""
    data = load(path, VERSION, _RENEW)
    if "baseline" not in data:
        raise InputError(f"{path} is no baseline: it does not say of when. {_RENEW}")
    try:
        cases = [
            SlimCase(c["id"], c["fingerprint"], c["passing"], c["verdict"], c["answer"])
            for c in data["cases"]
        ]
        metrics = metrics_from_json(data["metrics"])
        return Baseline(
            data["baseline"],
            data["tier"],
            data["config"],
            metrics,
            {case.id: case for case in cases},
        )
    except (AttributeError, KeyError, TypeError) as exc:
        raise InputError(f"{path} is not as it was written ({exc!r}). {_RENEW}") from exc


def compare(results: Sequence[CaseResult], baseline: Baseline) -> PairedComparison:
    """`results` against `baseline`, over the cases that both could score.

    Raises InputError if the baseline is of other cases.
    """
    check_same_cases([result.case for result in results], baseline)
    scorers = _scorers(result.passing for result in results)
    scorers &= _scorers(case.passing for case in baseline.cases.values())
    before, after, groups, turned = [], [], [], []
    for result in results:
        old = baseline.cases[result.case.id]
        if result.answer is None or result.passed is None or old.passed is None:
            continue
        before.append(_passes(old.passing, scorers))
        after.append(_passes(result.passing, scorers))
        groups.append(result.case.group)
        if before[-1] != after[-1]:
            turned.append((after[-1], Flip(old.id, old.answer, shown(result.answer))))
    lost = tuple(flip for passes, flip in turned if not passes)
    won = tuple(flip for passes, flip in turned if passes)
    p_value = flipped_by_group(before, after, groups)
    return PairedComparison(baseline.created, p_value, lost, won, baseline.metrics)


def check_same_cases(cases: Sequence[Case], baseline: Baseline) -> None:
    """Call before a long run: raises InputError if `baseline` is of other cases."""
    kept = baseline.cases
    lacking = [case.id for case in cases if case.id not in kept]
    changed = [
        case.id
        for case in cases
        if case.id in kept and kept[case.id].fingerprint != fingerprint(case)
    ]
    for ids, fault in ((lacking, "lacks"), (changed, "asks or wants otherwise in")):
        if ids:
            raise InputError(
                f"The baseline of {baseline.created} is of other cases: it {fault} {len(ids)} of "
                f"{len(cases)}, the first is {ids[0]}. {_RENEW}"
            )


def _scorers(passing: Iterable[Mapping[str, bool]]) -> set[str]:
    return {scorer for scores in passing for scorer in scores}


def _passes(passing: Mapping[str, bool], scorers: set[str]) -> bool:
    return all(passed for scorer, passed in passing.items() if scorer in scorers)


def _slim_case(result: CaseResult) -> SlimCase:
    answer = result.answer
    text = shown(answer) if answer else ""
    text = text if len(text) <= ANSWER_CHARS else text[: ANSWER_CHARS - 1] + "…"
    verdict = answer.verdict if answer else None
    return SlimCase(result.case.id, fingerprint(result.case), result.passing, verdict, text)


def fingerprint(case: Case) -> str:
    """16 hexadecimal digits, the same for the same kind, turns and expectations."""
    content = json.dumps([case.kind, case.turns, wanted(case)], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
