"""Evaluates comparisons that nothing was learnt from: `python -m evals.across [NAME …]`.

Each of evals/datasets/validation is indexed in a data folder of its own below out/across and asked
its cases; what is answered already is kept, as `advisor eval` does. Printed are the metrics of all
together with their intervals, and the worst comparison beside. Takes half an hour on two cores.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from agent.advisor import Advisor
from agent.cli import progress
from agent.factory import index_file, open_advisor, open_embedders
from agent.judge import ModelJudge
from agent.provenance import configuration
from agent.settings import read_settings
from evals.ask import ask_all
from evals.datasets.comparisons import measured, validation_files
from evals.metrics import metrics
from evals.results import CaseResult
from evals.runner import score

FOLDER = Path("out/across")
SHOWN = (
    *("verdict_accuracy", "use_case_cited", "fact_accuracy", "followup_accuracy"),
    *("abstention_recall", "utility_under_attack", "citation_validity", "numeric_fidelity"),
)
AT_MOST = ("false_refusals", "expected_calibration_error", "unsupported_sentences")


def evaluate(file: Path) -> list[CaseResult]:
    """The scored cases of one comparison."""
    home, started = FOLDER / file.stem, time.perf_counter()
    settings = read_settings(data_dir=home / "data")
    comparison, _ = index_file(settings, open_embedders(settings), file)
    settings = settings.model_copy(update={"comparison": comparison.slug})
    cases = measured(file, ModelJudge(settings)).cases  # which has judged it for the index

    def opened() -> Advisor:
        advisor = open_advisor(settings, progress)
        print(f"{file.stem}: ready in {time.perf_counter() - started:.0f} s", flush=True)
        return advisor

    config = configuration(settings, comparison)
    attempts = ask_all(opened, cases, comparison, home, config, progress=progress)
    return [score(case, attempts[case.id], "full") for case in cases]


def show(results: Sequence[Sequence[CaseResult]]) -> None:
    """Prints each metric over all, with its interval, and that of the worst comparison."""
    every = metrics([result for each in results for result in each])
    alone = [metrics(each) for each in results]
    for name in (*SHOWN, *AT_MOST):
        if name in every:
            metric, values = every[name], [each[name].value for each in alone if name in each]
            worst = (max if name in AT_MOST else min)(values)
            ends = "" if metric.low is None else f"{metric.low:.3f} to {metric.high:.3f}"
            print(f"{name:24} {metric.value:.3f}  {ends}  worst {worst:.3f}  n = {metric.n}")


def main() -> None:
    """Evaluates the named comparisons, or all."""
    names = sys.argv[1:]
    chosen = [file for file in validation_files() if not names or file.stem in names]
    show([evaluate(file) for file in chosen])


if __name__ == "__main__":
    main()
