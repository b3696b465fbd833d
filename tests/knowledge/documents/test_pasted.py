"""Pasted text: a fused row is split where that is certain, else kept whole with a warning."""

import pytest

from knowledge.comparison import Passage
from knowledge.documents.reader import parse_text
from tests.helpers.bikes import TEXT


def fused(row: str, elsewhere: str = "") -> tuple[Passage, tuple[str, ...]]:
    """The passage and warnings of `row` in place of a row of TEXT."""
    text = TEXT.replace("Range\t20 km a day\t600 km on one tank", row)
    comparison = parse_text(text.replace("Much depends", elsewhere + "Much depends"), "text")
    return comparison.passages[2], comparison.warnings


@pytest.mark.parametrize(
    ("row", "elsewhere", "heading", "a", "b"),
    [
        ("GripGood in rainBest on snow", "", "Grip", "Good in rain", "Best on snow"),
        ("Grip (wet)Good, 2026Best on snow", "", "Grip (wet)", "Good, 2026", "Best on snow"),
        ("GripTread by AIBest on snow", "", "Grip", "Tread by AI", "Best on snow"),
        ("GripSold 2M+Sold 11M+ in Q1", "", "Grip", "Sold 2M+", "Sold 11M+ in Q1"),
        ("GripUp to 50%Some 90%", "", "Grip", "Up to 50%", "Some 90%"),
        ('Grip"Good"Best', "", "Grip", '"Good"', "Best"),
        ("Price$300$4,000 in all", "", "Price", "$300", "$4,000 in all"),
        ("GripOf use (zkML)Best", "", "Grip", "Of use (zkML)", "Best"),
        ("GripNo GPUs in U.S. bikesBest", "", "Grip", "No GPUs in U.S. bikes", "Best"),
        ("GripBy DeepSeekBest", "We asked DeepSeek. ", "Grip", "By DeepSeek", "Best"),
        ("GripDeepSeek's wayBest", "We asked DeepSeek. ", "Grip", "DeepSeek's way", "Best"),
    ],
)
def test_row_with_two_seams_is_split(
    row: str, elsewhere: str, heading: str, a: str, b: str
) -> None:
    passage, warnings = fused(row, elsewhere)
    assert (passage.heading, passage.cells, warnings) == (heading, (a, b), ())


@pytest.mark.parametrize(
    ("row", "heading", "rest", "why"),
    [
        (
            "GripBy DeepSeek in rainBest",
            "Grip",
            "By DeepSeek in rainBest",
            "cells could be split in 2 places (Deep|Seek, rain|Best)",
        ),
        (
            "GripBy GitHub, GitLab and AIBest",  # true seam after capitals, false ones in names
            "Grip",
            "By GitHub, GitLab and AIBest",
            "cells could be split in 3 places (Git|Hub,, Git|Lab, AI|Best)",
        ),
        (
            "GripGood on Web3 in rainBest",
            "Grip",
            "Good on Web3 in rainBest",
            "cells could be split in 2 places (Web|3, rain|Best)",
        ),
        (
            "GripGood in rain, best on snow",
            "Grip",
            "Good in rain, best on snow",
            "no place was found where its cells could be split",
        ),
        (
            "grip good in rain best on snow",
            "grip good in rain best on snow",
            "grip good in rain best on snow",
            "no place was found where its cells could be split",
        ),
    ],
)
def test_row_with_other_seams_is_kept_whole_and_warned_of(
    row: str, heading: str, rest: str, why: str
) -> None:
    passage, warnings = fused(row)
    assert (passage.heading, passage.text, passage.cells) == (heading, rest, ())
    assert warnings == (f'Row "{heading}": {why}; kept whole.',)


def test_tabs_that_make_other_cells_than_two_keep_the_row_whole() -> None:
    passage, warnings = fused("Fuel\t300\t400 dollars\t4,000 dollars")
    assert (passage.text, passage.cells) == ("300 | 400 dollars | 4,000 dollars", ())
    assert warnings == ('Row "Fuel": 3 cells for 2 columns; kept whole.',)
    passage, warnings = fused("Fuel\t\t4,000 dollars")
    assert (passage.text, passage.cells, warnings) == (
        "Small Car: 4,000 dollars",
        ("", "4,000 dollars"),
        (),
    )


def test_what_stands_above_the_table_is_not_left_out_in_silence() -> None:
    comparison = parse_text(TEXT.replace("DimensionCity", "All a month\nDimensionCity"), "text")
    assert comparison.passage("analysis/feature-comparison").text == "All a month"
