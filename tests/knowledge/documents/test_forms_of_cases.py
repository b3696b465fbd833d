"""Use cases are read in the forms that people give them: columns, labels, definitions, minutes."""

import pytest

from knowledge.comparison import Comparison
from knowledge.documents.reader import parse_text

HOOK, PEG, LATCH = "Hook", "Peg", "Latch"


def told(comparison: Comparison) -> dict[str, str | None]:
    return {each.heading: each.verdict for each in comparison.of_kind("best-for")}


@pytest.mark.parametrize("header", ["Who it suits", "Suits", "Suitable for", "For whom"])
def test_a_column_that_says_whom_each_option_suits_holds_use_cases(header: str) -> None:
    text = (
        "# Hook, peg or latch?\n\nThe hook, the peg and the latch hold a coat.\n\n"
        f"| Holder | Price | {header} |\n|---|---|---|\n| Hook | 3 | Wet coats in a porch |\n"
        "| Peg | 2 | Children below six |\n| Latch | 9 | Boats in a swell |\n"
    )
    found = parse_text(text, "markdown")
    assert told(found) == {
        "Wet coats in a porch": HOOK,
        "Children below six": PEG,
        "Boats in a swell": LATCH,
    }


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        ("Then salt eats it. We would take the latch.", LATCH),
        ("The latch rusts, and the hook bends.", None),
        ("In general we begin with the peg.", None),
    ],
)
def test_a_section_on_a_condition_is_read_by_its_sentences(
    sentences: str, expected: str | None
) -> None:
    text = (
        "# Hook, peg or latch?\n\nThe hook, the peg and the latch hold a coat.\n\n"
        "| Your home | Our pick |\n|---|---|\n| A tent | Peg |\n| A van | Hook |\n| A hut | Peg |\n"
        f"\n## And if you live by the sea?\n\n{sentences}\n"
    )
    assert told(parse_text(text, "markdown")).get("And if you live by the sea?") == expected
