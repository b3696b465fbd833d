"""The figures of a run as values: a metric, a gate that was checked, a paired comparison.

Each knows its place in results.json (`to_json`, `from_json`). Nothing here computes one: see
evals.metrics.metrics, evals.gates and evals.baseline.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

SIGNIFICANT = 0.05
TEST = "permutation test by group"  # of a paired comparison; see evals.metrics.statistics

End = Literal["low", "high", "value"]


@dataclass(frozen=True)
class Metric:
    """A figure over `n` things, with the ends of its 95 % interval, None where none makes sense."""

    value: float
    n: int
    low: float | None = None
    high: float | None = None


def metrics_to_json(metrics: Mapping[str, Metric]) -> dict[str, Any]:
    return {name: asdict(metric) for name, metric in metrics.items()}


def metrics_from_json(data: Mapping[str, Mapping[str, Any]]) -> dict[str, Metric]:
    return {name: Metric(**metric) for name, metric in data.items()}


@dataclass(frozen=True)
class GateResult:
    """A bound, the figure held against it (that end of the metric), and whether it held.

    `value` is None if the metric or that end of it was not measured. `passed` is None if the
    gate is not for this run's tier.
    """

    metric: str
    on: End
    value: float | None
    passed: bool | None
    at_least: float | None = None
    at_most: float | None = None

    def __str__(self) -> str:
        """As one line: "verdict_accuracy (low) is 0.87, must be at least 0.9"."""
        found = "was not measured" if self.value is None else f"is {self.value:.4g}"
        bound = f"at least {self.at_least:g}" if self.at_least is not None else ""
        bound = f"at most {self.at_most:g}" if self.at_most is not None else bound
        return f"{self.metric} ({self.on}) {found}, must be {bound}"

    def to_json(self) -> dict[str, Any]:
        return {name: v for name, v in asdict(self).items() if v is not None or name[:3] != "at_"}


@dataclass(frozen=True)
class Flip:
    """A case that passed in only one of two runs, with both answers as a person reads them."""

    id: str
    before: str
    after: str


@dataclass(frozen=True)
class PairedComparison:
    """A run against its baseline, case by case. `p_value` is that of TEST.

    `metrics` are the baseline's, `created` is when it ran.
    """

    created: str
    p_value: float
    lost: tuple[Flip, ...]
    won: tuple[Flip, ...]
    metrics: Mapping[str, Metric]

    @property
    def significant(self) -> bool:
        """Whether more was lost than won, and chance alone would rarely do that."""
        return self.p_value < SIGNIFICANT and len(self.lost) > len(self.won)

    def to_json(self) -> dict[str, Any]:
        return {
            "created": self.created,
            "p_value": self.p_value,
            "lost": [flip.id for flip in self.lost],
            "won": [flip.id for flip in self.won],
            "significant": self.significant,
            "metrics": metrics_to_json(self.metrics),
            "answers": {flip.id: flip.before for flip in (*self.lost, *self.won)},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], after: Mapping[str, str]) -> "PairedComparison":
        """`after` holds this run's answers by case id: the file has them with the cases."""
        lost, won = (
            tuple(Flip(name, data["answers"][name], after[name]) for name in data[turned])
            for turned in ("lost", "won")
        )
        metrics = metrics_from_json(data["metrics"])
        return cls(data["created"], data["p_value"], lost, won, metrics)
