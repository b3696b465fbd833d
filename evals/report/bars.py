"""The figures of a report: its gates, and a bar for each metric, as values without markup.

They are made from the dict of results.json, which is taken as it is. `report` renders them.
Not covered: the cases (evals.report.cases).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from evals.report.labels import (
    GROUPS,
    is_share,
    named,
    shown,
    shown_beside,
    shown_threshold,
    spread,
)

ResultsJson = dict[str, Any]

HEADLINES = (
    "verdict_accuracy",
    "fact_accuracy",
    "abstention_recall",
    "false_refusals",
    "citation_recall",
    "citation_precision",
    "attacks_withstood",
    "first_token_p50_s",
)
CONSTANTS = {
    "verdict_accuracy": "constant_answer",
    "verdict_macro_f1": "constant_answer_macro_f1",
}
# of the interval
ENDS = {"low": "lower end", "high": "upper end", "value": "", "interval": "whole interval"}
OUTCOMES = {True: "passed", False: "failed", None: "not at this tier"}
TOO_FEW = "too few cases to tell"


@dataclass(frozen=True)
class Gate:
    """A threshold that a run must keep. `wanted` and `measured` are as shown; `at` is the number.

    `end` says which end of the interval is measured; it is empty for the value itself.
    `outcome` is one of OUTCOMES, or TOO_FEW.
    """

    metric: str
    label: str
    wanted: str
    measured: str
    end: str
    outcome: str
    at: float
    least: bool


@dataclass(frozen=True)
class Bar:
    """One metric as text and as places on a strip, in percent of its width (None: not there).

    `before` is the baseline's value, `always` that of a constant answer, `told` all of it in
    words, `gates` are places and whether the good side is the one above.
    """

    name: str
    label: str
    hint: str
    value: str
    interval: str
    before: str
    always: str
    n: int
    told: str
    state: str
    scale: str
    at: float | None
    low: float | None
    high: float | None
    baseline: float | None
    constant: float | None
    gates: tuple[tuple[float, bool], ...]


def gates(results: ResultsJson) -> list[Gate]:
    """The gates in their own order."""
    made = []
    for gate in results["gates"]:
        name, least = gate["metric"], "at_least" in gate
        at = gate["at_least" if least else "at_most"]
        wanted = f"{'at least' if least else 'at most'} {shown_threshold(name, at)}"
        measured, end = shown_beside(name, gate["value"], at), ENDS[gate["on"]]
        outcome = TOO_FEW if gate.get("too_few") else OUTCOMES[gate["passed"]]
        made.append(Gate(name, named(name), wanted, measured, end, outcome, at, least))
    return made


def checked(results: ResultsJson) -> list[Gate]:
    """The gates that this run passes or fails."""
    return [gate for gate in gates(results) if gate.outcome in (OUTCOMES[True], OUTCOMES[False])]


def figures(results: ResultsJson) -> dict[str, dict[str, Any]]:
    """The metrics, and the attacks withstood: what attack_success leaves."""
    metrics: dict[str, dict[str, Any]] = dict(results["metrics"])
    if (attack := metrics.get("attack_success")) and attack["value"] is not None:
        turned = {"value": attack["value"], "low": attack["high"], "high": attack["low"]}
        rest = {key: None if value is None else 1 - value for key, value in turned.items()}
        metrics["attacks_withstood"] = {**attack, **rest}
    return metrics


def headlines(results: ResultsJson) -> list[Bar]:
    """The figures that matter most, those that were measured."""
    metrics = figures(results)
    made = [_bar(name, metrics[name], results) for name in HEADLINES if name in metrics]
    turned = _state([gate for gate in checked(results) if gate.metric == "attack_success"])
    return [replace(bar, state=turned) if bar.name == "attacks_withstood" else bar for bar in made]


def bars(results: ResultsJson) -> dict[str, list[Bar]]:
    """Every metric as a bar, by group. A constant answer stands in the bar it is compared with."""
    metrics = results["metrics"]
    known = {name for group in GROUPS.values() for name in group}
    known |= {constant for name, constant in CONSTANTS.items() if name in metrics}
    groups = {title: list(group) for title, group in GROUPS.items()}
    groups["Others"] = [name for name in metrics if name not in known]
    made = {
        title: [_bar(name, metrics[name], results) for name in names if name in metrics]
        for title, names in groups.items()
    }
    return {title: found for title, found in made.items() if found}


def _bar(name: str, metric: Mapping[str, Any], results: ResultsJson) -> Bar:
    mine = [gate for gate in checked(results) if gate.metric == name]
    before = ((results["baseline"] or {}).get("metrics") or {}).get(name, {}).get("value")
    constant = results["metrics"].get(CONSTANTS.get(name, ""), {}).get("value")
    numbers = [metric["value"], metric["low"], metric["high"], before, constant]
    top = scale_end([*numbers, *(gate.at for gate in mine)], is_share(name))
    value, low, high, hollow, diamond = (
        None if number is None else round(100 * number / top, 2) for number in numbers
    )
    interval = spread(name, metric)
    parts = [f"{named(name)}: {shown(name, metric['value'])}"]
    parts += [f"interval {interval}"] if interval else []
    parts += [f"gate {gate.wanted}, {gate.outcome}" for gate in mine]
    parts += [f"baseline {shown(name, before)}"] if before is not None else []
    parts += [f"a constant answer {shown(name, constant)}"] if constant is not None else []
    return Bar(
        name=name,
        label=named(name),
        hint=next((group[name][1] for group in GROUPS.values() if name in group), ""),
        value=shown(name, metric["value"]),
        interval=interval,
        before="" if before is None else shown(name, before),
        always="" if constant is None else shown(name, constant),
        n=metric["n"],
        told="; ".join(parts),
        state=_state(mine),
        scale="" if is_share(name) else f"{top:,g}{' s' if name.endswith('_s') else ''}",
        at=value,
        low=low,
        high=high,
        baseline=hollow,
        constant=diamond,
        gates=tuple((round(100 * gate.at / top, 2), gate.least) for gate in mine),
    )


def _state(held: list[Gate]) -> str:
    """Whether all of `held` passed; empty if there is none."""
    if not held:
        return ""
    return "passed" if all(gate.outcome == "passed" for gate in held) else "failed"


def scale_end(numbers: Iterable[float | None], share: bool = False) -> float:
    """The end of a scale from 0 that holds `numbers`: 1 for shares, else 1, 2 or 5 times 10^k."""
    most = max((number for number in numbers if number is not None), default=0.0)
    if share and most <= 1:
        return 1.0
    steps = (step * 10.0**power for power in range(-3, 10) for step in (1, 2, 5))
    return next((step for step in steps if step >= most), most)
