"""The second comparison with the real default model: nothing is made for the one that ships.

Its 84 cases were written with nothing but second.md at hand. Nothing has been learnt of it: what
the advisor understands of messages comes from other comparisons. The report stays in out/ci/second.
"""

import shutil
from collections.abc import Mapping

import pytest

from agent.factory import index_file, open_embedder
from agent.settings import read_settings
from evals.report.report import write_report
from evals.results import Metric
from evals.runner import Plan, run
from tests.helpers.paths import DATA, ROOT

pytestmark = pytest.mark.model

HERE = DATA
REPORT = ROOT / "out" / "ci" / "second"


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Metric]:
    """What an evaluation of all its cases measures."""
    folder = tmp_path_factory.mktemp("second")
    source = folder / "second.md"
    for name in (source.name,):
        shutil.copy(HERE / name, folder / name)
    settings = read_settings().model_copy(update={"data_dir": folder / "data"})
    index_file(settings, open_embedder(settings), source)
    shutil.rmtree(REPORT, ignore_errors=True)  # else answers of other code might be taken up
    results = run(Plan("full", REPORT, files=[HERE / "second.cases.jsonl"]), settings)
    write_report(results.model_dump(mode="json"), REPORT)
    return results.metrics


# A little under what is reached where nothing was learnt of the document. With probes learnt from
# 479 messages about it, verdicts were held to 0.95, facts to 0.9 and abstentions to 0.75; what is
# aimed at, for documents never seen, is verdicts 0.95, facts 0.93 and abstentions 0.92.
@pytest.mark.parametrize(
    ("metric", "at_least", "cases"),
    [
        ("verdict_accuracy", 0.88, 42),
        ("use_case_cited", 0.88, 42),
        ("fact_accuracy", 0.6, 20),
        ("abstention_recall", 0.6, 12),
        ("followup_accuracy", 0.7, 10),
        ("citation_recall", 0.95, 50),
        ("citation_precision", 0.9, 50),
        ("citation_validity", 1.0, 60),
        ("numeric_fidelity", 1.0, 20),
    ],
)
def test_another_comparison_is_answered_without_a_line_of_code_changed(
    metrics: Mapping[str, Metric], metric: str, at_least: float, cases: int
) -> None:
    found = metrics[metric]
    assert found.n >= cases
    assert found.value >= at_least


def test_nothing_is_said_of_another_comparison_that_it_does_not_say(
    metrics: Mapping[str, Metric],
) -> None:
    assert metrics["unsupported_sentences"].value <= 0.02
    assert metrics["false_refusals"].value <= 0.12
