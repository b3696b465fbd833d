"""How often the right passage is found: `python -m evals.retrieval [dev|validation]`.

Over every question of a split that names the passages it should cite, as it was asked, without
a model: recall at 1, 3 and 6, mean reciprocal rank, and the milliseconds a question takes.
"""

import json
import sys
import time
from pathlib import Path
from statistics import mean, median

from agent.ready import open_embedder, refresh_index
from agent.settings import read_settings
from knowledge.index import open_index
from knowledge.retrieve import Retriever

CASES = Path(__file__).parent / "cases"
FILES = ("verdict", "fact", "benign")
TOP = 28


def ranks(retriever: Retriever, file: Path) -> tuple[list[int], list[float]]:
    """For each question the rank of the first right passage (TOP + 1 if none), and seconds."""
    found, seconds = [], []
    for line in file.read_text().splitlines():
        case = json.loads(line)
        if not case.get("cites"):
            continue
        started = time.perf_counter()
        evidence = retriever.retrieve(case["turns"][-1], TOP).evidence
        seconds.append(time.perf_counter() - started)
        right = [rank for rank, e in enumerate(evidence, 1) if e.passage.id in case["cites"]]
        found.append(min(right, default=TOP + 1))
    return found, seconds


def main() -> None:
    split = sys.argv[1] if len(sys.argv) > 1 else "dev"
    settings = read_settings()
    embedder = open_embedder(settings)
    refresh_index(settings, embedder, print)
    retriever = Retriever(open_index(settings.data_dir / "indexes", embedder, settings.comparison))
    print(f"{split:18} n    recall@1  @3     @6     MRR    ms (median)")
    for name in FILES:
        found, seconds = ranks(retriever, CASES / f"{split}-{name}.jsonl")
        recalls = "  ".join(f"{mean(rank <= k for rank in found):.3f}" for k in (1, 3, 6))
        reciprocal = mean(1 / rank for rank in found)
        print(
            f"{name:18} {len(found):<4} {recalls}  {reciprocal:.3f}  {median(seconds) * 1000:.0f}"
        )


if __name__ == "__main__":
    main()
