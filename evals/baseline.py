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
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.errors import InputError
from evals.datasets.case import Case
from evals.files import read_model, write
from evals.results import CaseResult, Metric, PairedComparison, Results, shown
from evals.statistics import flipped_by_group

VERSION: Final = 2
ANSWER_CHARS = 600  # 900 such answers stay under 1 MB with all else
SIGNIFICANT = 0.05
_RENEW = "Write a new baseline from a run of these cases."


@dataclass(frozen=True)
class SlimCase:
    """What a baseline keeps of a case: `fingerprint` of what was asked and wanted, `passing` by
    scorer (none if it is unscored), and the answer as shown, cut at ANSWER_CHARS.

    `passed` is for whoever reads the file.
    """

    id: str
    fingerprint: str
    passed: bool | None
    passing: Mapping[str, bool]
    verdict: str | None
    answer: str

    @classmethod
    def of(cls, result: CaseResult) -> "SlimCase":
        answer = result.answer
        text = shown(answer) if answer else ""
        text = text if len(text) <= ANSWER_CHARS else text[: ANSWER_CHARS - 1] + "…"
        verdict = answer.verdict if answer else None
        scored = (result.passed, result.passing)
        return cls(result.case.id, fingerprint(result.case), *scored, verdict, text)


class Baseline(BaseModel):
    """An earlier run; agent.evaluation_record holds what is served against its `config`."""

    model_config = ConfigDict(frozen=True, validate_by_name=True, serialize_by_alias=True)

    version: Literal[2] = VERSION
    created: str = Field(alias="baseline")
    tier: str
    config: dict[str, Any]
    metrics: dict[str, Metric]
    cases: tuple[SlimCase, ...]

    @cached_property
    def by_id(self) -> Mapping[str, SlimCase]:
        return {case.id: case for case in self.cases}

    def write(self, path: Path) -> Path:
        """Writes the file, one case a line, so that a change of one is a line of a diff."""
        head = self.model_dump(mode="json")
        lines = [_dump(case) for case in head.pop("cases")]
        text = _dump(head)[:-1] + ', "cases": [\n' + ",\n".join(lines) + "\n]}\n"
        return write(path, text)


def slim(results: Results) -> Baseline:
    """What a later run needs of `results` to be compared with it."""
    return Baseline(
        created=results.created,
        tier=results.tier,
        config=results.config,
        metrics=results.metrics,
        cases=tuple(map(SlimCase.of, results.cases)),
    )


def read_baseline(path: Path) -> Baseline:
    """Raises InputError if `path` is no baseline, torn, or of another version."""
    return read_model(path, Baseline, _RENEW)


def compare(results: Sequence[CaseResult], baseline: Baseline) -> PairedComparison:
    """`results` against `baseline`, over the cases that both could score.

    Raises InputError if the baseline is of other cases.
    """
    check_same_cases([result.case for result in results], baseline)
    scorers = _scorers(result.passing for result in results)
    scorers &= _scorers(case.passing for case in baseline.cases)
    before, after, groups = [], [], []
    turned: dict[bool, list[SlimCase]] = {False: [], True: []}
    for result in results:
        old = baseline.by_id[result.case.id]
        if not result.passing or not old.passing:
            continue
        before.append(_passes(old.passing, scorers))
        after.append(_passes(result.passing, scorers))
        groups.append(result.case.group)
        if before[-1] != after[-1]:
            turned[after[-1]].append(old)
    lost, won = turned[False], turned[True]
    p_value = flipped_by_group(before, after, groups)
    return PairedComparison(
        created=baseline.created,
        p_value=p_value,
        lost=tuple(case.id for case in lost),
        won=tuple(case.id for case in won),
        # more was lost than won, and chance alone would rarely do that
        significant=p_value < SIGNIFICANT and len(lost) > len(won),
        metrics=baseline.metrics,
        answers={case.id: case.answer for case in (*lost, *won)},
    )


def check_same_cases(cases: Sequence[Case], baseline: Baseline) -> None:
    """Call before a long run: raises InputError if `baseline` is of other cases."""
    kept = {case.id: case.fingerprint for case in baseline.cases}
    lacking = [case.id for case in cases if case.id not in kept]
    changed = [c.id for c in cases if c.id in kept and kept[c.id] != fingerprint(c)]
    for ids, wrong in ((lacking, "lacks"), (changed, "asks or wants otherwise in")):
        if ids:
            raise InputError(
                f"The baseline of {baseline.created} is of other cases: it {wrong} {len(ids)} of "
                f"{len(cases)}, the first is {ids[0]}. {_RENEW}"
            )


def fingerprint(case: Case) -> str:
    """16 hexadecimal digits, the same for the same kind, turns and expectations."""
    content = json.dumps([case.kind, case.turns, case.wanted], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _scorers(passing: Iterable[Mapping[str, bool]]) -> set[str]:
    return {scorer for scores in passing for scorer in scores}


def _passes(passing: Mapping[str, bool], scorers: set[str]) -> bool:
    return all(passed for scorer, passed in passing.items() if scorer in scorers)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
