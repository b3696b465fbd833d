"""What a run must reach: evals/gates.toml, and whether it did.

    [[gate]]
    metric = "verdict_accuracy"
    at_least = 0.9                   # or at_most
    on = "low"                       # which end of the interval is held against it, or "value"
    tiers = ["answers", "full"]      # if left out: at every tier

A metric that was not measured fails its gate, unless the gate leaves this tier out. Not covered:
comparing with an earlier run (evals.baseline).
"""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from agent.errors import InputError
from evals.metrics.metrics import METRICS as OF_ANSWERS
from evals.metrics.types import End, GateResult, Metric
from evals.results import TIERS
from evals.retrieval import METRICS as OF_RETRIEVAL

__all__ = ["Gate", "GateResult", "check", "read_gates"]

METRICS = (*OF_ANSWERS, *OF_RETRIEVAL)
FIELDS = ("metric", "at_least", "at_most", "on", "tiers")
ENDS = get_args(End)


@dataclass(frozen=True)
class Gate:
    """A bound on one end of a metric; exactly one of `at_least` and `at_most` is given."""

    metric: str
    on: End
    at_least: float | None = None
    at_most: float | None = None
    tiers: tuple[str, ...] = TIERS

    def allows(self, value: float) -> bool:
        """Whether `value` is within the bound, the bound itself included."""
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)


def check(gates: Sequence[Gate], metrics: Mapping[str, Metric], tier: str) -> list[GateResult]:
    """Each gate against the metrics of a run of `tier`, in order."""
    return [_check(gate, metrics.get(gate.metric), tier) for gate in gates]


def _check(gate: Gate, metric: Metric | None, tier: str) -> GateResult:
    ends = {"low": metric.low, "high": metric.high, "value": metric.value} if metric else {}
    value = ends.get(gate.on)
    held = value is not None and gate.allows(value)
    passed = held if tier in gate.tiers else None
    return GateResult(gate.metric, gate.on, value, passed, gate.at_least, gate.at_most)


def read_gates(path: Path) -> list[Gate]:
    """The gates of a file. Raises InputError with the file, the gate's number and the fault."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise InputError(f"Cannot read the gates {path}: {exc.strerror}.") from exc
    except ValueError as exc:  # TOML's own error, and text that is not UTF-8
        raise InputError(f"{path} is no TOML: {exc}.") from exc
    tables = data.pop("gate", None)
    if data:
        raise InputError(f'{path}: unknown "{next(iter(data))}". Gates are [[gate]] tables.')
    if not isinstance(tables, list) or not tables:
        raise InputError(f"{path} holds no gate. Write at least one [[gate]] table.")
    return [_gate(table, f"{path}, gate {number}") for number, table in enumerate(tables, 1)]


def _gate(table: Any, where: str) -> Gate:
    if not isinstance(table, dict):
        raise InputError(f"{where}: {table!r} is no table. Write it as [[gate]].")
    for name in table:
        if name not in FIELDS:
            raise InputError(f'{where}: unknown field "{name}". Fields are {_list(FIELDS)}.')
    metric, on = (_text(table, name, where) for name in ("metric", "on"))
    if metric not in METRICS:
        close = get_close_matches(metric, METRICS, n=1)
        hint = f'Did you mean "{close[0]}"?' if close else f"Metrics are {_list(METRICS)}."
        raise InputError(f'{where}: unknown metric "{metric}". {hint}')
    if on not in ENDS:
        raise InputError(f'{where}: on = "{on}" is none of {_list(ENDS)}.')
    if ("at_least" in table) == ("at_most" in table):
        found = "both" if "at_least" in table else "neither"
        raise InputError(f"{where}: give one of at_least and at_most, not {found}.")
    at_least, at_most = (_number(table, name, where) for name in ("at_least", "at_most"))
    return Gate(metric, on, at_least, at_most, _tiers(table, where))


def _text(table: Mapping[str, Any], name: str, where: str) -> Any:
    if name not in table:
        raise InputError(f'{where}: lacks "{name}".')
    if not isinstance(table[name], str):
        raise InputError(f"{where}: {name} = {table[name]!r} is no text.")
    return table[name]


def _number(table: Mapping[str, Any], name: str, where: str) -> float | None:
    value = table.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError(f"{where}: {name} = {value!r} is no number.")
    return float(value) if name in table else None


def _tiers(table: Mapping[str, Any], where: str) -> tuple[str, ...]:
    """The tiers given, all if none are; a misspelt one would switch the gate off unseen."""
    given = table.get("tiers", list(TIERS))
    if not isinstance(given, list) or not given or any(tier not in TIERS for tier in given):
        raise InputError(f"{where}: tiers = {given!r} is no list of {_list(TIERS)}.")
    return tuple(given)


def _list(names: Sequence[str] | Mapping[str, Any]) -> str:
    return ", ".join(names)
