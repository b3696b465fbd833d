"""Options that only a judge can name are checked against the document."""

import pytest

from knowledge.documents.reader import read_text
from knowledge.errors import DocumentError
from tests.helpers.oracle import PROSE, Oracle

LETTER = """\
# Dear neighbours

For years we argued about what to take out on the lake. This is what we learnt.

### A family with a dog

Take the broad canoe: wide, dry, and nobody sits alone in it. In the sea kayak a dog swims.

### Surf

The sea kayak rolls up again. The broad canoe does not.
"""


def options_of(text: str, judge: Oracle) -> tuple[str, ...]:
    return read_text(text, "markdown", judge=judge).comparison.options


def test_options_that_no_rule_finds_are_named_by_the_judge_and_written_as_in_the_document() -> None:
    judge = Oracle("Sea kayaks", "The Broad Canoe (wide)", dog=(1,))
    reading = read_text(LETTER, "markdown", judge=judge)
    assert reading.comparison.options == ("sea kayak", "broad canoe")
    assert {each.source for each in reading.findings if each.kind == "option"} == {"the model"}
    assert "sea kayak, broad canoe: taken for the options by the model only." in (
        reading.comparison.warnings
    )
    [case] = reading.comparison.of_kind("best-for")
    assert (case.heading, case.verdict) == ("A family with a dog", "broad canoe")
    assert judge.texts[0].startswith("For years we argued")


@pytest.mark.parametrize(
    "more", ["Pedal boat", "What to take out on the lake", "Dear neighbours", ""]
)
def test_what_the_document_does_not_weigh_is_no_option(more: str) -> None:
    judge = Oracle("sea kayak", "broad canoe", more, dog=(1,))
    assert options_of(LETTER, judge) == ("sea kayak", "broad canoe")


def test_a_text_without_verdicts_is_no_comparison_whatever_the_judge_names() -> None:
    recipe = "# Soup\n\nPeel the leek and the swede.\n\n## Broth\n\nCook leek and swede for long.\n"
    with pytest.raises(DocumentError, match="too little text on them"):
        options_of(recipe, Oracle("leek", "swede"))


@pytest.mark.parametrize("named", [(), ("sea kayak",), ("raft", "submarine")])
def test_without_two_names_of_the_document_it_is_refused(named: tuple[str, ...]) -> None:
    with pytest.raises(DocumentError, match="no two options were found"):
        options_of(LETTER, Oracle(*named))


def test_options_that_the_form_tells_are_not_asked_for() -> None:
    judge = Oracle("Shed", "Dog")
    assert options_of(PROSE, judge) == ("Kayak", "Canoe")
    assert judge.texts == []
