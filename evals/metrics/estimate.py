"""Figures with intervals from values by group: what metrics makes of pairs (group, value).

A share of wordings of one intent is less sure than its number of wordings says, so it wants the
cluster bootstrap; a share of independent cases wants Wilson's interval. Case files hold both
(nine intents of twelve wordings, hundreds of single questions), so every share takes the WIDER
of the two. Nothing here knows a case.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from evals.metrics.statistics import Interval, cluster_bootstrap, mean, wilson
from evals.metrics.types import Metric

T = TypeVar("T")


def share(measured: Iterable[tuple[str, float]]) -> Metric | None:
    """The mean of values in [0, 1] by group, with the wider interval; None of no values."""
    known = list(measured)
    if not known:
        return None
    total = math.fsum(value for _, value in known)
    return wider(total / len(known), total, len(known), _interval(known, mean))


def wider(value: float, successes: float, n: int, other: Interval | None) -> Metric:
    """`value` with the wider of `other` and Wilson's interval of `successes` in `n`.

    A partial success (recall 0.4) is rounded down for the low end and up for the high one.
    Wilson is careful there: values in [0, 1] vary at most as much as right and wrong of the
    same mean (Bhatia & Davis 2000, doi:10.1080/00029890.2000.12005203).
    """
    fewest, most = math.floor(successes + 1e-9), math.ceil(successes - 1e-9)
    widest = Interval(wilson(fewest, n).low, wilson(most, n).high)
    if other is not None and other.width > widest.width:
        widest = other
    widest = widest.holding(value)
    return Metric(value, n, widest.low, widest.high)


def bootstrapped(
    measured: Iterable[tuple[str, T]], statistic: Callable[[Sequence[T]], float]
) -> Metric | None:
    """A statistic of values by group, with the bootstrap's interval; None of no values."""
    known = list(measured)
    if not known:
        return None
    interval = _interval(known, statistic)
    ends = (interval.low, interval.high) if interval else (None, None)
    return Metric(statistic([value for _, value in known]), len(known), *ends)


def _interval(
    measured: Iterable[tuple[str, T]], statistic: Callable[[Sequence[T]], float]
) -> Interval | None:
    """The bootstrap's interval; None with one group, which tells nothing of others."""
    groups: dict[str, list[T]] = defaultdict(list)
    for group, value in measured:
        groups[group].append(value)
    return cluster_bootstrap(groups, statistic) if len(groups) > 1 else None
