"""Checks of the scorers: good answers that a scorer must give 1, and bad ones that it must not.

    python -m evals.scorer_checks.checks    caught / checks by scorer; status 1 if any got through

They are about a small comparison of their own (evals.scorer_checks.subject) and stand, by what the
scorers judge, in evals.scorer_checks.wanted, conversation, citations and text. What was measured
(seconds, tokens) cannot be wrong in an answer and has none. Not covered: the blind spots that
evals.scorers.support and evals.scorers.numeric name.
"""

import sys
from collections import Counter

from evals.scorer_checks import citations, conversation, text, wanted
from evals.scorer_checks.subject import PROMPTS, ScorerCheck
from evals.scorers.registry import scorers

GOOD: tuple[ScorerCheck, ...] = (*wanted.GOOD, *conversation.GOOD, *citations.GOOD, *text.GOOD)
BAD: tuple[ScorerCheck, ...] = (*wanted.BAD, *conversation.BAD, *citations.BAD, *text.BAD)

Counts = tuple[Counter[str], Counter[str]]  # by scorer: hits, and checks in all


def value(check: ScorerCheck) -> float | None:
    """What its scorer gives the check's answer."""
    score = scorers(PROMPTS)[check.scorer](check.case, check.answer)
    return score.value if score else None


def caught() -> Counts:
    """How many bad answers got less than 1."""
    hits = [check.scorer for check in BAD if (found := value(check)) is not None and found < 1]
    return Counter(hits), Counter(check.scorer for check in BAD)


def wrongly_failed() -> Counts:
    """How many good answers did not get 1."""
    hits = [check.scorer for check in GOOD if value(check) != 1]
    return Counter(hits), Counter(check.scorer for check in GOOD)


def main() -> int:
    (hits, bad), (wrong, good) = caught(), wrongly_failed()
    for name in bad:
        told = f"caught {hits[name]} of {bad[name]}, wrongly failed {wrong[name]} of {good[name]}"
        print(f"{name:20} {told}")
    return int(hits != bad or wrong.total() > 0)


if __name__ == "__main__":
    sys.exit(main())
