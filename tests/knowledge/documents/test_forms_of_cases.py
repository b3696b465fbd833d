"""Use cases are read in the forms that people give them: columns, labels, definitions, minutes."""

import pytest

from knowledge.comparison import Comparison
from knowledge.documents.reader import parse_text
from knowledge.errors import DocumentError

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
    general = text.replace("And if you live by the sea?", "And if none of this fits?")
    assert len(told(parse_text(general, "markdown"))) == 3


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


MINUTES = """\
ALLOTMENT SOCIETY

Minutes of the spring meeting

1. WATER: THE THREE PROPOSALS

The chair recalled the three proposals of the winter.

   Ram Pump         Driven by the stream. It needs a fall of two
                    metres and no current.
   Rain Barrel      One for each hut.
   Town Main        A pipe from the road, with a meter.

2. DECISIONS BY FIELD

2.1 Upper field (30 plots)

The stream is near. Somebody preferred a barrel.

   RESOLVED, 9 votes to 2: the upper field is to have the ram pump.

2.2 Lower field

   AGREED unanimously: Rain Barrel or Town Main, as each hut likes.

2.3 The orchard

The pipe from the town main was shown on a map.

   DECISION: the town main is deferred until May.

2.4 The nursery

   RESOLVED unanimously: obtain a second estimate for the rain barrel.
"""


def test_minutes_with_what_was_resolved_and_proposals_in_two_columns_are_read() -> None:
    found = parse_text(MINUTES, "text")
    assert found.options == ("Ram Pump", "Rain Barrel", "Town Main")
    assert told(found) == {
        "Upper field (30 plots)": "Ram Pump",
        "Lower field": "Rain Barrel or Town Main",
    }


def test_lines_that_are_no_two_columns_are_a_paragraph() -> None:
    text = MINUTES.replace("   Rain Barrel      One", "   Rain Barrel  One")
    with pytest.raises(DocumentError, match="no two options"):
        parse_text(text, "text")


HOUSES = """\
# Four cellars, three pumps

There are now three models, called Otter, Beaver and Vole, and each is said to be the best. An
otter costs 200, a beaver 400 and a vole 90.

## Anna, by the river

The water comes each March. She decided on the Beaver, and I agree.

## The mill

It is damp and no more. They went for the Vole.

## A cinema

Nobody knows yet. Six visits told us nothing.

## What I learnt

Each of the cellars is another.
"""


def test_as_many_names_as_a_sentence_counts_and_calls_are_the_options() -> None:
    found = parse_text(HOUSES, "markdown")
    assert found.options == ("Otter", "Beaver", "Vole")
    assert told(found) == {"Anna, by the river": "Beaver", "The mill": "Vole"}


def test_a_sentence_that_counts_more_than_it_calls_names_no_options() -> None:
    text = HOUSES.replace("three models", "four models").replace("three pumps", "pumps")
    with pytest.raises(DocumentError, match="no two options"):
        parse_text(text, "markdown")
