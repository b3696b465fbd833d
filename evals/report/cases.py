"""The cases of a report: each with why it failed, how verdicts were confused, how the run went.

They are made from the dict of results.json, which is taken as it is. `report` renders them.
Not covered: the figures (evals.report.bars).
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from evals.report.bars import ResultsJson, gates
from evals.report.labels import MEASURES, shown, shown_p
from evals.results import PASSING

STATES = {False: "failed", None: "unscored", True: "passed"}


@dataclass(frozen=True)
class Row:
    """A row of the confusion matrix: (count, share of the row, right) for each column."""

    label: str
    cells: tuple[tuple[int, float, bool], ...]
    total: int


@dataclass(frozen=True)
class Case:
    """A case as the report shows it; `number` is its place in results.json, from 1.

    `why` holds (scorer, explanation) of what failed it, `others` (scorer, value, explanation) of
    the rest that is not 1, `right` the scorers that are 1.
    """

    number: int
    state: str
    flipped: str
    data: dict[str, Any]
    why: tuple[tuple[str, str], ...]
    right: tuple[str, ...]
    others: tuple[tuple[str, float, str], ...]
    measures: tuple[str, ...]
    stray: tuple[dict[str, Any], ...]  # citations of what is no evidence


def confusion(results: ResultsJson) -> tuple[list[str], list[Row]]:
    """The columns (verdicts given) and the rows (verdicts wanted), in the comparison's order."""
    counts = results["confusion"]
    order = [*results["comparison"]["labels"], "none"]
    given = {label for row in counts.values() for label in row} | set(order)
    columns = [*order, *sorted(given - set(order))]
    rows = []
    for wanted in sorted(counts, key=lambda label: [*columns, label].index(label)):
        total = sum(counts[wanted].values())
        numbers = [counts[wanted].get(label, 0) for label in columns]
        cells = tuple(
            (number, round(number / (total or 1), 3), label == wanted)
            for label, number in zip(columns, numbers, strict=True)
        )
        rows.append(Row(wanted, cells, total))
    return columns, rows


def cases(results: ResultsJson) -> list[Case]:
    """Every case: failed first, then unscored, then passed, each in the order of results.json."""
    baseline = results["baseline"] or {"lost": (), "won": ()}
    flips = dict.fromkeys(baseline["lost"], "lost") | dict.fromkeys(baseline["won"], "won")
    made = [
        _case(number, data, flips.get(data["id"], ""))
        for number, data in enumerate(results["cases"], 1)
    ]
    return sorted(made, key=lambda case: list(STATES.values()).index(case.state))


def _case(number: int, data: dict[str, Any], flipped: str) -> Case:
    scores, answer = data["scores"], data["answer"] or {"evidence": (), "citations": ()}
    why = [
        (name.replace("_", " "), score["explanation"] or f"scored {score['value']:g}")
        for name, score in scores.items()
        if name in PASSING and score["value"] < 1
    ]
    unscored = data["error"] or ("nothing applied" if data["answer"] else "no answer")
    rest = {name: score for name, score in scores.items() if name not in MEASURES}
    found = {evidence["number"] for evidence in answer["evidence"]}
    return Case(
        number=number,
        state=STATES[data["passed"]],
        flipped=flipped,
        data=data,
        why=(("error", unscored),) if data["passed"] is None else tuple(why),
        right=tuple(name.replace("_", " ") for name in rest if rest[name]["value"] == 1),
        others=tuple(
            (name.replace("_", " "), score["value"], score["explanation"])
            for name, score in rest.items()
            if score["value"] != 1 and name not in PASSING
        ),
        measures=tuple(
            f"{name.removesuffix('_s').replace('_', ' ')} {shown(name, scores[name]['value'])}"
            for name in MEASURES
            if name in scores
        ),
        stray=tuple(each for each in answer["citations"] if each["number"] not in found),
    )


def problems(results: ResultsJson) -> list[str]:
    """Why the run as a whole is not good: one sentence each, none for a good run."""
    found = [
        f"{gate.label}: {gate.measured}{f' at the {gate.end}' if gate.end else ''}, "
        f"{gate.wanted} is wanted."
        for gate in gates(results)
        if gate.outcome == "failed" and gate.metric != "unscored"
    ]
    unscored = Counter(case["passed"] for case in results["cases"])[None]
    if unscored:
        found.append(f"{unscored} {'case' if unscored == 1 else 'cases'} could not be scored.")
    if (baseline := results["baseline"]) and baseline["significant"]:
        lost, won = len(baseline["lost"]), len(baseline["won"])
        p_value = shown_p(baseline["p_value"])
        found.append(f"Worse than the baseline: {lost} lost, {won} won, {p_value}.")
    return found
