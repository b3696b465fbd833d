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

### Thanks

To all who came along.
"""
BOTH = {"dog": (1,), "Surf": (0,)}


def options_of(text: str, judge: Oracle) -> tuple[str, ...]:
    return read_text(text, "markdown", judge=judge).comparison.options


def test_options_that_no_rule_finds_are_named_by_the_judge_and_written_as_in_the_document() -> None:
    judge = Oracle("Sea kayaks", "The Broad Canoe (wide)", dog=(1,), Surf=(0,))
    reading = read_text(LETTER, "markdown", judge=judge)
    assert reading.comparison.options == ("sea kayak", "broad canoe")
    assert {each.source for each in reading.findings if each.kind == "option"} == {"the model"}
    assert "sea kayak, broad canoe: taken for the options by the model only." in (
        reading.comparison.warnings
    )
    dog, surf = reading.comparison.of_kind("best-for")
    assert (dog.heading, dog.verdict) == ("A family with a dog", "broad canoe")
    assert (surf.heading, surf.verdict) == ("Surf", "sea kayak")
    assert judge.texts[0].startswith("For years we argued")


@pytest.mark.parametrize(
    "more",
    [
        "Pedal boat",  # not in it
        "Dear neighbours",  # once
        "family with a dog",  # "dog" is no more than a part of it
        "What to take out on the lake together",  # a sentence
        "canoe. In the sea",  # of two sentences
        "None of these",
        "Sea Kayak",  # again
        "",
    ],
)
def test_what_the_document_does_not_weigh_is_no_option(more: str) -> None:
    judge = Oracle("sea kayak", "broad canoe", more, **BOTH)
    assert options_of(LETTER, judge) == ("sea kayak", "broad canoe")


def test_a_name_may_be_wrapped_or_shortened() -> None:
    wrapped = LETTER.replace("In the sea kayak a dog", "In the\nsea\nkayak a dog")
    assert options_of(wrapped, Oracle("sea kayak", "broad canoe", **BOTH))[0] == "sea kayak"
    short = LETTER.replace("The sea kayak rolls", "The kayak rolls").replace(
        "broad canoe does", "canoe does"
    )
    assert options_of(short, Oracle("sea kayak", "broad canoe", **BOTH))[0] == "sea kayak"


TITLED = """\
# Wet or dry?

It is wet out there, and dry in here.

### A family with a dog

Nobody sits alone in a broad canoe. In the sea kayak a dog swims.

### Surf

**Winner: sea kayak**

It rolls up again. The broad canoe does not.
"""


def test_of_a_title_and_the_judge_those_are_taken_for_which_more_verdicts_are_found() -> None:
    judge = Oracle("broad canoe", "sea kayak", dog=(0,))
    assert options_of(TITLED, judge) == ("broad canoe", "sea kayak")
    told = TITLED.replace("Winner: sea kayak", "Winner: dry")
    assert options_of(told, judge) == ("Wet", "Dry")


def test_names_that_the_judge_cannot_keep_apart_refuse_no_document_that_the_form_tells() -> None:
    told = TITLED.replace("Winner: sea kayak", "Winner: dry").replace("rolls", "(C, C++) rolls")
    assert options_of(told, Oracle("C", "C++", "sea kayak")) == ("Wet", "Dry")


def test_where_the_judge_names_what_the_title_says_the_title_says_it() -> None:
    told = TITLED.replace("Winner: sea kayak", "Winner: dry")
    reading = read_text(told, "markdown", judge=Oracle("dry", "wet"))
    assert {each.source for each in reading.findings if each.kind == "option"} == {"title"}


def test_a_judge_sees_the_beginnings_of_texts_and_no_table() -> None:
    table = "| a | b |\n| --- | --- |\n| 1 | 2 |\n"
    long = "A lake. " * 100
    judge = Oracle()
    with pytest.raises(DocumentError):
        options_of(f"# Boats\n\n{table}\n## Where\n\n{long}\n" + f"\nMore. {long}\n" * 20, judge)
    [text] = judge.texts
    assert text.startswith("# Where\nA lake. A lake.")
    assert len(text) <= 3_000 and max(map(len, text.split("\n"))) <= 402
    assert "|" not in text


def test_a_text_without_verdicts_is_no_comparison_whatever_the_judge_names() -> None:
    recipe = "# Soup\n\nPeel the leek and the swede.\n\n## Broth\n\nCook leek and swede for long.\n"
    with pytest.raises(DocumentError, match="too little text on them"):
        options_of(recipe, Oracle("leek", "swede"))


def test_one_judged_verdict_makes_no_comparison_of_what_only_the_judge_names() -> None:
    with pytest.raises(DocumentError, match="too few use cases with a verdict"):
        options_of(LETTER, Oracle("sea kayak", "broad canoe", dog=(1,)))


@pytest.mark.parametrize("named", [(), ("sea kayak",), ("raft", "submarine")])
def test_without_two_names_of_the_document_it_is_refused(named: tuple[str, ...]) -> None:
    with pytest.raises(DocumentError, match="no two options were found"):
        options_of(LETTER, Oracle(*named))


def test_options_that_the_form_tells_are_not_asked_for() -> None:
    judge = Oracle("Shed", "Dog")
    assert options_of(PROSE, judge) == ("Kayak", "Canoe")
    assert judge.texts == []
