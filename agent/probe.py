"""Linear probes: what a message asks for, and which use case it describes, off the model's state.

    probes = learn(model, comparison, imagined)     once for each comparison
    probes.case.scores(state)                       for each question, in no time

A small model knows more of a message than the words that it finds likely tell (Alain and Bengio
2016, arXiv:1610.01644). A probe is a multinomial logistic regression on the hidden state in which
the model is about to say what is asked, learnt from messages of which it is known
(agent.imagine). Nothing of it is fitted to evaluation cases; only how much it weighs beside
likelihood and similarity is (evals.fit_decision).
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

from agent.imagine import Imagined
from agent.messages import asking_messages, naming_messages
from agent.model import Model, State
from knowledge.comparison import Comparison

# penalties on the squared weights, the best of a few on dev; three times as much or a third of it
# changed less than 0.02 of what is right
ADVICE_L2 = 0.01
CASE_L2 = 0.003

Floats = NDArray[np.float64]
Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Probe:
    """`weights` has a row for each number of a state and a column for each class; `mean` is what
    all states have in common.
    """

    mean: Floats
    weights: Floats

    def scores(self, state: State) -> Floats:
        """The log-probability of each class."""
        found = _directions(state[None].astype(np.float64), self.mean) @ self.weights
        scores: Floats = (found - logsumexp(found))[0]
        return scores


@dataclass(frozen=True)
class Probes:
    """`advice`: no recommendation is asked for, one is. `case`: each of
    Comparison.recommending, in that order.
    """

    advice: Probe
    case: Probe

    def save(self, path: Path) -> None:
        """Raises OSError if it cannot be written."""
        partial = path.with_suffix(f".partial-{os.getpid()}.npz")
        partial.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            partial,
            advice_mean=self.advice.mean,
            advice_weights=self.advice.weights,
            case_mean=self.case.mean,
            case_weights=self.case.weights,
        )
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Probes | None":
        """None if there are none that can be read."""
        try:
            with np.load(path, allow_pickle=False) as data:
                return cls(
                    Probe(data["advice_mean"], data["advice_weights"]),
                    Probe(data["case_mean"], data["case_weights"]),
                )
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return None


def learn(
    model: Model,
    comparison: Comparison,
    imagined: Imagined,
    report: Report = lambda done, total: None,
) -> Probes | None:
    """Probes for `comparison`; None if the model does not give its states, or there are no
    messages of both kinds.
    """
    cases = [passage.id for passage in comparison.recommending]
    spoken_of = {passage for passage, each in imagined.items() if each}
    if len(spoken_of & set(cases)) < 2 or not spoken_of - set(cases):
        return None
    messages = [(passage, message) for passage, each in imagined.items() for message in each]
    prompts = [
        [asking_messages(comparison, message)]
        + [naming_messages(comparison, message)] * (passage in cases)
        for passage, message in messages
    ]
    states: list[Sequence[State]] = []
    with model.turn() as turn:
        for each in turn.states(prompts):
            states.append(each)
            report(len(states), len(messages))
    if len(states) < len(messages):
        return None
    asking = [each[0] for each in states]
    naming = [each[1] for each in states if len(each) > 1]
    labels = [cases.index(passage) for passage, _ in messages if passage in cases]
    advised = [int(passage in cases) for passage, _ in messages]
    return Probes(
        fit(np.array(asking), advised, 2, ADVICE_L2),
        fit(np.array(naming), labels, len(cases), CASE_L2),
    )


def fit(states: NDArray[np.float32], labels: Sequence[int], classes: int, l2: float) -> Probe:
    """The regression of `labels` on `states` (rows), with a penalty of l2 times the squared
    weights.
    """
    mean = states.mean(axis=0, dtype=np.float64)
    rows = _directions(states.astype(np.float64), mean)
    wanted = np.eye(classes)[list(labels)]

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(rows.shape[1], classes)
        scores = rows @ weights
        logs = scores - logsumexp(scores, axis=1, keepdims=True)
        gradient = rows.T @ (np.exp(logs) - wanted) / len(rows) + 2 * l2 * weights
        return float(-(logs * wanted).sum() / len(rows) + l2 * (flat**2).sum()), gradient.ravel()

    start = np.zeros(rows.shape[1] * classes)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return Probe(mean, found.x.reshape(rows.shape[1], classes))


def _directions(states: Floats, mean: Floats) -> Floats:
    """States less what they have in common, each of length 1."""
    less = states - mean
    directions: Floats = less / np.maximum(np.linalg.norm(less, axis=1, keepdims=True), 1e-12)
    return directions
