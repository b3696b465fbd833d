"""How often the right passage is found, without a model: recall at 1, 3 and 6, MRR, milliseconds.

    advisor eval --tier retrieval

Over every question that stands on its own and names the passages it should cite. Not covered:
follow-ups, which are understood first.
"""

import time
from collections.abc import Sequence
from statistics import median_high

from evals.datasets.case import Case
from evals.results import Metric
from evals.statistics import bootstrapped, mean, share
from knowledge.retrieve import Retriever

RECALL_AT = (1, 3, 6)
METRICS = (
    *(f"recall_at_{k}" for k in RECALL_AT),
    "mean_reciprocal_rank",
    "retrieval_p50_ms",
    "scorer_checks_caught",
    "scorer_checks_wrongly_failed",
)


def measure(retriever: Retriever, cases: Sequence[Case]) -> dict[str, Metric]:
    """The first five of METRICS over `cases`; nothing if none of them names a passage."""
    ranks: list[tuple[str, int]] = []
    milliseconds: list[tuple[str, float]] = []
    for case in cases:
        if not case.cites or len(case.turns) > 1:
            continue
        started = time.perf_counter()
        evidence = retriever.retrieve(case.turns[0], len(retriever.index.comparison.passages))
        milliseconds.append((case.group, (time.perf_counter() - started) * 1000))
        right = [i for i, e in enumerate(evidence.evidence, 1) if e.passage.id in case.cites]
        ranks.append((case.group, min(right, default=0)))
    found: dict[str, Metric | None] = {
        f"recall_at_{k}": share((group, float(0 < rank <= k)) for group, rank in ranks)
        for k in RECALL_AT
    }
    found["mean_reciprocal_rank"] = bootstrapped(
        [(group, 1 / rank if rank else 0.0) for group, rank in ranks], mean
    )
    found["retrieval_p50_ms"] = bootstrapped(milliseconds, median_high)
    return {name: metric for name, metric in found.items() if metric is not None}
