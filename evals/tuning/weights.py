"""Fits the weights of agent.answering.decide by maximum likelihood, with a little L2."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from agent.answering.decide import AdviceSignals, Weights

L2 = 0.002
CASE_L2 = 0.003  # on dev, cross-validated: the least log-loss of 0 to 0.1

Floats = NDArray[np.float64]


def logistic(
    features: Sequence[Floats], wanted: Sequence[bool], share: float = 0.5
) -> tuple[float, ...]:
    """Weights of a logistic model. What is wanted has that share of the weight, however many cases
    there are of it.

    The penalty is on features brought to one scale; the last feature is the bias and has none.
    """
    rows, signs = np.array(features)[:, :-1], np.where(wanted, 1.0, -1.0)
    counts = np.sum(wanted), np.sum(~np.array(wanted))
    shares = np.where(wanted, share / counts[0], (1 - share) / counts[1])
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    scaled = np.c_[(rows - mean) / scale, np.ones(len(rows))]

    def loss(weights: Floats) -> float:
        penalty = L2 * float((weights[:-1] ** 2).sum())
        return float((shares * np.logaddexp(0, -signs * (scaled @ weights))).sum()) + penalty

    *slopes, bias = minimize(loss, np.zeros(scaled.shape[1])).x
    found = np.array(slopes) / scale
    return tuple(np.append(found, bias - found @ mean).round(4).tolist())


def case_weights(advised: Sequence[tuple[AdviceSignals, int]]) -> Weights:
    """The weights of the use case's scores, from signals with the place of the right case."""
    names = ("log_probabilities", "probed", "similarities")
    scale = np.array([_spread(advised, name) for name in names])

    def loss(numbers: Floats) -> float:
        chosen = Weights(*(numbers / scale).tolist())
        likely = [np.log(asked.cases(chosen)[right] + 1e-12) for asked, right in advised]
        return CASE_L2 * float((numbers**2).sum()) - float(np.mean(likely))

    return Weights(*(minimize(loss, np.ones(3)).x / scale).round(4).tolist())


def without(asked: AdviceSignals, fields: Mapping[str, Any]) -> AdviceSignals:
    """`asked` with other values in some fields; () stands for as many zeros as there are cases."""
    zeros = (0.0,) * len(asked.log_probabilities)
    values: dict[str, Any] = {n: zeros if v == () else v for n, v in fields.items()}
    return replace(asked, **values)


def _spread(advised: Sequence[tuple[AdviceSignals, int]], name: str) -> float:
    """The standard deviation of a score, or nearly 0 for one that is left out."""
    values = np.concatenate([getattr(asked, name) for asked, _ in advised])
    return float(values[np.isfinite(values)].std()) + 1e-9
