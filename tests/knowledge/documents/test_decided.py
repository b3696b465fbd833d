"""Decisions that tables, bullets and paragraphs state in words of their own are read as one reads
them, and what states none stays open.
"""

import pytest

from knowledge.comparison import NEITHER
from knowledge.documents.reader import parse_text, read_text

SAWS = """\
# Saws for the allotment

A pruning saw, a bow saw or a battery saw? Each saw was used for a year. The pruning saw came
from the market, the bow saw from a shed, the battery saw from a shop.

| Trait | Pruning saw | Bow saw | Battery saw |
| --- | --- | --- | --- |
| Price | 20 | 35 | 180 |
| Thickest branch | 8 cm | 20 cm | 14 cm |

"""
PRUNING, BOW, BATTERY = "Pruning saw", "Bow saw", "Battery saw"


def verdicts(body: str) -> dict[str, str | None]:
    """The use cases that rules find in a document on three saws, and their verdicts."""
    found = parse_text(SAWS + body, "markdown").of_kind("best-for")
    return {each.heading: each.verdict for each in found}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Bow saw if you have the strength", BOW),
        ("Bow saw if you have the strength; failing that, the battery saw", BOW),
        ("not the bow saw; pruning or battery saw are equally good", f"{PRUNING} or {BATTERY}"),
        ("Neither bow saw nor battery saw. Pruning saw, if anything", PRUNING),
        ("keep the bow saw as long as its blade lasts", BOW),
        ("Bow saw is ample", BOW),
        ("Bow if young; pruning if old", f"{PRUNING} or {BOW}"),
        ("Bow if young, otherwise the battery saw", f"{BOW} or {BATTERY}"),
        ("none of them yet; ask a tree surgeon", NEITHER),
        ("No view until the bark is dry", None),
        ("Bow saw is too heavy", None),
        ("Bow saw fails", None),
        ("As for each branch singly", None),
        ("anything but the bow saw", None),
        ("cheaper than the bow saw", None),
    ],
)
def test_a_judgement_of_few_words_is_read(cell: str, expected: str | None) -> None:
    table = (
        "## What we would do\n\n| Your garden | What counts | Our view |\n|---|---|---|\n"
        "| Old apple trees | thick wood | Bow saw, clearly |\n"
        "| Roses | thin wood | Pruning saw |\n"
        "| A long hedge | the arm | Battery saw, from the first day |\n"
        f"| Willows | wet wood | {cell} |\n"
    )
    found = verdicts(table)
    assert found.get("Willows") == expected
    assert found["Old apple trees"] == BOW


def test_an_option_by_a_short_name_and_the_word_for_all_of_them_is_named() -> None:
    text = (
        "---\noptions: [Lasting, Full amount, Fire only]\n---\n# House insurance\n\n"
        "*Lasting* cover renews. *Full amount* cover pays once. *Fire only* is cheap.\n\n"
        "| The house | Our view |\n|---|---|\n| Old | Lasting, for now |\n"
        "| New | Full amount |\n| Let | Full. amount is enough |\n| Sold | Fire cover, if any |\n"
    )
    found = read_text(text, "markdown").comparison.of_kind("best-for")
    assert [each.verdict for each in found][-1] == "Fire only"
