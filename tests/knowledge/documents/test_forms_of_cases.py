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


KNOTS = """\
# Three knots for the harbour

Each is tied in a minute, once it has been learnt.

## Cleat hitch

Two turns and a tuck.

**Also good for:** boats that leave before breakfast. They are gone in seconds.

## Bowline

A loop that never slips.

**Ideal for:** rings on a wall.

**Avoid if:** the rope is wet. A cleat hitch costs you a minute less.

## Round turn

A turn and two halves.

**Best for:** posts in a current.

## What sailors ask

"My hands are cold all winter." Then you want few turns. Take the cleat hitch: it is quick.

"Is tar harmful?" It is not, and it smells well.

"I sail with a child of four." Nobody can say, and I name none.
"""


def test_headings_that_each_have_a_line_on_whom_they_suit_are_options_and_these_use_cases() -> None:
    found = parse_text(KNOTS, "markdown")
    assert found.options == ("Cleat hitch", "Bowline", "Round turn")
    assert told(found) == {
        "boats that leave before breakfast": "Cleat hitch",
        "rings on a wall": "Bowline",
        "the rope is wet": "Cleat hitch",
        "posts in a current": "Round turn",
        "My hands are cold all winter": "Cleat hitch",
    }
