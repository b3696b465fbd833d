"""How sure a figure is: intervals, the paired test, and the figures that need more than a mean.

    wilson(8, 10)                                        Interval(low=0.490, high=0.943)
    cluster_bootstrap({"a": [1, 1], "b": [0]}, mean)     whole groups drawn again
    share([("a", 1), ("a", 1), ("b", 0)])                a Metric of values by group

Pure functions of numbers; nothing here knows a case. All intervals are 95 %. A share of wordings
of one intent is less sure than its number of wordings says, so it wants the cluster bootstrap; a
share of independent cases wants Wilson's interval. Case files hold both (nine intents of twelve
wordings, hundreds of single questions), so every share takes the WIDER of the two. Not covered:
correction for looking at many figures at once, and more than one baseline.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, bootstrap

from evals.results import Metric

CONFIDENCE = 0.95

T = TypeVar("T")
Label = TypeVar("Label", bound=Hashable)


class NothingMeasuredError(ValueError):
    """A figure was asked for of no values at all. A caller's mistake: leave the figure out."""


@dataclass(frozen=True)
class Interval:
    """Both ends belong to it, low <= high."""

    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low

    def holding(self, value: float) -> "Interval":
        """This interval, widened as far as it takes to hold `value`."""
        return Interval(min(self.low, value), max(self.high, value))


def mean(values: Sequence[float]) -> float:
    """The mean, whatever the order of `values`. Raises NothingMeasuredError if there are none."""
    if not values:
        raise NothingMeasuredError("mean of no values")
    return math.fsum(values) / len(values)


def wilson(successes: int, n: int) -> Interval:
    """The interval of a share of `n` independent trials, within [0, 1].

    No trials leave everything open: (0, 1). Raises ValueError if successes are not in 0..n.
    Score interval without continuity correction: Wilson 1927, doi:10.1080/01621459.1927.10502953.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n}")
    if n == 0:
        return Interval(0.0, 1.0)
    found = binomtest(successes, n).proportion_ci(CONFIDENCE, method="wilson")
    # at 0 and n the true end is the value itself, which rounding may miss by 1e-17
    return Interval(float(found.low), float(found.high)).holding(successes / n)


def cluster_bootstrap(
    values_by_group: Mapping[str, Sequence[T]],
    statistic: Callable[[Sequence[T]], float],
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """The percentile interval of `statistic` when whole groups are drawn again.

    Values of a group hang together (wordings of one intent), so groups are drawn with
    replacement and each brings all its values. `statistic` gets the values of a draw in one
    sequence. The interval is widened to hold the statistic of the values as they are, which a
    skewed statistic may otherwise leave outside. Group and value order do not change it. With
    one group nothing is known of the spread between groups, and the interval is a point.
    Raises NothingMeasuredError if there is no value.
    Bootstrap of clustered data: Field & Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x;
    for evals: Miller 2024, arXiv:2411.00640.
    """
    groups = [values_by_group[name] for name in sorted(values_by_group) if values_by_group[name]]
    if not groups:
        raise NothingMeasuredError("bootstrap of no values")
    observed = statistic([value for group in groups for value in group])
    if len(groups) == 1:
        return Interval(observed, observed)

    def of_draw(draw: NDArray[np.int64]) -> float:
        return float(statistic([value for i in draw.tolist() for value in groups[i]]))

    # what scipy draws again are the places of groups
    found = bootstrap(
        (np.arange(len(groups)),),
        of_draw,
        n_resamples=resamples,
        confidence_level=CONFIDENCE,
        method="percentile",
        vectorized=False,
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Interval(float(found.low), float(found.high)).holding(observed)


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


def flipped_by_group(
    before: Sequence[bool], after: Sequence[bool], groups: Sequence[Hashable]
) -> float:
    """The exact two-sided p that the runs differ by as many cases, or more, by chance alone.

    `before[i]`, `after[i]` and `groups[i]` are of the same case. Cases of a group hang together
    (wordings of one intent), so chance is held to turn a group as a whole: each group's balance of
    cases won and lost is as likely as its opposite. 1.0 if nothing turned, or all in one group.
    Where each group is one case, this is the exact McNemar test. Raises ValueError if the lengths
    differ.
    Paired randomization test: Fisher 1935, The Design of Experiments, section 21, of groups
    instead of pairs; every outcome is counted by convolution: Pagano & Tritchler 1983,
    doi:10.1080/01621459.1983.10477990.
    """
    balances: Counter[Hashable] = Counter()
    for old, new, group in zip(before, after, groups, strict=True):
        balances[group] += int(new) - int(old)
    # scipy's permutation_test lists all 2^n outcomes, or draws some of them where n is large
    chances = np.ones(1)  # of each balance of all groups, the lowest first
    for balance in filter(None, balances.values()):
        step = np.zeros(2 * abs(balance) + 1)
        step[[0, -1]] = 0.5
        chances = np.convolve(chances, step)
    most = len(chances) // 2
    as_far = np.abs(np.arange(-most, most + 1)) >= abs(sum(balances.values()))
    return min(1.0, float(chances[as_far].sum()))


def macro_f1(pairs: Sequence[tuple[Label, Label]]) -> float:
    """The mean over the wanted labels of each label's F1, of pairs (wanted, answered).

    An answer that is no wanted label is a miss of the wanted one and nothing else: it makes no
    class of its own. Raises NothingMeasuredError if there are no pairs.
    The mean of F1s, not the F1 of means: Opitz & Burst 2019, arXiv:1911.03347.
    """
    wanted = Counter(pair[0] for pair in pairs)
    answered = Counter(pair[1] for pair in pairs)
    right = Counter(pair[0] for pair in pairs if pair[0] == pair[1])
    return mean([2 * right[label] / (wanted[label] + answered[label]) for label in wanted])


def constant_answer(wanted: Sequence[Label]) -> Label:
    """The most frequent label; of equally frequent ones the first by name.

    Raises NothingMeasuredError if there is no label.
    """
    if not wanted:
        raise NothingMeasuredError("most frequent of no labels")
    counts = Counter(wanted)
    return min(counts, key=lambda label: (-counts[label], str(label)))


def expected_calibration_error(
    confidences: Sequence[float], right: Sequence[bool], bins: int = 10
) -> float:
    """How far confidence is from the share that is right, in [0, 1], averaged over bins.

    Bins hold equally many answers (give or take one), in order of confidence; fewer answers than
    bins leave some empty. Answers of equal confidence share their mean of right, so their order
    does not matter. Biased upwards where bins are small.
    Raises ValueError if the lengths differ, NothingMeasuredError if there are no answers.
    Naeini et al. 2015, doi:10.1609/aaai.v29i1.9602; bins of equal mass: Nguyen & O'Connor 2015,
    doi:10.18653/v1/D15-1182.
    """
    if len(confidences) != len(right):
        raise ValueError(f"{len(confidences)} confidences of {len(right)} answers")
    if not confidences:
        raise NothingMeasuredError("calibration of no answers")
    gaps = np.subtract(*reliability(confidences, right).T)
    return float(sum(abs(part.sum()) for part in np.array_split(gaps, bins)) / len(gaps))


def reliability(confidences: Sequence[float], right: Sequence[bool]) -> NDArray[np.float64]:
    """For each answer its confidence and the share that is right of that confidence, ascending."""
    levels, place = np.unique(np.asarray(confidences, dtype=float), return_inverse=True)
    shares = np.bincount(place, weights=np.asarray(right, dtype=float)) / np.bincount(place)
    return np.column_stack((levels, shares))[np.sort(place)]
