"""Planted answers: good ones that a scorer must give 1, and bad ones that it must not.

    python -m planted    prints caught / planted by scorer; exit status 1 if any got through

They are about a small comparison of their own (evals.scorer_checks.subject) and stand, by what the
scorers judge, in evals.scorer_checks.wanted, evals.scorer_checks.citations and
evals.scorer_checks.text. What was measured (seconds, tokens) cannot be wrong in an answer and has
none. Not covered: the blind spots that evals.scorers.support and evals.scorers.numeric name.
"""

import sys
from collections.abc import Callable, Iterable

from evals.scorer_checks import citations, text, wanted
from evals.scorer_checks.subject import PROMPTS, Planted
from evals.scorers.registry import scorers

GOOD: tuple[Planted, ...] = (*wanted.GOOD, *citations.GOOD, *text.GOOD)
BAD: tuple[Planted, ...] = (*wanted.BAD, *citations.BAD, *text.BAD)


def value(planted: Planted) -> float | None:
    """What the planted answer's scorer gives it."""
    score = scorers(PROMPTS)[planted.scorer](planted.case, planted.answer)
    return score.value if score else None


def caught() -> dict[str, tuple[int, int]]:
    """By scorer, how many bad answers got less than 1, and how many were planted."""
    return _counted(BAD, lambda given: given is not None and given < 1)


def wrongly_failed() -> dict[str, tuple[int, int]]:
    """By scorer, how many good answers did not get 1, and how many were planted."""
    return _counted(GOOD, lambda given: given != 1)


def _counted(
    planted: Iterable[Planted], hit: Callable[[float | None], bool]
) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for each in planted:
        hits, total = found.get(each.scorer, (0, 0))
        found[each.scorer] = (hits + hit(value(each)), total + 1)
    return found


def main() -> int:
    bad, good = caught(), wrongly_failed()
    for name, (hits, total) in bad.items():
        wrong, right = good[name]
        print(f"{name:20} caught {hits} of {total}, wrongly failed {wrong} of {right}")
    missed = any(hits < total for hits, total in bad.values())
    return int(missed or any(wrong for wrong, _ in good.values()))


if __name__ == "__main__":
    sys.exit(main())
