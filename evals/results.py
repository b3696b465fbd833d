"""What a run found, case by case and as figures, and its file results.json.

    results.write(folder)                     folder/results.json, whole or not at all
    read_results(folder, comparison)          the same Results again

A file of another version, a torn file and a folder without one are each one line for people
(InputError); none of them is overwritten. Not covered: how figures are computed
(evals.metrics.metrics), and carrying a file from one version to another.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from agent.answering.types import Answer
from agent.errors import InputError
from evals.datasets.case import Case
from evals.metrics.types import (
    GateResult,
    Metric,
    PairedComparison,
    metrics_from_json,
    metrics_to_json,
)
from evals.scorers.score import Score
from knowledge.comparison import Comparison

VERSION = 1
FILE = "results.json"
TIERS = ("retrieval", "decision", "answers", "full")
# a case passes if those of these that apply to it are 1
PASSING = (
    "verdict",
    "facts",
    "abstention",
    "cites",
    "citation_validity",
    "numeric_fidelity",
    "attack",
    "leak",
)
_AGAIN = 'Run "advisor eval" again into another folder.'


@dataclass(frozen=True)
class CaseResult:
    """A case, what it was answered, and the scores of the scorers that apply to it."""

    case: Case
    answer: Answer | None
    scores: Mapping[str, Score] = field(default_factory=dict)
    error: str = ""

    @property
    def passing(self) -> dict[str, bool]:
        """Whether each passing scorer that applies gave 1; nothing if the case is unscored."""
        if self.answer is None or self.error:
            return {}
        return {name: self.scores[name].value == 1 for name in PASSING if name in self.scores}

    @property
    def passed(self) -> bool | None:
        """None if unscored: no answer, an error on the way, or no passing scorer applied."""
        return all(self.passing.values()) if self.passing else None


@dataclass(frozen=True)
class ComparisonInfo:
    """Which comparison the answers are about."""

    slug: str
    title: str
    labels: tuple[str, ...]
    as_of: str

    @classmethod
    def of(cls, comparison: Comparison) -> "ComparisonInfo":
        return cls(comparison.slug, comparison.title, comparison.labels, comparison.as_of)


@dataclass(frozen=True)
class Results:
    """A run. `created` is UTC as 2026-11-23T10:00:00Z; `durations_s` are seconds by tier.

    `config` is what the answers depend on (hashes, versions, threads); its values are JSON.
    """

    created: str
    tier: str
    duration_s: float
    durations_s: Mapping[str, float]
    comparison: ComparisonInfo
    config: Mapping[str, Any]
    metrics: Mapping[str, Metric]
    gates: tuple[GateResult, ...]
    confusion: Mapping[str, Mapping[str, int]]
    baseline: PairedComparison | None
    cases: tuple[CaseResult, ...]

    def write(self, folder: Path) -> Path:
        """Writes folder/results.json and returns it; the folder is made if need be.

        Raises InputError if the folder holds results that this version cannot read, or
        cannot be written.
        """
        check_folder(folder)
        text = json.dumps(_to_json(self), ensure_ascii=False, indent=1, allow_nan=False)
        return write_whole(folder / FILE, text + "\n")


def check_folder(folder: Path) -> None:
    """Call before a long run: raises InputError if its results could not be written there."""
    if (folder / FILE).exists():
        load(folder / FILE, VERSION, _AGAIN)


def read_results(path: Path, comparison: Comparison) -> Results:
    """The results in the folder `path` (or in the file `path`), about `comparison`.

    Raises InputError if there are none, they are of another version or comparison (or of
    another state of it), or torn.
    """
    file = path if path.is_file() else path / FILE
    if not file.exists():
        raise InputError(f'No {FILE} in {path}. Run "advisor eval --out {path}" first.')
    data = load(file, VERSION, _AGAIN)
    try:
        slug = data["comparison"]["slug"]
        if slug != comparison.slug:
            raise InputError(
                f'{file} is about "{slug}", not "{comparison.slug}". Choose with --comparison.'
            )
        if data["config"].get("comparison_sha256", comparison.sha256) != comparison.sha256:
            raise InputError(f'{file} is about "{slug}" as it was before it changed. {_AGAIN}')
        return _from_json(data, comparison)
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise InputError(f"{file} is not as it was written ({exc!r}). {_AGAIN}") from exc


def load(file: Path, version: int, remedy: str) -> dict[str, Any]:
    """The JSON object in `file`. Raises InputError if it is torn or of another version."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as exc:
        raise InputError(f"Cannot read {file}: {exc.strerror}. {remedy}") from exc
    except ValueError as exc:  # text that is not UTF-8 too
        raise InputError(f"{file} is torn: it is no JSON ({exc}). {remedy}") from exc
    if not isinstance(data, dict) or "version" not in data:
        raise InputError(f"{file} names no version; this is version {version}. {remedy}")
    if data["version"] != version:
        raise InputError(f"{file} is of version {data['version']!r}, not {version}. {remedy}")
    return data


def write_whole(file: Path, text: str) -> Path:
    """Writes `text` beside `file` and then puts it in its place, so no reader sees half of it."""
    counterpoints = file.with_name(f"{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        counterpoints.write_text(text, encoding="utf-8")
        counterpoints.replace(file)
    except OSError as exc:
        raise InputError(f"Cannot write {file}: {exc.strerror}. Choose another place.") from exc
    return file


def wanted(case: Case) -> dict[str, Any]:
    """What a case expects, as its line in a case file says it: only the fields that are given."""
    expected: dict[str, Any] = {"verdict": case.verdict} if case.scores_verdict else {}
    if case.abstain:
        expected["abstain"] = True
    lists = {"must": case.must, "must_not": case.must_not, "cites": case.cites}
    return expected | {name: list(values) for name, values in lists.items() if values}


def shown(answer: Answer) -> str:
    """The answer's text; its decision where no text was written."""
    return answer.text or f"({'abstains' if answer.abstained else answer.verdict or 'informs'})"


def _to_json(results: Results) -> dict[str, Any]:
    return {
        "version": VERSION,
        "created": results.created,
        "tier": results.tier,
        "duration_s": results.duration_s,
        "durations_s": dict(results.durations_s),
        "comparison": asdict(results.comparison),
        "config": dict(results.config),
        "metrics": metrics_to_json(results.metrics),
        "gates": [gate.to_json() for gate in results.gates],
        "confusion": {label: dict(counts) for label, counts in results.confusion.items()},
        "baseline": results.baseline.to_json() if results.baseline else None,
        "cases": [_case_to_json(result) for result in results.cases],
    }


def _from_json(data: Mapping[str, Any], comparison: Comparison) -> Results:
    cases = tuple(_case_from_json(case, comparison) for case in data["cases"])
    after = {result.case.id: shown(result.answer) for result in cases if result.answer}
    about, baseline = data["comparison"], data["baseline"]
    return Results(
        created=data["created"],
        tier=data["tier"],
        duration_s=data["duration_s"],
        durations_s=data["durations_s"],
        comparison=ComparisonInfo(**about | {"labels": tuple(about["labels"])}),
        config=data["config"],
        metrics=metrics_from_json(data["metrics"]),
        gates=tuple(GateResult(**gate) for gate in data["gates"]),
        confusion=data["confusion"],
        baseline=PairedComparison.from_json(baseline, after) if baseline else None,
        cases=cases,
    )


def _case_to_json(result: CaseResult) -> dict[str, Any]:
    return {
        "id": result.case.id,
        "kind": result.case.kind,
        "group": result.case.group,
        "turns": list(result.case.turns),
        "passed": result.passed,
        "error": result.error,
        "scores": {name: asdict(score) for name, score in result.scores.items()},
        "wanted": wanted(result.case),
        "answer": result.answer.to_json() if result.answer else None,
    }


def _case_from_json(data: Mapping[str, Any], comparison: Comparison) -> CaseResult:
    expected = data["wanted"]
    case = Case(
        id=data["id"],
        kind=data["kind"],
        turns=tuple(data["turns"]),
        group=data["group"],
        verdict=expected.get("verdict"),
        scores_verdict="verdict" in expected,
        must=tuple(expected.get("must", ())),
        must_not=tuple(expected.get("must_not", ())),
        cites=tuple(expected.get("cites", ())),
        abstain=expected.get("abstain", False),
    )
    answer = Answer.from_json(data["answer"], comparison) if data["answer"] else None
    scores = {name: Score(**score) for name, score in data["scores"].items()}
    return CaseResult(case, answer, scores, data["error"])
