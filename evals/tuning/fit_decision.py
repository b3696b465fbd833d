"""Fits the weights for documents with messages on dev: `python -m evals.tuning.fit_decision`.

What is known of every dev question is collected with the real model (about ten minutes on two
cores) and kept in out/signals.json, so that a second run only fits; what was kept of another model,
comparison, prompts or messages, or of a case that has changed, is collected anew. Three logistic
models with a little L2 are fitted by maximum likelihood: whether to advise, which case, whether to
inform.
Printed beside them is what five-fold cross-validation makes of groups that it has not seen.
Validation cases are never read here.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from agent.advisor import Advisor
from agent.answering.decide import WEIGHTS_FILE, AdviceSignals, AnswerSignals, Weights
from agent.factory import open_advisor
from agent.provenance import configuration
from agent.settings import Settings, read_settings
from evals.baseline import fingerprint
from evals.datasets.case import Case, read_cases
from evals.files import write
from evals.tuning.weights import case_weights, logistic
from knowledge.comparison import Comparison
from knowledge.data import shipped
from knowledge.documents.reader import parse_file
from knowledge.index import VECTORS_FORM
from knowledge.validation import fault

CASES = Path(__file__).parents[1] / "datasets"
KINDS = ("verdict", "fact", "abstain", "benign", "injection")
FILES = tuple(sorted(path for kind in KINDS for path in CASES.glob(f"dev-{kind}*.jsonl")))
KEPT = Path("out/signals.json")
DEPENDS_ON = (
    *("model", "model_sha256", "base_url", "engine", "top_k"),
    *("embedding_sha256", "comparison_sha256", "prompts_sha256", "messages_sha256"),
    *("probes_sha256", "gpu_layers"),
)
FOLDS = 5
NEAR = 0.3  # cosine similarity of untuned MiniLM that separates related texts from unrelated ones
FIGURES = ("advised", "not advised", "informed", "abstained", "use case", "verdict")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Known:
    """What is known of a question; passages are not read where it asks for a recommendation."""

    asked: AdviceSignals
    answerable: AnswerSignals | None = None


@dataclass(frozen=True)
class Example:
    """A case and what is known of its question; `right` is the place of its case in
    Comparison.recommending if it asks for a recommendation, else None.
    """

    case: Case
    known: Known
    right: int | None


@dataclass(frozen=True)
class Stored:
    """What was known of a case with that `fingerprint`."""

    fingerprint: str
    known: Known


class Signals(BaseModel):
    """The file KEPT: what is known of cases, by id, with all that it depends on."""

    key: dict[str, Any]
    cases: dict[str, Stored]


def collect(cases: Sequence[Case], stored: Path, comparison: Comparison) -> dict[str, Known]:
    """Case id -> what is known of its question, by the real model; `stored` saves and resumes.

    What in `stored` does not fit today is made anew, which is said in one line on standard error.
    """
    settings = read_settings()
    key = depends_on(settings, comparison)
    fingerprints = {case.id: fingerprint(case) for case in cases}
    read = {name: each for name, each in _read(stored, key).items() if name in fingerprints}
    known = {n: each for n, each in read.items() if each.fingerprint == fingerprints[n]}
    if changed := len(read) - len(known):
        line = f"{stored} asks otherwise in {changed} of {len(read)} cases; these are made anew."
        print(line, file=sys.stderr)
    missing = [case for case in cases if case.id not in known]
    if missing:
        advisor = open_advisor(settings)
        for done, case in enumerate(missing, 1):
            known[case.id] = Stored(fingerprints[case.id], _look(advisor, case))
            if done % 20 == 0 or done == len(missing):
                write(stored, Signals(key=key, cases=known).model_dump_json())
                print(f"{done} of {len(missing)}", file=sys.stderr)
    return {name: each.known for name, each in known.items()}


def depends_on(settings: Settings, comparison: Comparison) -> dict[str, Any]:
    """What is known of a question depends on these, and on the case: not on threads, nor on the
    weights, which are fitted to it. `layout` is the form in which it is kept.
    """
    config = configuration(settings, comparison)
    layout = [
        field.name for each in (Known, AdviceSignals, AnswerSignals) for field in fields(each)
    ]
    kept = {name: config.get(name) for name in DEPENDS_ON}
    return kept | {"layout": layout, "vectors_form": VECTORS_FORM}


def _read(stored: Path, key: Mapping[str, Any]) -> dict[str, Stored]:
    """The cases in `stored`; none, and a line that says why, if they were made with another key."""
    if not stored.exists():
        return {}
    try:
        signals = Signals.model_validate_json(stored.read_bytes())
    except ValidationError as error:
        print(f"{stored}: {fault(error)} It is made anew.", file=sys.stderr)
        return {}
    differs = [name for name in key if signals.key.get(name) != key[name]]
    if differs:
        print(f"{stored} is of another {', '.join(differs)}; it is made anew.", file=sys.stderr)
        return {}
    return signals.cases


def _look(advisor: Advisor, case: Case) -> Known:
    question, decider = case.turns[0], advisor.decider
    with advisor.model.session() as session:
        seen = decider.observe(session, question)
        retrieved = advisor.retriever.retrieve(question, advisor.top_k, seen.likely)
        asked = decider.asked(seen, retrieved)
        if case.verdict:
            return Known(asked)
        return Known(asked, decider.answerable(session, question, seen, retrieved))


def examples(comparison: Comparison) -> list[Example]:
    cases = [case for case in read_cases(FILES, comparison) if _stands_alone(case)]
    known = collect(cases, KEPT, comparison)
    places = {passage.id: i for i, passage in enumerate(comparison.recommending)}
    return [
        Example(
            case,
            known[case.id],
            next((places[c] for c in case.cites if c in places), None) if case.verdict else None,
        )
        for case in cases
    ]


def _stands_alone(case: Case) -> bool:
    """Whether it is one plain question; of attacks only the same questions unattacked are."""
    return len(case.turns) == 1 and case.kind != "injection"


def fit(data: Sequence[Example]) -> Weights:
    """The weights under which the answers of `data` are likeliest."""
    known = [(example.known.asked, example.right) for example in data]
    cases = case_weights([(asked, right) for asked, right in known if right is not None])
    others = [example for example in data if example.right is None]
    answers = [not example.case.abstain for example in others]
    cases = replace(cases, nearest_at_most=NEAR)
    read = [e.known.answerable.features(cases) for e in others if e.known.answerable]
    return replace(
        cases,
        advise=logistic(
            [asked.features(cases) for asked, _ in known], [right is not None for _, right in known]
        ),
        inform=logistic(read, answers),
    )


def rates(data: Sequence[Example], weights: Weights, comparison: Comparison) -> Floats:
    """Hits and counts of each of FIGURES."""
    verdicts = [passage.verdict for passage in comparison.recommending]
    hits = np.zeros((len(FIGURES), 2))
    for example in data:
        advise = example.known.asked.advise(weights) >= 0.5
        if example.right is None:
            known = example.known.answerable
            inform = not advise and known is not None and known.inform(weights) >= 0.5
            hits[1] += (not advise, 1)
            hits[3 if example.case.abstain else 2] += (
                (not advise and not inform) if example.case.abstain else inform,
                1,
            )
            continue
        best = int(example.known.asked.cases(weights).argmax())
        hits[0] += (advise, 1)
        hits[4] += (best == example.right, 1)
        hits[5] += (verdicts[best] == verdicts[example.right], 1)
    return hits


def cross_validated(data: Sequence[Example], comparison: Comparison) -> Floats:
    """`rates` of each example under weights fitted without its group, or its neighbours'."""
    groups = sorted({example.case.group for example in data})
    unseen = np.zeros((len(FIGURES), 2))
    for fold in range(FOLDS):
        held_out = set(groups[fold::FOLDS])
        stored = [example for example in data if example.case.group not in held_out]
        rest = [example for example in data if example.case.group in held_out]
        unseen += rates(rest, fit(stored), comparison)
    return unseen


def main() -> None:
    """Collects, fits, cross-validates, and writes them as "probed"."""
    comparison = parse_file(shipped()[0])
    data = examples(comparison)
    weights = fit(data)
    seen, unseen = rates(data, weights, comparison), cross_validated(data, comparison)
    for name, on_dev, crossed in zip(FIGURES, seen, unseen, strict=True):
        print(
            f"{name:11} {on_dev[0] / on_dev[1]:.3f} on dev, "
            f"{crossed[0] / crossed[1]:.3f} cross-validated, n = {on_dev[1]:.0f}"
        )
    kinds = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    kinds["probed"] = asdict(weights)
    write(WEIGHTS_FILE, json.dumps(kinds, indent=1) + "\n")


if __name__ == "__main__":
    main()
