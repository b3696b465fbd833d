"""Sections on a situation, a person or a place each are read by the sentence that decides there."""

import pytest

from knowledge.comparison import Comparison
from knowledge.documents.reader import parse_text

ROOFS = """\
# Sedum mat, meadow roof or gravel bed?

The sedum mat, the meadow roof and the gravel bed were laid side by side.

| Property | Sedum mat | Meadow roof | Gravel bed |
| --- | --- | --- | --- |
| Weight per square metre | 90 kg | 210 kg | 140 kg |
| Price per square metre | 60 | 95 | 25 |

"""
SEDUM, MEADOW, GRAVEL = "Sedum mat", "Meadow roof", "Gravel bed"


def read(body: str) -> dict[str, str | None]:
    return told(parse_text(ROOFS + body, "markdown"))


def told(comparison: Comparison) -> dict[str, str | None]:
    return {each.heading: each.verdict for each in comparison.of_kind("best-for")}


def roof(sentences: str) -> str | None:
    """The verdict of a section with `sentences`, beside two others."""
    body = (
        "## A shed\n\nIt is thin. Take the sedum mat.\n\n"
        f"## A flat on the corner\n\nIt has a parapet. {sentences}\n\n"
        "## A garage\n\nNobody sees it. Take the gravel bed.\n\n## Visits\n\nOn Fridays.\n"
    )
    return read(body).get("A flat on the corner")


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        ("In that case get the sedum mat, even if it is dear.", SEDUM),
        ("Until they are mended, use the\ngravel bed and a net.", GRAVEL),
        ("For them it is the meadow roof, and the bees come with it.", MEADOW),
        ("The gravel bed is enough.", GRAVEL),
        ("We tell everyone who calls to begin with the gravel bed.", GRAVEL),
        ("The meadow roof keeps the most rain. Take that.", MEADOW),
        ("They chose the sedum mat for now. It is dull, but I would do the same.", SEDUM),
        ("The owner wanted gravel. She has gone back to the sedum mat.", SEDUM),
        (
            "The sedum mat and the meadow roof hold here. Take the one your builder knows.",
            f"{SEDUM} or {MEADOW}",
        ),
        ("The meadow roof is high. Take the one that is flat.", None),
        ("They settled on the meadow roof and regret it.", None),
        ("It came down to two, and I agree with neither. The meadow roof bloomed.", None),
        ("I had expected to recommend the meadow roof. The beams are too weak.", None),
        ("You are better served by the gravel bed.", GRAVEL),
        ("The sedum mat turns red in autumn. The meadow roof is higher.", None),
    ],
)
def test_the_sentence_that_decides_is_a_sections_verdict(
    sentences: str, expected: str | None
) -> None:
    assert roof(sentences) == expected


def test_another_condition_in_a_section_is_a_use_case_of_its_own() -> None:
    found = read(
        "## A shed\n\nIt is thin. Take the sedum mat. If the rafters are of oak, take the"
        " meadow roof.\n\n## A garage\n\nNobody sees it. Take the gravel bed.\n\n"
        "## Visits\n\nOn Fridays.\n"
    )
    assert found == {
        "A shed": SEDUM,
        "If the rafters are of oak": MEADOW,
        "A garage": GRAVEL,
    }


def test_what_the_last_section_says_for_everybody_is_not_its_verdict() -> None:
    comparison = parse_text(
        ROOFS + "## What to lay where\n\n### A garage\n\nTake the gravel bed.\n\n"
        "### A balcony\n\nAsk the landlord.\n\nFor most people we begin with the sedum mat.\n",
        "markdown",
    )
    assert told(comparison) == {"A garage": GRAVEL}
    assert comparison.passage("bottom-line").verdict == SEDUM


def test_sections_beside_two_that_answer_in_a_sentence_are_read_as_closely_as_without_them() -> (
    None
):
    found = read(
        "## A shed behind the house\n\nThe sedum mat it is.\n\n"
        "## A garage on the street\n\nTake the gravel bed.\n\n"
        "## A flat on the corner\n\nThe wind is strong. The meadow roof is the better choice.\n\n"
        "## A balcony with a rail\n\nThe sedum mat turns red. The meadow roof is higher.\n\n"
        "## Visits\n\nOn Fridays.\n"
    )
    assert found == {
        "A shed behind the house": SEDUM,
        "A garage on the street": GRAVEL,
        "A flat on the corner": MEADOW,
    }
