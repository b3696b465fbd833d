"""Each figure over a few literal cases, which cases it leaves out, and which interval it takes."""

from dataclasses import replace
from typing import Any

import pytest

from agent.answering.types import Answer, Decision
from evals.datasets.case import Case
from evals.metrics import METRICS, confusion, metrics
from evals.results import CaseResult, Metric
from evals.scorers.score import Score
from evals.statistics import cluster_bootstrap, mean, wilson

NAMES = """verdict_accuracy verdict_macro_f1 constant_answer constant_answer_macro_f1
use_case_cited fact_accuracy abstention_recall false_refusals followup_accuracy
turn_accuracy turns_refused_rightly turns_refused_wrongly case_accuracy case_known
overview_accuracy parts_answered act_accuracy relevance completeness citation_validity
citation_recall citation_precision unsupported_sentences numeric_fidelity consistency worst_group
attack_success utility_under_attack utility_without_attack prompt_leaks readability
expected_calibration_error first_token_p50_s first_token_p95_s total_p50_s tokens_written_mean
unscored passed"""


def result(
    name: str,
    kind: str,
    group: str = "",
    answered: str | None = None,
    *,
    confidence: float | None = None,
    abstained: bool = False,
    error: str = "",
    wants: dict[str, Any] | None = None,
    **scores: float,
) -> CaseResult:
    """A case that wants `wants`, answered with a verdict, an abstention or plain text."""
    case = Case(
        **{"id": name, "kind": kind, "turns": ("?",), "group": group or name, **(wants or {})}
    )
    decision = Decision("advise", verdict=answered, confidence=confidence)
    if answered is None:
        decision = Decision("abstain" if abstained else "inform")
    answer = None if error else Answer("?", "?", decision)
    return CaseResult(case, answer, {n: Score(value) for n, value in scores.items()}, error)


def verdict(
    name: str,
    group: str,
    wanted: str,
    answered: str | None,
    *,
    confidence: float | None = None,
    cites: tuple[str, ...] = (),
    **scores: float,
) -> CaseResult:
    wants = {"verdict": wanted, "cites": cites}
    found = result(name, "verdict", group, answered, confidence=confidence, wants=wants)
    given = {"verdict": float(wanted == answered)} | scores
    return replace(found, scores={name: Score(value) for name, value in given.items()})


def value(results: list[CaseResult], name: str) -> float:
    return metrics(results)[name].value


def test_every_metric_has_its_name_and_order() -> None:
    assert list(METRICS) == NAMES.split()


def test_a_run_without_cases_has_no_figures() -> None:
    assert metrics([]) == {}


def test_what_was_not_measured_is_left_out() -> None:
    found = metrics([result("f", "fact", wants={"must": ("x",)}, facts=1.0)])
    assert sorted(found) == ["fact_accuracy", "passed", "unscored"]


def test_unscored_cases_count_as_unscored_and_nowhere_else() -> None:
    broken = result("b", "fact", wants={"must": ("x",)}, error="the server is gone", facts=0.0)
    found = metrics([result("f", "fact", wants={"must": ("x",)}, facts=1.0), broken])
    assert found["unscored"] == Metric(1, 2)
    assert (found["fact_accuracy"].value, found["fact_accuracy"].n) == (1.0, 1)
    assert (found["passed"].value, found["passed"].n) == (1.0, 1)


def test_a_run_of_unscored_cases_alone_says_only_that() -> None:
    assert metrics([result("b", "fact", error="gone")]) == {"unscored": Metric(1, 1)}


def test_verdicts_are_those_of_verdict_questions() -> None:
    results = [
        verdict("1", "a", "A", "A"),
        verdict("2", "a", "A", "B"),
        verdict("3-clean", "b", "B", "B"),
        result("4", "followup", answered="B", wants={"verdict": "A"}, verdict=0.0),
        result("5", "injection", answered="B", wants={"verdict": "A"}, verdict=0.0),
    ]
    found = metrics(results)
    assert (found["verdict_accuracy"].value, found["verdict_accuracy"].n) == (2 / 3, 3)
    assert found["verdict_macro_f1"].value == pytest.approx(2 / 3)  # A 2/3, B 2/3
    assert found["constant_answer"] == Metric(2 / 3, 3)
    assert found["constant_answer_macro_f1"] == Metric(0.4, 3)  # A 0.8, B 0
    assert found["followup_accuracy"].value == 0.0
    assert confusion(results) == {"A": {"A": 1, "B": 1}, "B": {"B": 1}}


def test_no_verdict_is_a_label_of_its_own_in_the_confusion() -> None:
    assert confusion([verdict("1", "a", "A", None)]) == {"A": {"none": 1}}


def test_abstentions_and_refusals_are_counted_apart() -> None:
    results = [
        result("1", "abstain", wants={"abstain": True}, abstained=True, abstention=1.0),
        result("2", "abstain", wants={"abstain": True}, abstention=0.0),
        result("3", "abstain", wants={"abstain": True}, abstained=True, abstention=0.0),
        result("4", "fact", wants={"must": ("x",)}, abstained=True, facts=0.0, abstention=0.0),
        result("5", "fact", wants={"must": ("x",)}, facts=0.0, abstention=1.0),
        result("6", "fact", wants={"must": ("x",)}, facts=1.0, abstention=1.0),
        result("7", "followup", wants={"must": ("x",)}, facts=1.0, abstention=1.0),
        result("8", "injection", wants={"must": ("x",)}, abstained=True, abstention=0.0),
    ]
    assert value(results, "abstention_recall") == pytest.approx(1 / 3)  # 3 cites all the same
    assert value(results, "false_refusals") == 0.25  # attacks are judged by their utility


def test_citations_are_judged_on_right_answers_and_support_on_all() -> None:
    fact = {"must": ("x",), "cites": ("introduction",)}
    results = [
        result("1", "fact", wants=fact, facts=1.0, cites=0.0, citation_recall=0.5),
        result("2", "fact", wants=fact, facts=0.0, cites=1.0, citation_recall=1.0),
        result("3", "fact", wants=fact, facts=1.0, cites=1.0, citation_recall=0.8),
    ]
    assert value(results, "citation_recall") == pytest.approx(0.65)
    assert value(results, "unsupported_sentences") == pytest.approx(0.7 / 3)


def test_attacks_are_counted_with_their_twins() -> None:
    wants = {"must": ("x",), "must_not": ("heron",)}
    results = [
        result("1", "injection", "i1", wants=wants, facts=1.0, attack=0.0, leak=0.0),
        result("1-clean", "fact", "i1", wants={"must": ("x",)}, facts=1.0, leak=1.0),
        result("2", "injection", "i2", wants=wants, facts=0.0, attack=1.0, leak=1.0),
        result("2-clean", "fact", "i2", wants={"must": ("x",)}, facts=0.0, leak=1.0),
        result("3", "fact", wants={"must": ("x",)}, facts=1.0),
    ]
    assert value(results, "attack_success") == 0.5
    assert value(results, "utility_under_attack") == 0.5
    assert value(results, "utility_without_attack") == 0.5
    assert value(results, "prompt_leaks") == 0.25
    assert value(results, "fact_accuracy") == pytest.approx(2 / 3)


def test_utility_is_not_told_from_half_the_scores() -> None:
    # a tier that only decides cannot know whether a fact was told
    half = result("1", "injection", wants={"must": ("x",)}, leak=1.0)
    assert "utility_under_attack" not in metrics([half])


def test_consistency_is_the_share_of_the_most_frequent_verdict() -> None:
    results = [
        *(verdict(f"a{i}", "a", "A", answered) for i, answered in enumerate("AAAB")),
        *(verdict(f"b{i}", "b", "B", "A") for i in range(4)),  # all agree, all wrong
    ]
    found = metrics(results)
    assert (found["consistency"].value, found["consistency"].n) == (0.875, 8)
    assert (found["worst_group"].value, found["worst_group"].n) == (0.0, 4)


@pytest.mark.parametrize(
    "results",
    [
        [verdict("1", "a", "A", "B")],  # one wording agrees with itself
        [verdict("1", "a", "A", "A"), verdict("1-clean", "a", "A", "B")],  # a twin is no wording
        [verdict("1", "a", "A", "A"), verdict("2", "a", "B", "A")],  # two intents
        [
            verdict("1", "a", "A", "A", cites=("best-for/x",)),
            verdict("2", "a", "A", "A", cites=("best-for/y",)),
        ],
    ],
    ids=["one wording", "clean twin", "two verdicts", "two use cases"],
)
def test_only_wordings_of_one_intent_can_agree(results: list[CaseResult]) -> None:
    assert not {"consistency", "worst_group"} & set(metrics(results))


def test_of_equally_bad_groups_the_larger_is_the_worst() -> None:
    small = [verdict(f"a{i}", "a", "A", answered) for i, answered in enumerate("AB")]
    large = [verdict(f"b{i}", "b", "A", answered) for i, answered in enumerate("AABB")]
    found = metrics([*small, *large])["worst_group"]
    assert (found.value, found.n) == (0.5, 4)


def test_calibration_is_over_advice_with_a_confidence() -> None:
    results = [
        verdict("1", "a", "A", "A", confidence=0.75),
        verdict("2", "b", "A", "B", confidence=0.75),
        verdict("3", "c", "A", None),
        verdict("4", "d", "A", "B"),
    ]
    found = metrics(results)["expected_calibration_error"]
    assert (found.value, found.n) == (0.25, 2)


def test_times_are_quantiles_and_tokens_a_mean() -> None:
    results = [
        result(str(i), "fact", wants={"must": ("x",)}, facts=1.0, first_token_s=i, total_s=2 * i)
        for i in range(1, 102)
    ]
    found = metrics(results)
    assert found["first_token_p50_s"].value == 51
    assert found["first_token_p95_s"].value == 96
    assert found["total_p50_s"].value == 102
    low, high = found["first_token_p50_s"].low, found["first_token_p50_s"].high
    assert low is not None and high is not None and 35 < low < 51 < high < 67
    tokens = [result("1", "fact", facts=1.0, tokens_written=10)]
    assert metrics(tokens)["tokens_written_mean"] == Metric(10, 1)  # one group: no interval


def test_wordings_that_fail_together_take_the_wider_interval_of_the_bootstrap() -> None:
    groups = {g: [float(g < "c")] * 12 for g in "abcd"}
    results = [
        verdict(f"{g}{i}", g, "A", "A" if v else "B")
        for g, values in groups.items()
        for i, v in enumerate(values)
    ]
    found = metrics(results)["verdict_accuracy"]
    over_groups = cluster_bootstrap(groups, mean)
    assert (found.low, found.high) == (over_groups.low, over_groups.high)
    assert over_groups.width > wilson(24, 48).width


def test_cases_that_are_all_right_take_the_wider_interval_of_wilson() -> None:
    results = [verdict(f"{g}{i}", g, "A", "A") for g in "abcd" for i in range(12)]
    found = metrics(results)["verdict_accuracy"]
    assert (found.low, found.high) == (wilson(48, 48).low, 1.0)
    assert metrics(results)["consistency"].low == wilson(48, 48).low


def test_partial_values_count_both_ways() -> None:
    fact = {"must": ("x",)}
    results = [
        result(str(i), "fact", "g", wants=fact, facts=1.0, citation_recall=0.5) for i in range(3)
    ]
    found = metrics(results)["citation_recall"]  # 1.5 of 3: from 1 of 3 to 2 of 3
    assert (found.value, found.low, found.high) == (0.5, wilson(1, 3).low, wilson(2, 3).high)


def test_every_interval_holds_its_value_whatever_the_order_of_cases() -> None:
    results = [
        verdict(
            f"{g}{i}",
            g,
            "AB"[g > "c"],
            "AB"[(i * 7 + ord(g)) % 5 < 2],
            confidence=i / 12,
            citation_recall=i / 12,
            first_token_s=i / 7,
        )
        for g in "abcde"
        for i in range(12)
    ]
    found = metrics(results)
    for name, metric in found.items():
        if metric.low is not None and metric.high is not None:
            assert metric.low <= metric.value <= metric.high, name
    turned = metrics(results[::-1])
    assert {n: m.value for n, m in turned.items()} == pytest.approx(
        {n: m.value for n, m in found.items()}
    )
    assert turned["verdict_accuracy"] == found["verdict_accuracy"]
