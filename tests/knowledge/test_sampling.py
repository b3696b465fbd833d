"""A few of many lie at even distances."""

import pytest

from knowledge.sampling import evenly


@pytest.mark.parametrize(
    ("count", "most", "taken"),
    [(10, 3, [0, 3, 6]), (10, 4, [0, 2, 5, 7]), (2, 3, [0, 1]), (0, 3, []), (3, 0, [])],
)
def test_what_is_taken_lies_at_even_distances(count: int, most: int, taken: list[int]) -> None:
    assert evenly(range(count), most) == taken
