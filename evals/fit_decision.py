"""Fits the weights of agent.decide on the dev cases: `python -m evals.fit_decision`.

Signals of every dev question are collected with the real model (about ten minutes on two cores)
and kept in out/signals.json, so that a second run only fits. Two logistic models with a little
L2 are fitted by maximum likelihood: the kind of answer, and the use case. Printed beside them is
what five-fold cross-validation over groups makes of unseen wordings. Validation cases are never
read here.
"""

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from agent.decide import KINDS, WEIGHTS_FILE, Signals, Weights
from agent.ready import open_advisor, shipped
from agent.settings import read_settings
from knowledge.comparison import Comparison

CASES = Path(__file__).parent / "cases"
FILES = ("dev-verdict", "dev-fact", "dev-abstain", "dev-benign")
L2 = 0.02
FOLDS = 5

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    """Signals of a question, the kind of answer it wants (in KINDS) and its use case, if any."""

    group: str
    signals: Signals
    kind: int
    use_case: int | None


def collect(kept: Path) -> dict[str, Signals]:
    """Case id -> signals of its question, by the real model; `kept` saves and resumes them."""
    found = (
        {k: _signals(v) for k, v in json.loads(kept.read_text()).items()} if kept.exists() else {}
    )
    missing = [case for case in dev_cases() if case["id"] not in found]
    if missing:
        advisor = open_advisor(read_settings())
        advisor.decider.calibrate(advisor.model)
        for done, case in enumerate(missing, 1):
            question = case["turns"][0]
            retrieved = advisor.retriever.retrieve(question, advisor.top_k)
            with advisor.model.turn() as turn:
                found[case["id"]] = advisor.decider.signals(turn, question, retrieved)
            if done % 20 == 0 or done == len(missing):
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_text(json.dumps({k: asdict(v) for k, v in found.items()}))
                print(f"{done} of {len(missing)}", file=sys.stderr)
    return found


def dev_cases() -> list[dict[str, Any]]:
    """The cases of FILES that ask one question and whose kind of answer is known."""
    lines = [line for name in FILES for line in (CASES / f"{name}.jsonl").read_text().splitlines()]
    return [json.loads(line) for line in lines]


def examples(comparison: Comparison, signals: dict[str, Signals]) -> list[Example]:
    use_cases = [passage.id for passage in comparison.of_kind("best-for")]
    found = []
    for case in dev_cases():
        cited = [use_cases.index(c) for c in case.get("cites", ()) if c in use_cases]
        advise = case.get("verdict") is not None and cited
        kind = "advise" if advise else "abstain" if case.get("abstain") else "inform"
        found.append(
            Example(
                case["group"],
                signals[case["id"]],
                KINDS.index(kind),
                cited[0] if advise else None,
            )
        )
    return found


def fit(data: Sequence[Example]) -> Weights:
    """The weights under which the answers of `data` are likeliest."""
    features = np.array([example.signals.features for example in data])
    kinds = np.array([example.kind for example in data])
    # every kind weighs the same, however many cases it has
    weight = 1 / np.bincount(kinds, minlength=len(KINDS))[kinds] / len(KINDS)

    def kind_loss(flat: Floats) -> float:
        rows = flat.reshape(len(KINDS), -1)
        return _loss(features @ rows.T, kinds, weight) + L2 * float((rows[:, :-1] ** 2).mean())

    kind = minimize(kind_loss, np.zeros(len(KINDS) * features.shape[1])).x
    described = [example for example in data if example.use_case is not None]
    likelihoods = np.array([example.signals.likelihoods for example in described])
    similarities = np.array([example.signals.similarities for example in described])
    chosen = np.array([example.use_case for example in described])

    def use_case_loss(pair: Floats) -> float:
        scores = pair[0] * likelihoods + pair[1] * similarities
        return _loss(scores, chosen, np.full(len(chosen), 1 / len(chosen)))

    likelihood, similarity = minimize(use_case_loss, np.array([0.5, 5.0])).x
    rows = kind.reshape(len(KINDS), -1).round(4)
    return Weights(tuple(map(tuple, rows.tolist())), round(likelihood, 4), round(similarity, 4))


def _loss(scores: Floats, chosen: NDArray[np.int64], weight: Floats) -> float:
    """The weighted negative log-likelihood of `chosen` under a softmax of `scores`."""
    scores = scores - scores.max(axis=1, keepdims=True)
    log_probability = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return float(-(weight * log_probability[np.arange(len(chosen)), chosen]).sum())


def rates(data: Sequence[Example], weights: Weights, verdicts: Sequence[str | None]) -> Floats:
    """Hits and counts: kind right for each of KINDS, then use case and verdict right."""
    hits = np.zeros((len(KINDS) + 2, 2))
    for example in data:
        right = int(example.signals.kinds(weights).argmax()) == example.kind
        hits[example.kind] += (right, 1)
        if example.use_case is not None:
            best = int(example.signals.use_cases(weights).argmax())
            hits[-2] += (best == example.use_case, 1)
            hits[-1] += (verdicts[best] == verdicts[example.use_case], 1)
    return hits


def main() -> None:
    """Collects, fits, cross-validates, and writes agent/decision_weights.json."""
    from knowledge.parse import parse_file

    comparison = parse_file(shipped()[0])
    data = examples(comparison, collect(Path("out/signals.json")))
    verdicts = [passage.verdict for passage in comparison.of_kind("best-for")]
    weights = fit(data)
    unseen = np.zeros((len(KINDS) + 2, 2))
    for fold in range(FOLDS):
        held_out = data[fold::FOLDS]
        kept = [example for i, example in enumerate(data) if i % FOLDS != fold]
        unseen += rates(held_out, fit(kept), verdicts)
    seen = rates(data, weights, verdicts)
    for name, on_dev, crossed in zip((*KINDS, "use case", "verdict"), seen, unseen, strict=True):
        print(
            f"{name:9} {on_dev[0] / on_dev[1]:.3f} on dev, "
            f"{crossed[0] / crossed[1]:.3f} cross-validated, n = {on_dev[1]:.0f}"
        )
    content = "".join((CASES / f"{name}.jsonl").read_text() for name in FILES)
    digest = hashlib.sha256(content.encode()).hexdigest()
    WEIGHTS_FILE.write_text(
        json.dumps({**asdict(weights), "fitted_on_sha256": digest}, indent=1) + "\n"
    )


def _signals(fields: dict[str, Any]) -> Signals:
    pairs: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
    return Signals(**pairs)


if __name__ == "__main__":
    main()
