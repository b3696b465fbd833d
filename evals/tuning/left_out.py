"""What each part is worth on comparisons of left-out writers: `python -m evals.tuning.left_out`.

As evals.tuning.learn prints it for all parts together: every part is left out in turn, and the
weights are fitted again without it. Then how the figures grow with the number of comparisons that
are learnt from. No model is needed. evals.tuning.ablation does the same for the shipped comparison.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from evals.tuning.learn import FIGURES, Example, crossed, left_out, open_training
from evals.tuning.weights import without

ASKED: Mapping[str, Mapping[str, Any]] = {
    "all parts": {},
    "without the likelihood of what is asked for": {"asks_for": (0.0, 0.0, 0.0)},
    "without the probe of what is asked for": {"advice": 0.0},
    "without the likelihood of names": {"log_probabilities": ()},
    "without the match of states": {"probed": ()},
    "without the similarity of texts": {"similarities": ()},
}
ANSWERABLE: Mapping[str, Mapping[str, Any]] = {
    "without yes or no": {"answerable": 0.0},
    "without the probe of what is stated": {"stated": 0.0},
    "without names in the question": {"named": False, "unknown_names": 0},
    "without the likeliest sentence's score": {"likeliest": 0.0},
    "without the nearest text": {"nearest": 0.0},
}
LEARNT_FROM = (5, 10, 20, 40)  # comparisons of other writers


def main() -> None:
    """Prints the table."""
    training = open_training()
    data = left_out(training)
    print(f"{len(training)} comparisons\n| |", " | ".join(FIGURES), "|")
    for name, fields in ASKED.items():
        _row(name, [_less_asked(example, fields) for example in data])
    for name, fields in ANSWERABLE.items():
        _row(name, [_less_answerable(example, fields) for example in data])
    for most in LEARNT_FROM:
        _row(f"learnt from {most} others", left_out(training, most))


def _less_asked(example: Example, fields: Mapping[str, Any]) -> Example:
    return replace(example, asked=example.asked and without(example.asked, fields))


def _less_answerable(example: Example, fields: Mapping[str, Any]) -> Example:
    answerable = example.answerable
    return replace(example, answerable=answerable and replace(answerable, **fields))


def _row(name: str, data: Sequence[Example]) -> None:
    shares = [f"{hits / count:.3f}" for hits, count in crossed(data)]
    print(f"| {name} |", " | ".join(shares), "|")


if __name__ == "__main__":
    main()
