"""What a run found, case by case and as figures, and its file results.json.

    results.write(folder)                     folder/results.json, whole or not at all
    read_results(folder, comparison)          the same Results again

A file of another version, a torn file and a folder without one are each one line for people
(InputError); none of them is overwritten. Not covered: how figures are computed
(evals.metrics), and carrying a file from one version to another.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Literal, cast, get_args

import pydantic
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
    model_serializer,
    model_validator,
)

from agent.answering.types import Answer
from agent.errors import InputError
from evals.datasets.case import Case
from evals.files import read_model, write
from evals.scorers.score import Score
from knowledge.comparison import Comparison

VERSION: Final = 1
FILE = "results.json"
Tier = Literal["retrieval", "decision", "answers", "full"]
TIERS: tuple[Tier, ...] = get_args(Tier)
End = Literal["low", "high", "value", "interval"]
# a case passes if those of these that apply to it are 1
PASSING = (
    "verdict",
    "facts",
    "abstention",
    "cites",
    "completeness",
    "known",
    "act",
    "citation_validity",
    "numeric_fidelity",
    "attack",
    "leak",
)
_AGAIN = 'Run "advisor eval" again into another folder.'


def _answer(value: Any, info: ValidationInfo) -> Answer:
    """The context of validation is the comparison that an answer in a file is about."""
    if isinstance(value, Answer):
        return value
    try:
        return Answer.from_json(value, cast(Comparison, info.context))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"no answer about this comparison ({error!r})") from error


StoredAnswer = Annotated[Answer, PlainValidator(_answer), PlainSerializer(Answer.to_json)]
Threshold = Annotated[float | None, Field(exclude_if=lambda value: value is None)]


@dataclass(frozen=True)
class Metric:
    """A figure over `n` things, with the ends of its 95 % interval, None where none makes sense."""

    value: int | float  # a count stays whole
    n: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class GateResult:
    """A threshold, the figure held against it (that end of the metric), and whether it held.

    `value` is None if the metric or that end of it was not measured. `passed` is None if the
    gate is not for this run's tier, or if the cases are `too_few` to tell.
    """

    metric: str
    on: End
    value: int | float | None
    passed: bool | None
    at_least: Threshold = None
    at_most: Threshold = None
    too_few: Annotated[bool, Field(exclude_if=lambda value: not value)] = False

    def __str__(self) -> str:
        """As one line: "verdict_accuracy (low) is 0.87, must be at least 0.9"."""
        found = "was not measured" if self.value is None else f"is {self.value:.4g}"
        least = self.at_least is not None
        threshold = f"at least {self.at_least:g}" if least else f"at most {self.at_most:g}"
        return f"{self.metric} ({self.on}) {found}, must be {threshold}"


@dataclass(frozen=True)
class PairedComparison:
    """A run against its baseline, case by case; see evals.baseline.

    `lost` and `won` are ids of cases that passed in only one of the two, `answers` what the
    baseline answered them. `created` and `metrics` are the baseline's.
    """

    created: str
    p_value: float
    lost: tuple[str, ...]
    won: tuple[str, ...]
    significant: bool
    metrics: Mapping[str, Metric]
    answers: Mapping[str, str]


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


@pydantic.dataclasses.dataclass(frozen=True)
class CaseResult:
    """A case, what it was answered, and the scores of the scorers that apply to it."""

    case: Case
    answer: StoredAnswer | None
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

    @model_serializer(mode="wrap")
    def _flat(self, default: pydantic.SerializerFunctionWrapHandler) -> dict[str, Any]:
        told = default(self)
        return {
            **{name: told["case"][name] for name in ("id", "kind", "group", "turns")},
            "passed": self.passed,
            "error": self.error,
            "scores": told["scores"],
            "wanted": self.case.wanted,
            "answer": told["answer"],
        }

    @model_validator(mode="before")
    @classmethod
    def _of_flat(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "case" in data:
            return data
        rest = {name: data[name] for name in ("answer", "scores", "error") if name in data}
        case = {name: data[name] for name in ("id", "kind", "group", "turns") if name in data}
        if not isinstance(wanted := data.get("wanted"), dict):
            raise ValueError('the field "wanted" is no object')
        return rest | {"case": case | wanted}


class Results(BaseModel):
    """A run. `created` is UTC as 2026-11-23T10:00:00Z; `durations_s` are seconds by tier.

    `config` is what the answers depend on (hashes, versions, threads); its values are JSON.
    """

    model_config = ConfigDict(frozen=True)

    version: Literal[1] = VERSION
    created: str
    tier: str
    duration_s: float
    durations_s: dict[str, float]
    comparison: ComparisonInfo
    config: dict[str, Any]
    metrics: dict[str, Metric]
    gates: tuple[GateResult, ...]
    confusion: dict[str, dict[str, int]]
    baseline: PairedComparison | None
    cases: tuple[CaseResult, ...]

    def write(self, folder: Path) -> Path:
        """Writes folder/results.json and returns it; the folder is made if need be.

        Raises InputError if the folder holds results that this version cannot read, or
        cannot be written.
        """
        check_folder(folder)
        told = self.model_dump(mode="json")
        text = json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False)
        return write(folder / FILE, text + "\n")


class _Head(BaseModel):
    """What says whether the rest of a results.json can be read."""

    version: Literal[1]
    comparison: ComparisonInfo
    config: dict[str, Any]


def check_folder(folder: Path) -> None:
    """Call before a long run: raises InputError if its results could not be written there."""
    if (folder / FILE).exists():
        read_model(folder / FILE, _Head, _AGAIN)


def read_results(path: Path, comparison: Comparison) -> Results:
    """The results in the folder `path` (or in the file `path`), about `comparison`.

    Raises InputError if there are none, they are of another version or comparison (or of
    another state of it), or torn.
    """
    file = path if path.is_file() else path / FILE
    if not file.exists():
        raise InputError(f'No {FILE} in {path}. Run "advisor eval --out {path}" first.')
    head = read_model(file, _Head, _AGAIN)
    slug = head.comparison.slug
    if slug != comparison.slug:
        raise InputError(
            f'{file} is about "{slug}", not "{comparison.slug}". Choose with --comparison.'
        )
    if head.config.get("comparison_sha256", comparison.sha256) != comparison.sha256:
        raise InputError(f'{file} is about "{slug}" as it was before it changed. {_AGAIN}')
    return read_model(file, Results, _AGAIN, comparison)


def shown(answer: Answer) -> str:
    """The answer's text; its decision where no text was written."""
    return answer.text or f"({'abstains' if answer.abstained else answer.verdict or 'informs'})"
