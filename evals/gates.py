"""What a run must reach: evals/gates.toml, and whether it did.

    [[gate]]
    metric = "verdict_accuracy"
    at_least = 0.9                   # or at_most
    on = "low"                       # an end of the interval that is held against it, or "value"
    tiers = ["answers", "full"]      # if left out: at every tier

A metric that was not measured fails its gate, unless the gate leaves this tier out. A gate on
"interval" passes if the whole interval keeps the threshold and fails if none of it does. Otherwise,
and where nothing was measured, the cases are too few to tell. Not covered: comparing with an
earlier run (evals.baseline).
"""

import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from agent.errors import InputError
from evals import retrieval
from evals.metrics import METRICS as OF_ANSWERS
from evals.results import TIERS, End, GateResult, Metric, Tier
from knowledge.validation import fault

METRICS = (*OF_ANSWERS, *retrieval.METRICS)


def _metric(name: str) -> str:
    if name not in METRICS:
        close = get_close_matches(name, METRICS, n=1)
        hint = f'did you mean "{close[0]}"?' if close else f"metrics are {', '.join(METRICS)}"
        raise ValueError(f"no metric, {hint}")
    return name


Threshold = Annotated[float | None, Field(strict=True, allow_inf_nan=False)]


class Gate(BaseModel):
    """A threshold for one end of a metric; exactly one of `at_least` and `at_most` is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: Annotated[str, AfterValidator(_metric)]
    on: End
    at_least: Threshold = None
    at_most: Threshold = None
    tiers: tuple[Tier, ...] = Field(TIERS, min_length=1)  # a misspelt one would switch it off

    @model_validator(mode="after")
    def _one_threshold(self) -> "Gate":
        if (self.at_least is None) == (self.at_most is None):
            found = "neither" if self.at_least is None else "both"
            raise ValueError(f"give one of at_least and at_most, not {found}")
        return self

    def allows(self, value: float) -> bool:
        """Whether `value` keeps the threshold, the threshold itself included."""
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)

    def check(self, metric: Metric | None, tier: str) -> GateResult:
        """Holds the gate against its metric, None if that was not measured, of a run of `tier`."""
        if self.on == "interval":
            return self._check_interval(metric, tier)
        value = getattr(metric, self.on) if metric else None
        kept = value is not None and self.allows(value)
        passed = kept if tier in self.tiers else None
        return GateResult(self.metric, self.on, value, passed, self.at_least, self.at_most)

    def _check_interval(self, metric: Metric | None, tier: str) -> GateResult:
        ends = [] if metric is None else [e for e in (metric.low, metric.high) if e is not None]
        kept = {self.allows(end) for end in ends}
        decided = len(kept) == 1
        return GateResult(
            self.metric,
            self.on,
            metric.value if metric else None,
            kept.pop() if decided and tier in self.tiers else None,
            self.at_least,
            self.at_most,
            too_few=not decided and tier in self.tiers,
        )


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    gate: tuple[Gate, ...] = Field(min_length=1)


def check(gates: Sequence[Gate], metrics: Mapping[str, Metric], tier: str) -> list[GateResult]:
    """Each gate against the metrics of a run of `tier`, in order."""
    return [gate.check(metrics.get(gate.metric), tier) for gate in gates]


def read_gates(path: Path) -> tuple[Gate, ...]:
    """The gates of a file. Raises InputError with the file, the gate's number and the fault."""
    try:
        return _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).gate
    except OSError as exc:
        raise InputError(f"Cannot read the gates {path}: {exc.strerror}.") from exc
    except ValidationError as exc:
        form = "Gates are [[gate]] tables with metric, on, tiers and one of at_least and at_most."
        raise InputError(f"{path}: {fault(exc)} {form}") from exc
    except ValueError as exc:  # TOML's own error, and text that is not UTF-8
        raise InputError(f"{path} is no TOML: {exc}.") from exc
