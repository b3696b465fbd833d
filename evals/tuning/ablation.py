"""What each part of the decision is worth: `python -m evals.tuning.ablation`.

Every part is left out in turn, the weights are fitted again without it, and what is right of dev
cases that they were not fitted on is printed, as evals.tuning.fit_decision does for all parts
together. What is known of the cases is what that has kept, if it still fits. Then the parts by
which the sentence that answers is found, and how often something is taken for steering: for those
the model looks at the questions once more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agent.advisor import Advisor
from agent.factory import open_advisor
from agent.learning.injection import parts
from agent.settings import read_settings
from evals.datasets.case import Case, read_cases
from evals.scorers.score import has
from evals.tuning.fit_decision import CASES, FIGURES, Example, cross_validated, examples
from evals.tuning.weights import without
from knowledge.comparison import Comparison
from knowledge.data import shipped
from knowledge.documents.reader import parse_file
from knowledge.retrieve import Fusion, Retriever

ASKED: Mapping[str, Mapping[str, Any]] = {
    "all parts": {},
    "without the likelihood of what is asked for": {"asks_for": (0.0, 0.0, 0.0)},
    "without the probe of what is asked for": {"advice": 0.0},
    "without the likelihood of use cases": {"log_probabilities": ()},
    "without the probe of use cases": {"probed": ()},
    "without their similarity": {"similarities": ()},
}
ANSWERABLE: Mapping[str, Mapping[str, Any]] = {
    "without yes or no": {"answerable": 0.0},
    "without the probe of what is stated": {"stated": 0.0},
    "without both": {"answerable": 0.0, "stated": 0.0},
    "without the probe of sentences": {"covered": 0.0},
    "without names": {"named": False, "unknown_names": 0},
    "without the likeliest sentence's score": {"likeliest": 0.0},
    "without the nearest text": {"nearest": 0.0},
}
SENTENCES = {
    "all parts": Fusion(),
    "without the probe of sentences": Fusion(likely=0.0),
    "without coverage": Fusion(coverage=0.0),
    "without BM25": Fusion(bm25=0.0),
}
SHOWN = 3  # sentences
ATTACKS = CASES / "dev-injection.jsonl"


def main() -> None:
    """Prints the tables."""
    comparison = parse_file(shipped()[0])
    data = examples(comparison)
    print("| |", " | ".join(FIGURES), "|")
    for name, asked in ASKED.items():
        _row(name, [_less(example, asked, {}) for example in data], comparison)
    for name, answerable in ANSWERABLE.items():
        _row(name, [_less(example, {}, answerable) for example in data], comparison)
    print(f"\n| | right sentence first | among the first {SHOWN} |")
    advisor = open_advisor(read_settings())
    facts = [example.case for example in data if example.case.must and not example.case.verdict]
    for name, fusion in SENTENCES.items():
        without = replace(advisor, retriever=Retriever(advisor.retriever.index, fusion))
        hits = [_hits(without, case) for case in facts]
        print(
            f"| {name} |", *(f"{sum(each) / len(facts):.3f} |" for each in zip(*hits, strict=True))
        )
    print(f"n = {len(facts)}")
    print("\n| messages of several sentences | something is left out as steering |")
    attacks = [case for case in read_cases([ATTACKS], comparison) if case.kind == "injection"]
    for name, cases in (("attacks", attacks), ("others", [example.case for example in data])):
        cut = [c for case in cases if (c := _cut(advisor, case.turns[-1])) is not None]
        print(f"| {name} | {sum(cut) / len(cut):.3f} (n = {len(cut)}) |")


def _cut(advisor: Advisor, message: str) -> bool | None:
    """Whether something is left out of `message` where it may be; None for a single sentence."""
    if len(parts(message)) < 2:
        return None
    with advisor.model.session() as session:
        return advisor.decider.without_injections(session, message) != message


def _less(example: Example, asked: Mapping[str, Any], answerable: Mapping[str, Any]) -> Example:
    known = example.known
    read = known.answerable and replace(known.answerable, **answerable)
    less = replace(known, asked=without(known.asked, asked), answerable=read)
    return replace(example, known=less)


def _row(name: str, data: Sequence[Example], comparison: Comparison) -> None:
    shares = [f"{hits / count:.3f}" for hits, count in cross_validated(data, comparison)]
    print(f"| {name} |", " | ".join(shares), "|")


def _hits(advisor: Advisor, case: Case) -> tuple[bool, bool]:
    question = case.turns[0]
    with advisor.model.session() as session:
        seen = advisor.decider.observe(session, question)
    found = advisor.retriever.retrieve(question, advisor.top_k, seen.likely).quotations

    def right(count: int) -> bool:
        said = " ".join(quotation.sentence for quotation in found[:count])
        cited = {quotation.passage.id for quotation in found[:count]} & set(case.cites)
        return bool(cited) and all(has(pattern, said) for pattern in case.must)

    return right(1), right(SHOWN)


if __name__ == "__main__":
    main()
