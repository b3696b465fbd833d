"""The figures of a bench as values: a line for each contender, and how they compare.

Pure functions of what was measured; nothing here runs a model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from evals.bench.job import JobResult

NOTES = (
    "stock and server are given the evidence and continue one prompt: they pay for no retrieval "
    "and no decision, and check nothing. plain and ours are the whole advisor.",
    "plain is asked the first of the questions only; its ratio is of those.",
    "A follow-up is asked when what was said before has been read, as while a person reads.",
    "Start-up is from the start of the process, imports included. Cold is without a saved KV "
    "cache, with what was learnt of the comparison.",
)


def percentile(values: Sequence[float], part: float) -> float | None:
    """The value below which `part` of `values` lie, in proportion between two; None of none."""
    return float(np.quantile(values, part)) if len(values) else None


@dataclass(frozen=True)
class Contender:
    """What one way to run the model took: seconds, tokens, MiB. None was not measured; `missing`
    says why nothing was. Of a generated comparison, the cold start indexes it.
    """

    name: str
    questions: int = 0
    first_token_s: tuple[float, ...] = ()
    search_p50_s: float | None = None
    first_token_p50_s: float | None = None
    first_token_p95_s: float | None = None
    followup_p50_s: float | None = None
    total_p50_s: float | None = None
    tokens_per_s: float | None = None
    read_p50_tokens: float | None = None
    reused_p50_tokens: float | None = None
    peak_mib: float | None = None
    start_cold_s: float | None = None
    start_warm_s: float | None = None
    missing: str = ""

    @classmethod
    def of(cls, name: str, found: JobResult, cold: JobResult | None = None) -> "Contender":
        """From what it measured; `cold` is a start before its own, where that makes it faster."""
        if missing := found.missing or (cold.missing if cold else ""):
            return cls(name, missing=missing)
        speeds = [asked.tokens_per_s for asked in found.writing if asked.tokens_per_s]
        first_s = [asked.first_token_s for asked in found.questions]
        return cls(
            name=name,
            questions=len(first_s),
            first_token_s=tuple(first_s),
            search_p50_s=percentile([s.search_s for s in found.questions if s.search_s], 0.5),
            first_token_p50_s=percentile(first_s, 0.5),
            first_token_p95_s=percentile(first_s, 0.95),
            followup_p50_s=percentile([asked.first_token_s for asked in found.followups], 0.5),
            total_p50_s=percentile([asked.total_s for asked in found.questions], 0.5),
            tokens_per_s=max(speeds, default=None),
            read_p50_tokens=percentile([asked.read for asked in found.questions], 0.5),
            reused_p50_tokens=percentile([asked.reused for asked in found.questions], 0.5),
            peak_mib=found.peak_mib,
            start_cold_s=cold.start_s if cold else found.start_s,
            start_warm_s=found.start_s if cold else None,
        )


@dataclass(frozen=True)
class Figures:
    """A whole bench; `config` is agent.provenance's, `growth` is of generated comparisons."""

    config: Mapping[str, Any]
    contenders: tuple[Contender, ...]
    bare_tokens_per_s: float | None = None
    growth: tuple[Contender, ...] = ()

    def ratio(self, slower: str) -> float | None:
        """How many times our first token p50 that of `slower` is, of the questions that both were
        asked; None if either is not known.
        """
        times = {each.name: each.first_token_s for each in self.contenders}
        both = min(len(times.get(slower, ())), len(times.get("ours", ())))
        above, ours = (percentile(times.get(name, ())[:both], 0.5) for name in (slower, "ours"))
        return above / ours if above and ours else None

    @property
    def writing_share(self) -> float | None:
        """Our tokens per second as a share of a bare decode loop's."""
        ours = next((each.tokens_per_s for each in self.contenders if each.name == "ours"), None)
        return ours / self.bare_tokens_per_s if ours and self.bare_tokens_per_s else None

    def to_json(self) -> dict[str, Any]:
        """The object that `advisor bench --json` prints."""
        ratios = {f"{name}_over_ours": self.ratio(name) for name in ("stock", "plain")}
        return asdict(self) | ratios | {"writing_share": self.writing_share, "notes": NOTES}
