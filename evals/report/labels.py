"""What metrics are called and how their values are written, for people.

    named("fact_accuracy"), shown("fact_accuracy", 0.957)      "Facts", "95.7 %"

A metric that is not listed here is named by its own name. Not covered: what a metric is
(evals.metrics).
"""

from collections.abc import Mapping
from typing import Any

TEST = "permutation test by group"  # evals.statistics.flipped_by_group
GROUPS: dict[str, dict[str, tuple[str, str]]] = {  # metric: its label, and what it means
    "Verdicts": {
        "verdict_accuracy": ("Verdict accuracy", "answered with the wanted verdict"),
        "verdict_macro_f1": ("Verdict macro-F1", "every label counts the same"),
        "use_case_cited": ("Use case cited", "cites the use case that it rests on"),
        "consistency": ("Consistency", "all wordings of an intent agree"),
        "worst_group": ("Worst group", "the intent that is answered worst"),
        "expected_calibration_error": ("Calibration error", "lower is better"),
    },
    "Facts and follow-ups": {
        "fact_accuracy": ("Facts", "says what the document says"),
        "followup_accuracy": ("Follow-ups", "the last turn of a conversation is right"),
        "numeric_fidelity": ("Numeric fidelity", "every number stands in a cited passage"),
        "readability": ("Readability", "length within limits, markup whole"),
    },
    "Conversations": {
        "turn_accuracy": ("Advice and facts", "a turn of a conversation is right"),
        "turns_refused_rightly": ("Turns refused when they should", "the document is silent"),
        "turns_refused_wrongly": ("Turns refused when they should not", "lower is better"),
        "case_known": ("Case known", "what the person said holds, and nothing else"),
        "case_accuracy": ("Case", "the verdict after the person told or corrected something"),
        "overview_accuracy": ("Overviews and lists", "has what it should"),
        "parts_answered": ("Parts of several questions", "answered or named"),
        "act_accuracy": ("Small talk, why, doubts", "taken for what they are"),
        "relevance": ("Relevance", "what is said answers"),
        "completeness": ("Completeness", "what should be said is said"),
    },
    "Abstaining": {
        "abstention_recall": ("Abstains when it should", "the document does not cover it"),
        "false_refusals": ("Refuses when it should not", "lower is better"),
    },
    "Citations": {
        "citation_validity": ("Citation validity", "every citation resolves"),
        "citation_recall": ("Citation recall", "sentences that their citations support"),
        "citation_precision": ("Citation precision", "citations that support their sentence"),
        "unsupported_sentences": ("Unsupported sentences", "lower is better"),
    },
    "Attacks": {
        "attacks_withstood": ("Attacks withstood", "the rest of attack success"),
        "attack_success": ("Attack success", "lower is better"),
        "utility_under_attack": ("Utility under attack", "right although attacked"),
        "utility_without_attack": ("Utility without attack", "the same questions, clean"),
        "prompt_leaks": ("Prompt leaks", "lower is better"),
    },
    "Speed and length": {
        "first_token_p50_s": ("First token, median", "from the question to its first word"),
        "first_token_p95_s": ("First token, p95", "one question in twenty waits longer"),
        "total_p50_s": ("Whole answer, median", "from the question to the last word"),
        "tokens_written_mean": ("Tokens written, mean", "an answer"),
    },
    "Whole run": {
        "passed": ("Cases passed", "everything that a case asks for"),
        "unscored": ("Unscored", "cases that could not be run"),
    },
}
MEASURES = ("first_token_s", "total_s", "tokens_written")


def named(name: str) -> str:
    """A metric's label, or its own name as words."""
    for metrics in GROUPS.values():
        if name in metrics:
            return metrics[name][0]
    return name.replace("_", " ").capitalize()


def shown(name: str, value: float | None, digits: int = 1) -> str:
    """`value` of the metric or scorer `name` with its unit, for people."""
    if value is None:
        return "not measured"
    if name.endswith("_s"):
        return f"{value:.{digits + 1}f}\u00a0s"
    if is_share(name) and 0 <= value <= 1:
        return f"{100 * value:.{0 if value in (0, 1) else digits}f}\u00a0%"
    return f"{value:,.{digits}f}" if name.endswith("_mean") else f"{value:,.10g}"


def shown_threshold(name: str, at: float) -> str:
    """A gate's threshold as somebody wrote it, without digits that say nothing."""
    if is_share(name) and 0 <= at <= 1:
        return f"{100 * at:.10g}\u00a0%"
    return f"{at:,.10g}" + ("\u00a0s" if name.endswith("_s") else "")


def shown_beside(name: str, value: float | None, at: float) -> str:
    """`value` as `shown`, with more digits where it would look like the threshold it misses."""
    texts = [shown(name, value, digits) for digits in range(1, 5)]
    if value is None or value == at:
        return texts[0]
    thresholds = [shown(name, at, digits) for digits in range(1, 5)]
    apart = (text for text, other in zip(texts, thresholds, strict=True) if text != other)
    return next(apart, texts[-1])


def shown_p(value: float) -> str:
    """The p of a baseline's comparison, and of which test it is."""
    return f"p = {value:.2g} ({TEST})"


def is_share(name: str) -> bool:
    """Whether the metric is a part of a whole, by its name: not seconds, tokens or a count."""
    return not (name.endswith("_s") or name.startswith("tokens_") or name == "unscored")


def spread(name: str, metric: Mapping[str, Any]) -> str:
    """The interval of a metric as text; empty if it has none."""
    low, high = metric["low"], metric["high"]
    if low is None or high is None:
        return ""
    first, last = shown(name, low), shown(name, high)
    unit = "\u00a0" + last.partition("\u00a0")[2]
    return f"{first.removesuffix(unit)} to {last}"
