"""The pattern of a figure finds it as people write it, and in no other number."""

import re

import pytest

from evals.generation.figures import pattern
from knowledge.text.quantities import numbers


@pytest.mark.parametrize(
    ("figure", "found", "not_found"),
    [
        ("1,200", ["costs 1200 a year", "£1,200.", "1 200 W", "1.2k"], ["11,200", "1,2009"]),
        ("12%", ["12 %", "12 percent", "12 per cent"], ["12 years", "112%"]),
        ("$2.4 billion", ["$2.4bn", "2,4 billion", "2.40 billion"], ["12.4 billion"]),
        ("9", ["takes 9 hours", "9h", "(9)"], ["as said in [9]", "9.5", "19"]),
        ("0.5", ["0.5 GB", "0,5"], ["10.5", "0.55"]),
        ("2028", ["until 2028."], ["2,0281"]),
    ],
)  # fmt: skip
def test_a_pattern_finds_a_figure_in_every_form(
    figure: str, found: list[str], not_found: list[str]
) -> None:
    regex = pattern(numbers(figure)[0])
    assert [text for text in found if not re.search(regex, text, re.IGNORECASE)] == []
    assert [text for text in not_found if re.search(regex, text, re.IGNORECASE)] == []
