"""Which other comparison a question belongs to: one that is clearly nearer than all the rest."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from knowledge.comparison import Comparison, Pointer
from knowledge.elsewhere import Elsewhere, clearly_nearest
from knowledge.embed import MiniLM
from knowledge.index import CURRENT

ASKED = "Is a gas boiler cheaper to install than a heat pump?"


@pytest.mark.parametrize(
    ("own", "others", "found"),
    [
        (0.3, [0.2, 0.5], 1),
        (0.45, [0.2, 0.5], None),  # hardly nearer than the one that was asked
        (0.3, [0.45, 0.5], None),  # two may answer
        (0.1, [0.1, 0.3], None),  # about neither
        (0.3, [], None),
    ],
)
def test_the_one_that_is_clearly_nearest_is_found(
    own: float, others: Sequence[float], found: int | None
) -> None:
    assert clearly_nearest(own, others) == found


def test_a_question_about_another_comparison_names_it(
    indexes: Path, comparison: Comparison, second: Comparison, embedder: MiniLM
) -> None:
    elsewhere = Elsewhere(indexes, embedder)
    assert elsewhere.nearer(ASKED, comparison.slug) == Pointer(second.slug, second.title)
    assert elsewhere.nearer("Who is the prime minister of Norway?", comparison.slug) is None
    assert elsewhere.nearer(ASKED, second.slug) is None


def test_a_damaged_index_is_passed_over_and_a_new_one_noticed(
    indexed: Path, comparison: Comparison, second: Comparison, embedder: MiniLM
) -> None:
    elsewhere = Elsewhere(indexed, embedder)
    current = indexed / second.slug / CURRENT
    whole = current.read_text(encoding="utf-8")
    current.write_text("{}", encoding="utf-8")
    assert elsewhere.nearer(ASKED, comparison.slug) is None
    current.write_text(whole, encoding="utf-8")
    os.utime(current, (1, 1))
    assert elsewhere.nearer(ASKED, comparison.slug) == Pointer(second.slug, second.title)
