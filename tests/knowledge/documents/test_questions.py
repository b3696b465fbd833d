"""Questions with answers are sections, and a document on a move compares what it moves from and
to.
"""

import pytest

from knowledge.documents.reader import parse_text
from knowledge.errors import DocumentError

OLD, NEW = "Larder Basic", "Larder Plus"
INTRO = """\
LARDER PLUS: YOUR QUESTIONS

From June you can switch your pantry lists from Larder Basic to Larder
Plus. Here is what we were asked.


THE APP

Q: Does Plus cost more?
A: No. Basic and Plus have one price.


WHO SHOULD SWITCH

Q: We have never had a list.
A: Then nothing is in your way. Start on Plus.

"""
ENDING = """

STILL UNSURE?

Nine in ten of our cooks belong on Plus, if nothing above speaks against
it.
"""


def asked(*answers: str) -> dict[str, str | None]:
    questions = ["We cook for a crowd.", "Our shelves are in a\n   cellar without reception."]
    told = "\n\n".join(
        f"Q: {question}\nA: {answer}" for question, answer in zip(questions, answers, strict=True)
    )
    comparison = parse_text(INTRO + told + ENDING, "text")
    assert comparison.options == (OLD, NEW)
    assert [each.verdict for each in comparison.of_kind("bottom-line")] == [NEW]
    return {each.heading: each.verdict for each in comparison.of_kind("best-for")}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Switch to Plus. It counts in crates.", NEW),
        ("Switch, the earlier the better. It counts in\n   crates.", NEW),
        ("Stay where you are, for now. It counts badly.", OLD),
        ("Crates are not known to Plus. Remain on Basic.", OLD),
        ("Run both for a while. Basic is for the crates.", "Both / Depends"),
        ("We cannot tell. Nobody has tried.", None),
        ("The crates stay where they are. Plus shows them.", None),
    ],
)
def test_an_answer_decides_for_the_situation_that_its_question_tells(
    answer: str, expected: str | None
) -> None:
    found = asked(answer, "Stay on Basic.")
    assert found.get("We cook for a crowd") == expected
    assert found["Our shelves are in a cellar without reception"] == OLD
    assert "Does Plus cost more?" not in found


def test_questions_in_paragraphs_of_their_own_are_headings_too() -> None:
    lines = (
        "**Q: We cook for a crowd.**\n\nA: Use Plus.\n\n**Q: We bake at night.**\n\nA: Use Basic."
    )
    table = "| | Basic | Plus |\n|---|---|---|\n| Lists | 3 | 90 |\n"
    found = parse_text(f"# Basic or Plus?\n\n{table}\n## Questions\n\n{lines}\n", "markdown")
    told = {each.heading: each.verdict for each in found.of_kind("best-for")}
    assert told == {"We cook for a crowd": "Plus", "We bake at night": "Basic"}


def test_a_guide_to_a_move_that_advises_nobody_to_stay_is_no_comparison() -> None:
    with pytest.raises(DocumentError, match="no two options were found"):
        parse_text(f"{INTRO}Q: We cook for a crowd.\nA: Switch to Plus.\n", "text")
